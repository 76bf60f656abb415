/** Steps in a second: windows move on by 10 ms, a tenth of what makes a meter miss short peaks (Tech 3341, case 13). */
export const HOPS_PER_SECOND = 100;

/** Cuts a stream of samples into steps of 10 ms. Where these are no whole samples, some are one longer, and none drifts. */
export class Hops {
  readonly #whole: number;
  readonly #rest: number;
  #owed = 0;
  /** Frames until the step is full. */
  left = 0;

  constructor(sampleRate: number) {
    this.#whole = Math.floor(sampleRate / HOPS_PER_SECOND);
    this.#rest = sampleRate - this.#whole * HOPS_PER_SECOND;
    this.next();
  }

  /** Begins another step. */
  next(): void {
    this.left = this.#whole;
    this.#owed += this.#rest;
    if (this.#owed >= HOPS_PER_SECOND) {
      this.#owed -= HOPS_PER_SECOND;
      this.left++;
    }
  }
}
