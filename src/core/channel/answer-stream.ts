import type { OnAirError } from '../errors.js';
import type { ChannelMessage } from './message.js';
import { utf8 } from './wire.js';
import { fault } from './words.js';

/** Parts that nobody has taken yet, and their bytes: one more is taken in while there are fewer. */
const MOST_PARTS = 1024;
const MOST_BYTES = 8 * 1024 * 1024;

type Result = IteratorResult<ChannelMessage, undefined>;

/** Parts of an answer, for one reader. A reader that is so slow that too many wait gets a fault instead of the rest. */
export class AnswerStream implements AsyncIterableIterator<ChannelMessage, undefined> {
  readonly #cancel: () => void;
  #parts: { part: ChannelMessage; size: number }[] = [];
  #bytes = 0;
  #waiting: { resolve(result: Result): void; reject(error: OnAirError): void }[] = [];
  #ended = false;
  #error: OnAirError | null = null;

  /** @param cancel tells the server that nothing more is wanted */
  constructor(cancel: () => void) {
    this.#cancel = cancel;
  }

  add(part: ChannelMessage): void {
    const reader = this.#waiting.shift();
    if (reader) return reader.resolve({ done: false, value: part });
    if (this.#parts.length < MOST_PARTS && this.#bytes < MOST_BYTES) {
      const size = utf8(JSON.stringify(part.data)).length + (part.bytes?.length ?? 0);
      this.#bytes += size;
      this.#parts.push({ part, size });
    } else {
      this.#cancel();
      this.fail(fault('buffer-full', {}, { fatal: false }));
    }
  }

  /** @param last what came with the end */
  end(last: ChannelMessage | null): void {
    if (last) this.add(last);
    this.#ended = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }

  fail(error: OnAirError): void {
    this.#ended = true;
    const [first, ...others] = this.#waiting.splice(0);
    // A fault is thrown once, after what came before it.
    if (first) first.reject(error);
    else this.#error = error;
    for (const { resolve } of others) resolve({ done: true, value: undefined });
  }

  async next(): Promise<Result> {
    const first = this.#parts.shift();
    if (first) {
      this.#bytes -= first.size;
      return { done: false, value: first.part };
    }
    const error = this.#error;
    this.#error = null;
    if (error) throw error;
    if (this.#ended) return { done: true, value: undefined };
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** The loop was left. */
  async return(): Promise<Result> {
    if (!this.#ended) this.#cancel();
    this.#parts = [];
    this.#bytes = 0;
    this.#error = null;
    this.end(null);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
