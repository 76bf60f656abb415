import {
  EncodedAudioPacketSource,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
  StreamTarget,
  WebMOutputFormat,
  type EncodedPacket,
  type InputTrack,
  type StreamTargetChunk,
} from 'mediabunny';
import { OnAirError } from '../../errors.js';
import type { DiskFile } from '../disk.js';
import { CHROMIUM, isLength, LATE } from './ebml.js';
import { Part } from './part.js';
import { repair } from './repair.js';
import { openInput } from './input.js';
import { unreadable, type RepairReport } from './report.js';

export interface RemuxOptions {
  /** Container of the copy; that of the source when left out. */
  format?: 'webm' | 'mp4';
  /** Gives up between two packets; the source stays as it is. */
  signal?: AbortSignal;
  /**
   * Seconds, by the byte where a recording in the source begins, for which the one in front of it still went on: of what
   * both of them show, the later one is kept.
   */
  overlaps?: ReadonlyMap<number, number> | undefined;
  /** Told the share of the source that is copied, 0 to 1, a few times a second. */
  onProgress?: ((share: number) => void) | undefined;
}

/** A track of the copy. */
interface Target {
  add: (packet: EncodedPacket) => Promise<void>;
  /** Seconds: the highest timestamp in it, below all where there is none. */
  highest: number;
  /** Seconds that the last packet lasts, as far as it, or the distance before it, tells. */
  length: number;
}

/** One track on its way from file to file. */
interface Lane {
  type: string;
  packets: AsyncGenerator<EncodedPacket, void>;
  next: EncodedPacket | null;
  target: Target;
  /** Seconds by which its packets come before their timestamps. */
  early: number;
  /** Whether one was copied. */
  begun: boolean;
  /** Highest timestamp before the last key packet: none may come below it. */
  floor: number;
}

/** A recording in the source, open at its first packets. */
interface Opened {
  lanes: readonly Lane[];
  close(): void;
}

/**
 * Copies a recording packet by packet into a finished file with duration and index, from disk to disk in bounded
 * memory; nothing is decoded. Timestamps of the copy start at 0. The torn end of the source is cut first. What the
 * target held is overwritten, and cut in the end where it was more: it may be room that was set aside. After a fault or a
 * crash it holds nothing of use, and the copy is made again.
 * @throws OnAirError `recording-damaged` when no media can be read; `aborted`; what the disks throw
 */
export async function remux(source: DiskFile, target: DiskFile, options: RemuxOptions = {}): Promise<RepairReport> {
  const { format, parts } = await repair(source);
  let size = 0;
  const writable = new WritableStream<StreamTargetChunk>({
    write: ({ data, position }) => {
      size = Math.max(size, position + data.byteLength);
      return target.write(data, position);
    },
  });
  const output = new Output({
    format:
      (options.format ?? format) === 'webm' ? new WebMOutputFormat() : new Mp4OutputFormat({ fastStart: 'fragmented' }),
    target: new StreamTarget(writable, { chunked: true, chunkSize: CHUNK }),
  });
  try {
    const passed = progressOf(source.size, options.onProgress);
    const files = parts.map(({ from, to }) => new Part(source, from, to));
    const targets = await declare(files, output);
    await output.start();
    await join(parts, files, { ...options, targets, webm: format === 'webm', passed });
    await output.finalize();
    await target.truncate(size);
  } catch (thrown) {
    await output.cancel().catch(() => {});
    throw thrown instanceof OnAirError ? thrown : unreadable(thrown);
  }
  return repair(target);
}

/**
 * Declares the tracks, of which a container must know before its first packet. Each by the first part that has it: an
 * encoder that failed with its first pictures has left the sound alone in the part before.
 */
async function declare(parts: readonly DiskFile[], output: Output): Promise<Map<string, Target>> {
  const targets = new Map<string, Target>();
  for (const part of parts) {
    const input = openInput(part);
    try {
      for (const track of await input.getTracks()) {
        if (targets.has(track.type) || !(await new EncodedPacketSink(track).getFirstPacket())) continue;
        const add = await adder(track, output);
        const late = part !== parts[0] && track.isVideoTrack();
        if (add) targets.set(track.type, { add: late ? fromTheStart(add) : add, highest: -Infinity, length: 0 });
      }
    } finally {
      input.dispose();
    }
    if (targets.size === 2) break;
  }
  if (targets.size === 0) throw unreadable();
  return targets;
}

/**
 * The first picture stands from the beginning, as long as there is only sound: by ffmpeg an MP4 whose picture begins late
 * lasts as much longer.
 */
function fromTheStart(add: Target['add']): Target['add'] {
  let first = true;
  return (packet) => {
    const placed = first ? packet.clone({ timestamp: 0 }) : packet;
    first = false;
    return add(placed);
  };
}

interface Join extends Pick<RemuxOptions, 'overlaps' | 'signal'> {
  targets: ReadonlyMap<string, Target>;
  webm: boolean;
  passed: (bytes: number) => void;
}

/** Copies one part behind the other, or into its end, as far as both were recording at a time. */
async function join(parts: RepairReport['parts'], files: readonly DiskFile[], options: Join): Promise<void> {
  let place = 0;
  let part: Opened | null = await open(files[0]!, options);
  let after: Opened | null = null;
  try {
    for (const [index, { duration }] of parts.entries()) {
      after = files[index + 1] ? await open(files[index + 1]!, options) : null;
      const overlap = options.overlaps?.get(parts[index + 1]?.from ?? NaN);
      const turn =
        overlap === undefined ? null : place + Math.max(0, duration + ahead(part!) - overlap - ahead(after!));
      const end = await copy(part!, place, after && turn !== null ? begins(after, turn) : new Map(), options);
      place = turn ?? end;
      part!.close();
      part = after;
    }
  } finally {
    part?.close();
    after?.close();
  }
}

async function open(file: DiskFile, { targets, webm }: Join): Promise<Opened> {
  const head = await headOf(file);
  const input = openInput(file);
  const close = () => input.dispose();
  try {
    const lanes: Lane[] = [];
    for (const track of await input.getTracks()) {
      const lane = await laneFor(track, targets, webm && track.isAudioTrack() ? head : null);
      if (lane) lanes.push(lane);
    }
    if (lanes.length === 0) throw unreadable();
    return { lanes, close };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

/** Milliseconds between two words of progress; what is over sooner tells none. */
const TELL = 250;

/** Counts bytes of packets; what the container adds to them is too little to be seen. */
function progressOf(size: number, tell: RemuxOptions['onProgress']): (bytes: number) => void {
  let copied = 0;
  let told = performance.now();
  return (bytes) => {
    copied += bytes;
    if (!tell || performance.now() - told < TELL) return;
    told = performance.now();
    tell(Math.min(1, copied / size));
  };
}

/** Seconds between two pictures at least: WebM counts milliseconds. */
const STEP = 0.001;

/** Bytes written at a time: 2205 MB/s on the origin private file system at 1 MiB, no more beyond. */
const CHUNK = 1 << 20;

/**
 * Null for a track without packets, or of a codec that cannot be told.
 * @param head of a WebM whose sound it is
 */
async function laneFor(
  track: InputTrack,
  targets: ReadonlyMap<string, Target>,
  head: Uint8Array | null,
): Promise<Lane | null> {
  const target = targets.get(track.type);
  const packets = new EncodedPacketSink(track).packets();
  const next = target ? ((await packets.next()).value ?? null) : null;
  if (!target || !next) return null;
  const early = head ? codecDelay(head) + stampedLate(head) : 0;
  return { type: track.type, packets, next, target, early, begun: false, floor: 0 };
}

/**
 * Seconds that count as taken off every timestamp of the sound: `CodecDelay` of its track (RFC 9559, section
 * 5.1.4.1.25.6), which MediaRecorder in Firefox writes for Opus, and which muxer and demuxer here know nothing of.
 */
function codecDelay(head: Uint8Array): number {
  for (let at = 0; at + 11 < head.length; at++) {
    if (head[at] !== 0x56 || head[at + 1] !== 0xaa) continue;
    const width = head[at + 2]! & 0x7f;
    // The size of an unsigned integer is one byte, 0x80 and how many follow.
    if (head[at + 2]! < 0x81 || width > 8) continue;
    const nanoseconds = head.subarray(at + 3, at + 3 + width).reduce((sum, byte) => sum * 256 + byte, 0);
    // No codec looks ahead that far: what was found then was not the element.
    return nanoseconds < 1e9 ? nanoseconds / 1e9 : 0;
  }
  return 0;
}

const stampedLate = (head: Uint8Array): number =>
  new TextDecoder('latin1').decode(head).includes(CHROMIUM) ? LATE : 0;

async function headOf(file: DiskFile): Promise<Uint8Array> {
  const head = new Uint8Array(Math.min(file.size, HEAD));
  await file.read(head, 0);
  return head;
}

/** Bytes within which the tracks of a live WebM lie: they come before the first picture. */
const HEAD = 1024;

async function adder(track: InputTrack, output: Output): Promise<Target['add'] | null> {
  if (track.isVideoTrack()) {
    const [codec, decoderConfig] = [await track.getCodec(), await track.getDecoderConfig()];
    if (!codec || !decoderConfig) return null;
    const source = new EncodedVideoPacketSource(codec);
    output.addVideoTrack(source);
    return (packet) => source.add(packet, { decoderConfig });
  }
  if (track.isAudioTrack()) {
    const [codec, decoderConfig] = [await track.getCodec(), await track.getDecoderConfig()];
    if (!codec || !decoderConfig) return null;
    const source = new EncodedAudioPacketSource(codec);
    output.addAudioTrack(source);
    return (packet) => source.add(packet, { decoderConfig });
  }
  return null;
}

/** Seconds at which the next packet of a lane was recorded. */
const at = ({ next, early }: Lane): number => next!.timestamp - early;

const startOf = ({ lanes }: Opened): number => Math.min(...lanes.map(at));

/** Seconds by which a part begins before its first timestamp. */
const ahead = (part: Opened): number => Math.min(...part.lanes.map(({ next }) => next!.timestamp)) - startOf(part);

/** Where each track of a part begins that is laid at `place`. */
const begins = (part: Opened, place: number): Map<string, number> =>
  new Map(part.lanes.map((lane) => [lane.type, place + at(lane) - startOf(part)]));

/**
 * Copies a part's packets in the order of their times, which begin at `place`; answers where the last one ends.
 * @param until where the next part goes on with a track: what comes nearer than half a packet is left to it
 */
async function copy(
  part: Opened,
  place: number,
  until: ReadonlyMap<string, number>,
  { passed, signal, webm }: Join,
): Promise<number> {
  const start = startOf(part);
  for (const lane of part.lanes) lane.floor = lane.target.highest;
  for (;;) {
    if (signal?.aborted)
      throw new OnAirError('aborted', 'The copy of the recording was given up.', { cause: signal.reason });
    let due: Lane | null = null;
    for (const lane of part.lanes) {
      if (lane.next && (!due || at(lane) < at(due))) due = lane;
    }
    if (!due)
      return Math.max(place, ...part.lanes.map(({ begun, target }) => (begun ? target.highest + target.length : 0)));
    const packet = due.next!;
    const { target } = due;
    if (packet.type === 'key') due.floor = target.highest;
    const asked = Math.max(at(due) - start + place, due.floor);
    if (asked > (until.get(due.type) ?? Infinity) - target.length / 2) {
      due.next = null;
      continue;
    }
    // Chromium's MediaRecorder may give two frames one time: a millisecond is the least step of its WebM.
    const twice = due.begun && Math.abs(asked - target.highest) < STEP / 2;
    const timestamp = twice ? target.highest + STEP : asked;
    const distance = timestamp - target.highest;
    const video = due.type === 'video';
    // Of a block nobody tells more than how far the next one of its cluster is.
    const told = webm && !isLength(packet.duration, video) ? 0 : packet.duration;
    if (told || isLength(distance, video)) target.length = told || distance;
    due.begun = true;
    target.highest = Math.max(target.highest, timestamp);
    await target.add(timestamp === packet.timestamp ? packet : packet.clone({ timestamp }));
    passed(packet.byteLength);
    due.next = (await due.packets.next()).value ?? null;
  }
}
