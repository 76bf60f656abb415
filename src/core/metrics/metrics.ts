import { added, Histogram, type HistogramState, type HistogramSummary, summarize } from './histogram.js';
import type { LevelName, Timed } from './points.js';

/** A number that only grows. */
export class Counter {
  #value = 0;

  /** Since it was made. */
  get value(): number {
    return this.#value;
  }

  /** @param amount 0 or more; default 1 */
  add(amount = 1): void {
    if (amount > 0) this.#value += amount;
  }
}

/** Everything a registry holds, or what was added between two looks; plain data that can be posted and kept as JSON. */
export interface MetricsState {
  readonly counters: Readonly<Record<string, number>>;
  readonly histograms: Readonly<Record<string, HistogramState>>;
}

/** What a reader sees: frozen, by name. Monitoring points are histograms in seconds. */
export interface MetricsSnapshot {
  readonly counters: Readonly<Record<string, number>>;
  readonly histograms: Readonly<Record<string, HistogramSummary>>;
}

export interface MetricsOptions {
  /** Whether monitoring points are timed. Default true. */
  enabled?: boolean;
  /** Milliseconds that never step back. Default `performance.now`. */
  now?: () => number;
}

/**
 * The registry that stages write to and monitors read from. Values only grow, and no window is kept here: a reader
 * takes the `state()` of the moment and later asks for what came since, so any number of readers can each have their
 * own window. A worker posts `drain()` now and then; the page adds it by `merge()`.
 */
export class Metrics {
  /** Whether stretches are timed and levels looked at; switched off, `start` and `end` do not even read the clock. */
  enabled: boolean;
  /** Told each timed stretch (milliseconds of this thread's clock), for the performance panel: `showStretch`. */
  trace: ((name: Timed, start: number, end: number) => void) | null = null;
  #now: () => number;
  #counters = new Map<string, Counter>();
  #histograms = new Map<string, Histogram>();
  #base: MetricsState = NOTHING_COUNTED;
  #drained: MetricsState = NOTHING_COUNTED;

  constructor({ enabled = true, now = () => performance.now() }: MetricsOptions = {}) {
    this.enabled = enabled;
    this.#now = now;
  }

  /** The counter of this name, made when it is first asked for. Keep it rather than ask each time. */
  counter(name: string): Counter {
    return entry(this.#counters, name, () => new Counter());
  }

  /** The histogram of this name, made when it is first asked for. Keep it rather than ask each time. */
  histogram(name: string): Histogram {
    return entry(this.#histograms, name, () => new Histogram());
  }

  /** Begins a stretch of work; what it answers goes to `end`. Stretches of one name may overlap. */
  start(_name: Timed): number {
    return this.enabled ? this.#now() : NaN;
  }

  /** Ends a stretch of work and records its length in seconds. A stretch begun while switched off is passed over. */
  end(name: Timed, started: number): void {
    if (!this.enabled || started !== started) return;
    const now = this.#now();
    this.histogram(name).record((now - started) / 1000);
    this.trace?.(name, started, now);
  }

  /** Records a stretch that ends now, and whose length (seconds) somebody has measured. */
  record(name: Timed, seconds: number): void {
    if (!this.enabled) return;
    this.histogram(name).record(seconds);
    if (!this.trace) return;
    const now = this.#now();
    this.trace(name, now - seconds * 1000, now);
  }

  /** Records how a level is at the moment. */
  sample(name: LevelName, value: number): void {
    if (this.enabled) this.histogram(name).record(value);
  }

  /** All that was ever counted. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const [name, counter] of this.#counters) counts[name] = counter.value;
    return counts;
  }

  /** All that was ever recorded; with `since`, an earlier answer, what came after that. */
  state(since: MetricsState = NOTHING_COUNTED): MetricsState {
    const histograms: Record<string, HistogramState> = {};
    for (const [name, histogram] of this.#histograms) histograms[name] = histogram.state();
    return between(since, { counters: this.counts(), histograms });
  }

  /** What came since the last call, to be posted to the registry of another thread. */
  drain(): MetricsState {
    const before = this.#drained;
    return between(before, (this.#drained = this.state()));
  }

  /** Adds what another registry drained. */
  merge(added: MetricsState): void {
    for (const [name, amount] of Object.entries(added.counters)) this.counter(name).add(amount);
    for (const [name, state] of Object.entries(added.histograms)) this.histogram(name).merge(state);
  }

  /** Figures since `since`, an answer of `state()`; by default since the last `reset()`. */
  snapshot(since: MetricsState = this.#base): MetricsSnapshot {
    return figuresBetween(since, this.state());
  }

  /** Snapshots start from here. Nothing is forgotten: other readers and exporters see no step back. */
  reset(): void {
    this.#base = this.state();
  }
}

/** Before anything was counted. */
export const NOTHING_COUNTED: Readonly<Record<keyof MetricsState, Readonly<Record<string, never>>>> = {
  counters: {},
  histograms: {},
};

/** What came between two states of a registry. */
const between = (before: MetricsState, now: MetricsState): MetricsState => ({
  counters: each(now.counters, (count, name) => count - (before.counters[name] ?? 0)),
  histograms: each(now.histograms, (state, name) => added(state, before.histograms[name])),
});

/** The same as a reader sees it. */
export function figuresBetween(before: MetricsState, now: MetricsState): MetricsSnapshot {
  const { counters, histograms } = between(before, now);
  return Object.freeze({ counters: Object.freeze(counters), histograms: Object.freeze(each(histograms, summarize)) });
}

function each<T, U>(all: Readonly<Record<string, T>>, make: (value: T, name: string) => U): Record<string, U> {
  const made: Record<string, U> = {};
  for (const name in all) made[name] = make(all[name]!, name);
  return made;
}

function entry<T>(map: Map<string, T>, name: string, make: () => T): T {
  let value = map.get(name);
  if (!value) map.set(name, (value = make()));
  return value;
}
