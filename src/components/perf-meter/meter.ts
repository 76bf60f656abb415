import { html, type CSSResult, type TemplateResult } from 'lit';
import type { MetricsPusher, MonitorSnapshot, PerformanceMonitor } from '../../core/monitor/index.js';
import { message } from '../../core/messages.js';
import { performanceMonitorOf, type MediaProducer } from '../../core/producer/index.js';
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
  /** Told when figures cannot be sent to the address. */
  failed(thrown: unknown): void;
}

/** What a meter runs and shows; loaded when one is seen for the first time. */
export class Meter {
  readonly monitor: PerformanceMonitor;
  readonly #options: MeterOptions;
  #running = false;
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

  /** Looks while somebody can see it, and not otherwise. */
  run(seen: boolean): void {
    if (seen === this.#running) return;
    this.#running = seen;
    if (seen) this.monitor.start();
    else this.monitor.stop();
  }

  /** Sends figures there from now on, seen or not; to nowhere with an empty address. */
  async export(url: string): Promise<void> {
    if (url === this.#url) return;
    this.#url = url;
    this.#pusher?.stop();
    this.#pusher = null;
    if (!url) return;
    try {
      const { MetricsPusher, openMetrics } = await import('./export.js');
      if (this.#url !== url) return;
      const body = () => {
        if (!this.#running) this.monitor.look();
        return openMetrics(this.monitor);
      };
      this.#pusher = new MetricsPusher({ url, body });
      this.#pusher.start();
    } catch (thrown) {
      this.#options.failed(thrown);
    }
  }

  async toOpenMetrics(): Promise<string> {
    const { openMetrics } = await import('./export.js');
    return openMetrics(this.monitor);
  }

  render(full: boolean, lang: string, reset: () => void): TemplateResult {
    const view = viewOf(this.monitor.snapshot(), this.monitor.history, lang, reset);
    return html`<section class="meter" aria-label=${view.say('perf.label')}>
      ${full ? table(view) : line(view)}
    </section>`;
  }

  draw(root: ParentNode): void {
    drawSparks(root);
  }

  /** What is said when the state is another. */
  say(lang: string, word: 'perf.told.reset' | 'state'): string {
    const key = word === 'state' ? (`perf.state.${this.monitor.snapshot().diagnosis.state}` as const) : word;
    return message(key, lang, {}, words);
  }
}
