import { OnAirError } from '../../core/errors.js';
import { fault } from '../../core/faults.js';
import type { Recovery, RecordingStore } from '../../core/record/index.js';

/** Milliseconds. A tab that dies lets go of its lock, and of its file a little later, of which nothing tells. */
const AGAIN = 1000;

/** Recovers what a store lists as interrupted, as soon as it is seen: one after the other, and each only once. */
export class AutoRecovery {
  readonly #store: RecordingStore;
  readonly #told: (recovery: Recovery) => void;
  /** What did not work is not tried again before somebody asks for it. */
  readonly #tried = new Set<string>();
  /** In the order in which they are recovered, with the one that is being so. */
  readonly #waiting = new Set<string>();
  #running: string | null = null;
  #busy = false;
  #wanted = false;

  constructor(store: RecordingStore, told: (recovery: Recovery) => void) {
    this.#store = store;
    this.#told = told;
  }

  /** Whether it is about to be recovered, or being so. */
  isWaiting(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** Begins no other recovery before the next look; the one that runs goes on. */
  stop(): void {
    this.#wanted = false;
    for (const id of this.#waiting) {
      if (id === this.#running) continue;
      this.#waiting.delete(id);
      this.#tried.delete(id);
    }
  }

  look(): void {
    this.#wanted = true;
    for (const { id, state } of this.#store.store.get().recordings) {
      if (state !== 'interrupted' || this.#tried.has(id)) continue;
      this.#tried.add(id);
      this.#waiting.add(id);
    }
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (const id of this.#waiting) await this.#recover(id);
    this.#busy = false;
  }

  async #recover(id: string): Promise<void> {
    this.#running = id;
    try {
      const recording = await this.#store.recover(id);
      this.#end(id, { id, recording, error: null });
    } catch (thrown) {
      const error = thrown instanceof OnAirError ? thrown : fault('disk-failed', {}, { cause: thrown });
      // Somebody else works on it; should they fail, or be gone already, it is a new case.
      if (error.code === 'recording-live') {
        this.#tried.delete(id);
        setTimeout(() => this.#wanted && this.look(), AGAIN);
      }
      this.#end(id, { id, recording: null, error });
    }
  }

  #end(id: string, recovery: Recovery): void {
    this.#waiting.delete(id);
    // Whoever is told may stop the others.
    this.#running = null;
    this.#told(recovery);
  }
}
