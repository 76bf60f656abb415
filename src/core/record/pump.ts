export interface PumpHandlers<T> {
  /** Is awaited, so that values are handled in order; owns the value. */
  each(value: T): void | Promise<void>;
  /** `each` threw. The value is closed, and the next one is read. */
  onFailure(thrown: unknown): void;
  /** The source ended by itself, not by `stop()`. */
  onEnd(): void;
}

/**
 * Reads a stream value by value until it ends or is stopped. What arrives while one is handled waits in the stream,
 * whose own bound drops the oldest. A value that cannot be handled costs that value and never the stream.
 */
export class Pump<T extends { close(): void }> {
  #reader: ReadableStreamDefaultReader<T>;
  #stopped = false;
  /** Resolves when the last value has been handled; never rejects. */
  readonly done: Promise<void>;

  constructor(stream: ReadableStream<T>, handlers: PumpHandlers<T>) {
    this.#reader = stream.getReader();
    this.done = this.#run(handlers);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#reader.cancel().catch(() => {});
  }

  async #run({ each, onFailure, onEnd }: PumpHandlers<T>): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read().catch(() => ({ done: true as const, value: undefined }));
      if (done) break;
      try {
        await each(value);
      } catch (thrown) {
        value.close();
        onFailure(thrown);
      }
    }
    if (!this.#stopped) onEnd();
  }
}
