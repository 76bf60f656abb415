/** Seconds that an encoder may owe what it was given, its first or its next: cold hardware wakes sooner. */
const STALLED = 3;

/** Watches for an encoder that stalls: seen at two looks, because after the worker was held up what came out waits. */
export class StallWatch {
  #seen = false;

  /** Answers why the encoder is to be let go; null while it is not. @param owing since when it owes something, in seconds */
  look(owing: number | null, now: number): string | null {
    const stalled = owing !== null && now - owing > STALLED;
    const twice = stalled && this.#seen;
    this.#seen = stalled && !twice;
    return twice ? `Nothing came out for ${STALLED} s.` : null;
  }
}
