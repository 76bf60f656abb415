import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { TrialResult } from '../../../src/core/encode/index.js';
import { chooseVideo } from '../../../src/core/record/choose-codecs.js';
import type { TakeRequest } from '../../../src/core/record/protocol.js';

const SIZE = { width: 64, height: 48, frameRate: 30 };
const GOOD: TrialResult = { ok: true, codecString: 'good', speed: 100 };
const SLOW: TrialResult = { ok: true, codecString: 'slow', speed: 1 };
const BAD: TrialResult = { ok: false, codecString: '', speed: 0 };

describe('the codec of a take', () => {
  /** Whether the platform claims to have hardware. */
  let hardware = true;
  beforeEach(() => {
    const isConfigSupported = () => Promise.resolve({ supported: hardware });
    Object.assign(globalThis, { VideoEncoder: { isConfigSupported } });
    hardware = true;
  });
  afterEach(() => delete (globalThis as Record<string, unknown>)['VideoEncoder']);

  /** What is chosen by trials that were made before; nothing is tried that is not among them. */
  async function chosen(trials: Record<string, TrialResult>, given: Partial<TakeRequest> = {}): Promise<string> {
    const request = {
      format: 'webm',
      preferred: ['webm'],
      videoBitrate: null,
      latencyMode: 'realtime',
      hardwareAcceleration: 'no-preference',
      ...given,
      trials: Object.fromEntries(
        Object.entries(trials).map(([key, trial]) => [key.replace(/^\w+/, '$& 64x48@30'), trial]),
      ),
    } as TakeRequest;
    const { video } = await chooseVideo(request, SIZE);
    return `${video!.codec} ${video!.way.hardware} ${video!.way.latencyMode}`;
  }

  it('is the first that works, as the browser chooses to encode it', async () => {
    assert.equal(await chosen({ vp9: GOOD }), 'vp9 no-preference realtime');
    assert.equal(await chosen({ vp9: SLOW, vp8: SLOW }), 'vp8 no-preference realtime');
  });

  it('is that of another format where only that one is encoded in real time', async () => {
    const auto = { format: 'auto', preferred: ['webm', 'mp4'] } as const;
    assert.equal(await chosen({ vp9: SLOW, vp8: SLOW, av1: BAD, avc: GOOD }, auto), 'avc no-preference realtime');
    assert.equal(await chosen({ vp9: SLOW, vp8: SLOW, av1: BAD, avc: SLOW }, auto), 'vp8 no-preference realtime');
    assert.equal(await chosen({ vp9: SLOW, vp8: GOOD, avc: GOOD }, auto), 'vp8 no-preference realtime');
  });

  it('is encoded in software where hardware fails its trial', async () => {
    assert.equal(await chosen({ vp9: BAD, 'vp9 prefer-software': GOOD }), 'vp9 prefer-software realtime');
  });

  it('is not tried again in software where there is no hardware that could have failed', async () => {
    hardware = false;
    assert.equal(await chosen({ vp9: BAD, 'vp9 prefer-software': GOOD, vp8: GOOD }), 'vp8 no-preference realtime');
  });

  it('is encoded as the page prefers, or in software where that cannot be had', async () => {
    const prefers = { hardwareAcceleration: 'prefer-hardware' } as const;
    assert.equal(await chosen({ 'vp9 prefer-hardware': GOOD }, prefers), 'vp9 prefer-hardware realtime');
    hardware = false;
    const trials = { 'vp9 prefer-hardware': BAD, 'vp9 prefer-software': GOOD };
    assert.equal(await chosen(trials, prefers), 'vp9 prefer-software realtime');
  });

  it('looks ahead only where it still answers in time', async () => {
    const quality = { latencyMode: 'quality' } as const;
    assert.equal(await chosen({ 'vp9 quality': GOOD }, quality), 'vp9 no-preference quality');
    assert.equal(await chosen({ 'vp9 quality': BAD, vp9: GOOD }, quality), 'vp9 no-preference realtime');
    assert.equal(await chosen({ 'vp9 quality': SLOW, vp9: GOOD }, quality), 'vp9 no-preference realtime');
  });
});
