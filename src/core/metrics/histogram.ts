/**
 * Buckets are log-linear: each power of two is cut into 32 equal parts, after HdrHistogram (Tene, 2012). The bucket of
 * a number is then the top of its IEEE 754 bits, exponent and first five bits of the mantissa: one shift.
 */
const PARTS_BITS = 5;
const LOWEST_EXPONENT = -20; // below it all is one bucket: 2^-20 s is 1 µs, finer than any browser's clock
const HIGHEST_EXPONENT = 32; // 4 GiB, or 136 years in seconds
const FIRST = (1023 + LOWEST_EXPONENT) << PARTS_BITS;
const BUCKETS = ((HIGHEST_EXPONENT - LOWEST_EXPONENT) << PARTS_BITS) + 1;

/** A percentile is off by at most this share of its value, 1.6 %: half a bucket. Below 2^-20 it is off by at most that. */
export const RELATIVE_ERROR = 1 / (2 << PARTS_BITS);

/** What a histogram holds, or what was added between two looks; plain data that can be posted and kept as JSON. */
export interface HistogramState {
  readonly count: number;
  readonly sum: number;
  /** The largest value ever, also when this is a difference. */
  readonly max: number;
  /** Index of the bucket that `buckets` begins with. */
  readonly first: number;
  /** How many values fell into each bucket, from the first to the last that is not empty. */
  readonly buckets: readonly number[];
}

/** In the unit of the values that were recorded. All 0 when `count` is 0. */
export interface HistogramSummary {
  readonly count: number;
  readonly mean: number;
  /** Within `RELATIVE_ERROR`; 0 for all below 2^-20. */
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Exact over a whole life, within `RELATIVE_ERROR` in a window whose largest value is not the largest ever. */
  readonly max: number;
}

/** Counts values by size in constant memory (6.7 kB). It only grows: a window is the difference of two states. */
export class Histogram {
  #buckets = new Uint32Array(BUCKETS);
  /** First and last bucket that is not empty. */
  #low = BUCKETS;
  #high = -1;
  #count = 0;
  #sum = 0;
  #max = 0;
  #bits = new DataView(new ArrayBuffer(8));

  /** Takes a value of 0 or more; less counts as 0 (clocks that step back), what is not a finite number is passed over. */
  record(value: number): void {
    if (!Number.isFinite(value)) return;
    const held = Math.max(0, value);
    this.#bits.setFloat64(0, held);
    const index = (this.#bits.getUint32(0) >>> (20 - PARTS_BITS)) - FIRST + 1;
    this.#fill(Math.min(Math.max(index, 0), BUCKETS - 1), 1);
    this.#count++;
    this.#sum += held;
    if (held > this.#max) this.#max = held;
  }

  /** Adds what another histogram holds, or what was added to it. */
  merge(state: HistogramState): void {
    state.buckets.forEach((count, i) => {
      const index = state.first + i;
      if (count > 0 && index < BUCKETS) this.#fill(index, count);
    });
    this.#count += state.count;
    this.#sum += state.sum;
    this.#max = Math.max(this.#max, state.max);
  }

  /** All that it holds; with `since`, an earlier state of the same histogram, what came after that. */
  state(since?: HistogramState): HistogramState {
    const buckets: number[] = [];
    // Any other way from a typed array to an array takes four times as long, and monitors go it once a second.
    for (let index = this.#low; index <= this.#high; index++) buckets.push(this.#buckets[index]!);
    const first = buckets.length > 0 ? this.#low : 0;
    return added({ count: this.#count, sum: this.#sum, max: this.#max, first, buckets }, since);
  }

  #fill(index: number, count: number): void {
    this.#buckets[index]! += count;
    this.#low = Math.min(this.#low, index);
    this.#high = Math.max(this.#high, index);
  }
}

/** What was added to a histogram since an earlier state of it. */
export function added(now: HistogramState, since: HistogramState | undefined): HistogramState {
  if (!since) return now;
  const { count, sum, max, first } = now;
  const more = (held: number, index: number) => held - (since.buckets[first + index - since.first] ?? 0);
  const all = count > since.count ? now.buckets.map(more) : [];
  const from = Math.max(0, all.findIndex(Boolean));
  const buckets = all.slice(from, all.findLastIndex(Boolean) + 1);
  return {
    count: count - since.count,
    sum: sum - since.sum,
    max,
    first: buckets.length > 0 ? first + from : 0,
    buckets,
  };
}

/** The figures of a state or of a difference. Percentiles are by nearest rank. */
export function summarize(state: HistogramState): HistogramSummary {
  const { count, sum, first, buckets } = state;
  const top = first + buckets.length - 1;
  const max = indexHolds(top, state.max) ? state.max : middleOf(top);
  const percentile = (share: number): number => {
    const rank = Math.ceil(share * count);
    let seen = 0;
    const index = buckets.findIndex((inBucket) => (seen += inBucket) >= rank);
    return Math.min(middleOf(first + index), max);
  };
  return Object.freeze({
    count,
    // Of nothing there is no bucket, and all others are 0, too.
    mean: sum / (count || 1),
    min: first === 0 ? 0 : Math.min(middleOf(first), max),
    p50: percentile(0.5),
    p95: percentile(0.95),
    p99: percentile(0.99),
    max,
  });
}

/** How many values were at most `value`, within `RELATIVE_ERROR` of it. */
export const countUpTo = ({ first, buckets }: HistogramState, value: number): number =>
  buckets.reduce((sum, count, index) => (middleOf(first + index) <= value ? sum + count : sum), 0);

/** Where a bucket begins; bucket 0 holds all below 2^-20, the last one also all from 2^32. */
function lowerEdge(index: number): number {
  if (index <= 0) return 0;
  const parts = 1 << PARTS_BITS;
  const octave = Math.floor((index - 1) / parts);
  return 2 ** (LOWEST_EXPONENT + octave) * (1 + ((index - 1) % parts) / parts);
}

const middleOf = (index: number): number => (lowerEdge(index) + lowerEdge(index + 1)) / 2;

const indexHolds = (index: number, value: number): boolean =>
  value >= lowerEdge(index) && (value < lowerEdge(index + 1) || index === BUCKETS - 1);
