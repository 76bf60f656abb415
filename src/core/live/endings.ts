import { pause, within, type LiveClock } from './clock.js';
import type { WhipSession } from './whip-session.js';

/** Sessions that the server may still have, although we are done with them. Each is ended as often as it takes. */
export class Endings {
  readonly #owed = new Set<WhipSession>();
  readonly #clock: LiveClock;

  constructor(clock: LiveClock) {
    this.#clock = clock;
  }

  add(session: WhipSession | null): void {
    if (session) this.#owed.add(session);
  }

  /** Asks the server to end all of them; settles when it has, or after so many seconds, and then goes on beside. */
  async settle(seconds: number): Promise<void> {
    const all = [...this.#owed].map((session) =>
      session.close().then(
        () => this.#owed.delete(session),
        () => false,
      ),
    );
    if (all.length > 0)
      await within(Promise.all(all), seconds, { clock: this.#clock, late: () => new Error() }).catch(() => {});
  }

  /** The same with patience: nobody else will ask. Settles when all are ended, or nothing helps. */
  async settleAll(delays: readonly number[], seconds: number): Promise<void> {
    for (const delay of delays) {
      if (this.#owed.size === 0) return;
      await pause(delay, this.#clock);
      await this.settle(seconds);
    }
  }
}
