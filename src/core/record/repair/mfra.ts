import { boxAt, fourcc, HEADER, type Box } from './boxes.js';
import { join, uint } from './ebml.js';
import type { Rows } from './rows.js';
import type { FileWindow } from './window.js';

/** Whether the index is whole: its last box repeats its size. */
export async function isWholeIndex(window: FileWindow, mfra: Box): Promise<boolean> {
  await window.fetch(mfra.end - 16, 16);
  const size = mfra.end - mfra.at;
  return boxAt(window, mfra.end - 16)?.type === 'mfro' && window.uint(mfra.end - 4, 4) === size;
}

/**
 * Where the last fragment of each track begins, by the index at the end of a file that its muxer has ended: its last
 * row, which mediabunny writes for every fragment. Null where there is no such index.
 */
export async function lastFragments(window: FileWindow): Promise<Set<number> | null> {
  const { end } = window;
  await window.fetch(end - MFRO, MFRO);
  const start = end - window.uint(end - 4, 4);
  await window.fetch(start, HEADER);
  const mfra = start >= 0 ? boxAt(window, start) : null;
  if (mfra?.type !== 'mfra' || mfra.end !== end || !(await isWholeIndex(window, mfra))) return null;
  const found = new Set<number>();
  for (let at = mfra.data; at < end - MFRO;) {
    await window.fetch(at, ROWS);
    const tfra = boxAt(window, at);
    if (tfra?.type !== 'tfra' || tfra.end > end) return null;
    const wide = window.byte(tfra.data) === 1;
    const lengths = window.uint(tfra.data + 8, 4);
    const row = (wide ? 16 : 8) + [4, 2, 0].reduce((sum, shift) => sum + ((lengths >> shift) & 3) + 1, 0);
    const count = window.uint(tfra.data + 12, 4);
    const last = tfra.end - row;
    if (tfra.data + 16 + count * row !== tfra.end) return null;
    if (count > 0) {
      await window.fetch(last, row);
      found.add(wide ? window.uint(last + 8, 8) : window.uint(last + 4, 4));
    }
    at = tfra.end;
  }
  return found;
}

/** Size of the box that ends the index, and of what comes before the rows of a table. */
const MFRO = 16;
const ROWS = 24;

/** The index, laid out as mediabunny does on a normal end: version 1 of `tfra`, all numbers within it 32 bits wide. */
export function indexOf(starts: ReadonlyMap<number, Rows>): Uint8Array {
  const tables = [...starts].map(([track, rows]) => {
    const entries = Array.from({ length: rows.length }, (_, row) =>
      join([uint(rows.at(row, 0), 8), uint(rows.at(row, 1), 8), uint(rows.at(row, 2), 4), uint(1, 4), uint(1, 4)]),
    );
    return box('tfra', uint(0x01000000, 4), uint(track, 4), uint(0b111111, 4), uint(rows.length, 4), ...entries);
  });
  const size = 8 + tables.reduce((sum, table) => sum + table.length, 0) + 16;
  return box('mfra', ...tables, box('mfro', uint(0, 4), uint(size, 4)));
}

function box(type: string, ...content: Uint8Array[]): Uint8Array {
  const body = join(content);
  return join([uint(8 + body.length, 4), fourcc(type), body]);
}
