import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { DiskFile } from '../../../src/core/record/disk.js';
import { MOST_STRETCH, TakeWriter } from '../../../src/core/record/take-writer.js';

/** A disk whose flush takes as long as it is told, on a clock that only moves when told. */
function slowDisk(flushTakes = 0) {
  const disk = { time: 0, flushes: [] as number[], size: 0, flushTakes, fault: null as Error | null };
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
      if (disk.fault) throw disk.fault;
      disk.flushes.push(disk.time);
      disk.time += disk.flushTakes;
    },
    close: () => {},
  };
  /** Lets milliseconds go by, for the clock and for timers. */
  const wait = (milliseconds: number) => {
    disk.time += milliseconds;
    mock.timers.tick(milliseconds);
  };
  return { disk, file, now: () => disk.time, wait };
}

describe('the writer of a take', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('flushes after as many bytes as asked for', async () => {
    const { disk, file, now } = slowDisk();
    const writer = new TakeWriter(file, { flushBytes: 1000, flushInterval: 60, now });
    for (let count = 0; count < 25; count++) await writer.append(new Uint8Array(100));
    assert.equal(disk.flushes.length, 2);
    assert.equal(writer.size, 2500);
  });

  it('flushes before anything has waited for as many seconds as asked for', async () => {
    const { disk, file, now, wait } = slowDisk();
    const writer = new TakeWriter(file, { flushBytes: 1e9, flushInterval: 1, now });
    for (; disk.time < 10_000; wait(100)) await writer.append(new Uint8Array(1));
    const gaps = disk.flushes.slice(1).map((time, index) => time - disk.flushes[index]!);
    assert.ok(Math.max(...gaps) <= 1000, gaps.join());
    assert.ok(gaps.length >= 8 && gaps.length <= 12, gaps.join());
  });

  it('flushes in time also when nothing more is written, and then no more', async () => {
    const { disk, file, now, wait } = slowDisk();
    const writer = new TakeWriter(file, { flushBytes: 1e9, flushInterval: 1, now });
    wait(5000);
    await writer.append(new Uint8Array(1));
    wait(1000);
    assert.equal(disk.flushes.length, 1);
    wait(60_000);
    assert.equal(disk.flushes.length, 1);
  });

  it('tells of a flush that was refused while nobody waited for it', async () => {
    const { disk, file, now, wait } = slowDisk();
    const failures: unknown[] = [];
    const onFailure = (thrown: unknown) => failures.push(thrown);
    const writer = new TakeWriter(file, { flushBytes: 1e9, flushInterval: 1, now, onFailure });
    await writer.append(new Uint8Array(1));
    disk.fault = new Error('no');
    wait(1000);
    await Promise.resolve();
    await Promise.resolve();
    assert.deepEqual(failures, [disk.fault]);
  });

  it('leaves the file alone once it is told that the take ends', async () => {
    const { disk, file, now, wait } = slowDisk();
    const writer = new TakeWriter(file, { flushBytes: 1e9, flushInterval: 1, now });
    await writer.append(new Uint8Array(1));
    writer.end();
    wait(60_000);
    assert.equal(disk.flushes.length, 0);
  });

  it('flushes a slow disk less often, says so before it does, and flushes more often again when it is fast', async () => {
    const { disk, file, now, wait } = slowDisk(300);
    const told: { at: number; latency: number }[] = [];
    const onLonger = () => told.push({ at: disk.time, latency: writer.latency });
    const writer = new TakeWriter(file, { flushBytes: 1e9, flushInterval: 1, now, onLonger });
    const record = async (until: number) => {
      for (; disk.time < until; wait(100)) await writer.append(new Uint8Array(1));
    };
    await record(5000);
    assert.ok(Math.abs(writer.latency - 3) < 1e-9);
    assert.equal(told[0]!.at, disk.flushes[0]! + 300, 'with the flush that showed it');
    assert.ok(Math.abs(told[0]!.latency - 3) < 1e-9);
    disk.flushTakes = 5000;
    await record(40_000);
    assert.equal(writer.latency, MOST_STRETCH + 4.5, 'the longest interval, and what a flush takes beyond its share');
    disk.flushTakes = 1;
    await record(60_000);
    assert.equal(writer.latency, 1);
  });

  it('keeps to what it says, however slow the disk', async () => {
    for (const flushTakes of [0, 50, 100, 300, 900]) {
      const { disk, file, now, wait } = slowDisk(flushTakes);
      const writer = new TakeWriter(file, { flushBytes: 1e9, flushInterval: 1, now });
      const written: number[] = [];
      for (; disk.time < 60_000; wait(10)) {
        written.push(disk.time);
        const { latency } = writer;
        const flushes = disk.flushes.length;
        await writer.append(new Uint8Array(1));
        if (disk.flushes.length === flushes) continue;
        // The first flush shows how slow the disk is.
        if (flushes > 0) assert.ok((disk.time - written[0]!) / 1000 <= latency + 1e-9, `${flushTakes} ms a flush`);
        written.length = 0;
      }
      assert.ok(disk.flushes.length > 5);
    }
  });

  it('tells the size by the furthest byte, whatever is written again before it', async () => {
    const { file } = slowDisk();
    const writer = new TakeWriter(file, { flushBytes: 1e9, flushInterval: 60 });
    await writer.write(new Uint8Array(100), 0);
    await writer.write(new Uint8Array(8), 40);
    assert.equal(writer.size, 100);
  });
});
