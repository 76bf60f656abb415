import { html, type CSSResult, type TemplateResult } from 'lit';
import {
  THRESHOLDS,
  type MetricsPusher,
  type MonitorSnapshot,
  type PerformanceMonitor,
  type PusherState,
  type Thresholds,
} from '../../core/monitor/index.js';
import type { OnAirError } from '../../core/errors.js';
import { earlyFault, message, spoken } from '../../core/messages.js';
import { performanceMonitorOf, type MediaProducer } from '../../core/producer/index.js';
import { nearestLang } from '../shared/lang.js';
import type { Charts } from './charts.js';
import { line, saidBy } from './line.js';
import { drawSparks } from './spark.js';
import { styles } from './styles.js';
import { table } from './table.js';
import { summaryOf, viewOf, type View } from './view.js';
import { words } from './words.js';

/** Share by which a bitrate may be another than the one that a line says: to draw that anew takes as long as to look. */
const NEAR = 0.05;
/**
 * Milliseconds between two drawings of the lines of rows, at one look a second or less: a little less than two looks. They tell of a minute,
 * and to draw them takes half a millisecond.
 */
const LINES_EVERY = 1900;
/** Seconds between two pushes. */
const PUSH_EVERY = 15;

type Part = 'charts' | 'export';

export const meterStyles: CSSResult = styles;

export interface MeterOptions {
  producer: () => MediaProducer | null;
  preview: () => HTMLVideoElement | null;
  /** Told after each look. */
  looked(snapshot: MonitorSnapshot): void;
  /** Told when something else is to be shown. */
  changed(): void;
  /** Told when figures cannot be sent to the address, or when a part could not be loaded. */
  failed(error: OnAirError): void;
  /** Told when such a fault is over. */
  mended(error: OnAirError): void;
}

/** What a meter runs and shows; loaded when one is seen for the first time. */
export class Meter {
  readonly monitor: PerformanceMonitor;
  readonly #options: MeterOptions;
  /** Pages that push to the same place are told apart by it. */
  readonly #session = Math.random().toString(36).slice(2);
  #running = false;
  #charts: Charts | null = null;
  #url = '';
  #pusher: MetricsPusher | null = null;
  /** Why figures are not taken. */
  #refusal: OnAirError | null = null;
  /** Parts that could not be loaded. */
  readonly #lacking = new Map<Part, OnAirError>();
  #thresholds: Partial<Thresholds> = {};
  /** What the line says that was rendered last, and the bitrate in it. */
  #said = '';
  #bitrate: number | null = null;
  /** When lines of rows were drawn last. */
  #drawnAt = -Infinity;
  /** Of the last look, until it is rendered. */
  #view: View | null = null;

  constructor(options: MeterOptions) {
    this.#options = options;
    this.monitor = performanceMonitorOf(options.producer, { preview: options.preview });
    this.monitor.store.subscribe(
      ({ snapshot }) => snapshot,
      (snapshot) => options.looked(snapshot!),
    );
  }

  set thresholds(thresholds: Partial<Thresholds>) {
    if (thresholds === this.#thresholds) return;
    this.#thresholds = thresholds;
    this.monitor.thresholds = { ...THRESHOLDS, ...thresholds };
  }

  /** Looks while somebody can see it, and not otherwise. */
  run(seen: boolean): void {
    if (seen === this.#running) return;
    this.#running = seen;
    if (seen) this.monitor.start();
    else this.monitor.stop();
    if (!seen) this.#charts?.release();
    this.#options.changed();
  }

  /** Sends figures there from now on, seen or not; to nowhere with an empty address. */
  async export(url: string): Promise<void> {
    if (url === this.#url) return;
    this.#url = url;
    this.#pusher?.stop();
    this.#pusher = null;
    // The next one has not failed yet, and would not tell that it does not.
    this.#tellPush(null);
    if (!url) return;
    try {
      const { MetricsPusher, openMetrics } = await this.#part('export', import('./export.js'));
      // Moved meanwhile, it asks once more.
      if (this.#url !== url || this.#pusher) return;
      const body = () => {
        // Nobody else looks: neither while it cannot be seen, nor in a hidden page; or so seldom that it would be sent again.
        if (!this.#running || document.hidden || this.monitor.interval >= PUSH_EVERY) this.monitor.look();
        const began = performance.now();
        const text = openMetrics(this.monitor, { session: this.#session });
        this.monitor.spent((performance.now() - began) / 1000);
        return text;
      };
      this.#pusher = new MetricsPusher({ url, body, interval: PUSH_EVERY });
      this.#pusher.store.subscribe(
        ({ problem }) => problem,
        (problem) => this.#tellPush(problem),
      );
      this.#pusher.start();
    } catch (fault) {
      this.#lacks('export', fault as OnAirError);
    }
  }

  /** @throws OnAirError `worker-failed` */
  async toOpenMetrics(): Promise<string> {
    const { openMetrics } = await this.#part('export', import('./export.js'));
    return openMetrics(this.monitor);
  }

  render(full: boolean, lang: string, reset: () => void): TemplateResult {
    const view = this.#viewIn(lang);
    // The same look may be rendered again for other sentences.
    this.#view = null;
    this.#said = saidBy(view);
    this.#bitrate = view.bitrate;
    const actions = { reset, charts: () => void this.#toggleCharts() };
    return html`<section class="meter" aria-label=${view.say('perf.label')} @pointerenter=${this.#tellCost}>
      ${full ? table(view, actions, this.#charts?.render(view) ?? null) : line(view)}
    </section>`;
  }

  draw(root: ParentNode): void {
    if (!this.#running || document.hidden) return;
    const now = performance.now();
    const due = now - this.#drawnAt > LINES_EVERY * Math.min(1, this.monitor.interval);
    if (due) this.#drawnAt = now;
    drawSparks(root, due);
    this.#charts?.draw(root);
  }

  /** Whether there is something else to show than what is there: of a line most seconds are like the one before. */
  renews(full: boolean, lang: string): boolean {
    if (full) return true;
    const view = this.#viewIn(lang);
    if (Math.abs((view.bitrate ?? NaN) / (this.#bitrate ?? NaN) - 1) < NEAR) view.bitrate = this.#bitrate;
    if (saidBy(view) !== this.#said) return true;
    this.#view = null;
    return false;
  }

  /** What is said when the state, or its cause, is another. */
  toldState(lang: string): string {
    const view = this.#viewIn(lang);
    const state = view.say(`perf.state.${view.snapshot.diagnosis.state}`);
    return view.say('perf.told.state', { state, summary: summaryOf(view) });
  }

  toldReset(lang: string): string {
    return message('perf.told.reset', lang, {}, words);
  }

  #viewIn(lang: string): View {
    if (this.#view?.lang !== lang || this.#view.snapshot !== this.monitor.snapshot())
      this.#view = viewOf(this.monitor, lang);
    return this.#view;
  }

  /** To who points at it: to write it with each look would cost as much as the look. */
  readonly #tellCost = ({ currentTarget }: Event): void => {
    const section = currentTarget as HTMLElement;
    const { snapshot, say, figures } = viewOf(this.monitor, nearestLang(section));
    section.title = snapshot.cost === null ? '' : say('perf.cost', { time: figures.work(snapshot.cost) });
  };

  /** Once for each problem, and not with each push. */
  #tellPush(problem: PusherState['problem']): void {
    if (this.#refusal) this.#options.mended(this.#refusal);
    this.#refusal = problem && refusalOf(problem);
    if (this.#refusal) this.#options.failed(this.#refusal);
  }

  /** Charts are loaded by who opens them, and let go when they are closed. */
  async #toggleCharts(): Promise<void> {
    if (this.#charts) {
      this.#charts.release();
      this.#charts = null;
    } else {
      try {
        const { Charts } = await this.#part('charts', import('./charts.js'));
        this.#charts ??= new Charts();
      } catch (fault) {
        this.#lacks('charts', fault as OnAirError);
      }
    }
    this.#options.changed();
  }

  /** Told once, until it is there: some browsers never load again what has failed. */
  #lacks(name: Part, fault: OnAirError): void {
    if (this.#lacking.has(name)) return;
    this.#lacking.set(name, fault);
    this.#options.failed(fault);
  }

  /** What is loaded by who needs it. @throws OnAirError `worker-failed` */
  async #part<T>(name: Part, loading: Promise<T>): Promise<T> {
    try {
      const part = await loading;
      const fault = this.#lacking.get(name);
      this.#lacking.delete(name);
      if (fault) this.#options.mended(fault);
      return part;
    } catch (cause) {
      throw earlyFault('worker-failed', 'worker-failed.load', { cause, fatal: false });
    }
  }
}

function refusalOf(problem: NonNullable<PusherState['problem']>): OnAirError {
  const known = `perf.export.${problem}`;
  const key = known in words ? (known as keyof typeof words) : 'perf.export.refused';
  const code = problem === 'unreachable' ? problem : 'request-failed';
  return spoken(code, key, words, { status: problem }, { fatal: false });
}
