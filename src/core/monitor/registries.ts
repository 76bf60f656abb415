import { CircularBuffer } from '../buffer/index.js';
import {
  figuresBetween,
  NOTHING_COUNTED,
  type HistogramSummary,
  type Metrics,
  type MetricsState,
} from '../metrics/index.js';

/** What several registries have counted and timed together, between two moments. */
export interface Counted {
  /** Seconds between the two. */
  readonly seconds: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly histograms: Readonly<Record<string, HistogramSummary>>;
}

interface Reading {
  readonly at: number;
  readonly states: readonly MetricsState[];
}

/** Readings that are kept of a window, whatever their distance. */
const MOST_READINGS = 64;

/**
 * Registries that are read as one: some that stay, and one that may come later or be another (a producer has none before
 * its first capture). Tells the last seconds of them, and all since the reset. Nobody else's windows are touched.
 */
export class Registries {
  readonly #fixed: readonly Metrics[];
  readonly #length: number;
  readonly #readings = new CircularBuffer<Reading>(MOST_READINGS);
  #all: readonly Metrics[];
  #base: readonly MetricsState[];

  /** @param length seconds of a window */
  constructor(fixed: readonly Metrics[], length: number) {
    this.#all = this.#fixed = fixed;
    this.#length = length;
    this.#base = this.states();
  }

  /** Takes the one that is there now: one that has come is counted from its beginning, another one from now. */
  follow(metrics: Metrics | null): void {
    const before = this.#all[this.#fixed.length] ?? null;
    if (metrics === before) return;
    this.#all = metrics ? [...this.#fixed, metrics] : this.#fixed;
    const base = this.#base.slice(0, this.#fixed.length);
    this.#base = metrics ? [...base, before ? metrics.state() : NOTHING_COUNTED] : base;
    this.#readings.clear();
  }

  /** All that was ever counted. */
  states(): MetricsState[] {
    return this.#all.map((metrics) => metrics.state());
  }

  /** What came since the reading that is about as old as a window is long; null with the first. @param at seconds */
  look(at: number): Counted | null {
    const states = this.states();
    this.#readings.push({ at, states });
    // The oldest stays while the next one alone would make the window too short.
    while (this.#readings.length > 2 && this.#readings.at(1)!.at <= at - this.#length) this.#readings.shift();
    const oldest = this.#readings.at(0)!;
    return oldest.at < at ? counted(oldest.states, states, at - oldest.at) : null;
  }

  /** What was counted since the reset. */
  totals(): Record<string, number> {
    const totals: Record<string, number> = {};
    this.#all.forEach((metrics, index) => {
      const { counters } = this.#base[index]!;
      for (const [name, count] of Object.entries(metrics.counts())) totals[name] = count - (counters[name] ?? 0);
    });
    return totals;
  }

  /** What was timed since the reset. */
  timed(): Counted['histograms'] {
    return counted(this.#base, this.states(), 0).histograms;
  }

  /** A new window: nothing that was before is compared with what comes. */
  interrupt(): void {
    this.#readings.clear();
  }

  /** Counts from zero. */
  reset(): void {
    this.#base = this.states();
    this.interrupt();
  }
}

function counted(before: readonly MetricsState[], now: readonly MetricsState[], seconds: number): Counted {
  const all: Counted = { seconds, counters: {}, histograms: {} };
  now.forEach((state, index) => {
    const { counters, histograms } = figuresBetween(before[index]!, state);
    Object.assign(all.counters, counters);
    Object.assign(all.histograms, histograms);
  });
  return all;
}
