import {
  added,
  Histogram,
  summarize,
  type HistogramMark,
  type HistogramState,
  type HistogramSummary,
} from './histogram.js';
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

/** Everything a registry held at a moment, for later ones to be compared with. */
export interface MetricsMark {
  readonly counters: Readonly<Record<string, number>>;
  readonly histograms: Readonly<Record<string, HistogramMark>>;
}

type Filled = { readonly [part in keyof MetricsMark]: Record<string, MetricsMark[part][string]> };

/** Everything a registry holds, or what was added between two looks; plain data that can be posted and kept as JSON. */
export interface MetricsState extends MetricsMark {
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
 * takes the `mark()` of the moment and later asks for what came since, so any number of readers can each have their
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
  #base: MetricsMark = NOTHING_COUNTED;
  #drained: MetricsMark = NOTHING_COUNTED;

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
    if (started === started) this.record(name, (this.#now() - started) / 1000);
  }

  /** Records a stretch that ended `ago` seconds before now, and whose length (seconds) somebody has measured. */
  record(name: Timed, seconds: number, ago = 0): void {
    if (!this.enabled) return;
    this.histogram(name).record(seconds);
    if (!this.trace) return;
    const end = this.#now() - ago * 1000;
    this.trace(name, end - seconds * 1000, end);
  }

  /** Records how a level is at the moment. */
  sample(name: LevelName, value: number): void {
    if (this.enabled) this.histogram(name).record(value);
  }

  /** All that was ever counted. */
  counts(into: Record<string, number> = {}): Record<string, number> {
    for (const [name, counter] of this.#counters) into[name] = (into[name] ?? 0) + counter.value;
    return into;
  }

  /** How it is now: what `state` and `snapshot` take to begin from. @param into of registries that are read as one */
  mark(into: Filled = { counters: {}, histograms: {} }): MetricsMark {
    this.counts(into.counters);
    for (const [name, histogram] of this.#histograms) into.histograms[name] = histogram.mark();
    return into;
  }

  /** All that was ever recorded; with `since`, an earlier state or mark, what came after that. */
  state(since: MetricsMark = NOTHING_COUNTED): MetricsState {
    return between(since, this.mark());
  }

  /** What came since the last call, to be posted to the registry of another thread. */
  drain(): MetricsState {
    const before = this.#drained;
    return between(before, (this.#drained = this.mark()));
  }

  /** Adds what another registry drained. */
  merge(added: MetricsState): void {
    for (const name in added.counters) this.counter(name).add(added.counters[name]);
    for (const name in added.histograms) this.histogram(name).merge(added.histograms[name]!);
  }

  /** Figures since `since`, an earlier state or mark; by default since the last `reset()`. */
  snapshot(since: MetricsMark = this.#base): MetricsSnapshot {
    return figuresBetween(since, this.mark());
  }

  /** Snapshots start from here. Nothing is forgotten: other readers and exporters see no step back. */
  reset(): void {
    this.#base = this.mark();
  }
}

/** Before anything was counted. */
export const NOTHING_COUNTED: Readonly<Record<keyof MetricsState, Readonly<Record<string, never>>>> = {
  counters: {},
  histograms: {},
};

/** What was counted between two moments of a registry. */
export const countedBetween = (before: MetricsMark, now: MetricsMark): Record<string, number> =>
  each(now.counters, (count, name) => count - (before.counters[name] ?? 0));

/** What came between them in all. */
const between = (before: MetricsMark, now: MetricsMark): MetricsState => ({
  counters: countedBetween(before, now),
  histograms: each(now.histograms, (mark, name) => added(mark, before.histograms[name])),
});

/** The same as a reader sees it. */
export const figuresBetween = (before: MetricsMark, now: MetricsMark): MetricsSnapshot =>
  Object.freeze({
    counters: Object.freeze(countedBetween(before, now)),
    histograms: Object.freeze(each(now.histograms, (mark, name) => summarize(mark, before.histograms[name]))),
  });

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
