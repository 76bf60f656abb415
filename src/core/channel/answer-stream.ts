import type { OnAirError } from '../errors.js';
import type { ChannelMessage } from './message.js';
import { fault } from './words.js';

/** Parts that nobody has taken yet. */
const MOST_PARTS = 1024;

type Result = IteratorResult<ChannelMessage, undefined>;

/** Parts of an answer, for one reader. A reader that is so slow that too many wait gets a fault instead of the rest. */
export class AnswerStream implements AsyncIterableIterator<ChannelMessage, undefined> {
  readonly #cancel: () => void;
  #parts: ChannelMessage[] = [];
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
    this.#parts.push(part);
    if (this.#parts.length <= MOST_PARTS) return;
    this.#cancel();
    this.fail(fault('buffer-full', {}, { fatal: false }));
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
    const part = this.#parts.shift();
    if (part) return { done: false, value: part };
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
    this.#error = null;
    this.end(null);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
