import { CircularBuffer } from '../buffer/index.js';
import {
  countedBetween,
  figuresBetween,
  Metrics,
  NOTHING_COUNTED,
  type MetricsMark,
  type MetricsSnapshot,
  type MetricsState,
} from '../metrics/index.js';

/** What several registries have counted and timed together, between two moments. */
export interface Counted extends MetricsSnapshot {
  /** When it began, and how long it was. Seconds. */
  readonly since: number;
  readonly seconds: number;
  /** What was counted since the reset. */
  readonly totals: Readonly<Record<string, number>>;
}

interface Reading {
  readonly at: number;
  readonly mark: MetricsMark;
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
  let since: MetricsMark | null = null;
  /** What those counted that were followed before, while they were. */
  const before = new Metrics();
  const ours = () => {
    const mark = { counters: {}, histograms: {} };
    for (const metrics of fixed) metrics.mark(mark);
    return mark;
  };
  const all = (mark = ours()): MetricsMark => followed?.mark(mark) ?? mark;
  /** At the reset: of those that stay, and with the one that is followed. */
  let own = ours();
  let base: MetricsMark = own;

  /** A new window: nothing that was before is compared with what comes. */
  const interrupt = () => void readings.clear();

  return {
    interrupt,

    /** Takes the one that is there now: the first to come is counted from its beginning, any other from now. */
    follow(metrics: Metrics | null): void {
      if (metrics === followed) return;
      if (followed) before.merge(followed.state(since!));
      followed = metrics;
      base = since ? all(structuredClone(own)) : own;
      if (metrics) since = since ? metrics.mark() : NOTHING_COUNTED;
      interrupt();
    },

    /** All that was ever counted, whoever was followed: it never steps back. */
    counted(): MetricsState[] {
      const counted = [...fixed, before].map((metrics) => metrics.state());
      if (followed) counted.push(followed.state(since!));
      return counted;
    },

    /** What came since the reading that is about as old as a window is long: nothing with the first. @param at seconds */
    look(at: number): Counted {
      const now = all();
      readings.push({ at, mark: now });
      // The oldest stays while the next one alone would make the window too short.
      while (readings.length > 2 && readings.at(1)!.at <= at - length) readings.shift();
      const { at: since, mark } = readings.at(0)!;
      return { since, seconds: at - since, totals: countedBetween(base, now), ...figuresBetween(mark, now) };
    },

    /** What was timed since the reset. */
    timed: () => figuresBetween(base, all()).histograms,

    /** Counts from zero. */
    reset(): void {
      own = ours();
      base = all();
      interrupt();
    },
  };
}
