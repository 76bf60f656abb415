import assert from 'node:assert/strict';
import type { Tab } from './browser.js';
import { decode, inspect } from './ffmpeg.js';
import { missingUntil } from './media.js';
import type { Listed, RecorderStatus, Stage } from './stage.js';

/** Two takes of one producer at once, so that each fault is met by both formats. */
export const BOTH_FORMATS = [
  { 'recording-name': 'webm', format: 'webm' },
  { 'recording-name': 'mp4', format: 'mp4' },
];

export interface Survivor extends Listed {
  file: string;
  /** Seconds of pictures and of sound that are not there, counted to the moment of the fault. */
  missing: { video: number; audio: number };
}

/** Starts takes of a picture with a clock in it; answers when all have media on disk, with what they promise. */
export async function roll(tab: Tab, recorders: number): Promise<RecorderStatus[]> {
  const states = await tab.call<string[]>('start');
  assert.deepEqual(
    states,
    Array.from({ length: recorders }, () => 'recording'),
    JSON.stringify(await tab.call('log')),
  );
  await tab.call('firstBytes', recorders);
  return tab.call<RecorderStatus[]>('status');
}

/**
 * What a library makes of what a fault left: every take is listed, finished, decodes from start to end without an
 * error, has its picture and its sound, and starts with a key frame. Answers how much of each is missing.
 * @param moment of the fault, milliseconds since the epoch; by take where they are not the same
 */
export async function survivors(
  stage: Stage,
  tab: Tab,
  moment: number | ((take: Listed) => number),
): Promise<Survivor[]> {
  const listed = await tab.call<Listed[]>('settled');
  const found: Survivor[] = [];
  for (const recording of listed) {
    assert.equal(recording.state, 'recovered', JSON.stringify(recording));
    const file = await stage.fetch(tab, recording);
    const [{ streams, packets }, { errors, frames }] = await Promise.all([inspect(file), decode(file)]);
    assert.deepEqual(errors, [], `${recording.name} decodes without an error`);
    assert.ok(frames > 0);
    const kinds = streams.map(({ codec_type }) => codec_type).sort();
    assert.deepEqual(kinds, ['audio', 'video'], `${recording.name} has its picture and its sound`);
    const first = packets.find(({ type }) => type === 'video');
    assert.equal(first?.key, true, `${recording.name} starts with a key frame`);
    const until = typeof moment === 'number' ? moment : moment(recording);
    found.push({ ...recording, file, missing: await missingUntil(file, until) });
  }
  return found;
}

/** Most seconds that may be missing of a take, by the promise that held when it ran; never more than one. */
export function assertKept(survivor: Survivor, promised: number): void {
  const { name, missing } = survivor;
  const limit = Math.min(promised, 1);
  assert.ok(missing.video <= limit, `${name}: ${missing.video.toFixed(2)} s of pictures are missing`);
  assert.ok(missing.audio <= limit, `${name}: ${missing.audio.toFixed(2)} s of sound are missing`);
}

export const told = (survivor: Survivor, moment: string): string => {
  const { name, missing, duration, engine } = survivor;
  const sound = `, ${missing.audio.toFixed(2)} s of sound`;
  return `${moment}: ${name} by ${engine}, ${duration.toFixed(2)} s kept, ${missing.video.toFixed(2)} s of pictures${sound} missing`;
};
