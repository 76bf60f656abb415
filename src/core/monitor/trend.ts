import { CircularBuffer } from '../buffer/index.js';
import { sum } from './told.js';

/** Seconds of which the lowest value is kept: what a collector frees within them is no growth. */
const BUCKET = 10;
const BUCKETS = 360;
/** Buckets before which nothing is told. */
const LEAST = 7;

interface Low {
  readonly bucket: number;
  value: number;
}

/**
 * How an amount grows in the long run, of the last hour at most: a line through its lowest values (least squares), which
 * is blind to the saw teeth of a garbage collector. Memory is constant.
 */
export function makeTrend() {
  const lows = new CircularBuffer<Low>(BUCKETS);
  return {
    /** @param at seconds on a clock that never steps back */
    add(at: number, value: number): void {
      const bucket = Math.floor(at / BUCKET);
      const last = lows.at(-1);
      if (last?.bucket === bucket) last.value = Math.min(last.value, value);
      else lows.push({ bucket, value });
    },

    clear: () => void lows.clear(),

    /** By second, and over all of the time that it is of; null while that is too short. */
    get(): { readonly slope: number; readonly grown: number } | null {
      if (lows.length < LEAST) return null;
      const all = [...lows];
      const mean = (of: (low: Low) => number) => sum(all.map(of)) / all.length;
      const x = mean((low) => low.bucket);
      const y = mean((low) => low.value);
      const slope = mean((low) => (low.bucket - x) * (low.value - y)) / mean((low) => (low.bucket - x) ** 2) / BUCKET;
      return { slope, grown: slope * (lows.at(-1)!.bucket - lows.at(0)!.bucket) * BUCKET };
    },
  };
}
