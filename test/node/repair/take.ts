import assert from 'node:assert/strict';
import { OnAirError } from '../../../src/core/errors.js';
import { repair, type RepairReport } from '../../../src/core/record/repair/index.js';
import { decode, packets, probe, type Packet } from '../../support/ffmpeg.js';
import { makeSource, onDisk, record, replay, type SourceOptions, type Write } from '../../support/fixtures.js';
import { MemoryFile } from './memory-file.js';

/** A packet of a take and where its bytes lie in the finished file. */
export interface Placed {
  type: 'video' | 'audio';
  /** Seconds. */
  time: number;
  end: number;
  start: number;
  stop: number;
}

/** A take as a recorder writes it: every write, the finished file, and where in it each packet lies. */
export interface Take {
  format: 'webm' | 'mp4';
  writes: Write[];
  finished: Uint8Array;
  packets: Placed[];
}

export async function makeTake(format: 'webm' | 'mp4', options: SourceOptions, minimum?: number): Promise<Take> {
  const log = await record(await makeSource(options), { format, ...(minimum === undefined ? {} : { minimum }) });
  const finished = replay(log.writes);
  const buffer = Buffer.from(finished.buffer);
  const cursor = { video: 0, audio: 0 };
  const placed = log.packets.map(({ type, packet }) => {
    const start = buffer.indexOf(packet.data, cursor[type]);
    assert.ok(start > 0, `the muxer wrote the ${type} packet at ${packet.timestamp} s`);
    const stop = (cursor[type] = start + packet.data.length);
    return { type, time: packet.timestamp, end: packet.timestamp + packet.duration, start, stop };
  });
  return { format, writes: log.writes, finished, packets: placed };
}

/** The packets that lie in this image of the file completely. */
export const survivors = ({ packets, finished }: Take, image: Uint8Array): Placed[] =>
  packets.filter(
    ({ start, stop }) =>
      image.length >= stop && Buffer.compare(image.subarray(start, stop), finished.subarray(start, stop)) === 0,
  );

/** Repairs an image; null when it is told to be damaged. Anything else that is thrown fails the test. */
export async function tryRepair(image: Uint8Array): Promise<{ file: MemoryFile; report: RepairReport } | null> {
  const file = new MemoryFile(image);
  try {
    return { file, report: await repair(file) };
  } catch (thrown) {
    assert.ok(thrown instanceof OnAirError, String((thrown as Error).stack ?? thrown));
    assert.equal(thrown.code, 'recording-damaged');
    return null;
  }
}

export interface Checks {
  /** Decodes all of it, too; takes longer. */
  decoded?: boolean;
  label: string;
}

/** Repairs what a crash left and checks that everything complete is there, in a file that is as if ended normally. */
export async function expectRecovered(
  take: Take,
  image: Uint8Array,
  { decoded = false, label }: Checks,
): Promise<void> {
  const expected = survivors(take, image);
  const repaired = await tryRepair(image);
  if (expected.length === 0) return assert.equal(repaired, null, `${label}: nothing to recover`);
  assert.ok(repaired, `${label}: ${expected.length} packets can be recovered`);
  const { file, report } = repaired;
  assert.ok(file.largestRead <= 2 ** 20, `${label}: reads stay small`);
  assert.equal(report.size, file.size);
  assert.equal(report.format, take.format);
  assert.deepEqual([report.seekable, report.needsRemux], [true, false], label);

  const duration = Math.max(...expected.map(({ end }) => end));
  assert.ok(
    Math.abs(report.duration - duration) <= 0.05,
    `${label}: ${report.duration} s told, ${duration} s expected`,
  );
  const again = (await tryRepair(file.bytes))!;
  assert.deepEqual(again.file.changes, [], `${label}: a second repair changes nothing`);

  await onDisk(file.bytes, take.format, async (path) => {
    const found = await packets(path);
    expectPackets(found, expected, label);
    const told = (await probe(path)).duration;
    assert.ok(Math.abs(told - duration) <= 0.05, `${label}: ffprobe tells ${told} s, expected ${duration} s`);
    if (decoded) assert.deepEqual((await decode(path)).errors, [], `${label}: decodes`);
  });
}

/** The same packets by size, in times that go up, with a key frame first. */
export function expectPackets(found: Packet[], expected: Placed[], label: string): void {
  for (const type of ['video', 'audio'] as const) {
    const have = found.filter((packet) => packet.type === type);
    const want = expected.filter((packet) => packet.type === type);
    assert.equal(have.length, want.length, `${label}: every complete ${type} packet`);
    if (want.length === 0) continue;
    assert.deepEqual(
      have.map(({ size }) => size),
      want.map(({ start, stop }) => stop - start),
      `${label}: ${type} sizes`,
    );
    assert.ok(Math.abs(have.at(-1)!.pts - want.at(-1)!.time) <= 0.002, `${label}: last ${type} packet in its place`);
    assert.ok(have[0]!.key, `${label}: begins with a key frame`);
    assert.ok(
      have.every(({ pts }, index) => index === 0 || pts > have[index - 1]!.pts),
      `${label}: ${type} times go up`,
    );
  }
}
