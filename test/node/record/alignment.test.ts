import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Alignment } from '../../../src/core/record/alignment.js';
import type { AudioLane } from '../../../src/core/record/audio-lane.js';
import { AudioTimeline } from '../../../src/core/record/audio-timeline.js';
import { PictureTimeline } from '../../../src/core/record/picture-timeline.js';
import type { VideoLane } from '../../../src/core/record/video-lane.js';

const STEP = 1 / 30;
const RATE = 48_000;
/** Seconds that a frame takes to arrive. */
const WAY = 0.02;

describe('pictures and sound beside each other', () => {
  afterEach(() => Reflect.deleteProperty(performance, 'now'));

  it('stay so when one camera takes the place of another, and another one that of the second', () => {
    performance.now = () => 0;
    const video = new PictureTimeline(30, true);
    const audio = new AudioTimeline(RATE, 1, () => {});
    const alignment = new Alignment({ timeline: video } as VideoLane, { timeline: audio } as AudioLane);
    let at = 1;
    /** Frames of a camera, by its own clock; the first of it may come late. Answers how far each is from its place beside the first camera's. */
    const camera = (clock: number, frames: number, late = 0): (number | null)[] => {
      const off: (number | null)[] = [];
      for (let frame = 0; frame < frames; frame++, at += STEP) {
        const arrival = at + WAY + (frame === 0 ? late : 0);
        alignment.arrive(arrival);
        const time = video.push((clock + at) * 1e6, arrival);
        if (time !== null) video.set(time);
        off.push(time === null ? null : time / 1e6 - (at - 1));
        audio.push([new Float32Array(RATE * STEP)], arrival, video.drift);
        alignment.see(arrival);
      }
      return off;
    };
    camera(100, 60);
    video.changeSource(alignment.turn(), true);
    // All of it is laid beside its first frame, which has waited.
    assert.ok(camera(7000, 60, 0.15).every((off) => off !== null && Math.abs(off - 0.15) < 0.01));
    video.changeSource(alignment.turn(), true);
    const third = camera(40, 60);
    assert.ok(
      third.every((off) => off !== null && Math.abs(off - 0.15) < 0.01),
      `none comes too late for its place: ${third.slice(0, 8).join()}`,
    );
    assert.ok(Math.abs(video.drift) < 0.001);
  });
});
