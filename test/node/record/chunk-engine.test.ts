import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OnAirError } from '../../../src/core/errors.js';
import { Metrics } from '../../../src/core/metrics/index.js';
import { ChunkEngine } from '../../../src/core/record/chunk-engine.js';
import type { TakeRequest } from '../../../src/core/record/protocol.js';
import { TakeWriter } from '../../../src/core/record/take-writer.js';
import { settle } from './codec-fakes.js';

const MB = 2 ** 20;

function engine() {
  const disk = { size: 0, most: Infinity, wait: null as Promise<void> | null, failure: null as Error | null };
  const failed: unknown[] = [];
  const overlaps: number[][] = [];
  const writer = new TakeWriter(
    {
      get size() {
        return disk.size;
      },
      read: () => 0,
      write: async (bytes, at) => {
        await disk.wait;
        if (disk.failure) throw disk.failure;
        disk.size = Math.max(disk.size, at + bytes.byteLength);
      },
      truncate: () => {},
      flush: () => {},
      close: () => {},
    },
    { flushBytes: 4 * MB, flushInterval: 1 },
  );
  const made = new ChunkEngine({ mimeType: 'video/mp4' } as TakeRequest, writer, {
    metrics: new Metrics(),
    media: () => {},
    moved: () => {},
    ended: () => {},
    unseen: () => {},
    replaced: () => {},
    overlapped: async (from, seconds) => void overlaps.push([from, seconds, disk.size]),
    grows: async (size) => {
      if (size > disk.most) throw new OnAirError('disk-full', 'No room is left.');
    },
    fail: (thrown) => failed.push(thrown),
    notice: () => {},
    noticeOver: () => {},
  });
  return { engine: made, disk, failed, overlaps };
}

describe('the engine of chunks', () => {
  it('tells what a recorder has in common with the one before, and where it begins, before it is written', async () => {
    const { engine: made, overlaps } = engine();
    made.chunk(new Uint8Array(1000));
    made.chunk(new Uint8Array(500), 0.25);
    made.chunk(new Uint8Array(500));
    await made.stop();
    assert.deepEqual(overlaps, [[1000, 0.25, 1000]]);
  });

  it('ends the take when more waits for the disk than it is to hold, with all that had come until then', async () => {
    const { engine: made, disk, failed } = engine();
    let resume = () => {};
    disk.wait = new Promise((resolve) => (resume = resolve));
    for (let chunk = 1; chunk <= 100; chunk++) made.chunk(new Uint8Array(MB));
    assert.equal(made.pending, 32 * MB);
    assert.equal(failed.length, 1, 'told once');
    assert.equal(OnAirError.from(failed[0], 'no-media', '').code, 'disk-failed');
    const stopped = made.stop();
    resume();
    assert.equal(await stopped, false);
    assert.equal(disk.size, 32 * MB);
    assert.equal(made.pending, 0);
  });

  it('takes one chunk that is larger than all that may wait', async () => {
    const { engine: made, disk, failed } = engine();
    made.chunk(new Uint8Array(50 * MB));
    await made.stop();
    assert.deepEqual(failed, []);
    assert.equal(disk.size, 50 * MB);
  });

  it('tells a write that fails once, writes nothing behind it, and can be given up', async () => {
    const { engine: made, disk, failed } = engine();
    made.chunk(new Uint8Array(10));
    await settle();
    disk.failure = new Error('broken');
    for (let chunk = 2; chunk < 10; chunk++) made.chunk(new Uint8Array(10));
    await settle();
    disk.failure = null;
    made.chunk(new Uint8Array(10));
    await made.abort();
    assert.deepEqual(failed.map(String), ['Error: broken']);
    assert.equal(disk.size, 10);
    assert.equal(made.pending, 0);
  });

  it('writes nothing that could not be copied at the end', async () => {
    const { engine: made, disk, failed } = engine();
    disk.most = 25;
    for (let chunk = 0; chunk < 5; chunk++) made.chunk(new Uint8Array(10));
    await made.stop();
    assert.equal(disk.size, 20);
    assert.deepEqual(
      failed.map((thrown) => OnAirError.from(thrown, 'no-media', '').code),
      ['disk-full'],
    );
  });

  it('does not say that no frames were lost, because nobody counts them', () => {
    assert.equal(engine().engine.counts.framesDropped, null);
  });
});
