import type { DiskFile } from '../disk.js';
import { boxAt, boxIn, fourcc, HEADER, type Box } from './boxes.js';
import { join, uint } from './ebml.js';
import { endOf, readFragment, type Track, type TrackFragment } from './fragment.js';
import { indexOf, isWholeIndex, lastFragments } from './mfra.js';
import { durationPatches, findMovie, movieDuration, readTracks } from './movie.js';
import { unreadable, type Finished } from './report.js';
import { Rows } from './rows.js';
import { appended, FileWindow, patch, type Patch } from './window.js';

interface Contents {
  tracks: Map<number, Track>;
  /** For each track: time, position of the fragment, number of the track within it. */
  starts: Map<number, Rows>;
  /** The index at the end, where it is whole. */
  index: Box | null;
  /** End of the last whole fragment or box. */
  end: number;
  /** Where another recording begins; null where there is none. */
  next: number | null;
  damaged: boolean;
  patches: Patch[];
}

/**
 * Finishes a cut-off fragmented MP4 in place: whole samples of the torn last fragment are kept, the rest is cut, an
 * index (`mfra`) is appended, and the durations in the head, by which Firefox goes, are filled in. Each step may be
 * repeated. A plain MP4, which is only ever whole or lost, is left as it is.
 */
export async function repairMp4(file: DiskFile): Promise<Finished> {
  const window = await FileWindow.open(file);
  const moov = await findMovie(window);
  if (!boxIn(window, moov, 'mvex')) {
    return { duration: movieDuration(window, moov), dropped: 0, seekable: true, needsRemux: false, next: null };
  }
  const contents = await read(window, moov);
  const { tracks, starts, end, next } = contents;
  if (starts.size === 0) throw unreadable();
  const duration = Math.max(...[...tracks.values()].map((track) => track.end / track.timescale));
  if (next !== null) {
    for (const each of contents.patches) await patch(file, each);
    return { duration, dropped: 0, seekable: false, needsRemux: true, next };
  }

  const keepsIndex = contents.index !== null && !contents.damaged;
  const mediaEnd = contents.index && !keepsIndex ? contents.index.at : end;
  const dropped = file.size - end;
  if (mediaEnd < file.size) await file.truncate(mediaEnd);
  for (const each of contents.patches) await patch(file, each);
  const seekable = keepsIndex || (await appended(file, indexOf(starts), mediaEnd));
  for (const each of await durationPatches(window, moov, tracks)) await patch(file, each);
  return { duration, dropped, seekable, needsRemux: false, next };
}

/**
 * Fills the durations into the head of a fragmented MP4 that its muxer has ended, from its last fragments. Reads as much
 * of an hour as of a minute: the head, and what the index points to.
 */
export async function finishMp4(file: DiskFile): Promise<void> {
  const window = new FileWindow(file, file.size, SMALL);
  const moov = await findMovie(window);
  const tracks = readTracks(window, moov);
  // What does not fit in is left to the walk over all of it.
  const read = moov.end - moov.at <= SMALL && (await readEnds(window, tracks));
  if (!read) await repairMp4(file);
  else for (const each of await durationPatches(window, moov, tracks)) await patch(file, each);
}

/** Holds a head, or the description of a fragment. */
const SMALL = 32 * 1024;

/** Finds out where the tracks end; answers whether all of it could be read. */
async function readEnds(window: FileWindow, tracks: ReadonlyMap<number, Track>): Promise<boolean> {
  const fragments = await lastFragments(window);
  for (const at of [...(fragments ?? [])].sort((a, b) => a - b)) {
    await window.fetch(at, HEADER);
    const moof = boxAt(window, at);
    const whole = moof?.type === 'moof' && (await window.fetch(at, moof.end - at));
    const parts = whole ? readFragment(window, moof, tracks) : null;
    if (!parts) return false;
    for (const part of parts) part.track.end = endOf(part);
  }
  return fragments !== null && fragments.size > 0;
}

async function read(window: FileWindow, moov: Box): Promise<Contents> {
  const contents: Contents = {
    tracks: readTracks(window, moov),
    starts: new Map(),
    index: null,
    end: moov.end,
    next: null,
    damaged: false,
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
      at = contents.end = next;
    } else if (box && box.end <= window.end && BESIDE.has(box.type)) {
      if (box.type === 'mfra' && (await isWholeIndex(window, box))) contents.index = box;
      else if (box.type === 'mfra') break;
      at = contents.end = box.end;
    } else {
      const next = await window.find(MOOF, at + 8, HEADER + 8, (found) => boxAt(window, found + 8)?.type === 'mfhd');
      if (next === null) break;
      contents.patches.push({ at, bytes: join([uint(next - at, 4), fourcc('free')]) });
      contents.damaged = true;
      at = next;
    }
  }
  return contents;
}

/** A size below 16 MiB and the type. */
const MOOF = [0, -1, -1, -1, ...fourcc('moof')];

const BESIDE: ReadonlySet<string> = new Set([
  'mdat',
  'mfra',
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
  const parts = inWindow ? readFragment(window, moof, contents.tracks) : null;
  await window.fetch(moof.end, HEADER);
  const mdat = boxAt(window, moof.end);
  if (mdat?.type === 'mdat') {
    // Minutes without a key frame: not from a recorder of this package, and kept as it is where it is whole.
    if (!inWindow) return mdat.end <= window.end ? mdat.end : null;
    const dataEnd = parts ? lastEnd(parts) : Infinity;
    if (dataEnd <= window.end) {
      // The samples say where they end, too; they are right where the size of the box leads nowhere.
      const misled =
        mdat.end > window.end || (!(await continues(window, mdat.end)) && (await continues(window, dataEnd)));
      if (misled) contents.patches.push(sized(mdat, dataEnd));
      if (misled || dataEnd <= mdat.end) return keep(contents, moof, parts!, misled ? dataEnd : mdat.end);
    } else if (parts && mdat.end > window.end) {
      return salvage(window, contents, moof, mdat, parts);
    }
  }
  // What it says about its samples cannot be true: players are told to pass it by.
  contents.patches.push({ at: moof.at + 4, bytes: fourcc('free') });
  contents.damaged = true;
  return moof.end;
}

/**
 * Keeps the leading samples of a torn fragment that are whole. What shrinks keeps its place: a box that is left empty
 * becomes `free`, and a run that is shortened is followed by unused bytes within its box, which Chromium, Firefox and
 * ffmpeg pass over.
 */
function salvage(window: FileWindow, contents: Contents, moof: Box, mdat: Box, parts: TrackFragment[]): number | null {
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
  return keep(contents, moof, kept, end);
}

const lastEnd = (parts: TrackFragment[]): number =>
  Math.max(...parts.flatMap(({ runs }) => runs.map(({ ends }) => ends.at(-1) ?? 0)));

/** A box with its end moved. */
function sized({ at, data }: Box, end: number): Patch {
  return data - at === 16 ? { at: at + 8, bytes: uint(end - at, 8) } : { at, bytes: uint(end - at, 4) };
}

function keep(contents: Contents, moof: Box, parts: TrackFragment[], end: number): number {
  parts.forEach((part, index) => {
    const { track, start, key } = part;
    track.end = endOf(part);
    const rows = contents.starts.get(track.id) ?? new Rows(3);
    contents.starts.set(track.id, rows);
    if (key) rows.add(start, moof.at, index + 1);
  });
  return end;
}

/** Whether a box begins there, or the file ends. */
async function continues(window: FileWindow, at: number): Promise<boolean> {
  if (at >= window.end) return at === window.end;
  await window.fetch(at, HEADER);
  const box = boxAt(window, at);
  return box !== null && (box.type === 'moof' || BESIDE.has(box.type));
}
