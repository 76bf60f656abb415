import { aloneFor, CHROMIUM, Id, isLength, join, LATE } from './repair/ebml.js';

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
/** `TrackType` of sound. */
const SOUND = 2;

/** The last block of a track. */
interface Last {
  /** Seconds: when it was recorded, how long it lasts as far as that is known, and by how much it is stamped later. */
  readonly time: number;
  readonly length: number;
  readonly late: number;
  readonly video: boolean;
}

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
  /** Seconds of the take: where this recording begins, or where its first stamp is if `#joined`. */
  #from = 0;
  /** Whether it has something in common with the one before, and seconds of the take before which it then cannot begin. */
  #joined = false;
  #least = 0;
  /** Seconds of the take at which the last recording with a block ends: beside one that it has something in common with, and else. */
  #ends = { joined: 0, apart: 0 };
  /** Seconds of the recording: where it begins, and its first stamp. */
  #origin = Infinity;
  #stamp = Infinity;
  #scale = 1e6;
  #cluster = 0;
  #tracks = new Map<number, Last>();
  /**
   * Seconds of the take, of pictures and sound: where the last block of the recordings before begins, and its length. The file knows
   * of no recordings: there the first block of one follows it.
   */
  #before = new Map<boolean, { at: number; length: number }>();
  #time = 0;
  /** Seconds by which the sound of this recording is stamped too late. */
  #late = 0;
  /** The track whose entry is being read, and that of the sound. */
  #entry = 0;
  #sound = 0;

  /** Seconds of media so far; it never goes back. How long the last block lasts is known when the next one comes. */
  get time(): number {
    return this.#time;
  }

  /**
   * Nothing follows: the last blocks last as long as those before them, which is what `repair` takes for their length; one alone
   * as long as it does there. Of two recordings at a time the later one counts: where that has only begun, `time` is less than it was.
   */
  end(): void {
    // A last block may be shorter than what is waited for.
    this.add(new Uint8Array(LOOK));
    if (this.#tracks.size > 0)
      this.#time = this.#place + this.#span(({ time, length, video }) => time + (length || aloneFor(video)));
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
    else if (id === Id.CodecDelay && held) this.#late += uint(data, body, size) / 1e9;
    else if (id === Id.Timestamp && held) this.#cluster = uint(data, body, size);
    else if (id === Id.SimpleBlock || id === Id.Block) this.#block(data, body);
    return body + size - at;
  }

  /** Seconds of the take at which this recording begins. */
  get #place(): number {
    return this.#joined ? Math.max(this.#least, this.#from + this.#origin - this.#stamp) : this.#from;
  }

  #begin(): void {
    // One without a block is passed over, with what it had in common with the one before.
    if (this.#tracks.size > 0) {
      const place = this.#place;
      for (const { time, length, video } of this.#tracks.values())
        this.#before.set(video, { at: place + time - this.#origin, length });
      const end = (joined: boolean) =>
        place + this.#span(({ time, length, late }) => time + length + (joined ? late : 0));
      this.#ends = { joined: end(true), apart: end(false) };
      this.#least = place;
    }
    this.#joined = this.#overlap > 0;
    this.#from = this.#joined ? this.#ends.joined - this.#overlap : this.#ends.apart;
    this.#overlap = 0;
    this.#tracks.clear();
    this.#late = this.#sound = 0;
    this.#origin = this.#stamp = Infinity;
    this.#scale = 1e6;
  }

  #block(data: Uint8Array, body: number): void {
    const track = data[body]! & 0x7f;
    const offset = (uint(data, body + 1, 2) << 16) >> 16;
    const video = track !== this.#sound;
    const late = video ? 0 : this.#late;
    const time = ((this.#cluster + offset) * this.#scale) / 1e9 - late;
    const last = this.#tracks.get(track);
    if (last && time < last.time) return;
    this.#origin = Math.min(this.#origin, time);
    this.#stamp = Math.min(this.#stamp, time + late);
    const before = last ? undefined : this.#before.get(video);
    const distance = last ? time - last.time : before ? this.#place + time - this.#origin - before.at : 0;
    const length = isLength(distance, video) ? distance : ((last ?? before)?.length ?? 0);
    this.#tracks.set(track, { time, length, late, video });
    this.#time = Math.max(this.#time, this.#place + time - this.#origin);
  }

  /** Seconds from where this recording begins to the last `end` of its tracks. */
  #span(end: (last: Last) => number): number {
    return Math.max(...[...this.#tracks.values()].map(end)) - this.#origin;
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
