import type { Metrics } from '../metrics/index.js';

interface Seen {
  readonly value: number;
  readonly of: unknown;
}

/**
 * Makes counters of ours of the totals that others tell. One of theirs that starts anew has grown by what it shows: it never
 * goes back. That of another one in its place counts from what it shows.
 */
export class Growth {
  readonly #metrics: Metrics;
  readonly #seen = new Map<string, Seen>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** @param of whose totals they are; @param totals by the names of our counters */
  add = (of: unknown, totals: Readonly<Record<string, number>>): void => {
    for (const [name, value] of Object.entries(totals)) {
      const last = this.#seen.get(name);
      this.#seen.set(name, { value, of });
      if (last && last.of === of) this.#metrics.counter(name).add(value < last.value ? value : value - last.value);
    }
  };
}
