import type { FromWorker } from './protocol.js';

/** Seconds without a word after which a worker that is to make an end is given up, ... */
const PATIENCE = 10;
/** ... and bytes for which it may take one more: to walk through them, or to bring them to a slow disk, takes no words. */
const SILENT_BYTES = 20e6;

/** Words after which nothing is waited for. */
const LAST: readonly FromWorker['type'][] = ['finished', 'failed', 'discarded'];

/** Waits for the last word of a worker: one that hangs does not say so. */
export class LastWord {
  #late: ReturnType<typeof setTimeout> | undefined;
  /** Bytes on disk. */
  #size = 0;
  #thrown = false;

  /** @param giveUp called when it has said nothing for too long */
  constructor(private readonly giveUp: () => void) {}

  /** It was told to make an end. */
  expect(): void {
    clearTimeout(this.#late);
    this.#late = setTimeout(this.giveUp, (PATIENCE + this.#size / SILENT_BYTES) * 1000);
  }

  /** Something threw in it. It lives, but nobody knows what it still can: that it tells how far it is means nothing more. */
  doubt(): void {
    this.#thrown = true;
    this.expect();
  }

  hear(message: FromWorker): void {
    if (LAST.includes(message.type)) this.close();
    else if (this.#late && this.#isSignOfLife(message)) this.expect();
    if (message.type === 'progress') this.#size = message.size;
    // It makes an end by itself: the time that was set is over, or the storage is full.
    if (message.type === 'state' && message.state === 'finishing') this.expect();
  }

  close(): void {
    clearTimeout(this.#late);
    this.#late = undefined;
  }

  #isSignOfLife(message: FromWorker): boolean {
    if (message.type === 'progress') return !this.#thrown && message.size > this.#size;
    return message.type === 'state' || message.type === 'copied';
  }
}
