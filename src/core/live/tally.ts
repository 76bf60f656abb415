import type { LiveClock } from './clock.js';

/** Seconds live after which an interruption is another one, and not the last one again. */
const STEADY = 2;

/** And seconds after which one has nothing to do with the one before. */
const BRIEF = 30;

/**
 * Milliseconds for which a broadcast counts as live that nobody looks at: each second somebody does. No page is held up for that
 * long, but machines sleep for hours.
 */
const UNSEEN = 10_000;

/** Counts what a broadcast went through. */
export class Tally {
  readonly #clock: LiveClock;
  /** Whether it was live before. */
  wasLive = false;
  /** Whether nothing is published any more. */
  isOver = false;
  /** Attempts to publish, and to begin ICE anew, since it was live for some time. */
  attempts = 0;
  restarts = 0;
  /** How often in a row it was live only briefly. */
  brief = 0;
  /** Seconds that the slowest attempt took which succeeded. */
  slowest = 0;
  #all = 0;
  #recoveries = 0;
  #recoveryTime: number | null = null;
  #uptime = 0;
  #liveAt: number | null = null;
  #seenAt = 0;
  #lostAt: number | null = null;
  #beganAt = 0;

  constructor(clock: LiveClock) {
    this.#clock = clock;
  }

  /** Seconds since the last attempt began. */
  get elapsed(): number {
    return (this.#clock.now() - this.#beganAt) / 1000;
  }

  /** Seconds since it is live; 0 while it is not. */
  get liveFor(): number {
    return this.#liveAt === null ? 0 : (Math.min(this.#clock.now(), this.#seenAt + UNSEEN) - this.#liveAt) / 1000;
  }

  /** It is looked at: what does not count until now does not from now on. */
  seen(): void {
    const now = this.#clock.now();
    if (this.#liveAt !== null) this.#liveAt = now - this.liveFor * 1000;
    this.#seenAt = now;
  }

  /** @param restart Of ICE only */
  begin(restart = false): void {
    this.#all++;
    if (restart) this.restarts++;
    else this.attempts++;
    this.#beganAt = this.#clock.now();
  }

  connected(): void {
    this.slowest = Math.max(this.slowest, this.elapsed);
  }

  live(): void {
    const now = this.#clock.now();
    if (this.#lostAt !== null) {
      this.#recoveries++;
      this.#recoveryTime = (now - this.#lostAt) / 1000;
    }
    this.#lostAt = null;
    this.#liveAt = this.#seenAt = now;
    this.wasLive = true;
  }

  interrupted(): void {
    const { liveFor } = this;
    this.#uptime += liveFor;
    this.brief = liveFor < BRIEF ? this.brief + 1 : 0;
    // A server that ends each session at once is not to be asked for one after the other.
    if (liveFor >= STEADY) this.attempts = this.restarts = 0;
    this.#liveAt = null;
    this.#lostAt = this.#clock.now();
  }

  figures() {
    return {
      uptime: this.#uptime + this.liveFor,
      attempts: this.#all,
      recoveries: this.#recoveries,
      recoveryTime: this.#recoveryTime,
    };
  }
}
