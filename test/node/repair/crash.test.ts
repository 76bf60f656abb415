import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { repair } from '../../../src/core/record/repair/index.js';
import { decode, lacksFfmpeg, probe } from '../../support/ffmpeg.js';
import { onDisk, replay, seeded, type SourceOptions } from '../../support/fixtures.js';
import { MemoryFile } from './memory-file.js';
import { expectRecovered, makeTake, readBack, tryRepair, type Take } from './take.js';

const skip = lacksFfmpeg();

/** Bytes before the first packet of a cluster, or fragment, that tell what it is and when. */
const HEADS = { webm: 26, mp4: 12 };

interface Kind {
  name: string;
  format: 'webm' | 'mp4';
  source: SourceOptions;
  /** Shortest cluster or fragment, seconds. */
  minimum?: number;
  mimeType: RegExp;
  /** Random cuts; the main kind of each container gets 100. */
  cuts: number;
}

const KINDS: Kind[] = [
  {
    name: 'WebM, VP8 and Opus',
    format: 'webm',
    source: { seconds: 4 },
    mimeType: /^video\/webm; codecs="vp8, opus"$/,
    cuts: 100,
  },
  {
    name: 'WebM, VP9 and Opus',
    format: 'webm',
    source: { video: 'vp9', seconds: 4 },
    mimeType: /vp0?9.*opus/,
    cuts: 15,
  },
  {
    name: 'WebM, AV1 without sound',
    format: 'webm',
    source: { video: 'av1', audio: null, seconds: 4 },
    mimeType: /av01/,
    cuts: 15,
  },
  {
    name: 'WebM, sound alone',
    format: 'webm',
    source: { video: null, seconds: 4 },
    mimeType: /^audio\/webm; codecs="opus"$/,
    cuts: 15,
  },
  {
    name: 'MP4, H.264 and AAC',
    format: 'mp4',
    source: { video: 'avc', audio: 'aac', seconds: 4 },
    minimum: 0.4,
    mimeType: /avc1.*mp4a/,
    cuts: 100,
  },
  {
    name: 'MP4, H.264 without sound',
    format: 'mp4',
    source: { video: 'avc', audio: null, seconds: 4 },
    minimum: 0.4,
    mimeType: /avc1/,
    cuts: 15,
  },
  {
    name: 'MP4, VP9 and Opus',
    format: 'mp4',
    source: { video: 'vp9', seconds: 4 },
    minimum: 0.4,
    mimeType: /vp09.*[oO]pus/,
    cuts: 15,
  },
];

for (const kind of KINDS) {
  describe(kind.name, { skip }, () => {
    let take: Take;
    before(async () => {
      take = await makeTake(kind.format, kind.source, kind.minimum);
    });

    /** The take as it stood when `share` of its writes were done. */
    const cutAt = (share: number): Uint8Array => replay(take.writes, Math.floor(take.writes.length * share));

    test('a take that was cut off between two writes is finished with all that was on disk', async () => {
      const step = Math.max(1, Math.floor(take.writes.length / (kind.cuts === 100 ? 40 : 20)));
      for (let writes = 0; writes <= take.writes.length; writes += step) {
        await expectRecovered(take, replay(take.writes, writes), {
          label: `after ${writes} writes`,
          ffmpeg: writes % ((kind.cuts === 100 ? 8 : 16) * step) === 0,
        });
      }
    });

    test('an end that stopped half-way is taken up', async () => {
      for (let writes = take.writes.length - 7; writes <= take.writes.length; writes++) {
        const torn = take.writes[writes]?.data.length ?? 0;
        for (const bytes of new Set([0, 1, 4, 9, torn >> 1, torn - 1])) {
          if (bytes < 0) continue;
          await expectRecovered(take, replay(take.writes, writes, bytes), {
            label: `${writes} writes and ${bytes} bytes`,
          });
        }
      }
    });

    test('a take that was cut off at any byte is finished with all that was on disk', async () => {
      const random = seeded(20260722);
      for (let cut = 0; cut < kind.cuts; cut++) {
        const writes = Math.floor(random() * take.writes.length);
        const bytes = Math.floor(random() * take.writes[writes]!.data.length);
        const label = `${writes} writes and ${bytes} bytes`;
        await expectRecovered(take, replay(take.writes, writes, bytes), { label, ffmpeg: cut % 20 === 0 });
      }
    });

    test('a finished take that lost its end is finished again with all that is left', async () => {
      const random = seeded(29);
      for (let cut = 0; cut < kind.cuts; cut++) {
        const image = take.finished.slice(0, Math.floor(random() * take.finished.length));
        await expectRecovered(take, image, { label: `the first ${image.length} bytes`, ffmpeg: cut % 20 === 0 });
      }
    });

    test('bytes that never reached the disk read as zeros and are cut', async () => {
      const random = seeded(7);
      for (let cut = 0; cut < 8; cut++) {
        const whole = cutAt(0.5 + 0.45 * random());
        const image = whole.slice();
        // In the middle of a packet: up to 64 zeros at the end of one could be its own.
        const long = take.packets.filter(({ start, stop }) => stop - start > 150 && stop <= whole.length);
        const hit = long.at(-1 - Math.floor(random() * Math.min(40, long.length)))!;
        image.fill(0, hit.start + Math.floor((hit.stop - hit.start - 70) * random()));
        await expectRecovered(take, image, { label: `zeros ${cut}`, ffmpeg: cut === 0 });
        const longer = new Uint8Array(whole.length + 5000);
        longer.set(whole);
        await expectRecovered(take, longer, { label: `longer ${cut}` });
      }
    });

    test('garbage after the last block is cut', async () => {
      const random = seeded(11);
      for (let cut = 0; cut < 8; cut++) {
        const whole = cutAt(0.5 + 0.45 * random());
        const image = new Uint8Array(whole.length + 3000);
        image.set(whole);
        for (let at = whole.length; at < image.length; at++) image[at] = Math.floor(random() * 256);
        await expectRecovered(take, image, { label: `garbage ${cut}` });
      }
    });

    test('a repair that was cut off is taken up, to the same bytes', async () => {
      const random = seeded(13);
      for (const share of [0.4, 0.75, 0.97, 1]) {
        const image = cutAt(share).subarray(0, share === 1 ? undefined : -Math.floor(random() * 900));
        const once = await tryRepair(image);
        if (!once) continue;
        for (let count = 0; count <= once.file.changes.length; count++) {
          const half = MemoryFile.after(image, once.file.changes, count);
          await repair(half);
          assert.equal(Buffer.compare(half.bytes, once.file.bytes), 0, `${share}, after ${count} changes`);
        }
      }
    });

    test('a finished file keeps its content', async () => {
      const { file, report } = (await tryRepair(take.finished))!;
      assert.equal(report.dropped, 0);
      assert.match(report.mimeType, kind.mimeType);
      assert.deepEqual(file.changes, [], 'nothing is written');
      await expectRecovered(take, take.finished, { label: 'finished', ffmpeg: true });
    });

    test('a repaired file is laid out as one that ended normally', async () => {
      // All blocks are on disk, and nothing of what the muxer writes on the normal end but these.
      const image = replay(take.writes).subarray(
        0,
        take.packets.reduce((end, { stop }) => Math.max(end, stop), 0),
      );
      const { file } = (await tryRepair(image))!;
      assert.equal(file.size, take.finished.length);
      assert.equal(Buffer.compare(file.bytes, take.finished), 0);
    });

    test('a player that seeks decodes from there without a fault', async () => {
      const { file } = (await tryRepair(cutAt(0.9).slice(0, -77)))!;
      await onDisk(file.bytes, kind.format, async (path) => {
        const { duration } = await probe(path);
        assert.deepEqual((await decode(path, { seek: 0.8 * duration })).errors, []);
      });
    });

    test('one flipped bit where a cluster begins leaves a file that every reader reads', async () => {
      const late = take.packets.filter(({ time }) => time >= 2);
      const { start, time } = late.find(({ type }) => type === 'video') ?? late[0]!;
      const after = late.filter((packet) => packet.time > time + 1.2).length;
      for (let flip = 0; flip < 8 * HEADS[take.format]; flip++) {
        const image = replay(take.writes);
        const at = start - 1 - (flip >> 3);
        image[at]! ^= 1 << (flip & 7);
        const repaired = await tryRepair(image);
        assert.ok(repaired, `flip ${flip}: leaves something`);
        assert.deepEqual((await tryRepair(repaired.file.bytes))!.file.changes, [], `flip ${flip}: repeatable`);
        const { packets } = await readBack(repaired.file.bytes);
        assert.ok(packets.length >= after, `flip ${flip}: ${packets.length} packets`);
      }
    });

    if (kind.format === 'webm')
      test('a size that is wrong hides no cluster, whatever lies behind it', async () => {
        const image = replay(take.writes);
        const begins = (at: number) => [0x1f, 0x43, 0xb6, 0x75].every((byte, index) => image[at + index] === byte);
        let at = take.packets.find(({ time }) => time >= 1.5)!.stop;
        while (!begins(at)) at++;
        const last = take.packets.find(({ stop }) => stop === at)!;
        // The last block before the cluster is told to be four bytes shorter; they say that they are a Void of 80.
        image[last.start - 5]! -= 4;
        image.set([0xec, 0x40, 0x50, 0x00], at - 4);
        const { file } = (await tryRepair(image))!;
        assert.deepEqual((await tryRepair(file.bytes))!.file.changes, [], 'repeatable');
        const { packets } = await readBack(file.bytes);
        assert.equal(packets.length, take.packets.length);
      });

    test('one flipped bit in the middle costs what it hit and no more', async () => {
      const random = seeded(17);
      const media = { from: take.packets[8]!.start - 30, to: take.packets.at(-1)!.start };
      const heads = take.packets.slice(20, -40);
      for (let flip = 0; flip < 30; flip++) {
        // Every other one in the few bytes before a packet, where the structure lies.
        const head = heads[Math.floor(random() * heads.length)]!.start - Math.ceil(random() * 12);
        const at = flip % 2 ? head : Math.floor(media.from + random() * (media.to - media.from));
        const image = replay(take.writes);
        image[at]! ^= 1 << Math.floor(random() * 8);
        const repaired = await tryRepair(image);
        assert.ok(repaired, `a flip at ${at} leaves something`);
        assert.deepEqual((await tryRepair(repaired.file.bytes))!.file.changes, [], `flip at ${at}: repeatable`);
        const found = (await readBack(repaired.file.bytes)).packets;
        const hit = timeAt(take, at);
        for (const type of ['video', 'audio'] as const) {
          const have = found.filter((packet) => packet.type === type).map(({ size }) => size);
          const want = take.packets.filter((packet) => packet.type === type);
          const sizes = want.map(({ start, stop }) => stop - start);
          const earlier = want.filter(({ time }) => time < hit - 1.2).length;
          assert.deepEqual(have.slice(0, earlier), sizes.slice(0, earlier), `flip at ${at}: what precedes is kept`);
          const later = want.filter(({ time }) => time > hit + 1.2).length;
          if (later > 0)
            assert.deepEqual(have.slice(-later), sizes.slice(-later), `flip at ${at}: what follows is kept`);
        }
      }
    });
  });
}

/** Seconds into the take at which this byte lies. */
const timeAt = (take: Take, at: number): number => take.packets.find(({ stop }) => stop > at)?.time ?? Infinity;

describe('what holds no media', { skip }, () => {
  let takes: Take[];
  before(async () => {
    takes = [await makeTake('webm', { seconds: 2 }), await makeTake('mp4', { video: 'avc', seconds: 2 })];
  });

  test('is told to be damaged, and is left as it is', async () => {
    const random = seeded(3);
    const noise = Uint8Array.from({ length: 4000 }, () => Math.floor(random() * 256));
    const images = [new Uint8Array(), new Uint8Array(1), new Uint8Array(100_000), noise];
    for (const take of takes) {
      // Header only, tracks only, and the head followed by noise.
      const first = Math.min(...take.packets.map(({ start }) => start));
      const whole = replay(take.writes);
      for (const length of [1, 4, 8, 12, 28, 39, 60, 200, first - 12, first - 1]) images.push(whole.slice(0, length));
      images.push(Buffer.concat([whole.subarray(0, first - 20), noise]));
    }
    for (const image of images) {
      const file = new MemoryFile(image);
      await assert.rejects(repair(file), { code: 'recording-damaged' }, `${image.length} bytes`);
      assert.equal(Buffer.compare(file.bytes, image), 0);
    }
  });

  test('random damage anywhere, head included, is never any other exception', async () => {
    const random = seeded(5);
    for (const take of takes) {
      for (let turn = 0; turn < 400; turn++) {
        const whole = turn % 4 < 2 ? take.finished : replay(take.writes);
        const image = whole.slice(0, Math.floor(random() * whole.length));
        const reach = turn % 2 ? Math.min(2000, image.length) : image.length;
        for (let flips = 1 + (turn % 20); flips > 0; flips--)
          image[Math.floor(random() * reach)] = Math.floor(random() * 256);
        await tryRepair(image);
      }
    }
  });

  test('a take of one packet is a take', async () => {
    const take = takes[0]!;
    await expectRecovered(take, take.finished.slice(0, take.packets[0]!.stop), { label: 'one packet' });
    await expectRecovered(take, take.finished.slice(0, take.packets[1]!.stop), { label: 'one of each', ffmpeg: true });
  });
});
