import assert from 'node:assert/strict';
import type { Tab } from './browser.js';
import { decode, inspect, type Packet } from './ffmpeg.js';
import { median } from './media.js';
import type { Stage, Stopped } from './stage.js';

/** Seconds by which a file's duration may differ from the media time that was shown. */
export const DURATION = 0.05;

/** Everything that holds for any file that was produced; answers where it lies and what is in it. */
export async function assertConforms(
  stage: Stage,
  tab: Tab,
  take: Stopped,
): Promise<{ file: string; video: Packet[]; audio: Packet[] }> {
  assert.equal(take.state, 'saved');
  const file = await stage.fetch(tab, take);
  const [{ duration, streams, packets: all }, { errors, frames }] = await Promise.all([inspect(file), decode(file)]);
  const what = `${take.name} (${take.mimeType})`;
  assert.deepEqual(errors, [], `${what} decodes without an error`);
  assert.ok(Math.abs(duration - take.shown) <= DURATION, `${what}: ${duration} s by ffprobe, ${take.shown} s shown`);
  assert.ok(
    Math.abs(take.duration - take.shown) <= DURATION,
    `${what}: ${take.duration} s listed, ${take.shown} s shown`,
  );
  // Every source of these tests has sound.
  const kinds = streams.map(({ codec_type }) => codec_type).sort();
  assert.deepEqual(kinds, ['audio', 'video'], `${what} has one picture and one sound track`);

  const video = all.filter(({ type }) => type === 'video');
  const audio = all.filter(({ type }) => type === 'audio');
  assert.equal(frames, video.length);
  for (const track of [video, audio]) {
    for (const [index, packet] of track.entries()) {
      const before = track[index - 1];
      if (before)
        assert.ok(packet.pts > before.pts, `${what}: ${packet.type} at ${packet.pts} s follows ${before.pts} s`);
    }
  }
  assert.equal(video[0]?.key, true, `${what} starts with a key frame`);
  assert.ok(Math.min(...all.map(({ pts }) => pts)) < DURATION, `${what} starts at 0`);
  return { file, video, audio };
}

/** Jumps to 80 % in the browser that made the file, and plays on from there. */
export async function assertSeeks(tab: Tab, file: string): Promise<number> {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const seen = await tab.call<{ duration: number; currentTime: number; took: number; width: number }>(
    'seek',
    name,
    0.8,
  );
  assert.ok(Number.isFinite(seen.duration));
  assert.ok(
    Math.abs(seen.currentTime - seen.duration * 0.8) < 0.5,
    `landed at ${seen.currentTime} of ${seen.duration} s`,
  );
  assert.ok(seen.width > 0);
  return seen.took;
}

/** Milliseconds from flash to beep, of all that were made (at least `count`): the median and the worst. */
export function assertTogether(what: string, offsets: readonly number[], count: number): void {
  assert.ok(offsets.length >= count, `${what}: ${offsets.length} of ${count} flashes`);
  assert.ok(Math.abs(median(offsets)) <= 20, toldTogether(what, offsets));
  assert.ok(Math.max(...offsets.map(Math.abs)) <= 80, toldTogether(what, offsets));
}

export function toldTogether(what: string, offsets: readonly number[]): string {
  const worst = Math.max(...offsets.map(Math.abs));
  return `${what}: sound after picture by ${median(offsets).toFixed(0)} ms (median), ${worst.toFixed(0)} ms at worst, of ${offsets.length} flashes`;
}
