import type { Clock } from './clock.js';

export interface HeartbeatOptions {
  /** Seconds of silence after which the other side is asked whether it is there. Default 5. */
  interval?: number;
  /**
   * Seconds that it has to answer, or to say anything else. Default 5. Where a link was silent, the next one is asked twice
   * as often before it is given up, until something comes after its welcome.
   */
  timeout?: number;
}

/** A timer that comes this much too late was held back: a hidden page, or a machine that slept. */
const LATE = 1000;

/**
 * Watches a link. Anything that comes is a sign of life, so that a busy link is never asked. A timer that comes late
 * proves nothing (a hidden page has one a minute): what may have come meanwhile is still in the queue, and so it is asked
 * once more before it is judged.
 *
 * Of a message nothing is heard before all of it is there. One that takes longer than a link may be silent would cost that
 * and all after it, so that each is asked twice as often as the one before; the server hears meanwhile that it is wanted.
 */
export class Heartbeat {
  readonly #interval: number;
  readonly #timeout: number;
  readonly #clock: Clock;
  readonly #link: { ask(): void; moves(): boolean; onSilent(): void };
  #timer: unknown = null;
  #due = 0;
  #heardAt = 0;
  /** How often it was asked since something came. */
  #asked = 0;
  #doubted = false;
  #welcomed = false;
  /** How often a link is asked that was welcomed. */
  #patience = 1;

  /** @param link `ask` sends a ping; `moves` tells whether what was queued has become less since it was last asked */
  constructor(
    { interval = 5, timeout = 5 }: HeartbeatOptions,
    clock: Clock,
    link: { ask(): void; moves(): boolean; onSilent(): void },
  ) {
    this.#interval = interval * 1000;
    this.#timeout = timeout * 1000;
    this.#clock = clock;
    this.#link = link;
  }

  /** It was welcomed. */
  start(): void {
    this.heard();
    this.#welcomed = true;
    this.#schedule(this.#interval);
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#asked = 0;
    this.#doubted = this.#welcomed = false;
  }

  /** Something came. */
  heard(): void {
    this.#heardAt = this.#clock.now();
    this.#asked = 0;
    this.#doubted = false;
    if (this.#welcomed) this.#patience = 1;
  }

  /** Asks now: the page came back, or the network did. */
  probe(): void {
    this.#link.ask();
    this.#asked++;
    this.#schedule(this.#timeout);
  }

  #look(): void {
    const now = this.#clock.now();
    const late = now - this.#due > LATE;
    const quiet = now - this.#heardAt;
    if (this.#asked === 0) {
      if (quiet >= this.#interval) this.probe();
      else this.#schedule(this.#interval - quiet);
    } else if (this.#link.moves()) this.#schedule(this.#timeout);
    else if (late && !this.#doubted) {
      this.#doubted = true;
      this.probe();
    } else if (this.#welcomed && this.#asked < this.#patience) this.probe();
    else {
      if (this.#welcomed) this.#patience *= 2;
      this.#link.onSilent();
    }
  }

  #schedule(delay: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#due = this.#clock.now() + delay;
    this.#timer = this.#clock.setTimeout(() => this.#look(), delay);
  }
}
