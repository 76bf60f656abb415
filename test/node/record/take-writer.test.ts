import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DiskFile } from '../../../src/core/record/disk.js';
import { MOST_STRETCH, TakeWriter } from '../../../src/core/record/take-writer.js';

/** A disk whose flush takes as long as it is told, on a clock that only moves when told. */
function slowDisk(flushTakes = 0) {
  const disk = { time: 0, flushes: [] as number[], size: 0, flushTakes };
  const file: DiskFile = {
    get size() {
      return disk.size;
    },
    read: () => 0,
    write: (bytes, at) => {
      disk.size = Math.max(disk.size, at + bytes.byteLength);
    },
    truncate: () => {},
    flush: () => {
      disk.flushes.push(disk.time);
      disk.time += disk.flushTakes;
    },
    close: () => {},
  };
  return { disk, file };
}

describe('the writer of a take', () => {
  it('flushes after as many bytes as asked for', async () => {
    const { disk, file } = slowDisk();
    const writer = new TakeWriter(file, { flushBytes: 1000, flushInterval: 60, now: () => disk.time });
    for (let count = 0; count < 25; count++) await writer.append(new Uint8Array(100));
    assert.equal(disk.flushes.length, 2);
    assert.equal(writer.size, 2500);
  });

  it('flushes after as many seconds as asked for', async () => {
    const { disk, file } = slowDisk();
    const writer = new TakeWriter(file, { flushBytes: 1e9, flushInterval: 1, now: () => disk.time });
    for (; disk.time < 10_000; disk.time += 100) await writer.append(new Uint8Array(1));
    assert.equal(disk.flushes.length, 9);
  });

  it('flushes a slow disk less often, never beyond what is promised, and more often again when it is fast', async () => {
    const { disk, file } = slowDisk(300);
    const writer = new TakeWriter(file, { flushBytes: 1e9, flushInterval: 1, now: () => disk.time });
    const record = async (until: number) => {
      for (; disk.time < until; disk.time += 100) await writer.append(new Uint8Array(1));
    };
    await record(5000);
    assert.ok(Math.abs(writer.flushInterval - 3) < 1e-9);
    disk.flushTakes = 5000;
    await record(40_000);
    assert.equal(writer.flushInterval, MOST_STRETCH);
    disk.flushTakes = 1;
    await record(60_000);
    assert.equal(writer.flushInterval, 1);
  });

  it('tells the size by the furthest byte, whatever is written again before it', async () => {
    const { file } = slowDisk();
    const writer = new TakeWriter(file, { flushBytes: 1e9, flushInterval: 60 });
    await writer.write(new Uint8Array(100), 0);
    await writer.write(new Uint8Array(8), 40);
    assert.equal(writer.size, 100);
  });
});
