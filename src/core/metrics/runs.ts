import type { Metrics } from './metrics.js';

/** A take that runs: what has to be known of each by itself, where a registry holds the sum of all. */
export interface Run {
  /** Seconds of it that were told. */
  seconds: number;
  /** Bytes that waited for the disk, as it was told last. */
  waiting: number;
}

const runs = new WeakMap<Metrics, Set<Run>>();

/** The takes that run, of those that count there. One that pauses runs no more, and is another one when it goes on. */
export function runsOf(metrics: Metrics): Set<Run> {
  let found = runs.get(metrics);
  if (!found) runs.set(metrics, (found = new Set()));
  return found;
}
