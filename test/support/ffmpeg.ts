import { execFile, spawn } from 'node:child_process';

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
}

/** Runs ffmpeg and answers its standard output; throws with its messages when it fails. */
export function ffmpeg(...args: string[]): Promise<Buffer> {
  return run('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'error', ...args]);
}

export async function probe(file: string): Promise<Probe> {
  const out = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', file]);
  const { streams = [], format = {} } = JSON.parse(out.toString()) as {
    streams?: ProbeStream[];
    format?: { duration?: string; format_name?: string; tags?: Record<string, string> };
  };
  return { streams, duration: Number(format.duration), format: format.format_name ?? '', tags: format.tags ?? {} };
}

/** All packets in the order of the file. */
export async function packets(file: string): Promise<Packet[]> {
  const entries = 'packet=codec_type,pts_time,duration_time,size,flags';
  const out = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_entries', entries, file]);
  const { packets: list = [] } = JSON.parse(out.toString()) as { packets?: Record<string, string>[] };
  return list.map((packet) => ({
    type: packet['codec_type'] as 'video' | 'audio',
    pts: Number(packet['pts_time']),
    duration: Number(packet['duration_time'] ?? 0),
    key: (packet['flags'] ?? '').startsWith('K'),
    size: Number(packet['size']),
  }));
}

/** Decodes from start to end. With `seek`, from that second on, as a player does after a jump. */
export async function decode(file: string, { seek }: { seek?: number } = {}): Promise<Decoded> {
  const { streams } = await probe(file);
  const errors: string[] = [];
  const counts = { video: 0, audio: 0 };
  for (const type of ['video', 'audio'] as const) {
    if (!streams.some((stream) => stream.codec_type === type)) continue;
    const map = type === 'video' ? ['-map', '0:v:0', '-fps_mode', 'passthrough'] : ['-map', '0:a:0'];
    const start = seek === undefined ? [] : ['-ss', String(seek)];
    const args = ['-nostdin', '-v', 'error', '-xerror', ...start, '-i', file, ...map, '-f', 'framecrc', '-'];
    const { code, out, err } = await finish('ffmpeg', args);
    const said = err.split('\n').filter((line) => line.trim() !== '');
    errors.push(...(code === 0 || said.length > 0 ? said : [`ffmpeg ended with ${code}`]));
    // stream, dts, pts, duration, size, checksum
    const rows = out
      .toString()
      .split('\n')
      .filter((line) => /^\d/.test(line))
      .map((line) => line.split(','));
    counts[type] = type === 'video' ? rows.length : rows.reduce((sum, row) => sum + Number(row[3]), 0);
  }
  return { errors, frames: counts.video, audioSamples: counts.audio };
}

/** Whether this machine has ffmpeg and ffprobe; tests that need them are counted as skipped without. */
export const haveFfmpeg = (): Promise<boolean> =>
  Promise.all([run('ffmpeg', ['-version']), run('ffprobe', ['-version'])]).then(
    () => true,
    () => false,
  );

function run(command: string, args: string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { encoding: 'buffer', maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command}: ${stderr.toString().trim() || error.message}`));
      else resolve(stdout);
    });
  });
}

function finish(command: string, args: string[]): Promise<{ code: number | null; out: Buffer; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out: Buffer.concat(out), err }));
  });
}
