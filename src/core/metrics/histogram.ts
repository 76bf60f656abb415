/**
 * Buckets are log-linear: each power of two is cut into 32 equal parts, after HdrHistogram (Tene, 2012). The bucket of
 * a number is then the top of its IEEE 754 bits, exponent and first five bits of the mantissa: one shift.
 */
const PARTS_BITS = 5;
const PARTS = 1 << PARTS_BITS;
const LOWEST_EXPONENT = -20; // below it all is one bucket: 2^-20 s is 1 µs, finer than any browser's clock
const HIGHEST_EXPONENT = 32; // 4 GiB, or 136 years in seconds
/** What those bits are above the index of a bucket. */
const ABOVE = ((1023 + LOWEST_EXPONENT) << PARTS_BITS) - 1;
/** Of the upper half of a number, the bits that tell nothing of its bucket. */
const SHIFT = 20 - PARTS_BITS;
const BUCKETS = ((HIGHEST_EXPONENT - LOWEST_EXPONENT) << PARTS_BITS) + 1;

/** A percentile is off by at most this share of its value, 1.6 %: half a bucket. Below 2^-20 it is off by at most that. */
export const RELATIVE_ERROR = 1 / (2 << PARTS_BITS);

/** What a histogram held at a moment, as it lies in memory: quickly taken and compared with, and not to be posted. */
export interface HistogramMark {
  readonly count: number;
  readonly sum: number;
  /** The largest value ever, also when this is a difference. */
  readonly max: number;
  /** Index of the bucket that `buckets` begins with. */
  readonly first: number;
  /** How many values fell into each bucket, from the first to the last that is not empty. */
  readonly buckets: ArrayLike<number>;
}

/** What a histogram holds, or what was added between two looks; plain data that can be posted and kept as JSON. */
export interface HistogramState extends HistogramMark {
  readonly buckets: readonly number[];
}

/**
 * What a histogram comes to, in the unit of the values that were recorded; all 0 when `count` is 0. The mean is exact, the
 * others are within `RELATIVE_ERROR`.
 */
export interface HistogramSummary {
  /** How many values there are. */
  readonly count: number;
  /** Their mean. */
  readonly mean: number;
  /** The smallest; 0 for all below 2^-20. */
  readonly min: number;
  /** What half of them are no more than. */
  readonly p50: number;
  /** What 95 in 100 are no more than. */
  readonly p95: number;
  /** What 99 in 100 are no more than. */
  readonly p99: number;
  /** The largest: exact over a whole life, within `RELATIVE_ERROR` in a window whose largest value is not the largest ever. */
  readonly max: number;
}

const NOTHING: HistogramMark = { count: 0, sum: 0, max: 0, first: 0, buckets: [] };

/** Counts values by size in constant memory (6.7 kB). It only grows: a window is the difference of two states. */
export class Histogram {
  #buckets = new Uint32Array(BUCKETS);
  /** First and last bucket that is not empty. */
  #low = BUCKETS;
  #high = -1;
  #count = 0;
  #sum = 0;
  #max = 0;
  #marked = NOTHING;

  /** Takes a value of 0 or more; less counts as 0 (clocks that step back), what is not a finite number is passed over. */
  record(value: number): void {
    if (!Number.isFinite(value)) return;
    const held = Math.max(0, value);
    this.#fill(bucketOf(held), 1);
    this.#count++;
    this.#sum += held;
    this.#max = Math.max(this.#max, held);
  }

  /** Adds what another histogram holds, or what was added to it. */
  merge(state: HistogramMark): void {
    eachAdded(state, NOTHING, (index, count) => {
      if (index < BUCKETS) this.#fill(index, count);
    });
    this.#count += state.count;
    this.#sum += state.sum;
    this.#max = Math.max(this.#max, state.max);
  }

  /** All that it holds; with `since`, an earlier state or mark of the same histogram, what came after that. */
  state(since?: HistogramMark): HistogramState {
    return added(this.mark(), since);
  }

  /** All that it holds, for a later one to be compared with: the same one until there is more. */
  mark(): HistogramMark {
    if (this.#marked.count !== this.#count)
      this.#marked = {
        count: this.#count,
        sum: this.#sum,
        max: this.#max,
        first: this.#low,
        buckets: this.#buckets.slice(this.#low, this.#high + 1),
      };
    return this.#marked;
  }

  #fill(index: number, count: number): void {
    this.#buckets[index]! += count;
    this.#low = Math.min(this.#low, index);
    this.#high = Math.max(this.#high, index);
  }
}

/** What was added to a histogram since an earlier state or mark of it. */
export function added(now: HistogramMark, since: HistogramMark = NOTHING): HistogramState {
  const buckets: number[] = [];
  let first = 0;
  eachAdded(now, since, (index, count) => {
    if (buckets.length === 0) first = index;
    while (first + buckets.length < index) buckets.push(0);
    buckets.push(count);
  });
  return { count: now.count - since.count, sum: now.sum - since.sum, max: now.max, first, buckets };
}

/** The figures of a state; with `since`, an earlier one of the same histogram, of what came after that. Percentiles are by nearest rank. */
export function summarize(now: HistogramMark, since: HistogramMark = NOTHING): HistogramSummary {
  const count = now.count - since.count;
  let [seen, first, p50, p95, p99, last] = [0, 0, 0, 0, 0, 0];
  eachAdded(now, since, (index, more) => {
    if (seen === 0) first = index;
    // The last bucket before which there are too few.
    if (seen < 0.5 * count) p50 = index;
    if (seen < 0.95 * count) p95 = index;
    if (seen < 0.99 * count) p99 = index;
    last = index;
    seen += more;
  });
  const max = seen && (bucketOf(now.max) === last ? now.max : middleOf(last));
  // Of nothing all are 0.
  const valueAt = (index: number) => Math.min(middleOf(index), max);
  return Object.freeze({
    count,
    mean: (now.sum - since.sum) / (count || 1),
    min: first && valueAt(first),
    p50: valueAt(p50),
    p95: valueAt(p95),
    p99: valueAt(p99),
    max,
  });
}

/** How many values were at most `value`, within `RELATIVE_ERROR` of it. */
export function countUpTo(state: HistogramMark, value: number): number {
  let sum = 0;
  eachAdded(state, NOTHING, (index, count) => {
    if (middleOf(index) <= value) sum += count;
  });
  return sum;
}

/** Goes through the buckets that values came to since then. */
function eachAdded(now: HistogramMark, since: HistogramMark, take: (index: number, count: number) => void): void {
  const { first, buckets } = now;
  const before = since.buckets;
  const shift = first - since.first;
  let left = now.count - since.count;
  // By hand, and no further than it has to: it passes many empty ones for each that it calls for.
  for (let at = 0; left > 0 && at < buckets.length; at++) {
    const count = buckets[at]! - (before[at + shift] ?? 0);
    if (count > 0) take(first + at, count);
    left -= count;
  }
}

const bits = new DataView(new ArrayBuffer(8));

/** Bucket 0 holds all below 2^-20, the last one also all from 2^32. */
function bucketOf(value: number): number {
  bits.setFloat64(0, value);
  return Math.min(Math.max((bits.getUint32(0) >>> SHIFT) - ABOVE, 0), BUCKETS - 1);
}

function middleOf(index: number): number {
  const at = index - 0.5;
  return 2 ** (LOWEST_EXPONENT + Math.floor(at / PARTS)) * (1 + (at % PARTS) / PARTS);
}
