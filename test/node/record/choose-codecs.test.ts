import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { openPlatformEncoder, type TrialResult } from '../../../src/core/encode/index.js';
import { Metrics } from '../../../src/core/metrics/index.js';
import { chooseAudio, chooseVideo } from '../../../src/core/record/choose-codecs.js';
import type { RecordFormat } from '../../../src/core/record/journal.js';
import type { TakeRequest } from '../../../src/core/record/protocol.js';
import {
  type FakeAudioData,
  FakeAudioEncoder,
  FakeEncoder,
  forgetEncoded,
  settle,
  useCodecFakes,
} from './codec-fakes.js';

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

/** The optional AAC encoder: one that gives what it gets, or one that stays mute. */
const aacEncoder = (gives: boolean) =>
  `data:text/javascript,${encodeURIComponent(`
    export const openAacEncoder = ({ onPacket }) => ({
      encode: () => ${gives} && onPacket({ data: new Uint8Array(1), timestamp: 0, duration: 0 }),
      flush: async () => {},
      close: () => {},
    });
  `)}`;

describe('the codec of its sound', () => {
  useCodecFakes();
  beforeEach(forgetEncoded);
  afterEach(() => mock.restoreAll());
  afterEach(() => mock.timers.reset());

  /** What is chosen for a microphone of one channel. */
  async function chosen(
    format: RecordFormat,
    given: Partial<TakeRequest> = {},
  ): Promise<[string, string, ...string[]]> {
    const request = { audioBitrate: null, aacEncoder: null, trials: {}, ...given } as TakeRequest;
    const source = { sampleRate: 48_000, channels: 1 };
    const { codec, open, compromises } = await chooseAudio(format, source, request, new Metrics());
    return [codec, open === openPlatformEncoder ? 'platform' : 'optional', ...compromises];
  }

  /** The platform's encoder of these codecs does so with what it gets; it claims to encode them all the same. */
  function instead(codecs: RegExp, act: () => void): void {
    const { encode } = FakeAudioEncoder.prototype;
    mock.method(FakeAudioEncoder.prototype, 'encode', function (this: FakeAudioEncoder, data: FakeAudioData) {
      if (codecs.test(String(this.configs[0]!['codec']))) act();
      else encode.call(this, data);
    });
  }
  const AAC = /^mp4a/;
  const mute = () => {};

  it('is the one of the container where the platform gives it', async () => {
    assert.deepEqual(await chosen('webm'), ['opus', 'platform']);
    assert.deepEqual(await chosen('mp4', { aacEncoder: aacEncoder(true) }), ['aac', 'platform']);
    assert.ok(FakeAudioEncoder.all.every(({ state }) => state === 'closed'));
  });

  for (const [how, act] of [
    ['stays mute', mute],
    [
      'throws',
      () => {
        throw new DOMException('No such device.', 'EncodingError');
      },
    ],
  ] as const)
    it(`is AAC by the optional encoder where that of the platform ${how}, then Opus, which is told`, async () => {
      instead(AAC, act);
      assert.deepEqual(await chosen('mp4', { aacEncoder: aacEncoder(true) }), ['aac', 'optional']);
      assert.deepEqual(await chosen('mp4', { aacEncoder: aacEncoder(false) }), [
        'opus',
        'platform',
        'format-unavailable',
      ]);
      assert.deepEqual(await chosen('mp4'), ['opus', 'platform', 'format-unavailable']);
      assert.ok(FakeAudioEncoder.all.every(({ state }) => state === 'closed'));
    });

  it('is Opus, which is told, where the optional encoder does not come', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    instead(AAC, mute);
    const choosing = chosen('mp4', { aacEncoder: 'data:text/javascript,await new Promise(() => {})' });
    await settle();
    mock.timers.tick(4000);
    assert.deepEqual(await choosing, ['opus', 'platform', 'format-unavailable']);
  });

  it('is waited for no longer than a deadline where an encoder neither gives anything nor comes to its end', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    instead(AAC, mute);
    FakeEncoder.hung = true;
    const choosing = chosen('mp4');
    await settle();
    FakeEncoder.hung = false;
    mock.timers.tick(4000);
    assert.deepEqual(await choosing, ['opus', 'platform', 'format-unavailable']);
    assert.ok(FakeAudioEncoder.all.every(({ state }) => state === 'closed'));
  });

  it('is none where all of them stay mute', async () => {
    instead(/./, mute);
    await assert.rejects(chosen('webm'), { code: 'no-encoder' });
  });

  it('is tried once on a page', async () => {
    const trials = {};
    instead(AAC, mute);
    await chosen('mp4', { trials });
    assert.equal(FakeAudioEncoder.all.length, 2);
    assert.deepEqual(await chosen('mp4', { trials }), ['opus', 'platform', 'format-unavailable']);
    assert.deepEqual(await chosen('webm', { trials }), ['opus', 'platform']);
    assert.equal(FakeAudioEncoder.all.length, 2);
  });
});
