import { CircularBuffer } from '../buffer/index.js';
import { sum } from './told.js';

/** Seconds of which the lowest value is kept: what a collector frees within them is no growth. */
const BUCKET = 10;
const BUCKETS = 360;
/** Whole buckets before which nothing is told. */
const LEAST = 6;

interface Low {
  readonly bucket: number;
  value: number;
}

/** By hour, and over all of the time that it is of. */
interface Growing {
  readonly slope: number;
  readonly grown: number;
}

/**
 * How an amount grows in the long run, of the last hour at most: a line through its lowest values (least squares), which
 * is blind to the saw teeth of a garbage collector. Memory is constant.
 */
export function makeTrend() {
  const lows = new CircularBuffer<Low>(BUCKETS);
  let told: Growing | null = null;
  return {
    /**
     * Answers how it grows; null while the time is too short.
     * @param at seconds on a clock that never steps back
     */
    add(at: number, value: number): Growing | null {
      const bucket = Math.floor(at / BUCKET);
      const last = lows.at(-1);
      if (last?.bucket === bucket) {
        last.value = Math.min(last.value, value);
      } else {
        // Of whole buckets: to draw the line anew at each look would cost more than the look.
        told = lineThrough([...lows]);
        lows.push({ bucket, value });
      }
      return told;
    },

    clear(): void {
      lows.clear();
      told = null;
    },
  };
}

function lineThrough(lows: readonly Low[]): Growing | null {
  if (lows.length < LEAST) return null;
  const mean = (of: (low: Low) => number) => sum(lows.map(of)) / lows.length;
  const x = mean((low) => low.bucket);
  const y = mean((low) => low.value);
  const slope = mean((low) => (low.bucket - x) * (low.value - y)) / mean((low) => (low.bucket - x) ** 2);
  return { slope: (slope * 3600) / BUCKET, grown: slope * (lows.at(-1)!.bucket - lows[0]!.bucket) };
}
