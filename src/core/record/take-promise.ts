import { guaranteeFor, type Circumstances, type Guarantee } from './guarantee.js';
import type { RecordEngine } from './journal.js';
import { readStorageState } from './storage-state.js';

/** What a take promises from its beginning to its end: less, where another engine goes on, or the disk is slow. */
export class TakePromise {
  #circumstances: Omit<Circumstances, 'storage'> | null = null;
  /** As the worker told it last. */
  #latency = 0;

  /** Null until it has begun. */
  get engine(): RecordEngine | null {
    return this.#circumstances?.engine ?? null;
  }

  begin(circumstances: Omit<Circumstances, 'storage'>): void {
    const latency = Math.max(circumstances.latency, this.#latency);
    this.#circumstances = { ...circumstances, latency };
  }

  /** MediaRecorder goes on. */
  handOver(): void {
    this.#circumstances = { ...this.#circumstances!, engine: 'mediarecorder' };
  }

  /** On a slow disk flushes are further apart, and more is promised no longer. Answers whether that changes anything. */
  stretch(latency: number): boolean {
    this.#latency = latency;
    if (!this.#circumstances || latency <= this.#circumstances.latency) return false;
    this.#circumstances = { ...this.#circumstances, latency };
    return true;
  }

  /** With what the storage promises now. Only once it has begun. */
  async read(): Promise<Guarantee> {
    const storage = await readStorageState();
    return guaranteeFor({ ...this.#circumstances!, storage });
  }
}
