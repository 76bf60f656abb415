import { RUNS, type Metrics, type MetricsState } from '../metrics/index.js';

/** Brings what a take counts in its worker to where its producer counts. */
export class RunMeter {
  /** Whether the worker times anything, and shows it. */
  #timing = { enabled: true, trace: false };
  /** Where it is counted that this take runs; null while it does not. */
  #runs: Metrics | null = null;

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
    const [enabled, trace] = [metrics?.enabled ?? true, !!metrics?.trace];
    if (enabled === this.#timing.enabled && trace === this.#timing.trace) return;
    this.#timing = { enabled, trace };
    this.time(enabled, trace);
  }

  /** Of a take that runs a monitor hears every few seconds: where it does not, that is trouble. */
  run(runs: boolean): void {
    if (runs === !!this.#runs) return;
    const metrics = runs ? this.metrics() : this.#runs;
    metrics?.counter(runs ? RUNS.begun : RUNS.rested).add();
    this.#runs = runs ? metrics : null;
  }
}
