import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { OnAirError } from '../../../src/core/errors.js';
import { finishMp4, repair } from '../../../src/core/record/repair/index.js';
import { decode, lacksFfmpeg } from '../../support/ffmpeg.js';
import { makeSource, onDisk, record, replay, type SourceOptions } from '../../support/fixtures.js';
import { MemoryFile } from './memory-file.js';
import { readBack } from './take.js';

const skip = lacksFfmpeg();

/** A take that was ended, over and over the same few seconds. */
async function ended(format: 'webm' | 'mp4', source: SourceOptions, repeat: number): Promise<Uint8Array> {
  const small = { seconds: 3, size: '320x180', rate: 10, bitrate: '200k', ...source };
  const chunks: { position: number; data: Uint8Array }[] = [];
  const onWrite = (write: { position: number; data: Uint8Array }) => chunks.push(write);
  await record(await makeSource(small), { format, minimum: 0.4, repeat, onWrite });
  return replay(chunks);
}

describe('the end of an MP4', { skip }, () => {
  const kinds: [string, SourceOptions][] = [
    ['picture and sound', { video: 'avc', audio: 'aac' }],
    ['picture alone', { video: 'avc', audio: null }],
    ['sound alone', { video: null, audio: 'opus' }],
  ];
  for (const [name, source] of kinds) {
    test(`tells what the walk over all of it finds: ${name}`, async () => {
      const muxed = await ended('mp4', source, 4);
      const [finished, walked] = [new MemoryFile(muxed), new MemoryFile(muxed)];
      await finishMp4(finished);
      const { duration } = await repair(walked);
      assert.ok(duration > 11 && finished.changes.length > 0);
      assert.equal(Buffer.compare(finished.bytes, walked.bytes), 0);
      await finishMp4(finished);
      assert.equal(Buffer.compare(finished.bytes, walked.bytes), 0, 'again');
    });
  }

  test('reads as little of ten minutes as of seconds', async (test) => {
    const read = async (repeat: number) => {
      const file = new MemoryFile(await ended('mp4', { video: 'avc', audio: 'aac' }, repeat));
      await finishMp4(file);
      return { file, bytes: file.bytesRead };
    };
    const [short, long] = [await read(2), await read(200)];
    const { duration } = await readBack(long.file.bytes);
    assert.ok(Math.abs(duration - 600) < 10, String(duration));
    const most = 300 * 1024;
    test.diagnostic(`${long.bytes} of ${long.file.size} bytes, ${short.bytes} of ${short.file.size}`);
    assert.ok(long.file.size > 50 * most, `${long.file.size} bytes in all`);
    assert.ok(long.bytes <= most && short.bytes <= most, `${short.bytes} and ${long.bytes} bytes read`);
  });

  test('without an index is found all the same', async () => {
    const muxed = await ended('mp4', { video: 'avc', audio: 'aac' }, 2);
    const end = Buffer.from(muxed).lastIndexOf('mfra') - 4;
    const [finished, walked] = [new MemoryFile(muxed.slice(0, end)), new MemoryFile(muxed.slice(0, end))];
    await finishMp4(finished);
    await repair(walked);
    assert.equal(Buffer.compare(finished.bytes, walked.bytes), 0);
  });
});

describe('a recording on a disk without room for its index', { skip }, () => {
  const images: { format: 'webm' | 'mp4'; bytes: Uint8Array }[] = [];
  before(async () => {
    for (const [format, video] of [
      ['webm', 'vp8'],
      ['mp4', 'avc'],
    ] as const) {
      const bytes = await ended(format, { video }, 2);
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
