import type { Clock } from './clock.js';

export interface HeartbeatOptions {
  /** Seconds of silence after which the other side is asked whether it is there. Default 5. */
  interval?: number;
  /** Seconds that it has to answer, or to say anything else. Default 5. */
  timeout?: number;
}

/** A timer that comes this much too late was held back: a hidden page, or a machine that slept. */
const LATE = 1000;

/**
 * Watches a link. Anything that comes is a sign of life, so that a busy link is never asked. A timer that comes late
 * proves nothing (a hidden page has one a minute): what may have come meanwhile is still in the queue, and so it is asked
 * once more before it is judged.
 */
export class Heartbeat {
  readonly #interval: number;
  readonly #timeout: number;
  readonly #clock: Clock;
  readonly #ask: () => void;
  readonly #onSilent: () => void;
  readonly #moves: () => boolean;
  #timer: unknown = null;
  #due = 0;
  #heardAt = 0;
  /** When it was asked what it has not answered; NaN when nothing is open. */
  #askedAt = NaN;
  #doubted = false;

  /** @param link `ask` sends a ping; `moves` tells whether what was queued has become less since it was last asked */
  constructor(
    { interval = 5, timeout = 5 }: HeartbeatOptions,
    clock: Clock,
    link: { ask(): void; moves(): boolean; onSilent(): void },
  ) {
    this.#interval = interval * 1000;
    this.#timeout = timeout * 1000;
    this.#clock = clock;
    this.#ask = link.ask;
    this.#moves = link.moves;
    this.#onSilent = link.onSilent;
  }

  start(): void {
    this.heard();
    this.#schedule(this.#interval);
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#askedAt = NaN;
    this.#doubted = false;
  }

  /** Something came. */
  heard(): void {
    this.#heardAt = this.#clock.now();
    this.#askedAt = NaN;
    this.#doubted = false;
  }

  /** Asks now: the page came back, or the network did. */
  probe(): void {
    this.#ask();
    this.#askedAt = this.#clock.now();
    this.#schedule(this.#timeout);
  }

  #look(): void {
    const now = this.#clock.now();
    const late = now - this.#due > LATE;
    const quiet = now - this.#heardAt;
    if (this.#askedAt !== this.#askedAt) {
      if (quiet >= this.#interval) this.probe();
      else this.#schedule(this.#interval - quiet);
    } else if (this.#moves()) this.#schedule(this.#timeout);
    else if (late && !this.#doubted) {
      this.#doubted = true;
      this.probe();
    } else this.#onSilent();
  }

  #schedule(delay: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#due = this.#clock.now() + delay;
    this.#timer = this.#clock.setTimeout(() => this.#look(), delay);
  }
}
