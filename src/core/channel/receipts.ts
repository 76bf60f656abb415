import type { Clock } from './clock.js';
import { encode } from './wire.js';

/** Receipts wait for each other: this many messages, or this many milliseconds. */
const MESSAGES = 16;
const DELAY = 50;

/** How far this side has what the other one sends, and when it is time to say so. */
export class Receipts {
  /** The last message that came. */
  received = 0;
  readonly #clock: Clock;
  readonly #due: (now: boolean) => void;
  #open = 0;
  #timer: unknown = null;

  /** @param due it is time to tell: in this turn, or `now`, because nothing else is said */
  constructor(clock: Clock, due: (now: boolean) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  /** The next message came. */
  take(): void {
    this.received++;
    if (++this.#open >= MESSAGES) this.#due(false);
    else this.#timer ??= this.#clock.setTimeout(() => this.#due(true), DELAY);
  }

  /** What is to be told beside other things; null where nothing is. */
  get news(): string | null {
    return this.#open > 0 ? this.tell('ack') : null;
  }

  tell(type: 'ack' | 'ping' | 'pong'): string {
    this.settle();
    return encode({ type, received: this.received });
  }

  /** Nothing is left to tell: it was told, or is with the next link. */
  settle(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
    this.#open = 0;
  }
}
