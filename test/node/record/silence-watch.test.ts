import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { AudioMix } from '../../../src/core/audio/index.js';
import { SampleWatch, SilenceWatch } from '../../../src/core/record/silence-watch.js';

const RATE = 48_000;

describe('samples of a microphone', () => {
  const block = (value: number) => [new Float32Array(RATE / 10), new Float32Array(RATE / 10).fill(value, 7, 8)];

  /** What is told at the end of so many seconds, and whether it was the same all along. */
  function hear(watch: SampleWatch, value: number, seconds: number): boolean | null {
    let told: boolean | null = null;
    for (let tenth = 0; tenth < Math.round(seconds * 10); tenth++) told = watch.look(block(value), RATE);
    return told;
  }

  it('are silent after three seconds of nothing but zeros, and not with one that is none', () => {
    const watch = new SampleWatch();
    assert.equal(hear(watch, 0, 2.9), null);
    assert.equal(hear(watch, 0, 0.3), false);
    assert.equal(hear(watch, 1e-6, 0.1), true);
  });

  it('are silent again, each time, though not before they would have been where a headset takes noise away', () => {
    const watch = new SampleWatch();
    for (let time = 0; time < 3; time++) {
      assert.equal(hear(watch, 0.1, 1), true);
      assert.equal(hear(watch, 0, 9.8), null);
      assert.equal(hear(watch, 0, 0.4), false);
    }
  });
});

describe('a microphone that is looked at through a mix', () => {
  let peak: number | null;
  let suspended: boolean;
  let track: { readyState: string; muted: boolean };
  let told: boolean[];
  let now: number;
  let watch: SilenceWatch;

  beforeEach(() => {
    [peak, suspended, told, now] = [0.1, false, [], 0];
    track = { readyState: 'live', muted: false };
    const mix = {
      peak: () => peak,
      get suspended() {
        return suspended;
      },
    };
    const sources = () => [track as MediaStreamTrack];
    watch = new SilenceWatch(mix as AudioMix, sources, (silent) => told.push(silent));
  });

  function pass(seconds: number): boolean[] {
    for (const end = now + seconds; now < end; now += 0.25) watch.look(now);
    return told.splice(0);
  }

  it('is told after three seconds of zeros from the beginning, and no longer when it is heard', () => {
    peak = 0;
    assert.deepEqual(pass(3), []);
    assert.deepEqual(pass(1), [true]);
    peak = 0.001;
    assert.deepEqual(pass(1), [false]);
  });

  it('is told again, each time that it falls silent for ten seconds', () => {
    for (let time = 0; time < 3; time++) {
      peak = 0.1;
      pass(1);
      peak = 0;
      assert.deepEqual(pass(9), []);
      assert.deepEqual(pass(2), [true]);
    }
  });

  it('is told after three seconds when it is gone or muted, heard before or not', () => {
    pass(1);
    track.muted = true;
    peak = 0;
    assert.deepEqual(pass(4), [true]);
    track.muted = false;
    peak = 0.1;
    assert.deepEqual(pass(1), [false]);
    track.readyState = 'ended';
    assert.deepEqual(pass(4), [true]);
  });

  it('is not told of a mix that is held back, or that nobody can look into', () => {
    pass(1);
    suspended = true;
    peak = 0;
    assert.deepEqual(pass(20), []);
    [suspended, peak] = [false, null];
    assert.deepEqual(pass(20), []);
  });
});
