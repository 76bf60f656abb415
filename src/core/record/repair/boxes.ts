import { join, uint } from './ebml.js';
import type { FileWindow } from './window.js';

/** Most bytes that the size and type of a box take. */
export const HEADER = 16;

/** A box of ISO/IEC 14496-12; offsets are those of the file. */
export interface Box {
  type: string;
  at: number;
  /** Where the content begins. */
  data: number;
  /** Where the box ends; Infinity where it reaches to the end of the file, whatever that is. */
  end: number;
}

/** Reads the header of the box at `at`, which must be within the window; null when there can be none. */
export function boxAt(window: FileWindow, at: number): Box | null {
  const type = String.fromCharCode(...[4, 5, 6, 7].map((offset) => window.byte(at + offset)));
  if (!/^[a-zA-Z0-9 ]{4}$/.test(type)) return null;
  const short = window.uint(at, 4);
  const data = at + (short === 1 ? 16 : 8);
  const size = short === 1 ? window.uint(at + 8, 8) : short === 0 ? Infinity : short;
  return data > window.end || at + size < data ? null : { type, at, data, end: at + size };
}

/** The boxes within one that lies in the window; throws nothing and stops at the first that does not fit. */
export function* boxesIn(window: FileWindow, from: number, end: number): Generator<Box> {
  for (let at = from; at < end;) {
    const box = boxAt(window, at);
    if (!box || box.end > end) return;
    yield box;
    at = box.end;
  }
}

/** The first box along a path of types, such as `mdia`, `mdhd`. */
export function boxIn(window: FileWindow, parent: Box, ...path: string[]): Box | undefined {
  let box: Box | undefined = parent;
  for (const type of path) {
    const outer: Box | undefined = box;
    box = outer && [...boxesIn(window, outer.data, outer.end)].find((inner) => inner.type === type);
  }
  return box;
}

/** The bytes of a type, such as `free`. */
export const fourcc = (type: string): Uint8Array => Uint8Array.from(type, (letter) => letter.charCodeAt(0));

export function box(type: string, ...content: readonly Uint8Array[]): Uint8Array {
  const size = content.reduce((sum, { length }) => sum + length, 8);
  return join([uint(size, 4), fourcc(type), ...content]);
}

/** A box of a version, a number, mostly that of its rows, and the numbers in these: 32 bits each. */
export function table(
  type: string,
  version: number,
  first: number,
  ...rows: readonly (readonly number[])[]
): Uint8Array {
  const body = new DataView(new ArrayBuffer(8 + 4 * rows.reduce((sum, { length }) => sum + length, 0)));
  body.setUint8(0, version);
  body.setUint32(4, first);
  let at = 8;
  for (const numbers of rows)
    for (const number of numbers) {
      body.setUint32(at, number);
      at += 4;
    }
  return box(type, new Uint8Array(body.buffer));
}
