/** Films that a fake camera shows over and over. They come from a file, so that making them costs the page nothing. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, openSync, closeSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ensureFfmpeg } from '../../tools/browsers.mjs';
import { cache } from './folders.mjs';

export const WIDTH = 1280;
export const HEIGHT = 720;
export const RATE = 30;
const SECONDS = 2;

/** White noise in every plane: no encoder can make it small, so any bitrate is reached. */
export const noise = () =>
  made('noise.y4m', (file) => {
    const handle = openSync(file, 'w');
    writeSync(handle, `YUV4MPEG2 W${WIDTH} H${HEIGHT} F${RATE}:1 Ip A1:1 C420jpeg\n`);
    for (let frame = 0; frame < RATE * SECONDS; frame++) {
      writeSync(handle, 'FRAME\n');
      writeSync(handle, randomBytes((WIDTH * HEIGHT * 3) / 2));
    }
    closeSync(handle);
  });

/** A moving test picture under noise, the like of a camera in a dim room: enough for the bitrate of an ordinary take. */
export const dimRoom = () =>
  made('dim-room.y4m', (file) => {
    const picture = `testsrc2=size=${WIDTH}x${HEIGHT}:rate=${RATE}:duration=${SECONDS},noise=alls=12:allf=t,format=yuv420p`;
    const args = [
      '-hide_banner',
      '-nostdin',
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      picture,
      '-f',
      'yuv4mpegpipe',
      '-y',
      file,
    ];
    const ffmpeg = ensureFfmpeg();
    if (!ffmpeg) throw new Error('ffmpeg is needed to make the film.');
    const { status, stderr } = spawnSync(ffmpeg, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`ffmpeg: ${stderr}`);
  });

function made(name, make) {
  const file = path.join(cache, name);
  if (existsSync(file)) return file;
  mkdirSync(cache, { recursive: true });
  make(`${file}.part`);
  renameSync(`${file}.part`, file);
  return file;
}
