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
import { Part } from './part.js';
import { repair } from './repair.js';
import { openInput } from './input.js';
import { unreadable, type RepairReport } from './report.js';

export interface RemuxOptions {
  /** Container of the copy; that of the source when left out. */
  format?: 'webm' | 'mp4';
  /** Gives up between two packets; the source stays as it is. */
  signal?: AbortSignal;
  /** Told the share of the source that is copied, 0 to 1, a few times a second. */
  onProgress?: ((share: number) => void) | undefined;
}

type Add = (packet: EncodedPacket) => Promise<void>;

/** One track on its way from file to file. */
interface Lane {
  packets: AsyncGenerator<EncodedPacket, void>;
  next: EncodedPacket | null;
  add: Add;
  /** Seconds by which its packets come before their timestamps. */
  early: number;
  /** Whether one was copied. */
  begun: boolean;
  /** Highest timestamp before the last key packet: none may come below it. */
  floor: number;
  highest: number;
  /** Seconds that the last packet lasts, as far as it, or the distance before it, tells. */
  length: number;
}

/**
 * Copies a recording packet by packet into a finished file with duration and index, from disk to disk in bounded
 * memory; nothing is decoded. Timestamps of the copy start at 0. The torn end of the source is cut first. What the
 * target held is overwritten; after a fault or a crash it holds nothing of use, and the copy is made again.
 * @throws OnAirError `recording-damaged` when no media can be read; `aborted`; what the disks throw
 */
export async function remux(source: DiskFile, target: DiskFile, options: RemuxOptions = {}): Promise<RepairReport> {
  const { format, parts } = await repair(source);
  const output = new Output({
    format:
      (options.format ?? format) === 'webm' ? new WebMOutputFormat() : new Mp4OutputFormat({ fastStart: 'fragmented' }),
    target: new StreamTarget(writableTo(target), { chunked: true, chunkSize: CHUNK }),
  });
  try {
    await target.truncate(0);
    const passed = progressOf(source.size, options.onProgress);
    const files = parts.map((from, index) => new Part(source, from, parts[index + 1]));
    const adders = await declare(files, output);
    await output.start();
    let end = 0;
    for (const part of files) end = await append(part, adders, end, format === 'webm', passed, options.signal);
    await output.finalize();
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
async function declare(parts: readonly DiskFile[], output: Output): Promise<Map<string, Add>> {
  const adders = new Map<string, Add>();
  for (const part of parts) {
    const input = openInput(part);
    try {
      for (const track of await input.getTracks()) {
        if (adders.has(track.type) || !(await new EncodedPacketSink(track).getFirstPacket())) continue;
        const add = await adder(track, output);
        const late = part !== parts[0] && track.isVideoTrack();
        if (add) adders.set(track.type, late ? fromTheStart(add) : add);
      }
    } finally {
      input.dispose();
    }
    if (adders.size === 2) break;
  }
  if (adders.size === 0) throw unreadable();
  return adders;
}

/**
 * The first picture stands from the beginning, as long as there is only sound: by ffmpeg an MP4 whose picture begins late
 * lasts as much longer.
 */
function fromTheStart(add: Add): Add {
  let first = true;
  return (packet) => {
    const placed = first ? packet.clone({ timestamp: 0 }) : packet;
    first = false;
    return add(placed);
  };
}

/** Copies one part behind what is there, which ends at `offset` (seconds); answers where it ends then. */
async function append(
  part: DiskFile,
  adders: ReadonlyMap<string, Add>,
  offset: number,
  webm: boolean,
  passed: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<number> {
  const delay = webm ? await codecDelay(part) : 0;
  const input = openInput(part);
  try {
    const lanes: Lane[] = [];
    for (const track of await input.getTracks()) {
      const lane = await laneFor(track, adders, track.isAudioTrack() ? delay : 0);
      if (lane) lanes.push(lane);
    }
    if (lanes.length === 0) throw unreadable();
    return await copy(lanes, offset, passed, signal);
  } finally {
    input.dispose();
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

function writableTo(file: DiskFile): WritableStream<StreamTargetChunk> {
  return new WritableStream({ write: ({ data, position }) => file.write(data, position) });
}

/** Null for a track without packets, or of a codec that cannot be told. */
async function laneFor(track: InputTrack, adders: ReadonlyMap<string, Add>, early: number): Promise<Lane | null> {
  const add = adders.get(track.type);
  const packets = new EncodedPacketSink(track).packets();
  const next = add ? ((await packets.next()).value ?? null) : null;
  return add && next ? { packets, next, add, early, begun: false, floor: 0, highest: 0, length: 0 } : null;
}

/**
 * Seconds that count as taken off every timestamp of the sound: `CodecDelay` of its track (RFC 9559, section
 * 5.1.4.1.25.6), which MediaRecorder in Firefox writes for Opus, and which muxer and demuxer here know nothing of.
 */
async function codecDelay(file: DiskFile): Promise<number> {
  const head = new Uint8Array(Math.min(file.size, HEAD));
  await file.read(head, 0);
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

/** Bytes within which the tracks of a live WebM lie: they come before the first picture. */
const HEAD = 1024;

async function adder(track: InputTrack, output: Output): Promise<Add | null> {
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

/** Copies all packets in the order of their times, which begin at `offset`; answers where the last one ends. */
async function copy(
  lanes: Lane[],
  offset: number,
  passed: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<number> {
  const at = ({ next, early }: Lane) => next!.timestamp - early;
  for (const lane of lanes) lane.floor = lane.highest = offset;
  const start = Math.min(...lanes.map(at));
  for (;;) {
    if (signal?.aborted)
      throw new OnAirError('aborted', 'The copy of the recording was given up.', { cause: signal.reason });
    let due: Lane | null = null;
    for (const lane of lanes) {
      if (lane.next && (!due || at(lane) < at(due))) due = lane;
    }
    if (!due) return Math.max(...lanes.map(({ highest, length }) => highest + length));
    const packet = due.next!;
    if (packet.type === 'key') due.floor = due.highest;
    const asked = Math.max(at(due) - start + offset, due.floor);
    // Chromium's MediaRecorder may give two frames one time: a millisecond is the least step of its WebM.
    const twice = due.begun && Math.abs(asked - due.highest) < STEP / 2;
    const timestamp = twice ? due.highest + STEP : asked;
    due.begun = true;
    due.length = packet.duration || timestamp - due.highest;
    due.highest = Math.max(due.highest, timestamp);
    await due.add(timestamp === packet.timestamp ? packet : packet.clone({ timestamp }));
    passed(packet.byteLength);
    due.next = (await due.packets.next()).value ?? null;
  }
}
