import { loudnessOf } from './decibels.js';
import { EnergyHistogram } from './energy-histogram.js';
import { Hops, HOPS_PER_SECOND } from './hops.js';
import { kWeighting } from './k-weighting.js';

/** In steps of 10 ms: the windows of momentary and short-term loudness, and what gating blocks move on by. */
const MOMENTARY = 0.4 * HOPS_PER_SECOND;
const SHORT_TERM = 3 * HOPS_PER_SECOND;
const BLOCK_STEP = 0.1 * HOPS_PER_SECOND;
/** Seconds until the loudness range may be trusted (Tech 3341, section 2.7). */
const STABLE = 60;
/** LU below the mean of what is above the absolute gate. */
const INTEGRATED_GATE = 10;
const RANGE_GATE = 20;
/** Numbers so small that nobody hears them, and that processors take a hundred times as long for. */
const TINY = 1e-30;

/**
 * Loudness by BS.1770-5, EBU R 128, Tech 3341 and Tech 3342, of sound as it comes. Levels are in LUFS, and -Infinity while
 * there is nothing above the gate. Memory is constant; nothing is allocated to measure.
 *
 * Windows are counted in samples and move on by 10 ms, whatever the size of the blocks that come. Samples that are not
 * finite numbers count as 0.
 */
export class Loudness {
  readonly #sampleRate: number;
  readonly #filters: readonly Filter[];
  readonly #hops: Hops;
  /** Weighted sums of squares of the last 3 s, one for each step. */
  readonly #energies = new Float64Array(SHORT_TERM);
  readonly #integrated = new EnergyHistogram();
  readonly #range = new EnergyHistogram();
  #weights: readonly number[] = [];
  /** Of the step that fills: sums of squares of each channel, and what was weighted of it with other weights. */
  readonly #sums: Float64Array;
  #energy = 0;
  /** That of a window: from a function that answers it, it would be an object each time. */
  readonly #mean = new Float64Array(1);
  #next = 0;
  /** Steps since the last reset, and of these, since the measurement last began or was continued. */
  #sinceReset = 0;
  #inOneGo = 0;
  #measured = 0;
  #paused = false;
  #maxMomentary = 0;
  #maxShortTerm = 0;

  /** @param channels the most that will come */
  constructor(sampleRate: number, channels: number) {
    this.#sampleRate = sampleRate;
    const { shelf, highPass } = kWeighting(sampleRate);
    this.#filters = Array.from(
      { length: channels },
      () => new Filter([...shelf.b, ...shelf.a, ...highPass.b, ...highPass.a]),
    );
    this.#hops = new Hops(sampleRate);
    this.#sums = new Float64Array(channels);
  }

  /**
   * Weights of the channels that come from now on; see `channelWeights`. Without any, nothing is measured, and with the next
   * windows begin anew. Of a channel that is not listened to for a while nothing is left in its filter.
   */
  set weights(weights: readonly number[]) {
    this.#weigh();
    if (this.#weights.length === 0) {
      this.#energies.fill(0);
      this.#energy = 0;
      this.#inOneGo = 0;
    }
    this.#weights = weights;
    for (let channel = 0; channel < this.#filters.length; channel++)
      if (!(weights[channel]! > 0)) this.#filters[channel]!.clear();
  }

  get momentary(): number {
    this.#average(MOMENTARY, MOMENTARY);
    return loudnessOf(this.#mean[0]!);
  }

  get shortTerm(): number {
    this.#average(SHORT_TERM, SHORT_TERM);
    return loudnessOf(this.#mean[0]!);
  }

  /** The highest since the last reset, of sound that came since. */
  get maxMomentary(): number {
    return loudnessOf(this.#maxMomentary);
  }

  get maxShortTerm(): number {
    return loudnessOf(this.#maxShortTerm);
  }

  /** Of all that was measured since the last reset, gated. */
  get integrated(): number {
    return loudnessOf(this.#integrated.gatedMean(INTEGRATED_GATE));
  }

  /** LU, of all that was measured since the last reset; null while nothing of that was above the gate. */
  get range(): number | null {
    const range = this.#range.spread(RANGE_GATE, 0.1, 0.95);
    return range < 0 ? null : range;
  }

  /** Whether enough was measured for `range` to be trusted. */
  get rangeStable(): boolean {
    return this.measured >= STABLE;
  }

  /** Seconds that integrated loudness and range are of. */
  get measured(): number {
    return this.#measured / HOPS_PER_SECOND;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Integrated loudness and range stand still; the others go on. */
  pause(): void {
    this.#paused = true;
  }

  /** Continues both: with blocks that lie wholly behind the pause. */
  resume(): void {
    // Of the step that fills a part may lie before it.
    if (this.#paused) this.#inOneGo = -1;
    this.#paused = false;
  }

  /**
   * Begins integrated loudness, range and maxima anew, with nothing of what came before: a step begins here, too. Momentary and
   * short-term loudness go on.
   * @param over Whether the sound is over: then of these, too, nothing is left
   */
  reset(over = false): void {
    this.#sums.fill(0);
    this.#energy = 0;
    this.#hops.next();
    if (over) this.#energies.fill(0);
    for (const filter of this.#filters) filter.clear();
    this.#integrated.clear();
    this.#range.clear();
    this.#sinceReset = 0;
    this.#inOneGo = 0;
    this.#measured = 0;
    this.#maxMomentary = 0;
    this.#maxShortTerm = 0;
  }

  /** Takes a block of any size, one plane for each channel. */
  process(planes: readonly Float32Array[]): void {
    const channels = Math.min(planes.length, this.#weights.length, this.#filters.length);
    const frames = channels > 0 ? planes[0]!.length : 0;
    const hops = this.#hops;
    for (let from = 0; from < frames;) {
      const to = Math.min(frames, from + hops.left);
      for (let channel = 0; channel < channels; channel++)
        if (this.#weights[channel]! > 0) this.#filters[channel]!.add(planes[channel]!, from, to, this.#sums, channel);
      hops.left -= to - from;
      from = to;
      if (hops.left === 0) this.#step();
    }
  }

  /** Adds up what the channels have. */
  #weigh(): void {
    const channels = Math.min(this.#weights.length, this.#sums.length);
    for (let channel = 0; channel < channels; channel++) this.#energy += this.#weights[channel]! * this.#sums[channel]!;
    this.#sums.fill(0);
  }

  #step(): void {
    this.#weigh();
    this.#energies[this.#next] = this.#energy;
    this.#next = (this.#next + 1) % SHORT_TERM;
    this.#energy = 0;
    this.#hops.next();
    this.#sinceReset++;
    this.#average(MOMENTARY, this.#sinceReset);
    const momentary = this.#mean[0]!;
    this.#average(SHORT_TERM, this.#sinceReset);
    const shortTerm = this.#mean[0]!;
    if (momentary > this.#maxMomentary) this.#maxMomentary = momentary;
    if (shortTerm > this.#maxShortTerm) this.#maxShortTerm = shortTerm;
    if (this.#paused) return;
    this.#measured++;
    this.#inOneGo++;
    if (this.#inOneGo % BLOCK_STEP !== 0) return;
    if (this.#inOneGo >= MOMENTARY) this.#integrated.add(momentary);
    if (this.#inOneGo >= SHORT_TERM) this.#range.add(shortTerm);
  }

  /** Finds the mean energy over a window of `steps`, of which only the last `since` hold sound that counts. */
  #average(steps: number, since: number): void {
    let sum = 0;
    let at = this.#next;
    for (let step = Math.min(steps, since); step > 0; step--) {
      at = at === 0 ? SHORT_TERM - 1 : at - 1;
      sum += this.#energies[at]!;
    }
    this.#mean[0] = (sum * HOPS_PER_SECOND) / (steps * this.#sampleRate);
  }
}

/** Both stages of K-weighting for one channel, in transposed direct form II. */
class Filter {
  readonly #coefficients: Float64Array;
  readonly #state = new Float64Array(4);

  /** @param coefficients b0, b1, b2, a1, a2 of one stage, then of the other */
  constructor(coefficients: readonly number[]) {
    this.#coefficients = new Float64Array(coefficients);
  }

  clear(): void {
    this.#state.fill(0);
  }

  /**
   * Adds the sum of the squares of the weighted samples to `sums[channel]`: for a number that it answers engines may make an
   * object each time.
   */
  add(plane: Float32Array, from: number, to: number, sums: Float64Array, channel: number): void {
    const k = this.#coefficients;
    const b0 = k[0]!;
    const b1 = k[1]!;
    const b2 = k[2]!;
    const a1 = k[3]!;
    const a2 = k[4]!;
    const d0 = k[5]!;
    const d1 = k[6]!;
    const d2 = k[7]!;
    const c1 = k[8]!;
    const c2 = k[9]!;
    const state = this.#state;
    let s1 = state[0]!;
    let s2 = state[1]!;
    let t1 = state[2]!;
    let t2 = state[3]!;
    let sum = 0;
    for (let i = from; i < to; i++) {
      let x = plane[i]!;
      // Infinity less itself is not a number either; one such sample would stay in the filter for ever.
      if (x - x !== 0) x = 0;
      const y = b0 * x + s1;
      s1 = b1 * x - a1 * y + s2;
      s2 = b2 * x - a2 * y;
      const z = d0 * y + t1;
      t1 = d1 * y - c1 * z + t2;
      t2 = d2 * y - c2 * z;
      sum += z * z;
    }
    state[0] = audible(s1);
    state[1] = audible(s2);
    state[2] = audible(t1);
    state[3] = audible(t2);
    sums[channel]! += sum;
  }
}

const audible = (value: number): number => (value < TINY && value > -TINY ? 0 : value);
