import type { Clock } from '../../../src/core/channel/clock.js';

/** Time that goes on only when it is told to. */
export class ManualClock implements Clock {
  #now = 0;
  #timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delay: number): unknown {
    const timer = { at: this.#now + delay, callback };
    this.#timers.push(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }

  /** How many are set. */
  get timers(): number {
    return this.#timers.length;
  }

  /** Lets time go by, with each timer at its time. @param milliseconds */
  pass(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#now = next.at;
      this.#fire(next);
    }
    this.#now = end;
  }

  /** Lets time go by without timers, as in a page that is held; those that are due come at its end, late. */
  sleep(milliseconds: number): void {
    this.#now += milliseconds;
    for (let next = this.#next(this.#now); next; next = this.#next(this.#now)) this.#fire(next);
  }

  #next(until: number) {
    return this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  }

  #fire(timer: { callback: () => void }): void {
    this.clearTimeout(timer);
    timer.callback();
  }
}
