import { boxesIn, boxIn, type Box } from './boxes.js';
import type { FileWindow } from './window.js';

/** A track, as the head of the file describes it (`trex`), and what the fragments add to it. */
export interface Track {
  id: number;
  /** Units a second. */
  timescale: number;
  defaults: { duration: number; size: number; flags: number };
  /** Where its last sample ends, in units. */
  end: number;
}

/** Samples that lie in a row; offsets are those of the file. */
export interface Run {
  box: Box;
  /** Where the number of samples stands. */
  countAt: number;
  /** Where the first sample begins, and where each ends. */
  begin: number;
  ends: number[];
  /** How long each sample is, in units of its track. */
  durations: number[];
  /** By how much later than it is decoded each sample is shown, in units. */
  shifts: number[];
  /** Whether each sample can be shown without those before it. */
  keys: boolean[];
}

/** What a fragment holds of one track. */
export interface TrackFragment {
  box: Box;
  track: Track;
  /** Decode time of the first sample, in units. */
  time: number;
  /** Which description its samples have, counted from 1. */
  description: number;
  runs: Run[];
}

/** Not a key frame: bit 16 of a sample's flags. */
const NON_SYNC = 0x10000;

/** Reads a `moof` that lies in the window; null when its parts contradict each other. */
export function readFragment(
  window: FileWindow,
  moof: Box,
  tracks: ReadonlyMap<number, Track>,
): TrackFragment[] | null {
  const parts: TrackFragment[] = [];
  // Without an offset of its own, data follows what came before (14496-12, 8.8.7).
  let next = moof.at;
  let reached = moof.data;
  for (const box of boxesIn(window, moof.data, moof.end)) {
    reached = box.end;
    if (box.type !== 'traf') continue;
    const header = boxIn(window, box, 'tfhd');
    const track = header && tracks.get(window.uint(header.data + 4, 4));
    if (!track) return null;
    const flags = window.uint(header.data + 1, 3);
    let at = header.data + 8;
    const optional = (flag: number, width: number, absent: number): number => {
      if ((flags & flag) === 0) return absent;
      at += width;
      return window.uint(at - width, width);
    };
    const base = optional(0x1, 8, flags & 0x20000 ? moof.at : next);
    const description = optional(0x2, 4, 1);
    const duration = optional(0x8, 4, track.defaults.duration);
    const size = optional(0x10, 4, track.defaults.size);
    const part = { box, track, time: readTime(window, box) ?? track.end, description, runs: [] as Run[] };
    const defaults = { duration, size, flags: optional(0x20, 4, track.defaults.flags) };
    let from = base;
    for (const run of boxesIn(window, box.data, box.end)) {
      if (run.type !== 'trun') continue;
      const read = readRun(window, run, base, from, defaults);
      if (!read) return null;
      part.runs.push(read);
      from = read.ends.at(-1) ?? from;
    }
    next = from;
    if (part.runs.length > 0) parts.push(part);
  }
  return reached === moof.end && parts.length > 0 ? parts : null;
}

/** Where a fragment's part of a track ends, in units. */
export function endOf({ time, runs }: TrackFragment): number {
  const durations = runs.flatMap((run) => run.durations);
  // The muxer guesses 0 for the last sample of a fragment where it does not know the next.
  const last = durations.at(-1) || durations.at(-2) || 0;
  return time + durations.slice(0, -1).reduce((sum, duration) => sum + duration, 0) + last;
}

function readRun(window: FileWindow, box: Box, base: number, from: number, defaults: Track['defaults']): Run | null {
  const flags = window.uint(box.data + 1, 3);
  const countAt = box.data + 4;
  const count = window.uint(countAt, 4);
  let at = countAt + 4;
  let end = from;
  if (flags & 0x1) {
    end = base + window.int32(at);
    at += 4;
  }
  const first = flags & 0x4 ? window.uint(at, 4) : null;
  if (first !== null) at += 4;
  const sized = (flags & 0x200) !== 0 || defaults.size > 0;
  const fields = [0x100, 0x200, 0x400, 0x800].map((flag) => (flags & flag) !== 0);
  const width = 4 * fields.filter(Boolean).length;
  if (at + count * width > box.end || (width === 0 && count > MAX_PLAIN) || (!sized && count > 1)) return null;

  const run: Run = { box, countAt, begin: end, ends: [], durations: [], shifts: [], keys: [] };
  for (let sample = 0; sample < count; sample++) {
    const [duration, size, flagsOf, shift] = fields.map((present, column) => {
      if (!present) return null;
      at += 4;
      return column === 3 ? window.int32(at - 4) : window.uint(at - 4, 4);
    });
    end += size ?? defaults.size;
    run.ends.push(end);
    run.durations.push(duration ?? defaults.duration);
    run.shifts.push(shift ?? 0);
    run.keys.push((((sample === 0 ? first : null) ?? flagsOf ?? defaults.flags) & NON_SYNC) === 0);
  }
  return run;
}

/** Most samples that a run may claim without a field for each. */
const MAX_PLAIN = 1 << 16;

function readTime(window: FileWindow, traf: Box): number | undefined {
  const box = boxIn(window, traf, 'tfdt');
  return box && window.uint(box.data + 4, window.byte(box.data) === 1 ? 8 : 4);
}
