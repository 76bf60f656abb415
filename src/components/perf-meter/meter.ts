import { html, type CSSResult, type TemplateResult } from 'lit';
import {
  THRESHOLDS,
  type MetricsPusher,
  type MonitorSnapshot,
  type PerformanceMonitor,
  type Thresholds,
} from '../../core/monitor/index.js';
import type { OnAirError } from '../../core/errors.js';
import { earlyFault, message } from '../../core/messages.js';
import { performanceMonitorOf, type MediaProducer } from '../../core/producer/index.js';
import type { Charts } from './charts.js';
import { line } from './line.js';
import { drawSparks } from './spark.js';
import { styles } from './styles.js';
import { table } from './table.js';
import { viewOf } from './view.js';
import { words } from './words.js';

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

  constructor(options: MeterOptions) {
    this.#options = options;
    this.monitor = performanceMonitorOf(options.producer, { preview: options.preview });
    this.monitor.store.subscribe(
      ({ snapshot }) => snapshot,
      (snapshot) => options.looked(snapshot!),
    );
  }

  set thresholds(thresholds: Partial<Thresholds>) {
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
    if (!url) return;
    const part = await this.#part(import('./export.js'));
    if (!part || this.#url !== url) return;
    const body = () => {
      if (!this.#running) this.monitor.look();
      return part.openMetrics(this.monitor, { session: this.#session });
    };
    try {
      this.#pusher = new part.MetricsPusher({ url, body });
      this.#pusher.start();
    } catch (refused) {
      this.#options.failed(refused as OnAirError);
    }
  }

  async toOpenMetrics(): Promise<string> {
    const { openMetrics } = await import('./export.js');
    return openMetrics(this.monitor);
  }

  render(full: boolean, lang: string, reset: () => void): TemplateResult {
    const view = viewOf(this.monitor, lang);
    const actions = { reset, charts: () => void this.#toggleCharts() };
    return html`<section class="meter" aria-label=${view.say('perf.label')}>
      ${full ? table(view, actions, this.#charts?.render(view) ?? null) : line(view)}
    </section>`;
  }

  draw(root: ParentNode): void {
    drawSparks(root);
    if (this.#running && !document.hidden) this.#charts?.draw(root);
  }

  /** What is said when the state is another. */
  say(lang: string, word: 'perf.told.reset' | 'state'): string {
    const key = word === 'state' ? (`perf.state.${this.monitor.snapshot().diagnosis.state}` as const) : word;
    return message(key, lang, {}, words);
  }

  /** Charts are loaded by who opens them, and let go when they are closed. */
  async #toggleCharts(): Promise<void> {
    if (this.#charts) {
      this.#charts.release();
      this.#charts = null;
    } else {
      const part = await this.#part(import('./charts.js'));
      if (part) this.#charts ??= new part.Charts();
    }
    this.#options.changed();
  }

  /** What is loaded by who needs it; null where it cannot be had, which is told. */
  async #part<T>(loading: Promise<T>): Promise<T | null> {
    try {
      return await loading;
    } catch (cause) {
      this.#options.failed(earlyFault('worker-failed', 'worker-failed.load', { cause, fatal: false }));
      return null;
    }
  }
}
