import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { openPlatformEncoder, type SoundPacket } from '../../../src/core/encode/index.js';
import type { OnAirError } from '../../../src/core/errors.js';
import { Metrics } from '../../../src/core/metrics/index.js';
import { AudioLane } from '../../../src/core/record/audio-lane.js';
import { FakeAudioEncoder, forgetEncoded, RATE, settle, useCodecFakes } from './codec-fakes.js';

function lane() {
  const failures: OnAirError[] = [];
  const packets: number[] = [];
  const metrics = new Metrics();
  const made = new AudioLane({
    metrics,
    config: { codec: 'opus', sampleRate: RATE, numberOfChannels: 1, bitrate: 64_000 },
    open: openPlatformEncoder,
    onPacket: ({ timestamp }) => packets.push(timestamp),
    onFailure: (error) => failures.push(error),
  });
  let blocks = 0;
  const take = async (count: number) => {
    for (let block = 0; block < count; block++) {
      blocks++;
      made.take([new Float32Array(480).fill(1)], RATE, blocks * 0.01, 0);
      if (made.timeline.zero === null) made.timeline.anchorHere();
      await settle();
    }
  };
  return { lane: made, metrics, failures, packets, take };
}

const encoder = () => FakeAudioEncoder.all[FakeAudioEncoder.all.length - 1]!;

describe('the lane of sound', () => {
  useCodecFakes();
  beforeEach(forgetEncoded);

  it('makes another encoder with the next samples, as often as one is reclaimed', async () => {
    const { lane: made, failures, packets, take } = lane();
    await take(5);
    for (let times = 0; times < 20; times++) {
      encoder().fail();
      assert.equal(FakeAudioEncoder.all.length, times + 1, 'nothing to encode, no encoder');
      await take(5);
    }
    assert.deepEqual(failures, []);
    assert.equal(packets.length, 105);
    await made.finish();
    assert.equal(encoder().state, 'closed');
  });

  it('gives up after five in a row that make nothing, and tells it once', async () => {
    const { failures, take } = lane();
    await take(1);
    for (let times = 0; times < 20; times++) {
      encoder().fail();
      FakeAudioEncoder.prototype.encode = () => {};
      await take(1);
    }
    delete (FakeAudioEncoder.prototype as Partial<FakeAudioEncoder>).encode;
    assert.equal(FakeAudioEncoder.all.length, 6);
    assert.deepEqual(
      failures.map(({ code }) => code),
      ['encoder-failed'],
    );
  });

  it('times a packet from when the encoder got its last samples', () => {
    let [time, packetOut] = [0, (_packet: SoundPacket): void => assert.fail('no encoder')];
    const metrics = new Metrics({ now: () => time });
    const made = new AudioLane({
      config: { codec: 'opus', sampleRate: RATE, numberOfChannels: 1, bitrate: 64_000 },
      metrics,
      open: ({ onPacket }) => {
        packetOut = onPacket;
        return { encode: () => {}, flush: async () => {}, close: () => {} };
      },
      onPacket: () => {},
      onFailure: (error) => assert.fail(error),
    });
    // Blocks of 10 ms, packets of 20.
    for (let block = 1; block <= 4; block++) {
      time = block * 10;
      made.take([new Float32Array(480).fill(1)], RATE, time / 1000, 0);
      if (made.timeline.zero === null) made.timeline.anchorHere();
    }
    time = 45;
    packetOut({ data: new Uint8Array(1), timestamp: 0, duration: 0.02 });
    time = 47;
    packetOut({ data: new Uint8Array(1), timestamp: 0.02, duration: 0.02 });
    const { count, sum, max } = metrics.state().histograms['encode:sound']!;
    assert.deepEqual([count, Math.round(sum * 1000), Math.round(max * 1000)], [2, 25 + 7, 25]);
  });
});
