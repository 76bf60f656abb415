import type { Disk, DiskFile } from './disk.js';

/** Bytes that are set aside at a time. */
const STEP = 2 ** 20;

/** What index and head may add to a copy. */
const MORE = 1 / 16;

/**
 * Room for the copy that a recording needs at its end, set aside while it grows: an empty file of its size, under the name
 * that the copy gets. No figure of a browser tells where the wall is: Chromium says that 10 GiB are left, whatever there is,
 * and takes more for an open file than it has.
 */
export class CopyRoom {
  #file: DiskFile | null = null;
  #size = 0;
  #closed = false;

  constructor(
    private readonly disk: Disk,
    private readonly name: string,
  ) {}

  /** Bytes that are set aside. */
  get size(): number {
    return this.#size;
  }

  /**
   * To be called before a recording is so large; once it is closed nothing is kept.
   * @throws OnAirError `disk-full` where a copy of it would have no room
   */
  async keep(size: number): Promise<void> {
    const wanted = Math.ceil((size * (1 + MORE)) / STEP) * STEP;
    if (this.#closed || wanted <= this.#size) return;
    this.#file ??= await this.disk.open(this.name);
    if (this.#closed) return this.close();
    await this.#file.truncate(wanted);
    this.#size = wanted;
  }

  /** Lets go of the file; it stays for the copy to be written into. */
  async close(): Promise<void> {
    this.#closed = true;
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }
}
