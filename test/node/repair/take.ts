import assert from 'node:assert/strict';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import { OnAirError } from '../../../src/core/errors.js';
import { finishMp4, repair, type RepairReport } from '../../../src/core/record/repair/index.js';
import { decode, inspect, type Packet } from '../../support/ffmpeg.js';
import {
  makeSource,
  onDisk,
  record,
  replay,
  type RecordingLog,
  type SourceOptions,
  type Write,
} from '../../support/fixtures.js';
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

/** A take as a recorder writes it: every write of its muxer, the finished file, and where in it each packet lies. */
export interface Take {
  format: 'webm' | 'mp4';
  writes: Write[];
  finished: Uint8Array;
  packets: Placed[];
}

export async function makeTake(format: 'webm' | 'mp4', options: SourceOptions, minimum?: number): Promise<Take> {
  const log = await record(await makeSource(options), { format, ...(minimum === undefined ? {} : { minimum }) });
  const finished = await finish(log);
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

/** What a recorder leaves when a take has ended. */
export async function finish({ writes, index }: RecordingLog): Promise<Uint8Array> {
  const file = new MemoryFile(replay(writes));
  if (index) await finishMp4(file, index);
  return file.bytes;
}

/** A take that a browser's MediaRecorder wrote from start to end. */
export async function readTake(finished: Uint8Array, format: 'webm' | 'mp4'): Promise<Take> {
  const { packets: list } = await readBack(finished);
  const placed: Placed[] = [];
  for (const type of ['video', 'audio'] as const) {
    let stop = 0;
    let time = 0;
    for (const { pts, duration, data } of list.filter((packet) => packet.type === type)) {
      const start = Buffer.from(finished).indexOf(data, stop);
      stop = start + data.length;
      // A block has no duration: the last is taken to last as long as the one before.
      placed.push({ type, time: pts, end: pts + (format === 'webm' ? pts - time : duration), start, stop });
      time = pts;
    }
  }
  return { format, writes: [{ position: 0, data: finished }], finished, packets: placed };
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
  label: string;
  /**
   * Lets ffmpeg judge, too: its packets, its duration, and a decode from start to end. Starting it takes a hundred
   * times as long as all the rest, so that not every cut is shown to it.
   */
  ffmpeg?: boolean;
}

/** Repairs what a crash left and checks that everything complete is there, in a file that is as if ended normally. */
export async function expectRecovered(take: Take, image: Uint8Array, { ffmpeg = false, label }: Checks): Promise<void> {
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

  const { packets: read, duration: length } = await readBack(file.bytes);
  expectPackets(read, expected, label);
  assert.ok(Math.abs(length - duration) <= 0.05, `${label}: the file tells ${length} s, expected ${duration} s`);
  if (ffmpeg) await onDisk(file.bytes, take.format, (path) => expectPlayable(path, expected, label));
}

/** What ffmpeg makes of it. */
export async function expectPlayable(path: string, expected: Placed[], label: string): Promise<void> {
  const [{ packets, duration: told }, { errors }] = await Promise.all([inspect(path), decode(path)]);
  expectPackets(packets, expected, label);
  const duration = Math.max(...expected.map(({ end }) => end));
  assert.ok(Math.abs(told - duration) <= 0.05, `${label}: ffprobe tells ${told} s, expected ${duration} s`);
  assert.deepEqual(errors, [], `${label}: decodes`);
}

/** The packets, and the duration that the head tells, by mediabunny. */
export async function readBack(
  bytes: Uint8Array,
): Promise<{ packets: (Packet & { data: Uint8Array })[]; duration: number }> {
  const input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
  const read: (Packet & { data: Uint8Array })[] = [];
  for (const track of await input.getTracks()) {
    for await (const packet of new EncodedPacketSink(track).packets()) {
      const { timestamp: pts, duration, byteLength: size, data } = packet;
      read.push({ type: track.type as 'video' | 'audio', pts, duration, key: packet.type === 'key', size, data });
    }
  }
  const duration = (await input.getDurationFromMetadata()) ?? NaN;
  input.dispose();
  return { packets: read, duration };
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
