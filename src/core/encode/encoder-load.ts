interface Inside {
  /** Seconds, when it was given. */
  since: number;
  /** Whether the source made it: a picture that is shown again is no loss. */
  made: boolean;
  /** When that was; null where nobody says. */
  from: number | null;
}

/** The way of one picture through an encoder. Seconds. */
export interface Passage {
  /** From giving to getting. */
  readonly latency: number;
  /** Of that, the encoder was at work on it; the rest it waited. */
  readonly work: number;
  /** When the source made it, as it was given; null where nobody said. */
  readonly from: number | null;
}

const NOWHERE: Passage = { latency: 0, work: 0, from: null };

/** How an encoder did since the last look. */
export interface EncoderWork {
  /** Seconds in which it had a picture to work on, of those that came out. */
  busy: number;
  /** Seconds from giving to getting, the mean of those that came out; or, where that is more, the age of the oldest inside. */
  latency: number;
}

/**
 * What an encoder holds, and how hard it works, from when pictures go in and come out. Times are seconds on a clock that
 * never steps back.
 *
 * Some encoders, mostly hardware, give a picture out when they are given the next one. That is how they are made and no
 * work: how many pictures they keep is learnt from the fewest that were ever inside when another came.
 */
export class EncoderLoad {
  #inside: Inside[] = [];
  #kept = Infinity;
  #lastOut = -Infinity;
  #given = 0;
  #busy = 0;
  #latency = { sum: 0, count: 0 };

  get empty(): boolean {
    return this.#inside.length === 0;
  }

  /** When the oldest picture inside was given; null when there is none. */
  get oldest(): number | null {
    return this.#inside[0]?.since ?? null;
  }

  /** Since when the encoder owes a picture; null when it owes none. */
  get owing(): number | null {
    const next = this.#inside[this.#kept];
    return next === undefined ? null : Math.max(next.since, this.#lastOut);
  }

  give(now: number, made: boolean, from: number | null = null): void {
    if (this.#given++ > 0) this.#kept = Math.min(this.#kept, this.#inside.length);
    this.#inside.push({ since: now, made, from });
  }

  /** A picture has come out; answers how it went. */
  out(now: number): Passage {
    const cause = this.#inside[Math.min(this.#kept, this.#inside.length - 1)];
    const first = this.#inside.shift();
    if (!first || !cause) return NOWHERE;
    const work = Math.max(0, now - Math.max(cause.since, this.#lastOut));
    this.#busy += work;
    this.#lastOut = now;
    const latency = Math.max(0, now - first.since);
    this.#latency.sum += latency;
    this.#latency.count++;
    return { latency, work, from: first.from };
  }

  /** The encoder is gone; answers how many pictures of the source went with it. Another one may keep more, or fewer. */
  lose(): number {
    const lost = this.#inside.filter(({ made }) => made).length;
    this.#inside = [];
    this.#kept = Infinity;
    this.#given = 0;
    this.#lastOut = -Infinity;
    return lost;
  }

  /** How it did since the last call. */
  look(now: number): EncoderWork {
    const { sum, count } = this.#latency;
    const mean = count > 0 ? sum / count : 0;
    const work = { busy: this.#busy, latency: Math.max(mean, this.owing === null ? 0 : now - this.oldest!) };
    this.#busy = 0;
    this.#latency = { sum: 0, count: 0 };
    return work;
  }
}
