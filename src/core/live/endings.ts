import { pause, within, type LiveClock } from './clock.js';
import type { LivePlatform } from './platform.js';
import type { WhipSession } from './whip-session.js';

/** Sessions that are asked for at a time: of a server that ends none at all there would be more and more. */
const MOST = 8;

/** Seconds between trials to end a session that nobody will publish after: somebody may wait for the first, */
const LAST_TRIALS: readonly number[] = [0, 1, 3];
/** and nobody for those that fill a minute, in which servers are back, and forget sessions by themselves. */
const LATE_TRIALS: readonly number[] = [6, 10, 20, 20];

type Page = LiveClock & Partial<Pick<LivePlatform, 'window'>>;

/**
 * Sessions that the server may still have, although we are done with them. Each is ended as often as it takes. They outlast
 * the broadcast: the one after it may find them in its way.
 */
export class Endings {
  readonly #owed = new Set<WhipSession>();
  readonly #pending = new Set<Promise<void>>();
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
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
    if (all.length > 0) await within(Promise.all(all), seconds, { clock: this.#page }).catch(() => {});
  }

  /** The same with patience: nobody else will ask. Settles when all are ended, or that takes long, and then goes on beside. */
  async settleLast(seconds: number): Promise<void> {
    await this.settleAll(LAST_TRIALS, seconds);
    void this.settleAll(LATE_TRIALS, seconds);
  }

  /**
   * Settles when all are ended, or nothing helps.
   * @param delays before each trial, but for a network that comes back
   */
  async settleAll(delays: readonly number[], seconds: number): Promise<void> {
    for (const delay of delays) {
      if (!this.isOwing) return;
      const over = new AbortController();
      const end = () => over.abort();
      this.#page.window?.addEventListener('online', end, { signal: over.signal });
      await pause(delay, this.#page, over.signal);
      end();
      await this.settle(seconds, true);
    }
  }
}
