import type { FileWindow } from './window.js';

/** The elements that a repair needs to know: RFC 8794 (EBML) and RFC 9559 (Matroska). */
export const Id = {
  EBML: 0x1a45dfa3,
  Void: 0xec,
  Segment: 0x18538067,
  SeekHead: 0x114d9b74,
  Seek: 0x4dbb,
  SeekID: 0x53ab,
  SeekPosition: 0x53ac,
  Info: 0x1549a966,
  TimestampScale: 0x2ad7b1,
  Duration: 0x4489,
  WritingApp: 0x5741,
  Tracks: 0x1654ae6b,
  TrackEntry: 0xae,
  TrackNumber: 0xd7,
  TrackType: 0x83,
  CodecDelay: 0x56aa,
  DefaultDuration: 0x23e383,
  Cluster: 0x1f43b675,
  Timestamp: 0xe7,
  SimpleBlock: 0xa3,
  BlockGroup: 0xa0,
  Block: 0xa1,
  BlockDuration: 0x9b,
  ReferenceBlock: 0xfb,
  Cues: 0x1c53bb6b,
  CuePoint: 0xbb,
  CueTime: 0xb3,
  CueTrackPositions: 0xb7,
  CueTrack: 0xf7,
  CueClusterPosition: 0xf1,
  Attachments: 0x1941a469,
  Chapters: 0x1043a770,
  Tags: 0x1254c367,
} as const;

/** What Chromium's MediaRecorder calls itself, in `MuxingApp` and `WritingApp` (RFC 9559, section 5.1.2). */
export const CHROMIUM = 'Chrome';

/**
 * Seconds by which Chromium's MediaRecorder stamps its sound too late. It gathers 60 ms for a packet, and stamps that with
 * the time of the last block that came in, not of the first (audio_track_opus_encoder.cc). Such a block is of 3 ms (what
 * was mixed) or 10 (a microphone); the 6.5 ms that the encoder looks ahead, of which Chromium tells nothing, make up for it.
 */
export const LATE = 0.06;

/**
 * Whether what lies between two blocks of a track, counted in milliseconds, is the length of the first: more than a second, of
 * sound more than a packet can have (RFC 6716), is a hole, and one millisecond keeps two apart that had one time.
 */
export const isLength = (seconds: number, video: boolean): boolean =>
  seconds > 0.0015 && seconds < (video ? 1.0005 : 0.1205);

/** Seconds that a block is taken to last of which nothing tells it: a frame of 30 a second, a packet of 20 ms. */
export const aloneFor = (video: boolean): number => (video ? 0.033 : 0.02);

/** Most bytes that the identifier and the size of an element take here: 4 and 8. */
export const HEADER = 12;

/** An element of a file; offsets are those of the file. */
export interface Element {
  id: number;
  at: number;
  /** Where the size stands, and its bytes. */
  sizeAt: number;
  sizeWidth: number;
  /** Where the content begins. */
  data: number;
  /** Bytes of the content; Infinity where the writer left it open. */
  size: number;
  /** Where the content ends. */
  end: number;
}

/** Reads the header of the element at `at`, which must be within the window; null when there can be none. */
export function elementAt(window: FileWindow, at: number): Element | null {
  const idWidth = width(window.byte(at));
  const sizeAt = at + idWidth;
  const sizeWidth = width(window.byte(sizeAt));
  const data = sizeAt + sizeWidth;
  if (idWidth === 0 || idWidth > 4 || sizeWidth === 0 || data > window.end) return null;
  let value = window.byte(sizeAt) & ((0x80 >> (sizeWidth - 1)) - 1);
  let open = value === (0x80 >> (sizeWidth - 1)) - 1;
  for (let index = 1; index < sizeWidth; index++) {
    const byte = window.byte(sizeAt + index);
    value = value * 256 + byte;
    open &&= byte === 0xff;
  }
  const size = open ? Infinity : value;
  return { id: window.uint(at, idWidth), at, sizeAt, sizeWidth, data, size, end: data + size };
}

/** The elements within one that lies in the window, up to the first that does not fit. */
export function* children(window: FileWindow, parent: Element): Generator<Element> {
  for (let at = parent.data; at < parent.end;) {
    const element = elementAt(window, at);
    if (!element || element.end > parent.end) return;
    yield element;
    at = element.end;
  }
}

/** The first child with this identifier. */
export function child(window: FileWindow, parent: Element, id: number): Element | undefined {
  for (const element of children(window, parent)) if (element.id === id) return element;
  return undefined;
}

export function uintOf(window: FileWindow, element: Element | undefined): number | undefined {
  return element && element.size <= 8 ? window.uint(element.data, element.size) : undefined;
}

/** An unsigned integer, big-endian, in `bytes` bytes, or in as few as it takes. */
export function uint(value: number, bytes = 0): Uint8Array {
  const digits: number[] = [];
  for (
    let rest = value;
    bytes ? digits.length < bytes : rest > 0 || digits.length === 0;
    rest = Math.floor(rest / 256)
  ) {
    digits.unshift(rest % 256);
  }
  return Uint8Array.from(digits);
}

/** The size of an element in `bytes` bytes; null when it does not fit, or would read as an open one. */
export function sizeField(size: number, bytes: number): Uint8Array | null {
  if (size >= 2 ** (7 * bytes) - 1) return null;
  const field = uint(size, bytes);
  field[0]! |= 0x80 >> (bytes - 1);
  return field;
}

/** An element with this content; `sizeWidth` bytes for its size. */
export function element(id: number, content: Uint8Array, sizeWidth = 1): Uint8Array {
  return join([uint(id), sizeField(content.length, sizeWidth)!, content]);
}

/** A Void element that fills exactly `length` bytes (at least 2): only its header, what follows may be anything. */
export function voidHeader(length: number): Uint8Array {
  const bytes = length < 9 ? 1 : 8;
  return join([uint(Id.Void), sizeField(length - 1 - bytes, bytes)!]);
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Bytes of the variable-length number that begins with this byte; 0 where none can. */
const width = (first: number): number => (Math.clz32(first) - 23 < 9 && first !== 0 ? Math.clz32(first) - 23 : 0);
