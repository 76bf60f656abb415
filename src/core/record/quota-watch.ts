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
  #rate = 0;
  /** Bytes that the take has taken, and had when `left` was told. */
  #taken = 0;
  #takenThen = 0;
  /** Bytes that a copy of what is there would still have to be given. */
  #lacking = 0;
  #asking = false;
  /** Whether finishing makes a second copy of the media. */
  #copies = false;

  private constructor(
    private left: number,
    private readonly reserve: number,
  ) {}

  /** @throws OnAirError `disk-full` when there is no room to begin with */
  static async open(): Promise<QuotaWatch | null> {
    const room = await askRoom();
    if (!room) return null;
    const watch = new QuotaWatch(room.left, Math.min(RESERVE, room.quota * RESERVE_SHARE));
    if (watch.#reached) throw fault('disk-full');
    return watch;
  }

  /**
   * From here on finishing makes a copy. May be told again.
   * @throws OnAirError `disk-full` when there is no room for one of what is there
   */
  copy(): void {
    if (this.#copies) return;
    this.#copies = true;
    if (this.#reached) throw fault('disk-full');
  }

  /**
   * Takes note of the take's size and of what is set aside for its copy (bytes), and of its duration (seconds). Answers
   * whether it is to end.
   */
  look(size: number, setAside: number, duration: number): boolean {
    this.#taken = size + setAside;
    this.#lacking = Math.max(0, size - setAside);
    if (duration > 0) this.#rate = size / duration;
    if (!this.#asking) void this.#ask(this.#taken);
    return this.#reached;
  }

  async #ask(taken: number): Promise<void> {
    this.#asking = true;
    const room = await askRoom();
    this.#asking = false;
    if (!room) return;
    this.left = room.left;
    this.#takenThen = taken;
  }

  /** Bytes that the take may still grow by. */
  get #room(): number {
    const left = this.left - (this.#taken - this.#takenThen) - this.reserve;
    return this.#copies ? (left - this.#lacking) / 2 : left;
  }

  get #reached(): boolean {
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
