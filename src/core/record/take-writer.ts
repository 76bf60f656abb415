import type { DiskFile } from './disk.js';

/** A flush may take this share of the time between two; a slower disk is flushed less often. */
const FLUSH_SHARE = 0.1;
/** The interval is stretched to at most this many times what was asked for. */
export const MOST_STRETCH = 5;

/**
 * Writes a take's bytes as they come. What is written outlives the process without a flush (seen after SIGKILL); a
 * flush is for the loss of power, after `flushBytes` or `flushInterval`, whichever is first.
 */
export class TakeWriter {
  #size: number;
  #unflushed = 0;
  #flushedAt: number;
  #interval: number;

  constructor(
    readonly file: DiskFile,
    private readonly options: { flushBytes: number; flushInterval: number; now?: () => number },
  ) {
    this.#size = file.size;
    this.#flushedAt = this.#now();
    this.#interval = options.flushInterval;
  }

  /** Bytes in the file. */
  get size(): number {
    return this.#size;
  }

  /** Seconds between flushes now: as asked for, or stretched because the disk was measured to be slow. */
  get flushInterval(): number {
    return this.#interval;
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    await this.file.write(bytes, at);
    this.#size = Math.max(this.#size, at + bytes.byteLength);
    this.#unflushed += bytes.byteLength;
    if (this.#unflushed >= this.options.flushBytes || this.#now() - this.#flushedAt >= this.#interval) {
      await this.flush();
    }
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.write(bytes, this.#size);
  }

  async flush(): Promise<void> {
    const started = this.#now();
    await this.file.flush();
    this.#flushedAt = this.#now();
    this.#unflushed = 0;
    const wanted = (this.#flushedAt - started) / FLUSH_SHARE;
    const { flushInterval } = this.options;
    this.#interval = Math.min(Math.max(flushInterval, wanted), flushInterval * MOST_STRETCH);
  }

  #now(): number {
    return (this.options.now?.() ?? performance.now()) / 1000;
  }
}
