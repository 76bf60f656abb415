/** A film in which every picture says which one it is, so that what was recorded of it can be held against it. */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { cache } from '../../bench/support/folders.mjs';
import { ffmpeg } from '../support/ffmpeg.js';

const [WIDTH, HEIGHT, RATE, PICTURES] = [640, 360, 30, 120];
/** Bytes of a picture in I420. */
const BYTES = (WIDTH * HEIGHT * 3) / 2;
/** Black and white cells in its first rows: eight bits of its number, and the same the other way round. */
const [CELLS, CELL] = [16, 16];

const bitsOf = (index: number) =>
  Array.from({ length: CELLS }, (_, cell) => (((cell < 8 ? index : ~index) >> (7 - (cell % 8))) & 1) === 1);

/** A moving test picture under noise, as pictures in I420. */
export async function makePictures(): Promise<Buffer[]> {
  const graph = `testsrc2=size=${WIDTH}x${HEIGHT}:rate=${RATE}:duration=${PICTURES / RATE},noise=alls=6:allf=t:all_seed=1,format=yuv420p`;
  const raw = await ffmpeg('-f', 'lavfi', '-i', graph, '-f', 'rawvideo', '-');
  return Array.from({ length: PICTURES }, (_, index) => {
    const picture = raw.subarray(index * BYTES, (index + 1) * BYTES);
    bitsOf(index).forEach((on, cell) => {
      for (let row = 0; row < CELL; row++)
        picture.fill(on ? 235 : 16, row * WIDTH + cell * CELL, row * WIDTH + (cell + 1) * CELL);
    });
    return picture;
  });
}

/** The film as Chromium's camera plays it; answers its path. */
export function cameraFilm(pictures: readonly Buffer[]): string {
  const file = path.join(cache, 'known.y4m');
  if (existsSync(file)) return file;
  mkdirSync(cache, { recursive: true });
  const handle = openSync(`${file}.part`, 'w');
  writeSync(handle, `YUV4MPEG2 W${WIDTH} H${HEIGHT} F${RATE}:1 Ip A1:1 C420jpeg\n`);
  for (const picture of pictures) {
    writeSync(handle, 'FRAME\n');
    writeSync(handle, picture);
  }
  closeSync(handle);
  renameSync(`${file}.part`, file);
  return file;
}

/** The film for a player, without a loss; it says its matrix, so that nobody guesses another one. */
export async function playedFilm(pictures: readonly Buffer[], file: string): Promise<void> {
  const lossless = ['-c:v', 'libvpx-vp9', '-lossless', '1', '-deadline', 'realtime', '-cpu-used', '8', '-row-mt', '1'];
  const colours = ['-colorspace', 'smpte170m', '-color_range', 'tv'];
  await ffmpeg('-i', cameraFilm(pictures), ...lossless, ...colours, '-y', file);
}

/** The number that each picture of a file says; null where it cannot be read. */
async function numbersIn(file: string): Promise<(number | null)[]> {
  const cells = `crop=${CELLS * CELL}:8:0:4,scale=${CELLS * 4}:1:flags=area,format=gray`;
  const raw = await ffmpeg(
    '-i',
    file,
    '-map',
    '0:v:0',
    '-fps_mode',
    'passthrough',
    '-vf',
    cells,
    '-f',
    'rawvideo',
    '-',
  );
  const row = CELLS * 4;
  return Array.from({ length: raw.length / row }, (_, frame) => {
    const bits = Array.from({ length: CELLS }, (_, cell) => raw[frame * row + cell * 4 + 1]! > 128);
    const number = bits.slice(0, 8).reduce((sum, on) => sum * 2 + Number(on), 0);
    return number < PICTURES && bitsOf(number).every((on, cell) => on === bits[cell]) ? number : null;
  });
}

export interface Likeness {
  /** Pictures that were compared; all of the file, or it is an error. */
  frames: number;
  /** Of each picture: SSIM of all planes, 0 to 1; PSNR of luma in dB. */
  ssim: number[];
  psnr: number[];
}

/** Holds every picture of a recording against the one that it was made of. @throws Error where one cannot be told */
export async function likeness(file: string, pictures: readonly Buffer[]): Promise<Likeness> {
  const numbers = await numbersIn(file);
  const reference = `${file}.yuv`;
  const torn = numbers.filter((number) => number === null).length;
  if (torn > 0) throw new Error(`${file}: ${torn} of ${numbers.length} pictures do not say which they are.`);
  writeFileSync(reference, Buffer.concat(numbers.map((number) => pictures[number!]!)));
  const raw = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'yuv420p',
    '-video_size',
    `${WIDTH}x${HEIGHT}`,
    '-framerate',
    String(RATE),
  ];
  const each = `settb=1/${RATE},setpts=N`;
  const compare = async (filter: 'ssim' | 'psnr', figure: RegExp) => {
    const graph = `[0:v]${each}[a];[1:v]${each}[b];[a][b]${filter}=stats_file=-`;
    const told = await ffmpeg('-i', file, ...raw, '-i', reference, '-lavfi', graph, '-f', 'null', '/dev/null');
    const values = [...told.toString().matchAll(figure)].map(([, value]) => (value === 'inf' ? 100 : Number(value)));
    if (values.length !== numbers.length) throw new Error(`${file}: ${values.length} of ${numbers.length} compared.`);
    return values;
  };
  const ssim = await compare('ssim', /All:([\d.]+)/g);
  const psnr = await compare('psnr', /psnr_y:([\d.]+|inf)/g);
  return { frames: numbers.length, ssim, psnr };
}
