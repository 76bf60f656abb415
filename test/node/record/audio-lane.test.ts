import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { openPlatformEncoder, type SoundPacket } from '../../../src/core/encode/index.js';
import type { OnAirError } from '../../../src/core/errors.js';
import { Metrics } from '../../../src/core/metrics/index.js';
import { AudioLane } from '../../../src/core/record/audio-lane.js';
import { type FakeAudioData, FakeAudioEncoder, forgetEncoded, RATE, settle, useCodecFakes } from './codec-fakes.js';

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

const BLOCK: AudioDataInit = {
  format: 'f32-planar',
  sampleRate: RATE,
  numberOfChannels: 1,
  numberOfFrames: 480,
  timestamp: 0,
  data: new Float32Array(480),
};

const encoder = () => FakeAudioEncoder.all[FakeAudioEncoder.all.length - 1]!;

describe('the lane of sound', () => {
  useCodecFakes();
  beforeEach(forgetEncoded);
  afterEach(() => mock.reset());

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
    mock.method(FakeAudioEncoder.prototype, 'encode', () => {});
    for (let times = 0; times < 20; times++) {
      encoder().fail();
      await take(1);
    }
    assert.equal(FakeAudioEncoder.all.length, 6);
    assert.deepEqual(
      failures.map(({ code }) => code),
      ['encoder-failed'],
    );
  });

  describe('whose encoder takes what it gets and gives nothing', () => {
    let clock = 0;
    beforeEach(() => {
      clock = 0;
      mock.method(performance, 'now', () => clock * 1000);
    });

    /** Sound for so many seconds, and the looks that there are meanwhile. */
    async function record({ lane: made, take }: ReturnType<typeof lane>, seconds: number): Promise<void> {
      for (let look = 0; look < seconds * 4; look++) {
        await take(25);
        clock += 0.25;
        made.look(clock);
      }
    }

    it('makes another one, and leaves out what comes late of the first', async () => {
      const recording = lane();
      const { failures, packets } = recording;
      await record(recording, 2);
      const [first] = FakeAudioEncoder.all;
      first!.stalled = true;
      await record(recording, 3);
      assert.equal(FakeAudioEncoder.all.length, 1, 'it may only be slow');
      await record(recording, 2);
      assert.equal(FakeAudioEncoder.all.length, 2);
      assert.equal(first!.state, 'closed');
      const before = packets.length;
      first!.state = 'configured';
      first!.stalled = false;
      first!.encode(new AudioData(BLOCK) as unknown as FakeAudioData);
      await settle();
      assert.equal(packets.length, before);
      await record(recording, 10);
      assert.equal(FakeAudioEncoder.all.length, 2);
      assert.ok(packets.at(-1)! > 16.9 && packets.every((at, index) => index === 0 || at > packets[index - 1]!));
      assert.deepEqual(failures, []);
    });

    it('gives up after five of them', async () => {
      const recording = lane();
      await record(recording, 1);
      mock.method(FakeAudioEncoder.prototype, 'encode', () => {});
      await record(recording, 40);
      assert.equal(FakeAudioEncoder.all.length, 6);
      assert.deepEqual(
        recording.failures.map(({ code, detail }) => [code, detail]),
        [['encoder-failed', 'Nothing came out for 3 s.']],
      );
    });

    it('keeps one that has nothing to do, or holds back a little', async () => {
      const recording = lane();
      const { lane: made, take } = recording;
      await record(recording, 1);
      encoder().stalled = true;
      await take(10);
      // A pause.
      clock += 20;
      for (let look = 0; look < 5; look++) made.look((clock += 0.25));
      assert.equal(encoder().state, 'configured');
      // What was held back behind it comes at once, and is worked on.
      await take(600);
      made.look((clock += 0.25));
      made.look((clock += 0.25));
      encoder().stalled = false;
      await record(recording, 10);
      assert.equal(FakeAudioEncoder.all.length, 1);
    });
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
