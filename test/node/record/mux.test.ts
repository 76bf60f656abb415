import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EncodedPacket, EncodedVideoPacketSource, Mp4OutputFormat, NullTarget, Output } from 'mediabunny';
import type { OpenSoundEncoder, SoundPacket } from '../../../src/core/encode/index.js';
import type { OnAirError } from '../../../src/core/errors.js';
import { Metrics } from '../../../src/core/metrics/index.js';
import type { AudioChoice } from '../../../src/core/record/choose-codecs.js';
import { audioLane, type LaneNeeds } from '../../../src/core/record/codec-lanes.js';
import { forgetFragments } from '../../../src/core/record/forget-fragments.js';
import type { RecordFormat } from '../../../src/core/record/journal.js';
import { Mux } from '../../../src/core/record/mux.js';
import { settle } from './codec-fakes.js';

const META = { decoderConfig: { codec: 'vp09.00.10.08', codedWidth: 64, codedHeight: 48 } };
const SOUND = { decoderConfig: { codec: 'opus', sampleRate: 48_000, numberOfChannels: 1 } };

interface Kept {
  finalizedChunks: unknown[];
}

function mux({ format = 'webm' as RecordFormat, sound = false } = {}) {
  const disk = { wait: null as Promise<void> | null, bytes: 0, failure: null as Error | null, failed: [] as unknown[] };
  const made = new Mux(
    format,
    { video: 'vp9', audio: sound ? 'opus' : null },
    async (bytes) => {
      await disk.wait;
      if (disk.failure) throw disk.failure;
      disk.bytes += bytes.byteLength;
    },
    (thrown) => disk.failed.push(thrown),
  );
  let frames = 0;
  /** Key frames of 1 MB, one a second, so that each is a cluster of its own. */
  const add = (count: number) => {
    for (let frame = 0; frame < count; frame++, frames++) {
      made.addVideo({ data: new Uint8Array(2 ** 20), key: true, timestamp: frames, duration: 1 }, META);
    }
  };
  let sounds = 0;
  const addSound = (count: number, bytes = 2 ** 20) => {
    for (let packet = 0; packet < count; packet++, sounds++) {
      made.addAudio({ data: new Uint8Array(bytes), key: true, timestamp: sounds, duration: 1 }, SOUND);
    }
  };
  return { mux: made, disk, add, addSound };
}

describe('what a muxer keeps of the fragments that it has written', () => {
  it('is of the last ones only', async () => {
    const source = new EncodedVideoPacketSource('vp9');
    const output: Output = new Output({
      format: new Mp4OutputFormat({ fastStart: 'fragmented', onMoof: () => forgetFragments(output) }),
      target: new NullTarget(),
    });
    output.addVideoTrack(source);
    await output.start();
    for (let second = 0; second < 60; second++)
      await source.add(new EncodedPacket(new Uint8Array(100), 'key', second, 1), META);
    const { _muxer: muxer } = output as unknown as { _muxer: Kept & { trackDatas: Kept[] } };
    const kept = [muxer, ...muxer.trackDatas].map(({ finalizedChunks }) => finalizedChunks.length);
    assert.deepEqual(kept, [1, 1]);
    await output.finalize();
  });
});

describe('the muxer', () => {
  it('tells when more waits for the disk than it is to hold, and when that has been written', async () => {
    const { mux: made, disk, add } = mux();
    await made.start();
    add(40);
    await settle();
    assert.equal(made.full, false, 'a disk that keeps up is never full');

    let resume = () => {};
    disk.wait = new Promise((resolve) => (resume = resolve));
    add(20);
    await settle();
    assert.equal(made.full, false, '20 MB may wait');
    add(20);
    await settle();
    assert.equal(made.full, true);
    disk.wait = null;
    resume();
    await settle();
    assert.equal(made.full, false);
    assert.equal(await made.finish(), true);
    assert.ok(disk.bytes > 80 * 2 ** 20);
  });

  it('knows how long the head is that it writes before there are media', async () => {
    for (const format of ['webm', 'mp4'] as const) {
      const { mux: made, disk, add } = mux({ format });
      await made.start();
      await settle();
      assert.ok(made.head > 0 && made.head === disk.bytes, `${format}: ${made.head} of ${disk.bytes} bytes`);
      const { head } = made;
      add(2);
      await settle();
      assert.ok(disk.bytes > head && made.head === head, format);
    }
  });

  it('tells a write that fails once, and takes what comes after it without holding it', async () => {
    const { mux: made, disk, add } = mux();
    await made.start();
    disk.failure = new Error('full');
    add(60);
    await settle();
    assert.deepEqual(disk.failed.map(String), ['Error: full']);
    assert.equal(made.full, false);
    assert.equal(await made.finish(), false);
  });

  for (const format of ['webm', 'mp4'] as const)
    it(`holds no more pictures than it is to while sound is behind, and writes them when it comes: ${format}`, async () => {
      const { mux: made, disk, add, addSound } = mux({ format, sound: true });
      await made.start();
      const full = async () => {
        await settle();
        return made.full;
      };
      add(30);
      assert.equal(await full(), false, 'before the first sound, 30 MB may wait');
      add(10);
      assert.equal(await full(), true);
      addSound(20, 100);
      assert.equal(await full(), true, '20 MB are left');
      addSound(20, 100);
      assert.equal(await full(), false);
      add(20);
      assert.equal(await full(), false);
      add(20);
      assert.equal(await full(), true, 'in the middle of the take, too');
      assert.ok(disk.bytes < 45 * 2 ** 20, 'that is what a container does');
      addSound(40, 100);
      assert.equal(await full(), false);
      assert.equal(await made.finish(), true);
      assert.ok(disk.bytes > 80 * 2 ** 20);
    });

  it('gives no pictures up for sound that waits for them, and tells when it is too much', async () => {
    const { mux: made, disk, add, addSound } = mux({ sound: true });
    await made.start();
    addSound(32);
    await settle();
    assert.deepEqual([made.full, made.deaf], [false, false]);
    addSound(1);
    await settle();
    assert.deepEqual([made.full, made.deaf], [false, true]);
    add(33);
    await settle();
    assert.deepEqual([made.full, made.deaf], [false, false]);
    assert.equal(await made.finish(), true);
    assert.ok(disk.bytes > 66 * 2 ** 20);
  });

  it('wants a key frame where the fragment that it ends has grown large, as an MP4 keeps that in memory', async () => {
    for (const format of ['webm', 'mp4'] as const) {
      const { mux: made } = mux({ format });
      await made.start();
      const due = (key: boolean, timestamp: number) => {
        made.addVideo({ data: new Uint8Array(3 * 2 ** 20), key, timestamp, duration: 1 }, META);
        return made.keyDue;
      };
      const grown = format === 'mp4';
      assert.deepEqual(
        [due(true, 0), due(false, 1), due(false, 2), due(false, 3), due(true, 4)],
        [false, false, grown, grown, false],
        format,
      );
    }
  });
});

describe('the sound of a take', () => {
  it('ends it whole where pictures never come that it could be laid beside', async () => {
    const { mux: made, addSound } = mux({ sound: true });
    await made.start();
    const failed: unknown[] = [];
    const host = { metrics: new Metrics(), media() {}, fail: (thrown: unknown) => failed.push(thrown) };
    const config = { codec: 'opus', sampleRate: 48_000, numberOfChannels: 1 };
    let give = (_packet: SoundPacket) => {};
    const open: OpenSoundEncoder = ({ onPacket }) => {
      give = (packet) => onPacket(packet, SOUND);
      return { encode() {}, flush: () => Promise.resolve(), close() {} };
    };
    const choice = { config, open, compromises: [] } as unknown as AudioChoice;
    audioLane(choice, { host, mux: made } as unknown as LaneNeeds, true);
    addSound(32);
    await settle();
    give({ data: new Uint8Array(2 ** 20), timestamp: 32, duration: 1 });
    await settle();
    assert.deepEqual(failed, []);
    give({ data: new Uint8Array(2 ** 20), timestamp: 33, duration: 1 });
    assert.deepEqual(
      failed.map((thrown) => (thrown as OnAirError).code),
      ['disk-failed'],
    );
  });
});
