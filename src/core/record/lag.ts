/**
 * The smallest lag between when media was made and when it arrived, over the last seconds.
 *
 * Arrival jitters, but only ever late: the minimum is the transport's own delay, and what moves it is a clock that
 * drifts or samples that are gone. Memory is constant: one value for each tenth of a second.
 */
export class Lag {
  #bins: Float64Array;
  #newest = -1;

  /** @param horizon seconds that are looked back */
  constructor(readonly horizon = 2.5) {
    this.#bins = new Float64Array(Math.ceil(horizon * 10)).fill(Infinity);
  }

  /** @param arrival seconds on the clock of arrival; @param made seconds on the medium's own clock */
  add(arrival: number, made: number): void {
    const bin = Math.floor(arrival * 10);
    if (this.#newest < 0) this.#newest = bin;
    const skipped = Math.min(bin - this.#newest, this.#bins.length);
    for (let step = 1; step <= skipped; step++) this.#bins[(this.#newest + step) % this.#bins.length] = Infinity;
    this.#newest = Math.max(bin, this.#newest);
    const slot = bin % this.#bins.length;
    this.#bins[slot] = Math.min(this.#bins[slot]!, arrival - made);
  }

  /** Seconds; Infinity before anything arrived. */
  get least(): number {
    let least = Infinity;
    for (const value of this.#bins) if (value < least) least = value;
    return least;
  }
}
