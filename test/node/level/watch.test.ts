import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Watch } from '../../../src/components/audio-level/watch.js';
import type { Levels } from '../../../src/core/audio/index.js';

const levels = (time: number, news: Partial<Levels> = {}): Levels => ({
  time,
  sampleRate: 48_000,
  layout: 'mono',
  channels: [],
  clips: 0,
  clippedSamples: 0,
  clippedAt: null,
  silent: false,
  silentFor: 0,
  silences: 0,
  silentSince: null,
  noiseFloor: -60,
  maxPeak: -20,
  truePeak: null,
  loudness: null,
  ...news,
});
/** A snapshot after so many runs of one clipped sample each, the last of which was just now. */
const clipped = (time: number, clips: number) => ({ clips, clippedSamples: clips, clippedAt: clips > 0 ? time : null });
/** A snapshot in the middle of a silence that began at `since`. */
const zeros = (time: number, since: number, silences: number): Levels => {
  const silent = time - since >= 3;
  return levels(time, { silent, silentFor: time - since, silences, ...(silences > 0 ? { silentSince: since } : {}) });
};

describe('what is watched beside the levels', () => {
  it('is clipping, told whenever it goes on, and said at most each ten seconds of sound', () => {
    const watch = new Watch();
    const look = (time: number, clips: number, last = time) => {
      const { clip, told } = watch.look(levels(time, clipped(last, clips)), true);
      return [clip, told.includes('level.told.clip')];
    };
    assert.deepEqual(look(1, 0), [false, false]);
    assert.deepEqual(look(2, 1), [true, true]);
    assert.deepEqual(look(3, 1, 2), [false, false]);
    assert.deepEqual(look(4, 5), [true, false]);
    assert.deepEqual(look(13, 6), [true, false]);
    assert.deepEqual(look(24, 7), [true, true]);
  });

  it('is a run of clipped samples for as long as it goes on, and said once', () => {
    const watch = new Watch();
    const look = (time: number, clippedSamples: number, clippedAt: number) => {
      const { clip, told } = watch.look(levels(time, { clips: 1, clippedSamples, clippedAt }), true);
      return [clip, told.includes('level.told.clip')];
    };
    assert.deepEqual(look(1, 480, 1), [true, true]);
    for (let tenths = 11; tenths < 250; tenths++)
      assert.deepEqual(look(tenths / 10, tenths * 4800, tenths / 10), [true, false]);
    assert.deepEqual(look(25, 249 * 4800, 24.9), [false, false]);
  });

  it('is clipping after a reset, be the count lower than it was, the same, or higher', () => {
    const watch = new Watch();
    watch.look(levels(1, clipped(1, 9)), true);
    assert.equal(watch.look(levels(2, clipped(2, 0)), true).clip, false);
    assert.equal(watch.look(levels(3, clipped(3, 2)), true).clip, true);
    watch.look(levels(4, clipped(4, 9)), true);
    for (const [time, clips] of [
      [5, 1],
      [6, 1],
      [7, 9],
    ] as const)
      assert.equal(watch.look(levels(time, clipped(time, clips)), true).clip, true);
  });

  it('is a silence, once, and its end', () => {
    const watch = new Watch();
    assert.equal(watch.look(zeros(2, 0, 0), true).silence, false);
    assert.equal(watch.look(zeros(3.1, 0, 1), true).silence, true);
    assert.equal(watch.silent, true);
    assert.equal(watch.look(zeros(9, 0, 1), true).silence, false);
    assert.deepEqual(watch.look(levels(9.1, { silences: 1, silentSince: 0 }), true).told, ['level.told.sound']);
    assert.equal(watch.silent, false);
  });

  it('is a silence that began and ended while the page was blocked', () => {
    const watch = new Watch();
    watch.look(levels(1), true);
    const news = watch.look(levels(9, { silences: 1, silentSince: 2 }), true);
    assert.deepEqual([news.silence, watch.silent], [true, false]);
  });

  it('is another silence that began while the page was blocked, though the last snapshot was of one', () => {
    const watch = new Watch();
    watch.look(zeros(4, 0, 1), true);
    // Sound came back at 5 s, and zeros after it.
    const news = watch.look(zeros(9, 5.5, 2), true);
    assert.deepEqual([news.silence, watch.silent, news.told], [true, true, ['level.told.silence']]);
    const over = watch.look(levels(20, { silences: 3, silentSince: 12 }), true);
    assert.deepEqual([over.silence, watch.silent], [true, false]);
    assert.deepEqual(over.told, ['level.told.silence', 'level.told.sound']);
    assert.equal(watch.look(levels(21, { silences: 3, silentSince: 12 }), true).silence, false);
  });

  it('is a silence after a reset, though the count is no higher than it was', () => {
    const watch = new Watch();
    watch.look(levels(9, { silences: 2, silentSince: 4 }), true);
    assert.equal(watch.look(levels(20, { silences: 1, silentSince: 12 }), true).silence, true);
  });

  it('is no silence that there is a reason for, until it lasts after that', () => {
    const watch = new Watch();
    watch.look(levels(1), true);
    for (let time = 2; time < 9; time++)
      assert.equal(watch.look(zeros(time, 1, time > 4 ? 1 : 0), false).silence, false);
    assert.equal(watch.look(zeros(9.5, 1, 1), true).silence, false);
    assert.equal(watch.silent, false);
    assert.equal(watch.look(zeros(11.5, 1, 1), true).silence, true);
  });

  it('is counted without those that there was a reason for, from when that was gone', () => {
    const watch = new Watch();
    const told = () => [watch.silences, watch.silentSince];
    watch.look(levels(1), true);
    for (let time = 2; time < 9; time++) watch.look(zeros(time, 1, time > 4 ? 1 : 0), false);
    watch.look(zeros(11.5, 1, 1), true);
    assert.deepEqual(told(), [1, 8], 'one that outlasts its reason');
    watch.look(levels(12, { silences: 1, silentSince: 1 }), true);
    watch.look(levels(20, { silences: 2, silentSince: 13 }), false);
    watch.look(zeros(24, 20.5, 3), true);
    assert.deepEqual(told(), [2, 20.5], 'one after another that had a reason');
    watch.look(levels(40, { silences: 5, silentSince: 36 }), true);
    assert.deepEqual(told(), [4, 36], 'two while the page was blocked');
  });

  it('is counted anew after a reset, one that goes on as the first', () => {
    const watch = new Watch();
    watch.look(zeros(4, 0, 1), true);
    watch.look(zeros(9, 5.5, 2), true);
    watch.reset();
    assert.equal(watch.silences, 1);
    watch.look(zeros(9.1, 5.5, 1), true);
    watch.look(levels(10, { silences: 1, silentSince: 5.5 }), true);
    watch.look(zeros(14, 10.5, 2), true);
    assert.deepEqual([watch.silences, watch.silentSince], [2, 10.5]);
    watch.look(levels(15, { silences: 2, silentSince: 10.5 }), true);
    watch.reset();
    watch.look(levels(16), true);
    watch.look(zeros(20, 16.5, 1), true);
    assert.deepEqual([watch.silences, watch.silentSince], [1, 16.5]);
  });

  it('is said all at once, where it came at once', () => {
    const news = new Watch().look(zeros(9, 5, 1), true);
    assert.deepEqual(news.told, ['level.told.silence']);
    const both = new Watch().look({ ...zeros(9, 5, 1), ...clipped(4, 2) }, true);
    assert.deepEqual(both.told, ['level.told.clip', 'level.told.silence']);
  });

  it('is nothing where nothing is counted', () => {
    const watch = new Watch();
    const none = {
      clips: null,
      clippedSamples: null,
      silent: null,
      silentFor: null,
      silences: null,
      silentSince: null,
    };
    const news = watch.look(levels(1, none), true);
    assert.deepEqual([news.clip, news.silence, watch.silent], [false, false, false]);
  });
});
