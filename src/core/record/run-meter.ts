import {
  runsOf,
  type CounterName,
  type LevelName,
  type Metrics,
  type MetricsState,
  type Run,
} from '../metrics/index.js';

/** Brings what a take counts in its worker to where its producer counts. */
export class RunMeter {
  /** Whether the worker times anything, and shows it. */
  #timing = { enabled: true, trace: false };
  /** As whom it is known there that this take runs; null while it does not. */
  #run: Run | null = null;
  #end: () => void = () => {};

  /**
   * @param metrics where the producer counts, if there is one
   * @param time tells the worker whether to time anything, and whether to show it
   */
  constructor(
    private readonly metrics: () => Metrics | null,
    private readonly time: (enabled: boolean, trace: boolean) => void,
  ) {}

  /**
   * Adds what the worker has counted. No message of its own is sent but when the timing changes: at most once a second,
   * when the worker tells how far it is.
   */
  count(added: MetricsState): void {
    const metrics = this.metrics();
    metrics?.merge(added);
    if (this.#run) tellOf(this.#run, added);
    const [enabled, trace] = [metrics?.enabled ?? true, !!metrics?.trace];
    if (enabled === this.#timing.enabled && trace === this.#timing.trace) return;
    this.#timing = { enabled, trace };
    this.time(enabled, trace);
  }

  /** Of a take that runs a monitor hears every few seconds: where it does not, that is trouble. */
  run(runs: boolean): void {
    if (runs === !!this.#run) return;
    this.#end();
    this.#run = null;
    const metrics = this.metrics();
    if (!runs || !metrics) return;
    const run = (this.#run = { seconds: 0, waiting: 0 });
    const all = runsOf(metrics).add(run);
    this.#end = () => all.delete(run);
  }
}

function tellOf(run: Run, { counters, histograms }: MetricsState): void {
  run.seconds += counters['record:seconds' satisfies CounterName] ?? 0;
  const { sum = 0, count = 0 } = histograms['queue:disk' satisfies LevelName] ?? {};
  // Where nothing is looked at it is as it was.
  if (count > 0) run.waiting = sum / count;
}
