import { FOLDER } from '../../dist/core/record/disk.js';
import { lockName } from '../../dist/core/record/journal.js';

export interface Planted {
  name?: string;
  collection?: string;
  /** Steps in the journal; null for no journal. */
  steps?: string[] | null;
  /** Further fields of the last line. */
  last?: Record<string, unknown>;
  /** What the media file ends in; null for no media. */
  part?: 'recording' | 'remux' | 'webm' | 'mp4' | null;
  media?: BlobPart;
  /** Milliseconds since the epoch; later ones are listed first. */
  at?: number;
}

let planted = 0;

/** Puts the files of a recording on the disk, as a writer would have left them; answers its id. */
export async function plant(what: Planted = {}): Promise<string> {
  const {
    name = 'Take',
    collection = '',
    steps = ['open', 'recording'],
    part = 'recording',
    media = '',
    last = {},
  } = what;
  const { at = Date.UTC(2026, 2, 9, 12) + planted++ * 60_000 } = what;
  const id = crypto.randomUUID();
  const first = { v: 1, id, name, collection, engine: 'mediarecorder', format: 'webm', mimeType: 'video/webm' };
  // Like its writer: what nobody holds, and has no media yet, is swept by a library that looks at this moment.
  const release = await holdLock(id);
  if (steps) {
    const lines = steps.map((step, index) => ({
      step,
      at,
      ...(index === 0 ? first : {}),
      ...(index === steps.length - 1 ? last : {}),
    }));
    await write(`${id}.journal`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }
  if (part) await write(`${id}.${part}`, media);
  release();
  // A lock that was given back is told as held for a moment.
  const held = async () => (await navigator.locks.query()).held?.some((lock) => lock.name === lockName(id));
  while (await held());
  return id;
}

/** A finished recording. */
export const plantSaved = (media: Blob, what: Planted = {}): Promise<string> =>
  plant({ steps: ['open', 'saved'], last: { duration: 1, size: media.size }, part: 'webm', media, ...what });

const folder = async (): Promise<FileSystemDirectoryHandle> =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });

export async function write(name: string, content: BlobPart): Promise<void> {
  const file = await (await folder()).getFileHandle(name, { create: true });
  const stream = await file.createWritable();
  await stream.write(new Blob([content]));
  await stream.close();
}

/** Names of all files, or of those of one recording. */
export async function names(id = ''): Promise<string[]> {
  const found: string[] = [];
  for await (const name of (await folder()).keys()) if (name.startsWith(id)) found.push(name);
  return found.sort();
}

export async function wipe(): Promise<void> {
  for (const name of await names()) await (await folder()).removeEntry(name);
}

/** Is a writer: holds the lock of a recording until the answered function is called. */
export function holdLock(id: string): Promise<() => void> {
  return new Promise((held) => {
    void navigator.locks.request(lockName(id), () => new Promise<void>((release) => held(release)));
  });
}

/** Seconds of moving picture, as MediaRecorder writes it: without duration and without an index. */
export async function makeTake(): Promise<{ media: Blob; seconds: number }> {
  const canvas = Object.assign(document.createElement('canvas'), { width: 160, height: 120 });
  const context = canvas.getContext('2d')!;
  const stream = canvas.captureStream(15);
  const recorder = new MediaRecorder(stream, { mimeType: 'video/webm;codecs=vp8', videoBitsPerSecond: 400_000 });
  const chunks: Blob[] = [];
  const drawing = setInterval(() => {
    context.fillStyle = `hsl(${(performance.now() / 5) % 360} 80% 50%)`;
    context.fillRect(0, 0, 160, 120);
  }, 40);
  const enough = new Promise<void>((resolve) => {
    recorder.ondataavailable = ({ data }) => {
      if (data.size > 0) chunks.push(data);
      if (chunks.length === 12) resolve();
    };
  });
  const began = performance.now();
  recorder.start(100);
  await enough;
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.stop();
  await stopped;
  clearInterval(drawing);
  for (const track of stream.getTracks()) track.stop();
  return { media: new Blob(chunks), seconds: (performance.now() - began) / 1000 };
}

/** As a crash leaves it. */
export const cutOff = (take: Blob): Blob => take.slice(0, Math.floor(take.size * 0.8));

/** Plays to near the end, as a person would by the slider; answers the duration and where the picture then is. */
export async function seekNearEnd(file: File): Promise<{ duration: number; at: number }> {
  const video = document.createElement('video');
  const event = (type: string) =>
    new Promise((resolve, reject) => {
      video.addEventListener(type, resolve, { once: true });
      video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
    });
  video.muted = true;
  video.src = URL.createObjectURL(file);
  await event('loadedmetadata');
  const sought = event('seeked');
  video.currentTime = video.duration * 0.8;
  await sought;
  URL.revokeObjectURL(video.src);
  return { duration: video.duration, at: video.currentTime };
}
