import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { OnAirError } from '../../../src/core/errors.js';
import { remux, repair } from '../../../src/core/record/repair/index.js';
import { decode, lacksFfmpeg, packets } from '../../support/ffmpeg.js';
import { onDisk, seeded } from '../../support/fixtures.js';
import { MemoryFile } from './memory-file.js';
import {
  expectPackets,
  expectPlayable,
  expectRecovered,
  makeTake,
  type Placed,
  readBack,
  readTake,
  survivors,
  tryRepair,
  type Take,
} from './take.js';

const skip = lacksFfmpeg();

/** Recorded by Chromium 156 and Firefox 153 from their fake camera and microphone, 5 s at 160x120 in slices of 250 ms. */
const fixture = (name: string): Promise<Uint8Array> =>
  readFile(new URL(`../../fixtures/mediarecorder-${name}`, import.meta.url)).then((bytes) => new Uint8Array(bytes));

/**
 * Seconds by which sound was recorded before its timestamps: what Firefox writes as CodecDelay, the 312 samples that an Opus
 * decoder throws away at first; and how late Chromium stamps its packets of 60 ms.
 */
const delayIn = (name: string) =>
  name === 'firefox-vp8-opus' ? 312 / 48_000 : name === 'chromium-vp8-opus' ? 0.06 : 0;

for (const name of ['chromium-vp8-opus', 'chromium-vp9', 'firefox-vp8-opus', 'firefox-vp8']) {
  describe(`WebM by MediaRecorder, ${name}`, { skip }, () => {
    const delay = delayIn(name);
    let take: Take;
    before(async () => {
      take = await readTake(await fixture(`${name}.webm`), 'webm');
    });

    test('a whole one needs a copy to get a duration and an index', async () => {
      const { report } = (await tryRepair(take.finished))!;
      assert.deepEqual([report.dropped, report.seekable, report.needsRemux], [0, false, true]);
      await expectCopied(take, take.finished, { label: 'whole', ffmpeg: true, delay });
    });

    test('one that was cut off at any byte is copied with all that was on disk', async () => {
      const random = seeded(23);
      for (let cut = 0; cut < 25; cut++) {
        const image = take.finished.slice(0, Math.floor(take.finished.length * (0.05 + 0.95 * random())));
        await expectCopied(take, image, { label: `${image.length} bytes`, ffmpeg: cut % 8 === 0, delay });
      }
    });
  });
}

for (const name of ['chromium-avc-opus', 'chromium-avc']) {
  describe(`MP4 by MediaRecorder, ${name}`, { skip }, () => {
    test('one that was cut off at any byte is finished in place', async () => {
      const take = await readTake(await fixture(`${name}.mp4`), 'mp4');
      const random = seeded(29);
      for (let cut = 0; cut < 25; cut++) {
        const image = take.finished.slice(0, Math.floor(take.finished.length * random()));
        await expectRecovered(take, image, { label: `${image.length} bytes`, ffmpeg: cut % 8 === 0 });
      }
      await expectRecovered(take, take.finished, { label: 'whole', ffmpeg: true });
    });
  });
}

/** Repairs, then copies, and checks that no packet of the cut source is missing from the copy, and none out of place. */
async function expectCopied(
  take: Take,
  image: Uint8Array,
  { label, ffmpeg, delay }: { label: string; ffmpeg: boolean; delay: number },
) {
  const early = ({ type }: Placed) => (type === 'audio' ? delay : 0);
  const expected = survivors(take, image).map((placed) => ({
    ...placed,
    time: placed.time - early(placed),
    end: placed.end - early(placed),
  }));
  const source = (await tryRepair(image))?.file;
  if (expected.length === 0) return assert.equal(source, undefined);
  assert.ok(source, label);
  const start = Math.min(...expected.map(({ time }) => time));
  const shifted = expected.map((placed) => ({ ...placed, time: placed.time - start, end: placed.end - start }));

  const target = new MemoryFile(new Uint8Array(20));
  const report = await remux(source, target);
  assert.deepEqual([report.dropped, report.seekable, report.needsRemux], [0, true, false], label);
  expectPackets((await readBack(target.bytes)).packets, shifted, label);
  if (ffmpeg) await onDisk(target.bytes, take.format, (path) => expectPlayable(path, shifted, label));
}

for (const [name, format] of [
  ['firefox-vp8-opus', 'webm'],
  ['chromium-vp8-opus', 'webm'],
  ['chromium-avc-opus', 'mp4'],
] as const) {
  describe(`what MediaRecorder wrote before and after a pause, ${name}`, { skip }, () => {
    let part: Uint8Array;
    let take: Take;
    before(async () => {
      part = await fixture(`${name}.${format}`);
      take = await readTake(part, format);
    });

    test('is joined by a copy, each part from its key frame on, without a gap', async () => {
      const { report, file } = (await tryRepair(join(part, part, part)))!;
      assert.equal(report.needsRemux, true);
      assert.deepEqual(
        report.parts.map(({ from }) => from),
        [0, part.length, 2 * part.length],
      );
      const target = new MemoryFile();
      const { duration } = await remux(file, target);
      assert.ok(Math.abs(duration - report.duration) < 0.2, `${duration} s of ${report.duration}`);
      await onDisk(target.bytes, format, async (path) => {
        const copied = await packets(path);
        for (const type of ['video', 'audio'] as const) {
          const found = copied.filter((packet) => packet.type === type);
          const once = take.packets.filter((packet) => packet.type === type).length;
          assert.equal(found.length, 3 * once, `every ${type} packet`);
          assert.ok(found[once]!.key && found[2 * once]!.key, `${type} goes on with a key frame`);
          const steps = found.slice(1).map(({ pts }, index) => pts - found[index]!.pts);
          const widest = Math.max(...steps);
          assert.ok(Math.min(...steps) > 0 && widest < 0.3, `${type}: ${widest} s between two at most`);
        }
        assert.deepEqual((await decode(path)).errors, []);
      });
    });

    test('is joined where both were recording: no picture twice, none missed, none late', async () => {
      const overlap = 0.7;
      const first = (type: string) => take.packets.find((packet) => packet.type === type)!.time;
      const [picture, sound] = [first('video'), first('audio')];
      const ahead = Math.min(picture, sound) - Math.min(picture, sound - delayIn(name));
      const { report, file } = (await tryRepair(join(part, part)))!;
      const target = new MemoryFile();
      const { duration } = await remux(file, target, { overlaps: new Map([[part.length, overlap]]) });
      const asked = report.duration - overlap + ahead;
      assert.ok(Math.abs(duration - asked) < 0.05, `${duration} s of ${asked}`);
      await onDisk(target.bytes, format, async (path) => {
        const copied = await packets(path);
        for (const type of ['video', 'audio'] as const) {
          const found = copied.filter((packet) => packet.type === type);
          const once = take.packets.filter((packet) => packet.type === type);
          const second = found.length - once.length;
          assert.ok(found[second]!.key, `${type} goes on with a key frame`);
          const steps = found.slice(1).map(({ pts }, index) => pts - found[index]!.pts);
          const usual = Math.max(...once.slice(1).map(({ time }, index) => time - once[index]!.time));
          const turn = steps[second - 1]!;
          assert.ok(Math.min(...steps) > 0 && turn <= 1.5 * usual + 0.002, `${type}: ${turn} s, ${usual} else`);
        }
        assert.deepEqual((await decode(path)).errors, []);
      });
    });

    test('is joined with all that is in it where some parts were ended before their first picture', async () => {
      const at = Buffer.from(part).indexOf(format === 'webm' ? CLUSTER : 'moof');
      const head = part.slice(0, format === 'webm' ? at : at - 4);
      const { duration } = (await tryRepair(part))!.report;
      for (const [label, parts, begins] of [
        ['in the middle', [part, head, part], [0, 2]],
        ['at the beginning', [head, part], [1]],
        ['at the end', [part, head, head], [0]],
        ['everywhere', [head, head, part, head, head, part, head], [2, 5]],
      ] as [string, Uint8Array[], number[]][]) {
        const { report, file } = (await tryRepair(join(...parts)))!;
        // What is left of it may be one that is finished in place.
        assert.equal(report.needsRemux, begins.at(-1)! > 0 || format === 'webm', label);
        assert.ok(Math.abs(report.duration - begins.length * duration) < 1e-6, `${label}: ${report.duration} s`);
        assert.deepEqual(
          report.parts.map(({ from }) => from),
          begins.map((count) => join(...parts.slice(0, count)).length),
          label,
        );
        assert.deepEqual((await tryRepair(file.bytes))!.file.changes, [], label);
        const target = new MemoryFile();
        await remux(file, target);
        const copied = (await readBack(target.bytes)).packets;
        assert.equal(copied.length, begins.length * take.packets.length, label);
      }
      const nothing = new MemoryFile(join(head, head));
      await assert.rejects(repair(nothing), { code: 'recording-damaged' });
      assert.deepEqual(nothing.changes, []);
    });

    test('is kept when it was cut off after the pause, at any byte', async () => {
      const random = seeded(31);
      for (let cut = 0; cut < 12; cut++) {
        const image = join(part, part).slice(0, part.length + Math.floor(part.length * random() ** 2));
        const label = `${image.length - part.length} bytes after the pause`;
        const second = survivors(take, image.slice(part.length));
        const target = new MemoryFile();
        await remux((await tryRepair(image))!.file, target);
        const copied = (await readBack(target.bytes)).packets;
        assert.equal(copied.length, take.packets.length + second.length, label);
        const end = Math.max(...copied.map(({ pts }) => pts));
        const whole = Math.max(...take.packets.map(({ end }) => end));
        const more = second.length > 0 ? Math.max(...second.map(({ time }) => time)) : 0;
        assert.ok(Math.abs(end - whole - more) < 0.2, `${label}: ends at ${end} s of ${whole} and ${more}`);
      }
    });

    test('is the same after a repair that is repeated', async () => {
      const { file } = (await tryRepair(join(part, part.slice(0, part.length * 0.7))))!;
      const again = (await tryRepair(file.bytes))!;
      assert.deepEqual(again.file.changes, []);
      assert.equal(again.report.parts.length, 2);
    });
  });
}

for (const [name, format] of [
  ['chromium-vp8-opus', 'webm'],
  ['chromium-avc-opus', 'mp4'],
] as const) {
  describe(`what MediaRecorder wrote behind a sound whose pictures never came, ${name}`, { skip }, () => {
    test('is joined by a copy, with all of the sound, for which the first picture stands', async () => {
      const before = await makeTake(format, { video: null, seconds: 2 });
      const behind = await readTake(await fixture(`${name}.${format}`), format);
      const { report, file } = (await tryRepair(join(before.finished, behind.finished)))!;
      assert.deepEqual(
        report.parts.map(({ from }) => from),
        [0, before.finished.length],
      );
      const target = new MemoryFile();
      const { duration } = await remux(file, target);
      assert.ok(Math.abs(duration - report.duration) < 0.2, `${duration} s of ${report.duration}`);
      await onDisk(target.bytes, format, async (path) => {
        const copied = await packets(path);
        const of = (type: string, list: readonly { type: string }[]) => list.filter((packet) => packet.type === type);
        assert.equal(of('video', copied).length, of('video', behind.packets).length);
        assert.equal(of('audio', copied).length, before.packets.length + of('audio', behind.packets).length);
        const [first, second] = copied.filter(({ type }) => type === 'video');
        assert.ok(first!.key && first!.pts < 0.05, `the picture begins at ${first!.pts} s`);
        assert.ok(Math.abs(second!.pts - 2) < 0.2, `and goes on at ${second!.pts} s`);
        assert.deepEqual((await decode(path)).errors, []);
      });
    });

    test('is kept, with all of the sound, when it was cut off at any byte', async () => {
      const before = await makeTake(format, { video: null, seconds: 1 });
      const behind = await readTake(await fixture(`${name}.${format}`), format);
      const random = seeded(37);
      for (let cut = 0; cut < 12; cut++) {
        const torn = behind.finished.slice(0, Math.floor(behind.finished.length * random() ** 2));
        const target = new MemoryFile();
        await remux((await tryRepair(join(before.finished, torn)))!.file, target);
        const copied = (await readBack(target.bytes)).packets;
        const left = before.packets.length + survivors(behind, torn).length;
        assert.equal(copied.length, left, `${torn.length} bytes behind the sound`);
      }
    });
  });
}

/** The identifier of a cluster of a WebM. */
const CLUSTER = Buffer.from([0x1f, 0x43, 0xb6, 0x75]);

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** Gives the second picture the time of the first: a block is 0xa3, its size, its track, two bytes of time. */
function atOneTime(file: Uint8Array): Uint8Array {
  const bytes = Buffer.from(file);
  const cluster = bytes.indexOf(CLUSTER);
  const first = bytes.indexOf(0xa3, cluster);
  const width = Math.clz32(bytes[first + 1]!) - 23;
  const size = bytes.readUIntBE(first + 1, width) - 2 ** (7 * width);
  const second = first + 1 + width + size;
  assert.equal(bytes[second], 0xa3);
  const time = (block: number) => block + 2 + (Math.clz32(bytes[block + 1]!) - 24) + 1;
  bytes.copyWithin(time(second), time(first), time(first) + 2);
  return bytes;
}

describe('a copy', { skip }, () => {
  test('gives two pictures of one time a time each', async () => {
    const target = new MemoryFile();
    await remux(new MemoryFile(atOneTime(await fixture('chromium-vp9.webm'))), target);
    const times = (await readBack(target.bytes)).packets.map(({ pts }) => pts);
    assert.deepEqual(times.slice(0, 2), [0, 0.001]);
    assert.ok(times.every((time, index) => index === 0 || time > times[index - 1]!));
  });

  test('can be given up', async () => {
    const source = new MemoryFile(await fixture('chromium-vp9.webm'));
    await assert.rejects(remux(source, new MemoryFile(), { signal: AbortSignal.abort() }), { code: 'aborted' });
  });

  test('tells that the disk is full', async () => {
    class FullFile extends MemoryFile {
      override write(): never {
        throw new OnAirError('disk-full', 'No space left.');
      }
    }
    const source = new MemoryFile(await fixture('chromium-vp9.webm'));
    await assert.rejects(remux(source, new FullFile()), { code: 'disk-full' });
  });

  test('of what holds no media leaves the target as it is', async () => {
    const target = new MemoryFile(new Uint8Array(20));
    await assert.rejects(remux(new MemoryFile(new Uint8Array(500).fill(7)), target), { code: 'recording-damaged' });
    assert.equal(target.size, 20);
  });

  test('leaves nothing of what the target held', async () => {
    for (const name of ['chromium-vp8-opus.webm', 'firefox-vp8-opus.webm', 'chromium-avc-opus.mp4']) {
      const source = await fixture(name);
      const [clean, other] = [new MemoryFile(), new MemoryFile(new Uint8Array(3 * source.length).fill(0xa3))];
      await remux(new MemoryFile(source), clean);
      await remux(new MemoryFile(source), other);
      assert.equal(Buffer.compare(other.bytes, clean.bytes), 0, name);
    }
  });

  test('can change the container', async () => {
    const bytes = await fixture('chromium-vp9.webm');
    const take = await readTake(bytes, 'webm');
    const target = new MemoryFile();
    const report = await remux(new MemoryFile(bytes), target, { format: 'mp4' });
    assert.equal(report.format, 'mp4');
    assert.match(report.mimeType, /^video\/mp4; codecs="vp09/);
    await onDisk(target.bytes, 'mp4', (path) => expectPlayable(path, take.packets, 'mp4'));
  });

  test('reads and writes files that answer later', async () => {
    const now = new MemoryFile(await fixture('firefox-vp8-opus.webm'));
    const later = (file: MemoryFile) => ({
      get size() {
        return file.size;
      },
      read: async (into: Uint8Array, at: number) => file.read(into, at),
      write: async (bytes: Uint8Array, at: number) => file.write(bytes, at),
      truncate: async (size: number) => file.truncate(size),
      flush: async () => {},
      close: async () => {},
    });
    const [one, other] = [new MemoryFile(), new MemoryFile()];
    await remux(now, one);
    await repair(later(now));
    await remux(later(now), later(other));
    assert.equal(Buffer.compare(one.bytes, other.bytes), 0);
  });
});
