import { OnAirError } from '../../errors.js';
import type { DiskFile } from '../disk.js';

/** Most zeros that a frame is taken to end in. */
const ZEROS = 64;

/** Bytes held at a time where a whole file is walked. 256 KiB reads pass 1.5 GB/s on the origin private file system; larger ones gain little. */
const CAPACITY = 256 * 1024;

/** Bytes read where a walk jumps over the body of a frame: it wants the head of the next one, which may well be as large. */
const AFTER_JUMP = 16 * 1024;

/**
 * A view of a file through one buffer that moves along it, so that memory stays flat whatever the file's size, and a
 * walk waits once a window and not once a block. Offsets are those of the file. What lies outside the window, or
 * behind the end, reads as 0.
 */
export class FileWindow {
  readonly #file: Pick<DiskFile, 'read'>;
  readonly #buffer: Uint8Array;
  readonly #view: DataView;
  #start = 0;
  #length = 0;
  /** End of what is to be read, in bytes from the start of the file. */
  readonly end: number;

  /** A window of `capacity` bytes on the first `end` of a file. */
  constructor(file: Pick<DiskFile, 'read'>, end: number, capacity: number) {
    this.#file = file;
    this.end = end;
    this.#buffer = new Uint8Array(capacity);
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** A window on bytes in memory, which stand at `at` in a file and are all that there is of it. */
  static on(bytes: Uint8Array, at = 0): FileWindow {
    const window = new FileWindow({ read: () => 0 }, at + bytes.length, bytes.length);
    window.#buffer.set(bytes);
    window.#start = at;
    window.#length = bytes.length;
    return window;
  }

  /** A window on all of the file but the zeros at its end. */
  static async open(file: DiskFile): Promise<FileWindow> {
    return new FileWindow(file, await endOfContent(file), CAPACITY);
  }

  /** Whether the `length` bytes at `at`, as far as the file has them, must be fetched before they can be read. */
  lacks(at: number, length: number): boolean {
    return at < this.#start || Math.min(at + length, this.end) > this.#start + this.#length;
  }

  /** Moves the window to `at`, and reads `least` bytes there and, on a walk, ahead. */
  async load(at: number, least = 0): Promise<void> {
    const jumps = at - (this.#start + this.#length) > AFTER_JUMP;
    const most = jumps ? Math.max(AFTER_JUMP, least) : Infinity;
    const wanted = Math.max(0, Math.min(this.#buffer.length, most, this.end - at));
    this.#start = at;
    this.#length = 0;
    while (this.#length < wanted) {
      const read = await this.#file.read(this.#buffer.subarray(this.#length, wanted), at + this.#length);
      if (read <= 0) break;
      this.#length += read;
    }
  }

  /** Makes the bytes readable; answers whether the file has them all and the window can hold them. */
  async fetch(at: number, length: number): Promise<boolean> {
    if (this.lacks(at, length)) await this.load(at, length);
    return at + length <= this.#start + this.#length;
  }

  /** A copy of bytes that lie in the window. */
  copy(from: number, to: number): Uint8Array {
    return this.#buffer.slice(from - this.#start, to - this.#start);
  }

  byte(at: number): number {
    const index = at - this.#start;
    return index >= 0 && index < this.#length ? this.#buffer[index]! : 0;
  }

  /** An unsigned integer of up to 8 bytes, big-endian; above 2^53 it is not exact. */
  uint(at: number, width: number): number {
    let value = 0;
    for (let index = 0; index < width; index++) value = value * 256 + this.byte(at + index);
    return value;
  }

  int16(at: number): number {
    return (this.uint(at, 2) << 16) >> 16;
  }

  int32(at: number): number {
    return this.uint(at, 4) | 0;
  }

  /** A floating point number of 4 or 8 bytes. */
  float(at: number, width: number): number {
    if (this.lacks(at, width) || at + width > this.end) return NaN;
    return width === 8 ? this.#view.getFloat64(at - this.#start) : this.#view.getFloat32(at - this.#start);
  }

  /**
   * The first place at or after `from` where these bytes stand (-1 is any byte) and `fits`, which may look at `room`
   * bytes, agrees; null when there is none.
   */
  async find(
    bytes: readonly number[],
    from: number,
    room: number,
    fits: (at: number) => boolean,
  ): Promise<number | null> {
    const first = bytes[0]!;
    let at = from;
    while (at + bytes.length <= this.end) {
      await this.load(at);
      // A match near the edge is looked at again from the next window, which begins with it.
      const last = at + this.#length >= this.end ? this.end - bytes.length : at + this.#length - room;
      if (this.#length < bytes.length) return null;
      for (;;) {
        const index = this.#buffer.indexOf(first, at - this.#start);
        if (index < 0 || index >= this.#length) at = last + 1;
        else at = index + this.#start;
        if (at > last) break;
        if (bytes.every((byte, offset) => byte < 0 || this.byte(at + offset) === byte) && fits(at)) return at;
        at++;
      }
      at = last + 1;
    }
    return null;
  }
}

/** Bytes that belong at a place of a file. */
export interface Patch {
  at: number;
  bytes: Uint8Array;
}

/** Writes bytes where the file does not hold them yet, so that a repair that is repeated changes nothing. */
export async function patch(file: DiskFile, { at, bytes }: Patch): Promise<void> {
  const present = new Uint8Array(bytes.length);
  const length = await file.read(present, at);
  if (length === bytes.length && present.every((byte, index) => byte === bytes[index])) return;
  await file.write(bytes, at);
}

/** Writes what a recording plays without, too, such as an index; answers whether the disk had room for it. */
export async function written(file: DiskFile, bytes: Uint8Array, at: number): Promise<boolean> {
  try {
    await file.write(bytes, at);
    return true;
  } catch (thrown) {
    if (thrown instanceof OnAirError && thrown.code === 'disk-full') return false;
    throw thrown;
  }
}

/**
 * A crash of the system may leave a file longer than what reached it: the rest reads as zeros. A few are
 * left at the end because a frame may end in some.
 */
async function endOfContent(file: DiskFile): Promise<number> {
  const buffer = new Uint8Array(64 * 1024);
  const size = file.size;
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - buffer.length);
    const part = buffer.subarray(0, end - start);
    const length = await file.read(part, start);
    let index = length - 1;
    while (index >= 0 && part[index] === 0) index--;
    if (index >= 0) return Math.min(size, start + index + 1 + ZEROS);
    end = start;
  }
  return 0;
}
