import { energyOf, loudnessOf } from './decibels.js';

/** LUFS: the absolute gate, below which nothing counts, and the top, above which all is one bin. */
const LOWEST = -70;
const HIGHEST = 10;
const BINS_PER_LU = 20;
const BINS = (HIGHEST - LOWEST) * BINS_PER_LU;
const GATE = energyOf(LOWEST);

/**
 * Blocks by their loudness, in constant memory (19 kB). Each bin keeps its sum, so that means are exact; only blocks in
 * the one bin of 0.05 LU that a relative gate lies in are let in or left out together.
 */
export class EnergyHistogram {
  readonly #counts = new Uint32Array(BINS);
  readonly #sums = new Float64Array(BINS);
  #first = BINS;
  #last = -1;

  /** Takes a block that is above the absolute gate. */
  add(energy: number): void {
    if (!(energy > GATE)) return;
    const bin = binOf(loudnessOf(energy));
    this.#counts[bin]!++;
    this.#sums[bin]! += energy;
    if (bin < this.#first) this.#first = bin;
    if (bin > this.#last) this.#last = bin;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#sums.fill(0);
    this.#first = BINS;
    this.#last = -1;
  }

  /** Mean energy of the blocks that are no more than `below` LU below the mean of all; 0 without any. */
  gatedMean(below: number): number {
    return this.#mean(this.#gate(below));
  }

  /** LU between two percentiles (0 to 1, nearest rank) of the blocks above the relative gate; -1 without any. */
  spread(below: number, low: number, high: number): number {
    const from = this.#gate(below);
    let count = 0;
    for (let bin = from; bin <= this.#last; bin++) count += this.#counts[bin]!;
    if (count === 0) return -1;
    return (
      this.#percentile(from, Math.round((count - 1) * high)) - this.#percentile(from, Math.round((count - 1) * low))
    );
  }

  /** The first bin above the relative gate. */
  #gate(below: number): number {
    const mean = this.#mean(this.#first);
    if (mean === 0) return this.#first;
    const threshold = loudnessOf(mean) - below;
    let bin = Math.max(this.#first, threshold > LOWEST ? binOf(threshold) : 0);
    // Of the bin that the gate lies in, by the mean of those in it.
    if (this.#counts[bin]! > 0 && loudnessOf(this.#sums[bin]! / this.#counts[bin]!) <= threshold) bin++;
    return bin;
  }

  #mean(from: number): number {
    let count = 0;
    let sum = 0;
    for (let bin = from; bin <= this.#last; bin++) {
      count += this.#counts[bin]!;
      sum += this.#sums[bin]!;
    }
    return count > 0 ? sum / count : 0;
  }

  #percentile(from: number, rank: number): number {
    let seen = 0;
    for (let bin = from; bin <= this.#last; bin++) {
      seen += this.#counts[bin]!;
      if (seen > rank) return loudnessOf(this.#sums[bin]! / this.#counts[bin]!);
    }
    return 0;
  }
}

const binOf = (lufs: number): number => Math.min(BINS - 1, Math.max(0, Math.floor((lufs - LOWEST) * BINS_PER_LU)));
