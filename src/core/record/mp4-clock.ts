import { boxAt } from './repair/boxes.js';
import { join } from './repair/ebml.js';
import { endOf, readFragment, type Track } from './repair/fragment.js';
import { readTracks } from './repair/movie.js';
import { FileWindow } from './repair/window.js';

/** Bytes of the head of a box, with a size of eight bytes. */
const HEAD = 16;
/** Types as numbers: what is no box is walked byte by byte, and a string for each would take seconds. */
const FTYP = 0x66747970;
/** Boxes that tell times: moov and moof. A larger one is none of a live recording. */
const TELLING = [0x6d6f6f76, 0x6d6f6f66];
const MOST = 256 * 1024;

/** The same as `WebmClock`, of a fragmented MP4: the media time of what has come, and not of the clock on the wall. */
export class Mp4Clock {
  #rest: Uint8Array = new Uint8Array(0);
  /** Bytes that are passed over. */
  #skip = 0;
  /** Seconds that the next recording has in common with those before. */
  #overlap = 0;
  /** Seconds of all recordings before this one. */
  #before = 0;
  #tracks = new Map<number, Track>();
  #first = Infinity;
  #time = 0;

  /** Seconds of media so far; it never goes back. */
  get time(): number {
    return this.#time;
  }

  /** Fragments tell how long their samples last: nothing is added. */
  end(): void {}

  add(bytes: Uint8Array, overlap = 0): void {
    if (overlap > 0) this.#overlap = overlap;
    const passed = Math.min(this.#skip, bytes.length);
    this.#skip -= passed;
    const fresh = bytes.subarray(passed);
    const data = this.#rest.length > 0 ? join([this.#rest, fresh]) : fresh;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    let at = 0;
    while (data.length - at >= HEAD) {
      const type = view.getUint32(at + 4);
      const short = view.getUint32(at);
      const size = short === 1 ? Number(view.getBigUint64(at + 8)) : short;
      const telling = TELLING.includes(type) && size <= MOST;
      if (telling && size > data.length - at) break;
      if (type === FTYP) this.#begin();
      if (telling) this.#read(data.subarray(at, at + size));
      // What is no box is passed over byte by byte.
      const next = at + (size >= 8 ? size : 1);
      this.#skip = Math.max(0, next - data.length);
      at = Math.min(next, data.length);
    }
    this.#rest = data.slice(at);
  }

  #begin(): void {
    this.#before = Math.max(this.#before, this.#time - this.#overlap);
    this.#overlap = 0;
    this.#tracks.clear();
    this.#first = Infinity;
  }

  #read(bytes: Uint8Array): void {
    const window = FileWindow.on(bytes);
    const box = boxAt(window, 0);
    if (box?.type === 'moov') this.#tracks = readTracks(window, box);
    const parts = box?.type === 'moof' ? (readFragment(window, box, this.#tracks) ?? []) : [];
    for (const part of parts) {
      part.track.end = endOf(part);
      this.#first = Math.min(this.#first, part.time / part.track.timescale);
    }
    for (const { track } of parts)
      this.#time = Math.max(this.#time, this.#before + track.end / track.timescale - this.#first);
  }
}
