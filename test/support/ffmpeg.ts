import { execFile, spawn } from 'node:child_process';
import { findFfmpeg, findFfprobe } from '../../tools/browsers.mjs';

/** One stream of a file, as ffprobe names things. */
export interface ProbeStream {
  index: number;
  codec_type: 'video' | 'audio';
  codec_name: string;
  width?: number;
  height?: number;
  sample_rate?: string;
  channels?: number;
  start_time?: string;
  duration?: string;
}

export interface Probe {
  streams: ProbeStream[];
  /** Seconds, as the container tells; NaN where it tells none. */
  duration: number;
  format: string;
  tags: Record<string, string>;
}

export interface Packet {
  type: 'video' | 'audio';
  /** Seconds. */
  pts: number;
  /** Seconds; 0 where it is not known. */
  duration: number;
  key: boolean;
  /** Bytes of the packet. */
  size: number;
}

export interface Decoded {
  /** What ffmpeg had to say, one message a line; empty when all is well. */
  errors: string[];
  frames: number;
  /** Samples per channel. */
  audioSamples: number;
  /** What the filter that was given made of the pictures, one after the other; nothing where none was. */
  filtered: Buffer;
}

/** Runs ffmpeg and answers its standard output; throws with its messages when it fails. */
export function ffmpeg(...args: string[]): Promise<Buffer> {
  return run('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'error', ...args]);
}

interface Told {
  streams?: ProbeStream[];
  format?: { duration?: string; format_name?: string; tags?: Record<string, string> };
  packets?: Record<string, string>[];
}

async function ask(file: string, ...what: string[]): Promise<Told> {
  return JSON.parse((await run('ffprobe', ['-v', 'error', '-of', 'json', ...what, file])).toString()) as Told;
}

const HEAD = ['-show_format', '-show_streams'];
const PACKETS = ['-show_packets'];

const headOf = ({ streams = [], format = {} }: Told): Probe => ({
  streams,
  duration: Number(format.duration),
  format: format.format_name ?? '',
  tags: format.tags ?? {},
});

const packetsOf = ({ packets = [] }: Told): Packet[] =>
  packets.map((packet) => ({
    type: packet['codec_type'] as 'video' | 'audio',
    pts: Number(packet['pts_time']),
    duration: Number(packet['duration_time'] ?? 0),
    key: (packet['flags'] ?? '').startsWith('K'),
    size: Number(packet['size']),
  }));

export const probe = async (file: string): Promise<Probe> => headOf(await ask(file, ...HEAD));

/** All packets in the order of the file. */
export const packets = async (file: string): Promise<Packet[]> => packetsOf(await ask(file, ...PACKETS));

export type Inspected = Probe & { packets: Packet[] };

/** Both at once: to start ffprobe takes longer than what it does. */
export async function inspect(file: string): Promise<Inspected> {
  const told = await ask(file, ...HEAD, ...PACKETS);
  return { ...headOf(told), packets: packetsOf(told) };
}

/**
 * Decodes from start to end. With `seek`, from that second on, as a player does after a jump; with `filter`, its pictures go
 * through that, too: decoding takes longer than all that is done with them.
 */
export async function decode(
  file: string,
  { seek, filter }: { seek?: number; filter?: string } = {},
): Promise<Decoded> {
  const start = seek === undefined ? [] : ['-ss', String(seek)];
  const all = ['-fps_mode', 'passthrough'];
  // One a second: by the rate of frames, two that are close would be at one time, of which ffmpeg complains.
  const pictures = ['-map', '0:v:0', ...all, '-vf', `${filter},settb=1,setpts=N`, '-f', 'rawvideo', 'pipe:3'];
  const { code, out, err, filtered } = await finish([
    ...['-nostdin', '-v', 'error', '-xerror', ...start, '-i', file],
    ...['-map', '0:v:0?', '-map', '0:a:0?', ...all, '-f', 'framecrc', 'pipe:1'],
    ...(filter === undefined ? [] : pictures),
  ]);
  const said = err.split('\n').filter((line) => line.trim() !== '');
  const errors = code === 0 || said.length > 0 ? said : [`ffmpeg ended with ${code}`];
  const lines = out.toString().split('\n');
  const kinds = lines.flatMap((line) => /^#media_type \d+: (\w+)/.exec(line)?.[1] ?? []);
  // stream, dts, pts, duration, size, checksum
  const rows = lines.filter((line) => /^\d/.test(line)).map((line) => line.split(','));
  const of = (kind: string) => rows.filter(([stream]) => kinds[Number(stream)] === kind);
  return {
    errors,
    frames: of('video').length,
    audioSamples: of('audio').reduce((sum, row) => sum + Number(row[3]), 0),
    filtered,
  };
}

/** Why tests that look at files are skipped, and counted so; false where ffmpeg and ffprobe are there. */
export const lacksFfmpeg = (): string | false => (findFfmpeg() && findFfprobe() ? false : 'ffmpeg is not installed');

const programs = { ffmpeg: findFfmpeg, ffprobe: findFfprobe };

function path(command: keyof typeof programs): string {
  const found = programs[command]();
  if (!found) throw new Error(`${command} is not installed`);
  return found;
}

function run(command: keyof typeof programs, args: string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    execFile(path(command), args, { encoding: 'buffer', maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command}: ${stderr.toString().trim() || error.message}`));
      else resolve(stdout);
    });
  });
}

function finish(args: string[]): Promise<{ code: number | null; out: Buffer; err: string; filtered: Buffer }> {
  return new Promise((resolve, reject) => {
    const child = spawn(path('ffmpeg'), args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    const [, out, err, filtered] = child.stdio.map((stream) => {
      const chunks: Buffer[] = [];
      stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
      return chunks;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({
        code,
        out: Buffer.concat(out!),
        err: Buffer.concat(err!).toString(),
        filtered: Buffer.concat(filtered!),
      }),
    );
  });
}
