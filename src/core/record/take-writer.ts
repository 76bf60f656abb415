import type { Metrics } from '../metrics/index.js';
import type { DiskFile } from './disk.js';

/** A flush may take this share of the time between two; a slower disk is flushed less often. */
const FLUSH_SHARE = 0.1;
/** The interval is stretched to at most this many times what was asked for. */
export const MOST_STRETCH = 5;

export interface TakeWriterOptions {
  flushBytes: number;
  /** Seconds. */
  flushInterval: number;
  /** `latency` has become longer: told before anything waits for so long. */
  onLonger?(): void;
  /** A flush that nobody waited for was refused. */
  onFailure?(thrown: unknown): void;
  /** Takes bytes, and how long each write and each flush took. */
  metrics?: Metrics;
  /** Milliseconds on a clock that never goes back. */
  now?(): number;
}

/**
 * Writes a take's bytes as they come. What is written outlives the process without a flush (seen after SIGKILL); a
 * flush is for the loss of power, after `flushBytes` or `flushInterval`, whichever is first, also when no more is written.
 */
export class TakeWriter {
  #size: number;
  #unflushed = 0;
  /** When the oldest of them was written. */
  #since = 0;
  #interval: number;
  #latency: number;
  #busy = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly file: DiskFile,
    private readonly options: TakeWriterOptions,
  ) {
    this.#size = file.size;
    this.#interval = this.#latency = options.flushInterval;
  }

  /** Bytes in the file. */
  get size(): number {
    return this.#size;
  }

  /** Seconds within which what is written is on the device: as asked for, or more where the disk was measured to be slow. */
  get latency(): number {
    return this.#latency;
  }

  /** Seconds in which the disk was written to or flushed. */
  get busy(): number {
    return this.#busy;
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    const started = this.#now();
    await this.file.write(bytes, at);
    this.#spend(started);
    this.options.metrics?.counter('bytes:written').add(bytes.byteLength);
    this.#size = Math.max(this.#size, at + bytes.byteLength);
    if (this.#unflushed === 0) this.#since = this.#now();
    this.#unflushed += bytes.byteLength;
    // Begun early by what it may take, so that it has ended when it is due.
    const due = this.#since + this.#interval * (1 - FLUSH_SHARE) - this.#now();
    if (this.#unflushed >= this.options.flushBytes || due <= 0) return this.flush();
    this.#timer ??= setTimeout(() => {
      this.flush().catch((thrown: unknown) => this.options.onFailure?.(thrown));
    }, due * 1000);
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.write(bytes, this.#size);
  }

  async flush(): Promise<void> {
    this.end();
    if (this.#unflushed === 0) return;
    // What is written meanwhile waits for the next one.
    this.#unflushed = 0;
    const started = this.#now();
    await this.file.flush();
    const took = this.#spend(started);
    const { flushInterval } = this.options;
    this.#interval = Math.min(Math.max(flushInterval, took / FLUSH_SHARE), flushInterval * MOST_STRETCH);
    const latency = this.#interval + Math.max(0, took - this.#interval * FLUSH_SHARE);
    const longer = latency > this.#latency;
    this.#latency = latency;
    if (longer) this.options.onLonger?.();
  }

  /** Nothing is flushed by itself any more, until something is written. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** A write or a flush that began then has ended; answers the seconds that it took. */
  #spend(started: number): number {
    const took = this.#now() - started;
    this.#busy += took;
    this.options.metrics?.record('disk:write', took);
    return took;
  }

  #now(): number {
    return (this.options.now?.() ?? performance.now()) / 1000;
  }
}
