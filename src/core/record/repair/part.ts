import type { DiskFile } from '../disk.js';

/**
 * A stretch of a file, as a file. A MediaRecorder that is paused is ended, and another one goes on behind what it wrote,
 * because only a new one begins with a key frame: such a file holds several recordings, one behind the other.
 */
export class Part implements DiskFile {
  /** @param to Where it ends; with the file when left out. */
  constructor(
    private readonly file: DiskFile,
    private readonly from: number,
    private readonly to?: number,
  ) {}

  get size(): number {
    return (this.to ?? this.file.size) - this.from;
  }

  read(into: Uint8Array, at: number): number | Promise<number> {
    const length = Math.max(0, Math.min(into.length, this.size - at));
    return length > 0 ? this.file.read(into.subarray(0, length), this.from + at) : 0;
  }

  write(bytes: Uint8Array, at: number): void | Promise<void> {
    return this.file.write(bytes, this.from + at);
  }

  truncate(size: number): void | Promise<void> {
    return this.file.truncate(this.from + size);
  }

  flush(): void | Promise<void> {
    return this.file.flush();
  }

  close(): void {} // The file's owner closes it.
}
