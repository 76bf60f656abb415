import { boxAt, fourcc, HEADER, type Box } from './boxes.js';
import { join, uint } from './ebml.js';
import type { FileWindow, Patch } from './window.js';

/** Bytes of the header of the first box in a movie box (`mvhd`), and of it all, by its version. */
const FIRST = 8;
const LENGTHS = [108, 120];

/**
 * What makes a fragmented MP4 a plain one, once a movie box that tells of all samples stands at `end`: the header of a box
 * of media written over the first 16 bytes of the movie box at the beginning, which so is hidden with all fragments. One
 * write, before which the file is fragmented and after which it is plain. Null where `unfoldOf` could not undo it.
 */
export async function foldOf(window: FileWindow, moov: Box, end: number): Promise<Patch | null> {
  await window.fetch(0, moov.end);
  const [type, first] = [boxAt(window, 0), boxAt(window, moov.data)];
  const length = lengthOf(window, moov.at);
  const known =
    type?.type === 'ftyp' &&
    type.end === moov.at &&
    moov.data - moov.at === FIRST &&
    first?.type === 'mvhd' &&
    first.end - first.at === length &&
    endOfBoxes(window, moov.data + length) === moov.end;
  return known ? { at: moov.at, bytes: join([uint(1, 4), fourcc('mdat'), uint(end - moov.at, 8)]) } : null;
}

/**
 * What makes a fragmented file of one that was folded and has lost its end; null where it was not. The header that was
 * written over follows from what comes behind it.
 */
export async function unfoldOf(window: FileWindow): Promise<Patch | null> {
  await window.load(0);
  const type = boxAt(window, 0);
  const media = type?.type === 'ftyp' ? boxAt(window, type.end) : null;
  if (media?.type !== 'mdat' || media.data - media.at !== HEADER) return null;
  const length = lengthOf(window, media.at);
  const end = endOfBoxes(window, media.at + FIRST + length);
  if (end === null) return null;
  const [size, first] = [uint(end - media.at, 4), uint(length, 4)];
  return { at: media.at, bytes: join([size, fourcc('moov'), first, fourcc('mvhd')]) };
}

/** Bytes of the first box in a movie box, whose version stands where both headers leave it; 0 where that cannot be. */
const lengthOf = (window: FileWindow, at: number): number => LENGTHS[window.byte(at + 2 * FIRST)] ?? 0;

/** What may stand in a movie box behind its first one. */
const CHILDREN: ReadonlySet<string> = new Set(['trak', 'mvex', 'udta', 'meta', 'iods', 'pssh']);

/** Where the boxes end that stand there in a movie box; null where they are not those of a fragmented file, or not whole. */
function endOfBoxes(window: FileWindow, from: number): number | null {
  const found = new Set<string>();
  let at = from;
  for (let child = boxAt(window, at); child && CHILDREN.has(child.type); child = boxAt(window, at)) {
    if (window.lacks(child.at, child.end - child.at) || child.end > window.end) return null;
    found.add(child.type);
    at = child.end;
  }
  return found.has('trak') && found.has('mvex') ? at : null;
}
