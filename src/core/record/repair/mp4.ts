import type { DiskFile } from '../disk.js';
import { boxAt, boxIn, fourcc, HEADER, type Box } from './boxes.js';
import { join, uint } from './ebml.js';
import { foldOf, unfoldOf } from './fold.js';
import { readFragment, type TrackFragment } from './fragment.js';
import { MovieIndex } from './movie-index.js';
import { durationPatches, findMovie, movieDuration } from './movie.js';
import { unreadable, type Finished } from './report.js';
import { written, FileWindow, patch, type Patch } from './window.js';

interface Contents {
  index: MovieIndex;
  /** End of the last whole fragment or box. */
  end: number;
  /** The same with what tells of all of it, and is to be made anew: the index of a muxer, a movie box that hides nothing yet. */
  whole: number;
  /** Where another recording begins; null where there is none. */
  next: number | null;
  patches: Patch[];
}

/**
 * Finishes a cut-off fragmented MP4 in place: whole samples of the torn last fragment are kept, the rest is cut, and it is
 * made a plain MP4 (see `conclude`). Each step may be repeated. One that was a plain MP4 from the beginning, which is only
 * ever whole or lost, is left as it is.
 * @param behind whether it lies behind another recording: it cannot be a file of its own then
 */
export async function repairMp4(file: DiskFile, behind = false): Promise<Finished> {
  const window = await FileWindow.open(file);
  const moov = await movieOf(file, window);
  if (!boxIn(window, moov, 'mvex')) {
    const duration = movieDuration(window, moov);
    const last = !(await window.fetch(moov.end, HEADER)) || boxAt(window, moov.end)?.type !== 'ftyp';
    return { duration, dropped: 0, seekable: last, needsRemux: !last, next: last ? null : moov.end };
  }
  const { index, patches, end, whole, next } = await read(window, moov);
  const empty = index.end === 0;
  const duration = empty ? null : Math.max(...[...index.tracks.values()].map((track) => track.end / track.timescale));
  if (next === null && empty) throw unreadable();
  const dropped = next === null ? file.size - whole : 0;
  if (dropped > 0) await file.truncate(whole);
  for (const each of patches) await patch(file, each);
  if (next !== null || behind) return { duration, dropped, seekable: false, needsRemux: true, next };
  const made = await conclude(file, window, moov, { index, end });
  const plain = typeof made === 'number';
  return { duration: plain ? made : duration, dropped, seekable: plain, needsRemux: made === 'impossible', next };
}

/** The movie box at the beginning; of a plain file that has all of it, the one that tells of all samples. */
async function movieOf(file: DiskFile, window: FileWindow): Promise<Box> {
  const found = await findMovie(window);
  if (found && (boxIn(window, found, 'mvex') || (await isSound(window, found)))) return found;
  const unfold = await unfoldOf(window);
  if (unfold) {
    await patch(file, unfold);
    await window.load(0);
  }
  const moov = await findMovie(window);
  if (!moov) throw unreadable();
  return moov;
}

/** Whether boxes fill it, among them what a plain file needs. The window is on its beginning afterwards. */
async function isSound(window: FileWindow, moov: Box): Promise<boolean> {
  const found = new Set<string>();
  let at = moov.data;
  while (at < moov.end) {
    await window.fetch(at, HEADER);
    const child = boxAt(window, at);
    if (!child) break;
    found.add(child.type);
    at = child.end;
  }
  await window.load(moov.at);
  return at === moov.end && found.has('mvhd') && found.has('trak');
}

/**
 * Makes a plain file of a fragmented one that its muxer has ended, by what was gathered while it was written. Reads as much
 * of an hour as of a minute: the head.
 */
export async function finishMp4(file: DiskFile, index: MovieIndex): Promise<void> {
  const window = new FileWindow(file, file.size, SMALL);
  const moov = await findMovie(window);
  const made = moov && (await conclude(file, window, moov, { index, end: index.end }));
  // What was gathered is not all of it: the walk over the file tells what there is.
  if (!made || made === 'impossible') await repairMp4(file);
}

/** Holds a head. */
const SMALL = 32 * 1024;

/**
 * Appends a movie box that tells of all samples, and then hides in one box of media what the file began with: before that
 * one write it is a fragmented MP4, and after it a plain one. Where that cannot be, it stays fragmented, and its head is
 * told the durations, by which Firefox goes. Answers how many seconds the plain one has, or why it is none.
 */
async function conclude(
  file: DiskFile,
  window: FileWindow,
  moov: Box,
  { index, end }: { index: MovieIndex; end: number },
): Promise<number | 'no-room' | 'impossible'> {
  const fold = await foldOf(window, moov, end);
  const inWindow = await window.fetch(moov.at, moov.end - moov.at);
  const movie = fold && inWindow ? index.movie(window, moov) : null;
  if (movie) {
    if (end < file.size) await file.truncate(end);
    if (await folded(file, end, movie.bytes, fold!)) return movie.duration;
  }
  for (const each of await durationPatches(window, moov, index.tracks)) await patch(file, each);
  return movie ? 'no-room' : 'impossible';
}

/** Answers whether the disk had room for it. What is to hide the head is written when what takes its place is there for good. */
async function folded(file: DiskFile, end: number, movie: Uint8Array, fold: Patch): Promise<boolean> {
  if (await written(file, movie, end)) {
    await file.flush();
    if (await written(file, fold.bytes, fold.at)) return true;
  }
  if (file.size > end) await file.truncate(end);
  return false;
}

async function read(window: FileWindow, moov: Box): Promise<Contents> {
  const contents: Contents = {
    index: new MovieIndex(window, moov),
    end: moov.end,
    whole: moov.end,
    next: null,
    patches: [],
  };
  for (let at = moov.end; at < window.end;) {
    if (window.lacks(at, HEADER)) await window.load(at);
    const box = boxAt(window, at);
    if (box?.type === 'ftyp') {
      contents.next = at;
      break;
    }
    if (box?.type === 'moof' && box.end + 8 <= window.end) {
      const next = await readFragmentAt(window, contents, box);
      if (next === null) break;
      at = contents.end = contents.whole = next;
    } else if (box && box.end <= window.end && BESIDE.has(box.type)) {
      at = contents.whole = box.end;
      if (!ANEW.has(box.type)) contents.end = at;
    } else {
      const next = await window.find(MOOF, at + 8, HEADER + 8, (found) => boxAt(window, found + 8)?.type === 'mfhd');
      if (next === null) break;
      contents.patches.push({ at, bytes: join([uint(next - at, 4), fourcc('free')]) });
      at = next;
    }
  }
  return contents;
}

/** A size below 16 MiB and the type. */
const MOOF = [0, -1, -1, -1, ...fourcc('moof')];

/** What tells of all samples, and is made anew. */
const ANEW: ReadonlySet<string> = new Set(['mfra', 'moov']);

const BESIDE: ReadonlySet<string> = new Set([
  ...ANEW,
  'mdat',
  'free',
  'skip',
  'styp',
  'sidx',
  'emsg',
  'prft',
  'udta',
  'uuid',
]);

/** Takes a fragment in; answers where the next begins, or null when nothing of this one can be kept. */
async function readFragmentAt(window: FileWindow, contents: Contents, moof: Box): Promise<number | null> {
  const inWindow = await window.fetch(moof.at, moof.end - moof.at);
  const parts = inWindow ? readFragment(window, moof, contents.index.tracks) : null;
  await window.fetch(moof.end, HEADER);
  const mdat = boxAt(window, moof.end);
  if (mdat?.type === 'mdat') {
    // Minutes without a key frame: not from a recorder of this package, and kept as it is where it is whole.
    if (!inWindow) {
      contents.index.miss();
      return mdat.end <= window.end ? mdat.end : null;
    }
    const dataEnd = parts ? lastEnd(parts) : Infinity;
    if (dataEnd <= window.end) {
      // The samples say where they end, too; they are right where the size of the box leads nowhere.
      const misled =
        mdat.end > window.end || (!(await continues(window, mdat.end)) && (await continues(window, dataEnd)));
      if (misled) contents.patches.push(sized(mdat, dataEnd));
      if (misled || dataEnd <= mdat.end) return keep(contents, parts!, misled ? dataEnd : mdat.end);
    } else if (parts && mdat.end > window.end) {
      return salvage(window, contents, mdat, parts);
    }
  }
  // What it says about its samples cannot be true: players are told to pass it by.
  contents.patches.push({ at: moof.at + 4, bytes: fourcc('free') });
  return moof.end;
}

/**
 * Keeps the leading samples of a torn fragment that are whole. What shrinks keeps its place: a box that is left empty
 * becomes `free`, and a run that is shortened is followed by unused bytes within its box, which Chromium, Firefox and
 * ffmpeg pass over.
 */
function salvage(window: FileWindow, contents: Contents, mdat: Box, parts: TrackFragment[]): number | null {
  const { patches } = contents;
  for (const { ends, durations } of parts.flatMap(({ runs }) => runs)) {
    const torn = ends.findIndex((end) => end > window.end);
    if (torn >= 0) ends.length = durations.length = torn;
  }
  const kept = parts.filter(({ runs }) => runs.some(({ ends }) => ends.length > 0));
  if (kept.length === 0) return null;
  for (const { box, runs } of parts) {
    const whole = runs.filter(({ ends }) => ends.length > 0);
    const empty = whole.length === 0 ? [box] : runs.filter((run) => !whole.includes(run)).map((run) => run.box);
    patches.push(...empty.map(({ at }) => ({ at: at + 4, bytes: fourcc('free') })));
    patches.push(...whole.map(({ countAt, ends }) => ({ at: countAt, bytes: uint(ends.length, 4) })));
  }
  const end = lastEnd(kept);
  patches.push(sized(mdat, end));
  return keep(contents, kept, end);
}

const lastEnd = (parts: TrackFragment[]): number =>
  Math.max(...parts.flatMap(({ runs }) => runs.map(({ ends }) => ends.at(-1) ?? 0)));

/** A box with its end moved. */
function sized({ at, data }: Box, end: number): Patch {
  return data - at === 16 ? { at: at + 8, bytes: uint(end - at, 8) } : { at, bytes: uint(end - at, 4) };
}

function keep({ index }: Contents, parts: TrackFragment[], end: number): number {
  index.add(parts);
  return end;
}

/** Whether a box begins there, or the file ends. */
async function continues(window: FileWindow, at: number): Promise<boolean> {
  if (at >= window.end) return at === window.end;
  await window.fetch(at, HEADER);
  const box = boxAt(window, at);
  return box !== null && (box.type === 'moof' || BESIDE.has(box.type));
}
