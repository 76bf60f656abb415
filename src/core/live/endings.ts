import { pause, within, type LiveClock } from './clock.js';
import type { WhipSession } from './whip-session.js';

/** Sessions that are asked for at a time: of a server that ends none at all there would be more and more. */
const MOST = 8;

/**
 * Sessions that the server may still have, although we are done with them. Each is ended as often as it takes. They outlast
 * the broadcast: the one after it may find them in its way.
 */
export class Endings {
  readonly #owed = new Set<WhipSession>();
  readonly #pending = new Set<Promise<void>>();
  readonly #clock: LiveClock;

  constructor(clock: LiveClock) {
    this.#clock = clock;
  }

  /** Whether there is any, or may be. */
  get isOwing(): boolean {
    return this.#owed.size + this.#pending.size > 0;
  }

  add(session: WhipSession | null): void {
    if (session) this.#owed.add(session);
    for (const oldest of this.#owed) if (this.#owed.size > MOST) this.#owed.delete(oldest);
  }

  /** An offer is on its way. @param done settles when somebody has the session, or it is ended */
  expect(done: Promise<void>): void {
    this.#pending.add(done);
    void done.then(() => this.#pending.delete(done));
  }

  /** Asks the server to end one; settles when that was tried. */
  async end(session: WhipSession): Promise<void> {
    this.add(session);
    await session.close().then(
      () => this.#owed.delete(session),
      () => {},
    );
  }

  /**
   * Asks the server to end all of them; settles when it has, or after so many seconds, and then goes on beside.
   * @param offers whether to wait for offers on their way, too
   */
  async settle(seconds: number, offers = false): Promise<void> {
    const all = [...[...this.#owed].map((session) => this.end(session)), ...(offers ? this.#pending : [])];
    if (all.length > 0)
      await within(Promise.all(all), seconds, { clock: this.#clock, late: () => new Error() }).catch(() => {});
  }

  /** The same with patience: nobody else will ask. Settles when all are ended, or nothing helps. */
  async settleAll(delays: readonly number[], seconds: number): Promise<void> {
    for (const delay of delays) {
      if (!this.isOwing) return;
      await pause(delay, this.#clock);
      await this.settle(seconds, true);
    }
  }
}
