import { Chart, LinearScale, LineController, LineElement, PointElement } from 'chart.js';
import { html, nothing, type TemplateResult } from 'lit';
import type { CircularBuffer } from '../../core/buffer/index.js';
import { message } from '../../core/messages.js';
import type { HistoryPoint } from '../../core/monitor/index.js';
import { chartWords, type ChartWord } from './chart-words.js';
import { details } from './details.js';
import type { View } from './view.js';
import type { Word } from './words.js';

type Measure = Exclude<keyof HistoryPoint, 'at' | 'state'>;
/** How values are told. */
type Tell = (value: number) => string;

interface Plot {
  readonly title: ChartWord;
  /** What is drawn, and its name where there is more than one line. */
  readonly lines: readonly (readonly [of: Measure, name?: Word])[];
  readonly tell: (view: View) => Tell;
}

/** In the order of a frame's way. */
const PLOTS: readonly Plot[] = [
  {
    title: 'perf.chart.frames',
    lines: [
      ['capture', 'perf.row.capture'],
      ['preview', 'perf.row.preview'],
      ['encode', 'perf.row.encoder'],
    ],
    tell: ({ figures }) => figures.rate,
  },
  {
    title: 'perf.chart.lost',
    lines: [['lost']],
    tell:
      ({ figures, formats }) =>
      (share) =>
        share < 0.01 ? figures.small(share) : formats.share(share),
  },
  {
    title: 'perf.chart.busy',
    lines: [
      ['busy', 'perf.row.encoder'],
      ['blocked', 'perf.row.page'],
    ],
    tell: ({ formats }) => formats.share,
  },
  { title: 'perf.chart.headroom', lines: [['headroom']], tell: ({ figures }) => figures.work },
  { title: 'perf.chart.write', lines: [['write']], tell: ({ figures }) => figures.work },
  {
    title: 'perf.chart.bitrate',
    lines: [
      ['bitrate', 'perf.row.disk'],
      ['network', 'perf.row.network'],
    ],
    tell: ({ figures }) => figures.bitrate,
  },
  { title: 'perf.chart.memory', lines: [['memory']], tell: ({ formats }) => formats.size },
];

interface Point {
  /** Minutes, up to 0. */
  readonly x: number;
  readonly y: number | null;
}

type LineChart = Chart<'line', Point[]>;

/** What a canvas is given to draw. */
interface Drawn {
  readonly lines: readonly (readonly Point[])[];
  /** Where it begins, and the longest time without a look that a line is drawn through. Minutes. */
  readonly from: number;
  readonly gap: number;
  readonly tell: Tell;
  readonly ago: Tell;
}

interface Canvas extends HTMLCanvasElement {
  drawn: Drawn;
}

/** Lines of a chart are told apart by more than their colour. */
const DASHES = [[], [6, 3], [2, 3]];
/** Of plugins that the page has registered, for all charts of a copy of Chart.js that it shares with us. */
const NONE = false as unknown as Record<string, never>;
/** Milliseconds between two drawings, at least. */
const SHORTEST = 100;
/** Looks that may be missing in a line that is drawn through. */
const MISSING = 3;

/**
 * Charts of all that a monitor keeps, each with its range and median as text, and what has no line. Nothing is kept here but what draws: it is
 * let go by `release()`, when the page is hidden, and with the canvas that it draws on.
 */
export class Charts {
  readonly #charts = new Map<Canvas, { readonly style: string; readonly chart: LineChart }>();
  #drawnAt = -Infinity;

  render(view: View): TemplateResult {
    const { history, lang } = view;
    const known = PLOTS.map(({ lines, ...plot }) => ({
      ...plot,
      lines: lines.filter(([of]) => valuesOf(history, of).length > 1),
    })).filter(({ lines }) => lines.length > 0);
    if (known.length === 0) return html`<p>${message('perf.chart.none', lang, {}, chartWords)}</p>`;
    return html`${known.map((plot, index) => renderPlot(plot, index, view))} ${details(view)}`;
  }

  /** Draws what the canvases were given; what was drawn on others is let go. */
  draw(root: ParentNode): void {
    const canvases = new Set(root.querySelectorAll<Canvas>('canvas.chart'));
    if (canvases.size === 0) return this.release();
    for (const canvas of this.#charts.keys()) if (!canvases.has(canvas)) this.#release(canvas);
    if (performance.now() - this.#drawnAt < SHORTEST) return;
    this.#drawnAt = performance.now();
    for (const canvas of canvases) this.#draw(canvas);
    document.addEventListener('visibilitychange', this.release);
  }

  /** Lets go of all that draws; the next `draw()` makes it anew. */
  readonly release = (): void => {
    for (const canvas of this.#charts.keys()) this.#release(canvas);
    document.removeEventListener('visibilitychange', this.release);
    this.#drawnAt = -Infinity;
  };

  #release(canvas: Canvas): void {
    this.#charts.get(canvas)!.chart.destroy();
    this.#charts.delete(canvas);
  }

  #draw(canvas: Canvas): void {
    const { lines, from, gap } = canvas.drawn;
    const style = styleOf(canvas);
    // Another colour or font is another chart: to set options costs several times what it costs to draw.
    if (this.#charts.has(canvas) && this.#charts.get(canvas)!.style !== style) this.#release(canvas);
    if (!this.#charts.has(canvas)) this.#charts.set(canvas, { style, chart: makeChart(canvas, style) });
    const { chart } = this.#charts.get(canvas)!;
    chart.options.scales!.x!.min = from;
    chart.data.datasets.forEach((dataset, index) => Object.assign(dataset, { data: lines[index], spanGaps: gap }));
    chart.update('none');
  }
}

/** What a chart takes from the page, as text: colours of the lines, of words and of the grid, and the font. */
function styleOf(canvas: Canvas): string {
  const keys = canvas.closest('figure')!.querySelectorAll('.key');
  const { color, fontFamily, fontSize, borderBlockStartColor } = getComputedStyle(canvas);
  const lines = [...keys].map((key) => getComputedStyle(key).color);
  return JSON.stringify({ lines, color, line: borderBlockStartColor, family: fontFamily, size: parseFloat(fontSize) });
}

/** All that matters is set here: defaults of Chart.js are the page's, if it uses it, too. */
function makeChart(canvas: Canvas, style: string): LineChart {
  const { lines, color, line, family, size } = JSON.parse(style) as Record<'color' | 'line' | 'family', string> & {
    lines: string[];
    size: number;
  };
  const ticks = { color, font: { family, size }, maxRotation: 0 };
  return new Chart<'line', Point[]>(canvas, {
    type: 'line',
    data: {
      datasets: lines.map((borderColor, index) => ({
        data: [],
        borderColor,
        borderDash: DASHES[index]!,
        borderWidth: 1.5,
        pointRadius: 0,
      })),
    },
    options: {
      animation: false,
      responsive: true,
      events: [],
      plugins: NONE,
      maintainAspectRatio: false,
      normalized: true,
      parsing: false,
      scales: {
        x: {
          type: 'linear',
          max: 0,
          grid: { display: false },
          border: { color: line },
          ticks: {
            ...ticks,
            precision: 0,
            maxTicksLimit: 6,
            callback: (minutes) => canvas.drawn.ago(Number(minutes)),
          },
        },
        y: {
          type: 'linear',
          beginAtZero: true,
          grid: { color: line },
          border: { display: false },
          ticks: { ...ticks, maxTicksLimit: 4, callback: (value) => canvas.drawn.tell(Number(value)) },
        },
      },
    },
  });
}

function renderPlot({ title, lines, tell }: Plot, index: number, view: View): TemplateResult {
  const { history, interval, lang } = view;
  const say = (word: ChartWord, values = {}) => message(word, lang, values, chartWords);
  const last = history.at(-1)!.at;
  const minutes = (at: number) => (at - last) / 60_000;
  const first = minutes(history.at(0)!.at);
  const told = tell(view);
  const drawn: Drawn = {
    lines: lines.map(([of]) => [...history].map((point) => ({ x: minutes(point.at), y: point[of] }))),
    from: Math.floor(Math.min(-1, first)),
    // Looks may have been further apart, or nearer, than they are now.
    gap: MISSING * Math.max(interval / 60, -first / history.length),
    tell: told,
    ago: (value) => (value === 0 ? say('perf.chart.now') : view.figures.minutes(value)),
  };
  const range = (of: Measure) => {
    const values = valuesOf(history, of).sort((one, other) => one - other);
    const [low, median, high] = [0, Math.floor(values.length / 2), values.length - 1].map((at) => told(values[at]!));
    return say('perf.chart.range', { low: low!, median: median!, high: high! });
  };
  return html`<figure part="chart">
    <figcaption id="chart-${index}">
      <strong>${say(title)}</strong>
      ${lines.map(
        ([of, name]) =>
          html`<span class="line-of"
            ><i class="key"></i>${name ? html`${view.say(name)}:` : nothing} ${range(of)}</span
          >`,
      )}
    </figcaption>
    <div class="plot"><canvas class="chart" role="img" aria-labelledby="chart-${index}" .drawn=${drawn}></canvas></div>
  </figure>`;
}

const valuesOf = (history: CircularBuffer<HistoryPoint>, of: Measure): number[] =>
  [...history].map((point) => point[of]).filter((value) => value !== null);

// What charts are made of; no other part of Chart.js is bundled.
Chart.register(LineController, LineElement, PointElement, LinearScale);
