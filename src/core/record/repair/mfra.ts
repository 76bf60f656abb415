import { boxAt, fourcc, type Box } from './boxes.js';
import { join, uint } from './ebml.js';
import type { Rows } from './rows.js';
import type { FileWindow } from './window.js';

/** Whether the index is whole: its last box repeats its size. */
export async function isWholeIndex(window: FileWindow, mfra: Box): Promise<boolean> {
  await window.fetch(mfra.end - 16, 16);
  const size = mfra.end - mfra.at;
  return boxAt(window, mfra.end - 16)?.type === 'mfro' && window.uint(mfra.end - 4, 4) === size;
}

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
