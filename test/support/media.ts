import { ffmpeg, inspect, packets, probe, type Inspected, type Packet } from './ffmpeg.js';

/** One frame of a clock picture (test/pages/sources.js): when it is shown, and when it was made; null when torn. */
export interface ClockFrame {
  /** Seconds from the start of the file. */
  pts: number;
  /** Milliseconds since the epoch. */
  at: number | null;
}

const CELLS = 32;
const CELL = 16;

/** Times at which the frames of a file are shown, in order, seconds. */
export const frameTimes = async (file: string): Promise<number[]> => timesOf(await packets(file));

const timesOf = (all: readonly Packet[]): number[] =>
  all
    .filter(({ type }) => type === 'video')
    .map(({ pts }) => pts)
    .sort((a, b) => a - b);

/** Reads the clock in every frame of a file. @param near some time of the take, to complete the 24 bits that are drawn */
export async function readClock(file: string, near: number): Promise<ClockFrame[]> {
  const seen = await inspect(file);
  const tracks = ['-map', '0:v:0', '-fps_mode', 'passthrough'];
  const raw = await ffmpeg('-i', file, ...tracks, '-vf', clockFilter(seen), '-f', 'rawvideo', '-');
  return clockOf(raw, seen, near);
}

/** What leaves nothing of a picture but its clock, for `clockOf`. */
export function clockFilter({ streams }: Inspected): string {
  const { width, height } = streams.find(({ codec_type }) => codec_type === 'video')!;
  // The picture may have become smaller in the middle. Of each cell only its own middle: edges are where encoders smear.
  return `scale=${width}:${height}:flags=neighbor,crop=${CELLS * CELL}:8:0:4,scale=${CELLS * 4}:1:flags=area,format=gray`;
}

/** The clock in every frame, of what is left of them. */
export function clockOf(raw: Buffer, { packets }: Inspected, near: number): ClockFrame[] {
  return timesOf(packets)
    .slice(0, raw.length / (CELLS * 4))
    .map((pts, index) => {
      const bits = Array.from({ length: CELLS }, (_, cell) => {
        const at = index * CELLS * 4 + cell * 4;
        return (raw[at + 1]! + raw[at + 2]!) / 2 > 128 ? 1 : 0;
      });
      const number = (from: number, to: number) => bits.slice(from, to).reduce<number>((sum, bit) => sum * 2 + bit, 0);
      const time = number(0, 24);
      const check = ((time >> 16) + (time >> 8) + time) & 0xff;
      if ((check ^ 0x5a) !== number(24, 32)) return { pts, at: null };
      const round = 2 ** 24;
      return { pts, at: time + Math.round((near - time) / round) * round };
    });
}

/** Seconds by which a frame comes later than usual when something is missing: a page that is busy draws late, too. */
const HOLE = 0.1;

/** What is missing in the middle of times (seconds) that are usually one step apart: after which of them, and how much. */
export function holesIn(times: readonly number[], late = HOLE): { after: number; lacks: number }[] {
  const steps = times.slice(1).map((time, index) => time - times[index]!);
  const usual = median(steps);
  return steps
    .map((step, index) => ({ after: times[index]!, lacks: step - usual }))
    .filter(({ lacks }) => lacks > late);
}

/** Seconds of that in all. */
export const holes = (times: readonly number[], late = HOLE): number =>
  holesIn(times, late).reduce((sum, { lacks }) => sum + lacks, 0);

/** From the first media on disk to a fault, milliseconds since the epoch. */
export interface Span {
  from: number;
  until: number;
  /** Seconds by which a frame is later than usual when something is missing before it. */
  late?: number;
}

/**
 * Seconds of pictures and of sound that a file lacks of the time between two moments, by the clock in the picture: at its
 * beginning, in the middle, and at its end.
 */
export function missingBetween(
  seen: Inspected,
  clock: readonly ClockFrame[],
  { from, until, late }: Span,
): { video: number; audio: number } {
  const read = clock.flatMap(({ pts, at }) => (at === null ? [] : [{ pts, at: at / 1000 }]));
  const [first, last] = [read[0], read.at(-1)];
  if (!first || !last) throw new Error('No clock can be read in its picture.');
  const lacking = (start: number, middle: number, end: number) =>
    Math.max(0, start - from / 1000) + middle + until / 1000 - end;
  const sound = seen.packets.filter(({ type }) => type === 'audio');
  const [began, ended] = [sound[0], sound.at(-1)];
  const pictures = read.map(({ at }) => at);
  return {
    video: lacking(first.at, holes(pictures, late), last.at),
    // Of a take without sound none is missing.
    audio:
      began && ended
        ? lacking(
            first.at + began.pts - first.pts,
            Math.max(0, widestGap(sound)),
            last.at + ended.pts + ended.duration - last.pts,
          )
        : 0,
  };
}

/** Samples of which the pitch of a rising tone is taken: 50 ms. */
const PITCH = 2400;

/** The same of a take without a picture, by the tone that rises with time. */
export async function missingSound(file: string, from: number, until: number): Promise<number> {
  const args = ['-i', file, '-map', '0:a:0', '-ac', '1', '-ar', '48000', '-f', 's16le', '-'];
  const [raw, sound] = await Promise.all([ffmpeg(...args), packets(file)]);
  const samples = new Int16Array(raw.buffer, raw.byteOffset, raw.byteLength >> 1);
  // Seconds from the fault to the middle of what is heard, within half of the 64 by which the tone repeats itself.
  const heard = (part: Int16Array) => {
    const apart = (pitch(part) - 400) / 100 - ((until / 1000) % 64);
    return apart - 64 * Math.round(apart / 64);
  };
  const half = PITCH / 48_000 / 2;
  const first = heard(samples.subarray(0, PITCH)) - half;
  const last = heard(samples.subarray(-PITCH)) + half;
  return Math.max(0, first - (from - until) / 1000) + Math.max(0, widestGap(sound)) - last;
}

/** Hertz, from the first to the last time that the wave rises through zero. */
function pitch(samples: Int16Array): number {
  const rises: number[] = [];
  for (let at = 1; at < samples.length; at++) {
    const [a, b] = [samples[at - 1]!, samples[at]!];
    if (a < 0 && b >= 0) rises.push(at - 1 + a / (a - b));
  }
  return (48_000 * (rises.length - 1)) / (rises.at(-1)! - rises[0]!);
}

/** Samples in which the level of a tone is taken: 10 ms, so that one that is some per cent off counts as it. */
const MOMENT = 480;

/** Amplitude of each of these tones (hertz) in the sound of a file, 0 to 1: the median of all moments. */
export async function toneLevels(file: string, frequencies: readonly number[]): Promise<number[]> {
  const raw = await ffmpeg('-i', file, '-map', '0:a:0', '-ac', '1', '-ar', '48000', '-f', 's16le', '-');
  const samples = new Int16Array(raw.buffer, raw.byteOffset, raw.byteLength >> 1);
  return frequencies.map((frequency) => {
    const levels: number[] = [];
    for (let from = 0; from + MOMENT <= samples.length; from += MOMENT) {
      let real = 0;
      let imaginary = 0;
      for (let at = 0; at < MOMENT; at++) {
        const turn = (2 * Math.PI * frequency * at) / 48_000;
        real += samples[from + at]! * Math.cos(turn);
        imaginary += samples[from + at]! * Math.sin(turn);
      }
      levels.push((2 * Math.hypot(real, imaginary)) / MOMENT / 32_768);
    }
    return median(levels);
  });
}

/** Mean colour of the picture that a player shows, for each tenth of a second: red, green and blue, 0 to 255. */
export async function shownColours(file: string): Promise<[number, number, number][]> {
  const picture = 'fps=10,scale=1:1:flags=area,format=rgb24';
  const raw = await ffmpeg('-i', file, '-map', '0:v:0', '-vf', picture, '-f', 'rawvideo', '-');
  return Array.from({ length: Math.floor(raw.length / 3) }, (_, i) => [raw[3 * i]!, raw[3 * i + 1]!, raw[3 * i + 2]!]);
}

/** The picture that is shown at a time, in shades of grey (0 to 255). */
export async function greyPicture(file: string, second: number) {
  const { width = 0, height = 0 } = (await probe(file)).streams.find(({ codec_type }) => codec_type === 'video') ?? {};
  const from = ['-ss', String(second), '-i', file, '-frames:v', '1'];
  const raw = await ffmpeg(...from, '-vf', 'format=gray', '-f', 'rawvideo', '-');
  return { width, height, at: (x: number, y: number) => raw[y * width + x]! };
}

/** When the picture turns white, seconds. */
export async function flashes(file: string): Promise<number[]> {
  const [raw, times] = await Promise.all([
    ffmpeg(
      '-i',
      file,
      '-map',
      '0:v:0',
      '-fps_mode',
      'passthrough',
      '-vf',
      'scale=1:1:flags=area,format=gray',
      '-f',
      'rawvideo',
      '-',
    ),
    frameTimes(file),
  ]);
  return times.filter((_, index) => raw[index]! > 128 && index > 0 && raw[index - 1]! <= 128);
}

/** When a beep begins, seconds, on the clock of the file. */
export async function beeps(file: string): Promise<number[]> {
  const rate = 48000;
  const raw = await ffmpeg(
    '-i',
    file,
    '-map',
    '0:a:0',
    '-af',
    'aresample=async=1:first_pts=0',
    '-ac',
    '1',
    '-ar',
    String(rate),
    '-f',
    's16le',
    '-',
  );
  const samples = new Int16Array(raw.buffer, raw.byteOffset, raw.byteLength >> 1);
  const found: number[] = [];
  let quiet = rate;
  for (let at = 0; at < samples.length; at++) {
    const loud = Math.abs(samples[at]!) > 6000;
    if (loud && quiet > rate / 4) found.push(at / rate);
    quiet = loud ? 0 : quiet + 1;
  }
  return found;
}

/** Seconds at both ends of a file in which a flash or its beep may have been cut off. */
const CUT = 0.3;

/**
 * For each flash: how much later the beep next to it is, seconds. A beep without a flash is in it, too, with the flash next
 * to it, and so whatever is missing is told as half a second or more.
 */
export async function soundOffsets(file: string): Promise<number[]> {
  const [seen, heard, all] = await Promise.all([flashes(file), beeps(file), packets(file)]);
  const ends = (['video', 'audio'] as const).map((kind) =>
    Math.max(...all.filter(({ type }) => type === kind).map(({ pts }) => pts)),
  );
  const whole = (at: number) => at >= CUT && at <= Math.min(...ends) - CUT;
  const nearest = (offsets: number[]) => offsets.reduce((a, b) => (Math.abs(a) < Math.abs(b) ? a : b), Infinity);
  const ofFlashes = seen.filter(whole).map((flash) => nearest(heard.map((beep) => beep - flash)));
  const ofBeeps = heard.filter(whole).map((beep) => nearest(seen.map((flash) => beep - flash)));
  return [...ofFlashes, ...ofBeeps.filter((offset) => Math.abs(offset) >= 0.5)];
}

/** Mean colour of each of `bars` upright bars, away from their edges, as ffmpeg shows them by its defaults. */
export async function barColours(file: string, bars: number, second: number): Promise<[number, number, number][]> {
  const size = (await probe(file)).streams.find(({ codec_type }) => codec_type === 'video');
  const { width = 0, height = 0 } = size ?? {};
  const raw = await ffmpeg(
    '-ss',
    String(second),
    '-i',
    file,
    '-frames:v',
    '1',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-',
  );
  return Array.from({ length: bars }, (_, bar) => {
    const sum: [number, number, number] = [0, 0, 0];
    let count = 0;
    for (let y = Math.round(height * 0.3); y < height * 0.7; y++) {
      for (let x = Math.ceil(((bar + 0.3) * width) / bars); x < ((bar + 0.7) * width) / bars; x++) {
        for (let c = 0; c < 3; c++) sum[c]! += raw[(y * width + x) * 3 + c]!;
        count++;
      }
    }
    return sum.map((value) => value / count) as [number, number, number];
  });
}

/** Seconds between the end of a packet and the next one of its track, where that is longest. */
export function widestGap(track: readonly Packet[]): number {
  const steps = track.slice(1).map(({ pts }, index) => pts - track[index]!.pts);
  // A container may leave out how long a packet lasts.
  const usual = median(steps);
  // Of an hour there are more than a call takes.
  return steps.reduce((widest, step, index) => Math.max(widest, step - (track[index]!.duration || usual)), -Infinity);
}

/** Frames that a camera of `rate` would have made between first and last, and how many of them are not there. */
export function missingFrames(times: readonly number[], rate: number): { expected: number; missing: number } {
  const expected = Math.round((times.at(-1)! - times[0]!) * rate) + 1;
  return { expected, missing: Math.max(0, expected - times.length) };
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Makes a film of `seconds` with a white picture and a beep of 100 ms at each full second but the first. */
export async function makeFlashFilm(file: string, seconds: number): Promise<void> {
  const on = 'gte(t,1)*lt(mod(t,1),0.1)';
  const picture = `color=black:size=320x240:rate=30:duration=${seconds},drawbox=color=white:t=fill:enable='${on}'`;
  const sound = `aevalsrc='0.8*sin(2*PI*1000*t)*${on}':s=48000:d=${seconds}`;
  const video = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '1M', '-g', '30'];
  const audio = ['-c:a', 'libopus', '-b:a', '96k'];
  await ffmpeg('-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', sound, ...video, ...audio, '-y', file);
}
