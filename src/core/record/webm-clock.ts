import { CHROMIUM, Id, join } from './repair/ebml.js';

/** Elements that are looked into; all others are passed over. */
const MASTERS: ReadonlySet<number> = new Set([
  Id.Segment,
  Id.Info,
  Id.Tracks,
  Id.TrackEntry,
  Id.Cluster,
  Id.BlockGroup,
]);
/** Bytes of an identifier, a size, and the head of a block or a number. */
const LOOK = 4 + 8 + 8;
/** Seconds that a block is taken to last at most where only the distance to the one before tells. */
const LONGEST = 0.25;
/** Seconds by which Chromium's MediaRecorder stamps its sound too late; `remux` puts that right, and tells why. */
const LATE = 0.06;
/** `TrackType` of sound. */
const SOUND = 2;

/**
 * Tells the media time of a WebM while its bytes come in, in pieces of any size: what is on disk, and not what the
 * clock on the wall says. A MediaRecorder begins some tenths of a second after its `start` event, and holds a frame
 * or more. Recordings that follow each other add up.
 */
export class WebmClock {
  /** What has come and cannot be read yet: less than an element's head. */
  #rest = new Uint8Array(0);
  /** Bytes that are passed over. */
  #skip = 0;
  /** Seconds that the next recording has in common with those before. */
  #overlap = 0;
  /** Seconds of all recordings before this one. */
  #before = 0;
  #scale = 1e6;
  #cluster = 0;
  /** Seconds, by track: time and length of the last block. */
  #tracks = new Map<number, { time: number; length: number }>();
  #first = Infinity;
  #time = 0;
  /** Seconds by which the sound of this recording is stamped too late. */
  #late = 0;
  /** The track whose entry is being read, and that of the sound. */
  #entry = 0;
  #sound = 0;

  /** Seconds of media so far; it never goes back. */
  get time(): number {
    return this.#time;
  }

  /** @param overlap seconds by which the recording that begins in them was begun before the end of the one before */
  add(bytes: Uint8Array, overlap = 0): void {
    if (overlap > 0) this.#overlap = overlap;
    const passed = Math.min(this.#skip, bytes.length);
    this.#skip -= passed;
    const fresh = bytes.subarray(passed);
    const data = this.#rest.length > 0 ? join([this.#rest, fresh]) : fresh;
    let at = 0;
    while (data.length - at >= LOOK) {
      const next = at + this.#element(data, at);
      this.#skip = Math.max(0, next - data.length);
      at = Math.min(next, data.length);
    }
    this.#rest = data.slice(at);
  }

  /** Reads the head of the element there; answers how many bytes to go on by. */
  #element(data: Uint8Array, at: number): number {
    const idWidth = Math.clz32(data[at]!) - 23;
    const id = uint(data, at, idWidth);
    const sizeAt = at + idWidth;
    const sizeWidth = Math.clz32(data[sizeAt]!) - 23;
    // Not a head: what is between two elements is looked through byte by byte.
    if (idWidth > 4 || sizeWidth > 8) return 1;
    const size = sizeOf(data, sizeAt, sizeWidth);
    const body = sizeAt + sizeWidth;
    if (id === Id.EBML) this.#begin();
    if (MASTERS.has(id)) return body - at;
    const held = body + size <= data.length;
    if (id === Id.TimestampScale && held) this.#scale = uint(data, body, size) || 1e6;
    else if (id === Id.WritingApp && held)
      this.#late = new TextDecoder().decode(data.subarray(body, body + size)) === CHROMIUM ? LATE : 0;
    else if (id === Id.TrackNumber && held) this.#entry = uint(data, body, size);
    else if (id === Id.TrackType && held && uint(data, body, size) === SOUND) this.#sound = this.#entry;
    else if (id === Id.Timestamp && held) this.#cluster = uint(data, body, size);
    else if (id === Id.SimpleBlock || id === Id.Block) this.#block(data, body);
    return body + size - at;
  }

  #begin(): void {
    this.#before = this.#time - this.#overlap;
    this.#overlap = 0;
    this.#tracks.clear();
    this.#late = this.#sound = 0;
    this.#first = Infinity;
    this.#scale = 1e6;
  }

  #block(data: Uint8Array, body: number): void {
    const track = data[body]! & 0x7f;
    const offset = (uint(data, body + 1, 2) << 16) >> 16;
    const late = track === this.#sound ? this.#late : 0;
    const time = ((this.#cluster + offset) * this.#scale) / 1e9 - late;
    const last = this.#tracks.get(track);
    const distance = last ? time - last.time : 0;
    if (distance < 0) return;
    const length = distance > 0 && distance <= LONGEST ? distance : (last?.length ?? 0);
    this.#tracks.set(track, { time, length });
    this.#first = Math.min(this.#first, time);
    this.#time = Math.max(this.#time, this.#before + time + length - this.#first);
  }
}

/** Without the bit that tells its width, which a number could not hold beside the rest of eight bytes. */
function sizeOf(data: Uint8Array, at: number, width: number): number {
  const first = data[at]! & (0xff >> width);
  return first * 256 ** (width - 1) + uint(data, at + 1, width - 1);
}

function uint(data: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let index = at; index < at + width; index++) value = value * 256 + (data[index] ?? 0);
  return value;
}
