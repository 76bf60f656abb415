/**
 * Reads a stream value by value until it ends or is stopped. `each` is awaited, so that values are handled in order;
 * what arrives meanwhile waits in the stream, whose own bound drops the oldest.
 */
export class Pump<T> {
  #reader: ReadableStreamDefaultReader<T>;
  #stopped = false;
  readonly done: Promise<void>;

  /** @param onEnd called when the source ended by itself, not after `stop()` */
  constructor(stream: ReadableStream<T>, each: (value: T) => void | Promise<void>, onEnd: () => void) {
    this.#reader = stream.getReader();
    this.done = this.#run(each, onEnd);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#reader.cancel().catch(() => {});
  }

  async #run(each: (value: T) => void | Promise<void>, onEnd: () => void): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read().catch(() => ({ done: true as const, value: undefined }));
      if (done) break;
      await each(value);
    }
    if (!this.#stopped) onEnd();
  }
}
