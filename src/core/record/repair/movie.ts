import { boxAt, boxesIn, boxIn, HEADER, type Box } from './boxes.js';
import { uint } from './ebml.js';
import type { Track } from './fragment.js';
import { unreadable } from './report.js';
import type { FileWindow, Patch } from './window.js';

/** The movie box. It lies in the window afterwards; all of it when the file is a fragmented one, whose head is small. */
export async function findMovie(window: FileWindow): Promise<Box> {
  for (let at = 0; at < window.end;) {
    if (window.lacks(at, HEADER)) await window.load(at);
    const box = boxAt(window, at);
    if (!box || box.end > window.end) break;
    if (box.type === 'moov') {
      await window.fetch(at, box.end - at);
      return box;
    }
    at = box.end;
  }
  throw unreadable();
}

/** The tracks of a fragmented file, which `moov` in the window describes. */
export function readTracks(window: FileWindow, moov: Box): Map<number, Track> {
  const tracks = new Map<number, Track>();
  for (const trak of boxesIn(window, moov.data, moov.end)) {
    const header = boxIn(window, trak, 'tkhd');
    const media = boxIn(window, trak, 'mdia', 'mdhd');
    if (trak.type !== 'trak' || !header || !media) continue;
    const id = window.uint(header.data + (window.byte(header.data) === 1 ? 20 : 12), 4);
    const defaults = { duration: 0, size: 0, flags: 0 };
    tracks.set(id, { id, timescale: timing(window, media).timescale || 1, defaults, end: 0 });
  }
  for (const trex of boxesIn(window, boxIn(window, moov, 'mvex')!.data, moov.end)) {
    const track = tracks.get(window.uint(trex.data + 4, 4));
    if (trex.type !== 'trex' || !track) continue;
    const [duration, size, flags] = [12, 16, 20].map((offset) => window.uint(trex.data + offset, 4));
    track.defaults = { duration: duration!, size: size!, flags: flags! };
  }
  return tracks;
}

/** Seconds, as the head of a plain MP4 tells them. */
export function movieDuration(window: FileWindow, moov: Box): number {
  const header = boxIn(window, moov, 'mvhd');
  if (!header) throw unreadable();
  const { timescale, durationAt, width } = timing(window, header);
  return window.uint(durationAt, width) / (timescale || 1);
}

/** Where `mvhd` and `mdhd` have their timescale and duration. */
function timing(window: FileWindow, header: Box): { timescale: number; durationAt: number; width: number } {
  const wide = window.byte(header.data) === 1;
  const timescaleAt = header.data + (wide ? 20 : 12);
  return { timescale: window.uint(timescaleAt, 4), durationAt: timescaleAt + 4, width: wide ? 8 : 4 };
}

/** What makes the head tell how long the tracks came to be; it was written when nobody knew. */
export async function durationPatches(
  window: FileWindow,
  moov: Box,
  tracks: ReadonlyMap<number, Track>,
): Promise<Patch[]> {
  await window.fetch(moov.at, moov.end - moov.at);
  const patches: Patch[] = [];
  const put = (at: number, value: number, width: number): void => {
    patches.push({ at, bytes: uint(Math.min(Math.round(value), 2 ** (width * 8) - 1), width) });
  };
  const movie = boxIn(window, moov, 'mvhd');
  if (!movie) return patches;
  const { timescale, durationAt, width } = timing(window, movie);
  let longest = 0;
  for (const trak of boxesIn(window, moov.data, moov.end)) {
    const header = trak.type === 'trak' ? boxIn(window, trak, 'tkhd') : undefined;
    const media = header && boxIn(window, trak, 'mdia', 'mdhd');
    if (!media) continue;
    const wide = window.byte(header.data) === 1;
    const track = tracks.get(window.uint(header.data + (wide ? 20 : 12), 4));
    if (!track) continue;
    const units = (track.end / track.timescale) * timescale;
    longest = Math.max(longest, units);
    put(header.data + (wide ? 28 : 20), units, wide ? 8 : 4);
    const own = timing(window, media);
    put(own.durationAt, track.end, own.width);
  }
  put(durationAt, longest, width);
  const extent = boxIn(window, moov, 'mvex', 'mehd');
  if (extent) put(extent.data + 4, longest, window.byte(extent.data) === 1 ? 8 : 4);
  return patches;
}
