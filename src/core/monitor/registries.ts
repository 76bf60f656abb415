import { CircularBuffer } from '../buffer/index.js';
import {
  figuresBetween,
  Metrics,
  NOTHING_COUNTED,
  type HistogramSummary,
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

/** What reads several registries as one. */
export type Registries = ReturnType<typeof readAsOne>;

/**
 * Registries that are read as one: some that stay, and one that may come later or be another (a producer has none before
 * its first capture). Tells the last seconds of them, and all since the reset. Nobody else's windows are touched. No two of
 * them use the same names.
 * @param length seconds of a window
 */
export function readAsOne(fixed: readonly Metrics[], length: number) {
  const readings = new CircularBuffer<Reading>(MOST_READINGS);
  let followed: Metrics | null = null;
  /** What it had counted when it came; null before the first. */
  let since: MetricsState | null = null;
  /** What those counted that were followed before, while they were. */
  const before = new Metrics();
  const all = () => (followed ? [...fixed, followed] : fixed);
  const states = () => all().map((metrics) => metrics.state());
  let base = states();

  /** A new window: nothing that was before is compared with what comes. */
  const interrupt = () => void readings.clear();

  return {
    interrupt,

    /** Takes the one that is there now: the first to come is counted from its beginning, any other from now. */
    follow(metrics: Metrics | null): void {
      if (metrics === followed) return;
      if (followed) before.merge(followed.state(since!));
      followed = metrics;
      base.length = fixed.length;
      if (metrics) base.push((since = since ? metrics.state() : NOTHING_COUNTED));
      interrupt();
    },

    /** All that was ever counted, whoever was followed: it never steps back. */
    counted(): MetricsState[] {
      const counted = [...fixed, before].map((metrics) => metrics.state());
      if (followed) counted.push(followed.state(since!));
      return counted;
    },

    /** What came since the reading that is about as old as a window is long; null with the first. @param at seconds */
    look(at: number): Counted | null {
      const now = states();
      readings.push({ at, states: now });
      // The oldest stays while the next one alone would make the window too short.
      while (readings.length > 2 && readings.at(1)!.at <= at - length) readings.shift();
      const oldest = readings.at(0)!;
      return oldest.at < at ? counted(oldest.states, now, at - oldest.at) : null;
    },

    /** What was counted since the reset. */
    totals(): Record<string, number> {
      const totals: Record<string, number> = {};
      all().forEach((metrics, index) => {
        const { counters } = base[index]!;
        for (const [name, count] of Object.entries(metrics.counts())) totals[name] = count - (counters[name] ?? 0);
      });
      return totals;
    },

    /** What was timed since the reset. */
    timed: (): Counted['histograms'] => counted(base, states(), 0).histograms,

    /** Counts from zero. */
    reset(): void {
      base = states();
      interrupt();
    },
  };
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
