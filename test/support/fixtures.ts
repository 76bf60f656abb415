import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ALL_FORMATS,
  BufferSource,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  Mp4OutputFormat,
  Output,
  StreamTarget,
  WebMOutputFormat,
  type EncodedPacket,
} from 'mediabunny';
import { MovieIndex } from '../../src/core/record/repair/index.js';
import { ffmpeg } from './ffmpeg.js';

export type VideoCodec = 'vp8' | 'vp9' | 'avc' | 'av1';

export interface SourceOptions {
  video?: VideoCodec | null;
  audio?: 'opus' | 'aac' | null;
  seconds?: number;
  size?: string;
  /** Frames a second. */
  rate?: number;
  /** Bits a second of the video. */
  bitrate?: string;
}

/** Noise over a moving test picture, so that the bitrate asked for is reached, and a tone; a key frame every second. */
export async function makeSource(options: SourceOptions = {}): Promise<Uint8Array> {
  const { video = 'vp8', audio = 'opus', seconds = 6, size = '640x360', rate = 30, bitrate = '1500k' } = options;
  const encoders: Record<VideoCodec, string[]> = {
    vp8: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0', '-auto-alt-ref', '0'],
    vp9: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0', '-row-mt', '1'],
    avc: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
    av1: ['-c:v', 'libsvtav1', '-preset', '12', '-svtav1-params', 'pred-struct=1'],
  };
  const picture = `testsrc2=size=${size}:rate=${rate}:duration=${seconds},noise=alls=20:allf=t,format=yuv420p`;
  return withFolder(async (folder) => {
    const file = join(folder, 'source.mkv');
    await ffmpeg(
      ...(video ? ['-f', 'lavfi', '-i', picture] : []),
      ...(audio ? ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`] : []),
      ...(video ? [...encoders[video], '-b:v', bitrate, '-g', String(rate), '-keyint_min', String(rate)] : []),
      ...(audio ? ['-c:a', audio === 'opus' ? 'libopus' : 'aac', '-b:a', '64k'] : []),
      '-y',
      file,
    );
    return readFile(file);
  });
}

/** One write of a muxer to its file. */
export interface Write {
  position: number;
  data: Uint8Array;
}

/** What a recorder's muxer writes, in order, and the packets that it was given. */
export interface RecordingLog {
  writes: Write[];
  packets: { type: 'video' | 'audio'; packet: EncodedPacket }[];
  /** For the end of an MP4. */
  index: MovieIndex | null;
}

export interface RecordOptions {
  format: 'webm' | 'mp4';
  /** Shortest cluster or fragment, seconds. */
  minimum?: number;
  /** Hands out the packets this often, so that long takes can be made from short sources. */
  repeat?: number;
  /** Takes the writes instead of the log. */
  onWrite?: (write: Write) => void;
}

/** Feeds the packets of a source through the recorder's muxer and logs every write, so that a crash can be replayed. */
export async function record(source: Uint8Array, options: RecordOptions): Promise<RecordingLog> {
  const { format, minimum, repeat = 1 } = options;
  const log: RecordingLog = { writes: [], packets: [], index: null };
  const onWrite = options.onWrite ?? ((write: Write) => log.writes.push(write));
  const input = new Input({ source: new BufferSource(source), formats: ALL_FORMATS });
  const output = new Output({
    format:
      format === 'webm'
        ? new WebMOutputFormat(minimum === undefined ? {} : { minimumClusterDuration: minimum })
        : new Mp4OutputFormat({
            fastStart: 'fragmented',
            onMoov: (moov) => (log.index = MovieIndex.on(moov)),
            onMoof: (moof, at) => log.index!.write(moof, at),
            ...(minimum === undefined ? {} : { minimumFragmentDuration: minimum }),
          }),
    target: new StreamTarget(
      new WritableStream({ write: ({ data, position }) => onWrite({ data: data.slice(), position }) }),
    ),
  });

  const lanes: { type: 'video' | 'audio'; list: EncodedPacket[]; add: (packet: EncodedPacket) => Promise<void> }[] = [];
  for (const track of await input.getTracks()) {
    const list: EncodedPacket[] = [];
    for await (const packet of new EncodedPacketSink(track).packets()) list.push(packet);
    if (track.isVideoTrack()) {
      const codec = (await track.getCodec())!;
      const lane = new EncodedVideoPacketSource(codec);
      output.addVideoTrack(lane);
      const meta = { decoderConfig: (await track.getDecoderConfig())! };
      lanes.push({ type: 'video', list, add: (packet) => lane.add(packet, meta) });
    } else if (track.isAudioTrack()) {
      const codec = (await track.getCodec())!;
      const lane = new EncodedAudioPacketSource(codec);
      output.addAudioTrack(lane);
      const meta = { decoderConfig: (await track.getDecoderConfig())! };
      lanes.push({ type: 'audio', list, add: (packet) => lane.add(packet, meta) });
    }
  }
  await output.start();

  const round = Math.max(...lanes.map(({ list }) => list.at(-1)!.timestamp + list.at(-1)!.duration));
  for (let turn = 0; turn < repeat; turn++) {
    const next = lanes.map(() => 0);
    for (;;) {
      const due = lanes
        .map((lane, index) => ({ lane, index, packet: lane.list[next[index]!] }))
        .filter((entry) => entry.packet)
        .sort((a, b) => a.packet!.timestamp - b.packet!.timestamp)[0];
      if (!due) break;
      next[due.index]!++;
      // A source may start a little below zero (the decoder's delay); a recorder's clock starts at zero.
      const timestamp = Math.max(0, due.packet!.timestamp) + turn * round;
      const packet = due.packet!.clone({ timestamp, sequenceNumber: -1 });
      if (repeat === 1) log.packets.push({ type: due.lane.type, packet });
      await due.lane.add(packet);
    }
  }
  await output.finalize();
  input.dispose();
  return log;
}

/** The file as a crash leaves it: after `writes` whole writes and the first `bytes` of the next. */
export function replay(log: readonly Write[], writes = log.length, bytes = 0): Uint8Array {
  const done = log.slice(0, writes);
  const torn = log[writes];
  if (torn && bytes > 0) done.push({ position: torn.position, data: torn.data.subarray(0, bytes) });
  const file = new Uint8Array(done.reduce((size, { position, data }) => Math.max(size, position + data.length), 0));
  for (const { position, data } of done) file.set(data, position);
  return file;
}

/** Gives `use` the path of a file with these bytes; it is gone afterwards. */
export function onDisk<T>(bytes: Uint8Array, extension: string, use: (path: string) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const path = join(folder, `take.${extension}`);
    await writeFile(path, bytes);
    return use(path);
  });
}

/** Random numbers from 0 to below 1 that are the same for the same seed (mulberry32, public domain). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'onair-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
