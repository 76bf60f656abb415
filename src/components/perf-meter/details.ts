import { html, type TemplateResult } from 'lit';
import { message, type MessageValues } from '../../core/messages.js';
import { FRAME_PATH, type HistogramSummary, type PathStage } from '../../core/metrics/index.js';
import type { AudioFigures, MonitorSnapshot, Told } from '../../core/monitor/index.js';
import { chartWords, type ChartWord } from './chart-words.js';
import { isCounted, told, type View } from './view.js';
import type { Word } from './words.js';

type Pressure = Exclude<MonitorSnapshot['machine']['cpu'], null | 'unsupported'>;

/** Seconds: clocks of pages that are not isolated tell no more in some browsers. */
const LEAST = 0.001;

const STAGES = Object.keys(FRAME_PATH) as PathStage[];

/** What has no line in the table or in a chart: how long each stage takes, and what sound, machine and page tell beside. */
export function details(view: View): TemplateResult {
  const { snapshot, formats, figures } = view;
  const { path, page, machine, memory, audio } = snapshot;
  const word = (word: ChartWord, values?: MessageValues) => message(word, view.lang, values, chartWords);
  const time = (seconds: number) =>
    seconds < LEAST ? word('perf.path.least', { time: figures.work(LEAST) }) : figures.work(seconds);
  const times = ({ p50, p95, p99, max }: HistogramSummary) =>
    word('perf.path.times', { p50: time(p50), p95: time(p95), p99: time(p99), max: time(max) });
  const sound = ({ peak, momentary }: AudioFigures) => {
    if (peak === -Infinity) return word('perf.sound.silent');
    const values = { peak: figures.level(peak), loudness: figures.level(momentary ?? NaN) };
    return word(Number.isFinite(momentary) ? 'perf.sound.loudness' : 'perf.sound.peak', values);
  };
  const pressure = (level: Pressure) => {
    const state = word(`perf.cpu.${level}`);
    const { ownCpu } = machine;
    return typeof ownCpu === 'number' ? word('perf.cpu.own', { state, share: formats.share(ownCpu) }) : state;
  };
  const battery = ({ level, charging }: { level: number; charging: boolean }) =>
    charging ? word('perf.battery.charging', { share: formats.share(level) }) : formats.share(level);
  // It is measured every few minutes, and not at all where nobody sees it.
  const agent = ({ bytes, at }: { bytes: number; at: number }) =>
    word('perf.agent.at', { size: formats.size(bytes), date: formats.date(new Date(at)) });
  return html`<section class="details" part="details">
    ${list(
      'path',
      STAGES.map((stage) => [`perf.path.${stage}`, told(path[stage], times), withoutOf(stage)] as const),
    )}
    ${list('beside', [
      ['perf.sound', told(audio, sound)],
      ['perf.cpu', told(machine.cpu, pressure)],
      ['perf.gc', told(machine.gc, figures.small)],
      ['perf.inp', told(page.vitals.inp, figures.work)],
      ['perf.lcp', told(page.vitals.lcp, figures.work)],
      ['perf.cls', told(page.vitals.cls, figures.fraction)],
      ['perf.battery', told(machine.battery, battery)],
      ['perf.storage', told(machine.storage, formats.size)],
      ['perf.agent', told(memory.agent, agent)],
      ['perf.unseen', formats.list(memory.unseen.map((name) => word(`perf.unseen.${name}`)))],
    ])}
  </section>`;

  /** What is said of a stage of which nothing is timed: what MediaRecorder does with a frame it tells nobody. */
  function withoutOf(stage: PathStage): Word {
    return stage === 'write' || stage === 'send' || isCounted(snapshot) ? 'perf.unknown' : 'perf.untold';
  }

  function list(
    title: 'path' | 'beside',
    rows: readonly (readonly [ChartWord, figure: Told<string>, without?: Word])[],
  ) {
    return html`<strong id=${title}>${word(`perf.${title}`)}</strong>
      <dl aria-labelledby=${title}>
        ${rows.map(([name, figure, without = 'perf.unknown']) => {
          const missing = figure === null ? without : figure === 'unsupported' ? 'perf.unsupported' : null;
          return html`<dt>${word(name)}</dt>
            <dd>${missing ? html`<span class="beside">${view.say(missing)}</span>` : figure}</dd>`;
        })}
      </dl>`;
  }
}
