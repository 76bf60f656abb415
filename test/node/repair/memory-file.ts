import type { DiskFile } from '../../../src/core/record/disk.js';

type Change = { at: number; bytes: Uint8Array } | { truncate: number };

/** A file in memory that remembers each change, so that a repair can be cut off between any two of them. */
export class MemoryFile implements DiskFile {
  #bytes: Uint8Array;
  readonly changes: Change[] = [];
  /** How many changes there were at each flush. */
  readonly flushes: number[] = [];
  /** Most bytes asked for in one read. */
  largestRead = 0;
  /** Bytes asked for in all reads. */
  bytesRead = 0;

  constructor(bytes: Uint8Array = new Uint8Array()) {
    this.#bytes = bytes.slice();
  }

  get size(): number {
    return this.#bytes.length;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  read(into: Uint8Array, at: number): number {
    this.largestRead = Math.max(this.largestRead, into.length);
    this.bytesRead += into.length;
    const part = this.#bytes.subarray(at, at + into.length);
    into.set(part);
    return part.length;
  }

  write(bytes: Uint8Array, at: number): void {
    this.changes.push({ at, bytes: bytes.slice() });
    this.#apply({ at, bytes });
  }

  truncate(size: number): void {
    this.changes.push({ truncate: size });
    this.#apply({ truncate: size });
  }

  flush(): void {
    this.flushes.push(this.changes.length);
  }

  close(): void {}

  /** The file that the first `count` of these changes make of `bytes`. */
  static after(bytes: Uint8Array, changes: readonly Change[], count: number): MemoryFile {
    const file = new MemoryFile(bytes);
    for (const change of changes.slice(0, count)) file.#apply(change);
    return file;
  }

  #apply(change: Change): void {
    if ('truncate' in change) {
      this.#bytes = this.#resized(change.truncate);
      return;
    }
    const end = change.at + change.bytes.length;
    if (end > this.#bytes.length) this.#bytes = this.#resized(end);
    this.#bytes.set(change.bytes, change.at);
  }

  #resized(size: number): Uint8Array {
    const resized = new Uint8Array(size);
    resized.set(this.#bytes.subarray(0, size));
    return resized;
  }
}
