import { ASLEEP } from './page-watch.js';

/** For how long nothing was heard of a take that runs. It has no timer: ask once a second or so. */
export class TakeSilence {
  readonly #recorded: () => number | null;
  readonly #now: () => number;
  #told: number | null = null;
  #heardAt = 0;
  #lookedAt = 0;

  /**
   * @param recorded seconds of takes that were told so far; null while none runs
   * @param now milliseconds that never step back
   */
  constructor(recorded: () => number | null, now: () => number) {
    this.#recorded = recorded;
    this.#now = now;
  }

  /**
   * Seconds up to the look before, if it still is silent: the page has had the time since to hear of it, also where it was
   * blocked itself. Null while no take runs.
   */
  look(): number | null {
    const now = this.#now() / 1000;
    const recorded = this.#recorded();
    if (recorded === null || recorded !== this.#told || now - this.#lookedAt > ASLEEP) this.#heardAt = now;
    this.#told = recorded;
    const silent = Math.max(0, this.#lookedAt - this.#heardAt);
    this.#lookedAt = now;
    return recorded === null ? null : silent;
  }
}
