import { box, boxAt, boxesIn, boxIn, HEADER, table, type Box } from './boxes.js';
import { uint } from './ebml.js';
import type { Track } from './fragment.js';
import { unreadable } from './report.js';
import type { FileWindow, Patch } from './window.js';

/**
 * The movie box; null where there is none. It lies in the window afterwards; all of it when the file is a fragmented one,
 * whose head is small.
 */
export async function findMovie(window: FileWindow): Promise<Box | null> {
  for (let at = 0; at < window.end;) {
    if (window.lacks(at, HEADER)) await window.load(at);
    const found = boxAt(window, at);
    if (!found || found.end > window.end) break;
    if (found.type === 'moov') {
      await window.fetch(at, found.end - at);
      return found;
    }
    at = found.end;
  }
  return null;
}

/** The tracks of a fragmented file, which `moov` in the window describes. */
export function readTracks(window: FileWindow, moov: Box): Map<number, Track> {
  const tracks = new Map<number, Track>();
  for (const trak of boxesIn(window, moov.data, moov.end)) {
    const header = boxIn(window, trak, 'tkhd');
    const media = boxIn(window, trak, 'mdia', 'mdhd');
    if (trak.type !== 'trak' || !header || !media) continue;
    const id = numberOf(window, header);
    const defaults = { duration: 0, size: 0, flags: 0 };
    tracks.set(id, { id, timescale: timingOf(window, media).timescale, defaults, end: 0 });
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
  const { timescale, durationAt, width } = timingOf(window, header);
  return window.uint(durationAt, width) / timescale;
}

/** Units a second, and where a duration in them stands: of a movie (`mvhd`), a media (`mdhd`), or a track (`tkhd`), which has no unit. */
export function timingOf(window: FileWindow, header: Box): { timescale: number; durationAt: number; width: number } {
  const wide = window.byte(header.data) === 1;
  const numbersAt = header.data + (wide ? 20 : 12);
  const durationAt = numbersAt + (header.type === 'tkhd' ? 8 : 4);
  return { timescale: window.uint(numbersAt, 4) || 1, durationAt, width: wide ? 8 : 4 };
}

/** The number of a track, from its header. */
export const numberOf = (window: FileWindow, tkhd: Box): number =>
  window.uint(tkhd.data + (window.byte(tkhd.data) === 1 ? 20 : 12), 4);

/** A number of so many bytes, or the largest that they hold. */
const held = (value: number, width: number): Uint8Array =>
  uint(Math.min(Math.round(value), 2 ** (width * 8) - 1), width);

/** A copy of a header with a duration in its units. */
export function lasting(window: FileWindow, header: Box, duration: number): Uint8Array {
  const copy = window.copy(header.at, header.end);
  const { durationAt, width } = timingOf(window, header);
  copy.set(held(duration, width), durationAt - header.at);
  return copy;
}

/** Units a second. */
interface Scales {
  movie: number;
  track: number;
}

/** When a track begins by its edit list, in seconds: what is left empty before it, or, below 0, what of it is left out. */
export function startOf(window: FileWindow, trak: Box, scales: Scales): number {
  const list = boxIn(window, trak, 'edts', 'elst');
  if (!list) return 0;
  const width = window.byte(list.data) === 1 ? 8 : 4;
  let empty = 0;
  for (let at = list.data + 8; at + 2 * width + 4 <= list.end; at += 2 * width + 4) {
    const time = window.uint(at + width, width);
    if (time < 2 ** (8 * width - 1)) return empty / scales.movie - time / scales.track;
    empty += window.uint(at, width);
  }
  return empty / scales.movie;
}

/** The edit list of a track that begins then and has so much media; none where it begins at 0. Seconds. */
export function editsOf(start: number, duration: number, scales: Scales): Uint8Array[] {
  const [empty, skipped] = [Math.round(start * scales.movie), Math.round(-start * scales.track)];
  const rest = Math.max(0, Math.round((duration + Math.min(0, start)) * scales.movie));
  const rows = [...(empty > 0 ? [[empty, -1]] : []), [rest, Math.max(0, skipped)]];
  if (empty <= 0 && skipped <= 0) return [];
  return [box('edts', table('elst', 0, rows.length, ...rows.map((row) => [...row, 1 << 16])))];
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
    patches.push({ at, bytes: held(value, width) });
  };
  const movie = boxIn(window, moov, 'mvhd');
  if (!movie) return patches;
  const { timescale, durationAt, width } = timingOf(window, movie);
  let longest = 0;
  for (const trak of boxesIn(window, moov.data, moov.end)) {
    const header = trak.type === 'trak' ? boxIn(window, trak, 'tkhd') : undefined;
    const media = header && boxIn(window, trak, 'mdia', 'mdhd');
    if (!media) continue;
    const track = tracks.get(numberOf(window, header));
    if (!track) continue;
    const units = (track.end / track.timescale) * timescale;
    longest = Math.max(longest, units);
    const [whole, own] = [timingOf(window, header), timingOf(window, media)];
    put(whole.durationAt, units, whole.width);
    put(own.durationAt, track.end, own.width);
  }
  put(durationAt, longest, width);
  const extent = boxIn(window, moov, 'mvex', 'mehd');
  if (extent) put(extent.data + 4, longest, window.byte(extent.data) === 1 ? 8 : 4);
  return patches;
}
