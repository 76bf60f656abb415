/** What a file says of a take during which others wanted the processors. */
import { LADDER } from '../../src/core/quality/index.ts';
import { decode, ffmpeg, packets } from '../../test/support/ffmpeg.ts';
import { widestGap } from '../../test/support/media.ts';
import { median } from './statistics.mjs';

/** Share of the camera's frames from which a second counts as full. */
const FULL = 0.9;

/**
 * @typedef {object} Course
 * @property {{ from: number, to: number }} load milliseconds since the epoch, as all times here
 * @property {number} stop when the take was told to stop: its last picture is of then
 * @property {readonly { at: number, level: number }[]} moves to another quality
 * @property {readonly { at: number, waiting: number }[]} queue pictures that waited for the encoder
 */

/**
 * @param {string} file
 * @param {Course} course
 * @param {{ rate: number, adapting: number }} options frames a second of the camera; seconds of the load that are left to adapt to it
 */
export async function look(file, course, { rate, adapting }) {
  const [all, { errors, frames }, beeps] = await Promise.all([packets(file), decode(file), beepsOf(file)]);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]}`);
  const of = (kind) => all.filter(({ type }) => type === kind);
  const times = of('video')
    .map(({ pts }) => pts)
    .sort((a, b) => a - b);
  if (frames !== times.length) throw new Error(`${file}: ${frames} of ${times.length} frames can be decoded.`);
  const end = times.at(-1) + 1 / rate;
  /** Seconds on the clock of the file. */
  const at = (moment) => end - (course.stop - moment) / 1000;
  const [begin, to] = [at(course.load.from), at(course.load.to)];
  const from = begin + adapting;
  const shares = [{ at: 0, share: 1 }, ...course.moves.map((move) => ({ at: at(move.at), share: shareOf(move) }))];
  const kept = (first, end) => times.filter((time) => time >= first && time < end).length;
  const promised = promiseOf(shares, rate);
  const within = times.filter((time) => time >= from - 1 && time < to + 1);
  const full = course.moves.findLast(({ level }) => level === 1);
  const away = course.moves.length > 0 && course.moves.at(-1).level < 1;
  return {
    seconds: to - from,
    promised: promised(from, to),
    kept: kept(from, to),
    lostAdapting: Math.max(0, Math.round(promised(begin, from) - kept(begin, from))),
    gap: Math.max(...within.slice(1).map((time, index) => time - within[index])),
    soundGap: widestGap(of('audio')),
    beeps,
    /** Seconds after the load; null where it never came back. */
    fullQuality: away ? null : full ? Math.max(0, (full.at - course.load.to) / 1000) : 0,
    fullRate: backAt(times, end, to, rate),
    course: secondsOf({ ...course, at, end, shares, kept, promised }),
    band: { from: begin, to },
  };
}

const levelOf = ({ level }) => LADDER.find((one) => one.level === level);
const shareOf = (move) => levelOf(move).frameRate;

/** Frames that were promised from one moment to another. */
function promiseOf(shares, rate) {
  return (from, to) =>
    shares.reduce((sum, { at, share }, index) => {
      const until = shares[index + 1]?.at ?? Infinity;
      return sum + Math.max(0, Math.min(to, until) - Math.max(from, at)) * share * rate;
    }, 0);
}

/** Seconds after the load from which on every second is full; null where the last one is not. */
function backAt(times, end, to, rate) {
  let back = null;
  for (let until = end - 1 / rate; until - 1 >= to; until -= 0.1) {
    if (times.filter((time) => time >= until - 1 && time < until).length < FULL * rate) break;
    back = until - 1 - to;
  }
  return back;
}

/** One row a second of the take. */
function secondsOf({ moves, queue, at, end, kept, promised }) {
  return Array.from({ length: Math.floor(end) }, (_, second) => {
    const last = moves.findLast((move) => at(move.at) < second + 1);
    const waiting = queue.filter((one) => Math.floor(at(one.at)) === second).map((one) => one.waiting);
    return {
      second,
      level: last?.level ?? 1,
      waiting: Math.max(0, ...waiting),
      promised: promised(second, second + 1),
      kept: kept(second, second + 1),
    };
  });
}

/**
 * Beeps of the browser's fake microphone, which makes them at even distances: those that are in the file, and those that
 * are missing between the first and the last of them.
 */
async function beepsOf(file) {
  const rate = 48_000;
  const aligned = ['-map', '0:a:0', '-af', 'aresample=async=1:first_pts=0', '-ac', '1', '-ar', String(rate)];
  const raw = await ffmpeg('-i', file, ...aligned, '-f', 's16le', '-');
  const samples = new Int16Array(raw.buffer, raw.byteOffset, raw.byteLength >> 1);
  const loud = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) / 4;
  const found = [];
  let quiet = rate;
  for (const [index, sample] of samples.entries()) {
    const hit = loud > 0 && Math.abs(sample) >= loud;
    if (hit && quiet > rate / 10) found.push(index / rate);
    quiet = hit ? 0 : quiet + 1;
  }
  const steps = found.slice(1).map((time, index) => time - found[index]);
  const due = steps.length > 0 ? Math.round((found.at(-1) - found[0]) / median(steps)) + 1 : 0;
  return { heard: found.length, lost: Math.max(0, due - found.length) };
}
