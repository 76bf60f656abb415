import type { Metrics } from '../metrics/index.js';

interface Seen {
  readonly value: number;
  readonly of: unknown;
}

/** Takes totals of others: of whom they are, and each by the name of our counter. */
export type Add = (of: unknown, totals: Readonly<Record<string, number>>) => void;

/**
 * Makes counters of ours of the totals that others tell. One of theirs that starts anew has grown by what it shows: it never
 * goes back. That of another one in its place counts from what it shows.
 */
export function makeGrowth(metrics: Metrics): Add {
  const seen = new Map<string, Seen>();
  return (of, totals) => {
    for (const [name, value] of Object.entries(totals)) {
      const last = seen.get(name);
      seen.set(name, { value, of });
      if (last && last.of === of) metrics.counter(name).add(value < last.value ? value : value - last.value);
    }
  };
}
