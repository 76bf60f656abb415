import { html, nothing, type TemplateResult } from 'lit';
import type { BufferHealth, Cause, HistoryPoint, MonitorState, Told } from '../../core/monitor/index.js';
import { line } from './line.js';
import { isCounted, sentenceOf, told, type View } from './view.js';
import type { Word } from './words.js';

type Stage = 'capture' | 'preview' | 'encoder' | 'disk' | 'network' | 'page' | 'memory';

interface Row {
  readonly stage: Stage;
  readonly figure: Told<string>;
  /** What is said where there is no figure now. Default: that it is not measured now. */
  readonly without?: Word;
  /** A second figure; empty for none. */
  readonly beside: string;
  /** Of the history, and how its values are told. */
  readonly trend: { readonly of: keyof HistoryPoint; readonly tell: (value: number) => string };
}

/** Milliseconds that a line is drawn of. */
const SHOWN = 60_000;

export interface Actions {
  /** Counts from zero. */
  reset(): void;
  /** Opens the charts, or closes them. */
  charts(): void;
}

/**
 * Stages in the order of a frame's way, each with its figure, its state and its last minute.
 * @param charts of the long view; null while they are closed
 */
export function table(view: View, actions: Actions, charts: TemplateResult | null): TemplateResult {
  const { snapshot, say, figures } = view;
  const head = (word: Word) => html`<th scope="col">${say(word)}</th>`;
  const stages = rows(view);
  const minute = lastMinute(view);
  // The worst is told above.
  const others = snapshot.diagnosis.findings
    .slice(1)
    .filter(({ cause }) => !stages.some(({ stage }) => stage === cause));
  return html`
    ${line(view)}
    <table part="table">
      <thead>
        <tr>
          ${head('perf.stage')} ${head('perf.now')} ${head('perf.trend')}
        </tr>
      </thead>
      <tbody>
        ${stages.map((row) => renderRow(row, view, minute))}
      </tbody>
    </table>
    ${others.map((finding) => html`<p class="other ${finding.state}" part="finding"><i class="mark"></i>${sentenceOf(finding, view)}</p>`)}
    <div class="charts" id="charts" part="charts" ?hidden=${!charts}>${charts}</div>
    <footer>
      <p class="cost" part="cost">
        ${snapshot.cost === null ? nothing : say('perf.cost', { time: figures.work(snapshot.cost) })}
      </p>
      <p class="buttons">
        <button
          type="button"
          class="button"
          part="button charts-button"
          aria-expanded=${charts ? 'true' : 'false'}
          aria-controls="charts"
          @click=${actions.charts}
        >
          ${say('perf.charts')}
        </button>
        <button type="button" class="button" part="button reset-button" @click=${actions.reset}>
          ${say('perf.reset')}
        </button>
      </p>
    </footer>
  `;
}

function rows({ snapshot, say, formats, figures }: View): readonly Row[] {
  const { capture, preview, encoder, disk, network, page, memory, buffers } = snapshot;
  const rate = (value: number) => say('perf.rate', { rate: figures.rate(value) });
  const { target } = capture;
  const rateOf = (value: number) =>
    target === null ? rate(value) : say('perf.rate.of', { rate: figures.rate(value), target: figures.rate(target) });
  const busy = (value: number | null, queue: BufferHealth | null) => {
    if (value === null) return '';
    const share = formats.share(value);
    const room = queue?.headroom ?? null;
    if (room === null) return say('perf.busy', { share });
    // Of more digits there is another one at each look.
    return say('perf.busy.room', { share, time: formats.duration(Number(room.toPrecision(2))) });
  };
  const held = Object.values(memory.own).reduce((sum, bytes) => sum + bytes, 0);
  const trend = (of: keyof HistoryPoint, tell: (value: number) => string) => ({ of, tell });
  return [
    { stage: 'capture', figure: told(capture.frameRate, rateOf), beside: '', trend: trend('capture', rate) },
    { stage: 'preview', figure: told(preview.frameRate, rate), beside: '', trend: trend('preview', rate) },
    {
      stage: 'encoder',
      figure: told(encoder.frameRate, rate),
      without: isCounted(snapshot) ? 'perf.unknown' : 'perf.untold',
      beside: busy(encoder.busy, buffers.encoder),
      trend: trend('encode', rate),
    },
    {
      stage: 'disk',
      figure: told(disk.bitrate, figures.bitrate),
      beside: busy(disk.busy, buffers.disk),
      trend: trend('bitrate', figures.bitrate),
    },
    {
      stage: 'network',
      figure: told(network?.bitrate ?? null, figures.bitrate),
      beside: '',
      trend: trend('network', figures.bitrate),
    },
    {
      stage: 'page',
      figure: told(page.blocked, (value) => say('perf.blocked', { share: formats.share(value) })),
      beside: '',
      trend: trend('blocked', formats.share),
    },
    {
      stage: 'memory',
      figure: told(memory.heap, formats.size),
      beside: held > 0 ? say('perf.own', { size: formats.size(held) }) : '',
      trend: trend('memory', formats.size),
    },
  ];
}

function renderRow(row: Row, view: View, minute: readonly HistoryPoint[]): TemplateResult {
  const { say, snapshot } = view;
  const { stage, figure, without = 'perf.unknown', beside } = row;
  const finding = snapshot.diagnosis.findings.find(({ cause }) => cause === (stage satisfies Cause));
  const measured = figure !== null && figure !== 'unsupported';
  const state: MonitorState = finding?.state ?? (measured ? 'ok' : 'idle');
  const missing = figure === 'unsupported' ? 'perf.unsupported' : without;
  return html`<tr class=${state} part="row">
    <th scope="row"><i class="mark"></i>${say(`perf.row.${stage}`)}</th>
    <td part="figure">
      ${measured ? figure : html`<span class="beside">${say(missing)}</span>`} <span class="beside">${beside}</span>
      ${finding ? html`<span class="found" part="finding">${sentenceOf(finding, view)}</span>` : nothing}
    </td>
    <td class="trend">${renderTrend(row, view, minute)}</td>
  </tr>`;
}

/** However far looks were apart. The oldest first. */
function lastMinute({ history, snapshot }: View): HistoryPoint[] {
  const { length } = history;
  let first = length;
  while (first > 0 && history.at(first - 1)!.at > snapshot.at - SHOWN) first--;
  return Array.from({ length: length - first }, (_, index) => history.at(first + index)!);
}

/** A line of the last minute, with its range in words. */
function renderTrend({ trend }: Row, { say }: View, minute: readonly HistoryPoint[]): TemplateResult | typeof nothing {
  const values = minute.map((point) => point[trend.of]);
  const told = values.filter((value) => typeof value === 'number');
  if (told.length < 2) return nothing;
  const range = { low: trend.tell(Math.min(...told)), high: trend.tell(Math.max(...told)) };
  return html`<canvas
    class="spark"
    role="img"
    aria-label=${say('perf.range', range)}
    part="trend"
    .values=${values}
  ></canvas>`;
}
