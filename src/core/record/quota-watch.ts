import { fault } from '../faults.js';

/** Bytes that are left free: the index of the file is written at its end, and other storage of the page goes on. */
const RESERVE = 25 * 2 ** 20;
/** The same, where the whole quota is small. */
const RESERVE_SHARE = 0.05;

/**
 * Knows when storage will be used up, so that a take ends whole before it is.
 *
 * The browser's figure is asked for again and again, because other takes and other tabs use the same quota; between two
 * answers our own bytes are counted.
 */
export class QuotaWatch {
  #left: number;
  #sizeThen = 0;
  #rate = 0;
  #size = 0;
  #asking = false;

  private constructor(
    left: number,
    private readonly reserve: number,
    /** Whether finishing makes a second copy of the media. */
    private readonly copies: boolean,
  ) {
    this.#left = left;
  }

  /** @throws OnAirError `disk-full` when there is no room to begin with */
  static async open(copies: boolean): Promise<QuotaWatch | null> {
    const room = await askRoom();
    if (!room) return null;
    const watch = new QuotaWatch(room.left, Math.min(RESERVE, room.quota * RESERVE_SHARE), copies);
    if (watch.reached) throw fault('disk-full');
    return watch;
  }

  /** Takes note of the take's size (bytes) and duration (seconds). */
  look(size: number, duration: number): void {
    this.#size = size;
    if (duration > 0) this.#rate = size / duration;
    if (this.#asking) return;
    this.#asking = true;
    void askRoom().then((room) => {
      this.#asking = false;
      if (!room) return;
      this.#left = room.left;
      this.#sizeThen = size;
    });
  }

  /** Bytes that the take may still grow by. */
  get #room(): number {
    const left = this.#left - (this.#size - this.#sizeThen) - this.reserve;
    return this.copies ? (left - this.#size) / 2 : left;
  }

  get reached(): boolean {
    // Two seconds ahead, because it is looked at once a second.
    return this.#room < 2 * this.#rate;
  }

  get secondsLeft(): number | null {
    return this.#rate > 0 ? Math.max(0, this.#room / this.#rate) : null;
  }
}

/** Null where the browser does not tell. */
export async function askRoom(): Promise<{ left: number; quota: number } | null> {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined || usage === undefined ? null : { left: quota - usage, quota };
  } catch {
    return null;
  }
}
