import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { OnAirError } from '../../../src/core/errors.js';
import { box, boxAt, table } from '../../../src/core/record/repair/boxes.js';
import { finishMp4, MovieIndex, remux, repair } from '../../../src/core/record/repair/index.js';
import { FileWindow } from '../../../src/core/record/repair/window.js';
import { decode, ffmpeg, lacksFfmpeg, packets, type Packet } from '../../support/ffmpeg.js';
import { makeSource, onDisk, record, replay, type SourceOptions, type Write } from '../../support/fixtures.js';
import { MemoryFile } from './memory-file.js';
import { readBack } from './take.js';

const skip = lacksFfmpeg();

/** What a muxer has written of a take, over and over the same few seconds, and what was gathered meanwhile. */
async function ended(format: 'webm' | 'mp4', source: SourceOptions, repeat: number) {
  const small = { seconds: 3, size: '320x180', rate: 10, bitrate: '200k', ...source };
  const writes: Write[] = [];
  const { index } = await record(await makeSource(small), {
    format,
    minimum: 0.4,
    repeat,
    onWrite: (write) => writes.push(write),
  });
  return { bytes: replay(writes), index };
}

/** Milliseconds, to which the last packet of a fragment is left to guess how long it is. */
const timed = ({ type, pts, key, size }: Packet) => ({ type, pts: Math.round(pts * 1000), key, size });

/** What stands in a file, box behind box. */
function boxes(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const types: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = view.getUint32(at);
    types.push(Buffer.from(bytes.subarray(at + 4, at + 8)).toString());
    at += size === 1 ? Number(view.getBigUint64(at + 8)) : size;
  }
  return types;
}

describe('the end of an MP4', { skip }, () => {
  const kinds: [string, SourceOptions][] = [
    ['picture and sound', { video: 'avc', audio: 'aac' }],
    ['picture alone', { video: 'avc', audio: null }],
    ['sound alone', { video: null, audio: 'opus' }],
  ];
  for (const [name, source] of kinds) {
    test(`makes of it the same plain file as the walk over all of it does: ${name}`, async () => {
      const { bytes, index } = await ended('mp4', source, 4);
      assert.ok(boxes(bytes).filter((type) => type === 'moof').length > 8);
      const [finished, walked] = [new MemoryFile(bytes), new MemoryFile(bytes)];
      await finishMp4(finished, index!);
      const { duration } = await repair(walked);
      assert.ok(duration > 11);
      assert.equal(Buffer.compare(finished.bytes, walked.bytes), 0);
      assert.deepEqual(boxes(finished.bytes), ['ftyp', 'mdat', 'moov']);
      await onDisk(bytes, 'mp4', (before) =>
        onDisk(finished.bytes, 'mp4', async (after) => {
          const [fragmented, plain] = [await packets(before), await packets(after)];
          assert.deepEqual(plain.map(timed), fragmented.map(timed));
          assert.deepEqual((await decode(after)).errors, []);
        }),
      );
    });
  }

  test('reads as little of ten minutes as of seconds', async (test) => {
    const read = async (repeat: number) => {
      const { bytes, index } = await ended('mp4', { video: 'avc', audio: 'aac' }, repeat);
      const file = new MemoryFile(bytes);
      await finishMp4(file, index!);
      return { file, bytes: file.bytesRead };
    };
    const [short, long] = [await read(2), await read(200)];
    const { duration } = await readBack(long.file.bytes);
    assert.ok(Math.abs(duration - 600) < 10, String(duration));
    const most = 64 * 1024;
    test.diagnostic(`${long.bytes} of ${long.file.size} bytes, ${short.bytes} of ${short.file.size}`);
    assert.ok(long.file.size > 50 * most, `${long.file.size} bytes in all`);
    assert.ok(long.bytes <= most && short.bytes <= most, `${short.bytes} and ${long.bytes} bytes read`);
  });

  test('keeps when a track begins, when pictures are shown, and which are keys', async () => {
    const made = [
      // Pictures out of order, and a sound that begins before the picture by its edit list.
      ['-c:v', 'libx264', '-bf', '3', '-g', '25', '-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov'],
      // The same with an edit list that leaves out as much as they are shown later than decoded.
      ['-c:v', 'libx264', '-bf', '3', '-g', '25', '-c:a', 'aac', '-movflags', 'frag_keyframe+delay_moov'],
      // A picture that begins a second late, without an edit list, and fragments within a group of pictures.
      [
        '-c:v',
        'libx264',
        '-g',
        '40',
        '-c:a',
        'aac',
        '-frag_duration',
        '300000',
        '-movflags',
        'empty_moov+default_base_moof',
      ],
    ];
    for (const [index, options] of made.entries()) {
      const late = index === 2 ? ['-itsoffset', '1'] : [];
      const picture = [...late, '-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=25:duration=4'];
      const sound = ['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=5'];
      await onDisk(new Uint8Array(), 'mp4', async (path) => {
        await ffmpeg(...picture, ...sound, ...options, '-y', path);
        const before = await packets(path);
        const { frames } = await decode(path);
        const file = new MemoryFile(await readFile(path));
        await repair(file);
        assert.deepEqual(boxes(file.bytes), ['ftyp', 'mdat', 'moov']);
        await writeFile(path, file.bytes);
        assert.deepEqual((await packets(path)).map(timed), before.map(timed));
        const after = await decode(path);
        assert.deepEqual([after.errors, after.frames], [[], frames]);
      });
    }
  });

  test('hides what the file began with when what takes its place is on the device', async () => {
    const { bytes, index } = await ended('mp4', { video: 'avc' }, 2);
    const file = new MemoryFile(bytes);
    await finishMp4(file, index!);
    const last = file.changes.length - 1;
    assert.deepEqual(file.flushes, [last]);
    const change = file.changes[last] as { at: number; bytes: Uint8Array };
    assert.deepEqual([change.at, change.bytes.length], [28, 16]);
  });

  test('tells of places beyond 4 GB', async () => {
    const { bytes } = await ended('mp4', { video: 'avc', audio: null }, 2);
    const view = new DataView(bytes.buffer);
    const far = 5 * 2 ** 30;
    const head = bytes.slice(28, 28 + view.getUint32(28));
    const index = MovieIndex.on(head);
    let first = 0;
    for (let at = 28 + head.length; at < bytes.length; at += view.getUint32(at)) {
      if (Buffer.from(bytes.subarray(at + 4, at + 8)).toString() !== 'moof') continue;
      const moof = bytes.slice(at, at + view.getUint32(at));
      first ||= at + moof.length + 8;
      index.write(moof, far + at);
    }
    const window = FileWindow.on(head);
    const movie = Buffer.from(index.movie(window, boxAt(window, 0)!)!.bytes);
    const at = movie.indexOf('co64');
    assert.equal(movie.readBigUInt64BE(at + 12), BigInt(far + first));
    assert.equal(movie.indexOf('stco'), -1);
  });

  test('leaves out a track that has no samples', async () => {
    const { bytes } = await ended('mp4', { video: 'avc', audio: 'aac' }, 2);
    const image = Buffer.from(bytes);
    for (let at = image.indexOf('tfhd'); at > 0; at = image.indexOf('tfhd', at + 4))
      if (image.readUInt32BE(at + 8) === 2) image.writeUInt32BE(0, image.indexOf('trun', at) + 8);
    const file = new MemoryFile(image);
    await repair(file);
    await onDisk(file.bytes, 'mp4', async (path) => {
      const found = await packets(path);
      assert.ok(found.length === 60 && found.every(({ type }) => type === 'video'), `${found.length} packets`);
      assert.deepEqual((await decode(path)).errors, []);
    });
  });

  test('takes nothing for a sample of which there is no byte', async () => {
    const { bytes } = await ended('mp4', { video: 'avc', audio: null }, 1);
    const end = Buffer.from(bytes).lastIndexOf('mfra') - 4;
    const claims = [
      ...box(
        'moof',
        table('mfhd', 0, 9),
        box('traf', table('tfhd', 0, 1), table('tfdt', 0, 1 << 20), table('trun', 0, 1 << 16)),
      ),
      ...box('mdat'),
    ];
    const file = new MemoryFile(
      Buffer.concat([bytes.slice(0, end), ...Array<Uint8Array>(50).fill(Uint8Array.from(claims))]),
    );
    const { duration } = await repair(file);
    assert.ok(Math.abs(duration - 3) < 0.05, `${duration} s`);
    assert.ok(file.size < bytes.length + 50 * claims.length + 2000, `${file.size} bytes`);
  });

  test('is made anew where it is damaged', async () => {
    const { bytes, index } = await ended('mp4', { video: 'avc', audio: 'aac' }, 2);
    const whole = new MemoryFile(bytes);
    await finishMp4(whole, index!);
    const { packets: expected } = await readBack(whole.bytes);
    const movie = Buffer.from(whole.bytes).lastIndexOf('moov');
    for (const [name, offset] of [
      ['its own type', 0],
      ['that of its first box', 8],
      ['the size of its first box', 7],
      ['its own size', -1],
    ] as const) {
      const image = whole.bytes.slice();
      image[movie + offset]! ^= 4;
      const file = new MemoryFile(image);
      await repair(file);
      assert.deepEqual((await readBack(file.bytes)).packets, expected, name);
      assert.deepEqual(boxes(file.bytes), ['ftyp', 'mdat', 'moov'], name);
    }
  });

  test('stays in fragments where that could not be undone, until it is copied', async () => {
    const { bytes } = await ended('mp4', { video: 'avc', audio: 'aac' }, 2);
    const head = Buffer.from(bytes);
    const movie = head.indexOf('moov') - 4;
    const free = Buffer.from([0, 0, 0, 8, ...Buffer.from('free')]);
    const longer = (at: number) => {
      const image = Buffer.concat([head.subarray(0, at), free, head.subarray(at)]);
      if (at > movie) image.writeUInt32BE(head.readUInt32BE(movie) + free.length, movie);
      return image;
    };
    // Before the movie box, and behind the first box in it.
    for (const image of [longer(movie), longer(movie + 8 + 108)]) {
      const file = new MemoryFile(image);
      const report = await repair(file);
      assert.deepEqual([report.seekable, report.needsRemux, report.dropped], [false, true, 0]);
      assert.ok(boxes(file.bytes).includes('moof') && boxes(file.bytes).includes('mfra'));
      const cut = new MemoryFile(file.bytes.slice(0, -10));
      assert.equal((await repair(cut)).duration, report.duration);
      const copy = new MemoryFile();
      assert.equal((await remux(file, copy)).seekable, true);
      assert.deepEqual(boxes(copy.bytes), ['ftyp', 'mdat', 'moov']);
    }
  });

  test('stays in fragments, and plays, where there is no room for it', async () => {
    const { bytes, index } = await ended('mp4', { video: 'avc', audio: 'aac' }, 20);
    for (const refused of ['what is appended', 'what is written over']) {
      const file = new MemoryFile(bytes);
      const write = file.write.bind(file);
      file.write = (part, at) => {
        const fold = at === 28 && part.length === 16;
        if (refused === 'what is written over' ? fold : at + part.length > file.size)
          throw new OnAirError('disk-full', 'No room.');
        write(part, at);
      };
      await finishMp4(file, index!);
      assert.ok(file.bytesRead < 128 * 1024, `${file.bytesRead} of ${file.size} bytes read: no walk over all of it`);
      assert.deepEqual([...new Set(boxes(file.bytes))], ['ftyp', 'moov', 'moof', 'mdat'], refused);
      const { duration } = await readBack(file.bytes);
      assert.ok(Math.abs(duration - 60) < 0.5, `${duration} s`);
      await onDisk(file.bytes, 'mp4', async (path) => assert.deepEqual((await decode(path)).errors, [], refused));
    }
  });
});

describe('a recording on a disk without room for its index', { skip }, () => {
  const images: { format: 'webm' | 'mp4'; bytes: Uint8Array }[] = [];
  before(async () => {
    for (const [format, video] of [
      ['webm', 'vp8'],
      ['mp4', 'avc'],
    ] as const) {
      const { bytes } = await ended(format, { video }, 2);
      images.push({ format, bytes: bytes.slice(0, Math.floor(bytes.length * 0.8)) });
    }
  });

  test('is finished without one: it plays, and tells its duration', async () => {
    for (const { format, bytes } of images) {
      const file = new MemoryFile(bytes);
      const write = file.write.bind(file);
      file.write = (part, at) => {
        if (at + part.length > file.size) throw new OnAirError('disk-full', 'No room.');
        write(part, at);
      };
      const report = await repair(file);
      assert.deepEqual([report.seekable, report.needsRemux], [false, false], format);
      const { packets, duration } = await readBack(file.bytes);
      assert.ok(packets.length > 50 && Math.abs(duration - report.duration) < 0.05, `${format}: ${duration} s`);
      await onDisk(file.bytes, format, async (path) => assert.deepEqual((await decode(path)).errors, [], format));
    }
  });
});
