import assert from 'node:assert/strict';
import type { Tab } from './browser.js';
import { decode, inspect } from './ffmpeg.js';
import { clockFilter, clockOf, missingBetween, missingSound, type Span } from './media.js';
import type { Guarantee, Listed, RecorderStatus, Stage } from './stage.js';

export type { Span };

/** Two takes of one producer at once, so that each fault is met by both formats. */
export const BOTH_FORMATS = [
  { 'recording-name': 'webm', format: 'webm' },
  { 'recording-name': 'mp4', format: 'mp4' },
];

/** A kind of media that a take is made of. */
export type Track = 'audio' | 'video';

export interface Survivor extends Listed {
  file: string;
  /** Seconds that it has by ffprobe. */
  lasts: number;
  /** Seconds of pictures and of sound that are not there, from the first media on disk to the moment of the fault. */
  missing: { video: number; audio: number };
}

/** Takes that run: what they promise, and since when (milliseconds since the epoch) all have media on disk. */
export interface Rolling {
  from: number;
  promises: Guarantee[];
}

/** Starts takes of a picture with a clock in it. */
export async function roll(tab: Tab, recorders: number): Promise<Rolling> {
  const others = await tab.call<number>('begun');
  const states = await tab.call<string[]>('start');
  assert.deepEqual(
    states,
    Array.from({ length: recorders }, () => 'recording'),
    JSON.stringify(await tab.call('log')),
  );
  const from = await tab.call<number>('firstBytes', others + recorders);
  const status = await tab.call<RecorderStatus[]>('status');
  return { from, promises: status.map(({ guarantee }) => guarantee!) };
}

/**
 * What a library makes of what a fault left: every take is listed, finished, decodes from start to end without an
 * error, has its picture and its sound, and starts with a key frame. Answers how much of each is missing.
 * @param span in which media are to be there; by take where they are not the same
 * @param tracks what there is to each take
 */
export async function survivors(
  stage: Stage,
  tab: Tab,
  span: Span | ((take: Listed) => Span),
  tracks: readonly Track[] = ['audio', 'video'],
): Promise<Survivor[]> {
  const listed = await tab.call<Listed[]>('settled');
  return Promise.all(
    listed.map(async (recording) => {
      assert.equal(recording.state, 'recovered', JSON.stringify(recording));
      const file = await stage.fetch(tab, recording);
      const seen = await inspect(file);
      const { streams, packets, duration: lasts } = seen;
      const kinds = streams.map(({ codec_type }) => codec_type).sort();
      assert.deepEqual(kinds, tracks, `${recording.name} has what it was made of`);
      const pictured = tracks.includes('video');
      const { errors, frames, filtered } = await decode(file, pictured ? { filter: clockFilter(seen) } : {});
      assert.deepEqual(errors, [], `${recording.name} decodes without an error`);
      if (pictured) {
        assert.ok(frames > 0);
        const first = packets.find(({ type }) => type === 'video');
        assert.equal(first?.key, true, `${recording.name} starts with a key frame`);
      }
      const due = typeof span === 'function' ? span(recording) : span;
      const missing = pictured
        ? missingBetween(seen, clockOf(filtered, seen, due.until), due)
        : { video: 0, audio: await missingSound(file, due.from, due.until) };
      return { ...recording, file, lasts, missing };
    }),
  );
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
