import { fault } from '../faults.js';
import type { RecordFormat } from './journal.js';

/** Seconds of media in a chunk: what a crash may cost beside what lies in the encoder. */
const TIMESLICE = 0.25;
/** Seconds between the key frames of an MP4. */
const KEY_INTERVAL = 0.5;
/** Seconds in which the first bytes must come: a recorder that starts is not yet one that records. */
const FIRST_CHUNK = 12;
/** Seconds in which a recorder that is told to stop must have stopped; one that has a track without media never does. */
const LAST_CHUNK = 5;

const TYPES: Record<RecordFormat, readonly string[]> = {
  webm: ['vp8,opus', 'vp9,opus', 'vp8', 'opus', ''],
  mp4: ['avc1.42E01F,mp4a.40.2', 'avc1.42E01F,opus', 'avc1.42E01F', 'mp4a.40.2', ''],
};

/**
 * A MIME type that MediaRecorder says it can make; null for none. It is believed only once bytes have come.
 *
 * It names no codec for a track that is not there: Firefox 153, asked for `vp8,opus` and given a picture alone, delivers
 * nothing and never stops.
 */
export function recorderType(formats: readonly RecordFormat[], has: { video: boolean; audio: boolean }): string | null {
  if (typeof MediaRecorder === 'undefined') return null;
  for (const format of formats) {
    for (const codecs of TYPES[format]) {
      if (!has.video && /vp8|vp9|avc1/.test(codecs)) continue;
      if (!has.audio && /opus|mp4a/.test(codecs)) continue;
      const type = `${has.video ? 'video' : 'audio'}/${format}${codecs ? `;codecs="${codecs}"` : ''}`;
      if (MediaRecorder.isTypeSupported(type)) return type;
    }
  }
  return null;
}

/**
 * MIME types by which MediaRecorder says that it can go on behind what other encoders have written; which of them may is
 * for whoever knows what that is (`sequelOf`).
 */
export function sequelTypes({ video, audio }: { video: boolean; audio: boolean }): string[] {
  if (typeof MediaRecorder === 'undefined') return [];
  const types = (format: RecordFormat, pictures: readonly string[], sounds: readonly string[]) =>
    (video ? pictures : ['']).flatMap((picture) =>
      (audio ? sounds : ['']).map((sound) => {
        const codecs = [picture, sound].filter((codec) => codec !== '').join();
        return `${video ? 'video' : 'audio'}/${format};codecs="${codecs}"`;
      }),
    );
  const all = [...types('webm', ['vp8', 'vp9'], ['opus']), ...types('mp4', ['avc1.42E01F'], ['mp4a.40.2', 'opus'])];
  return all.filter((type) => MediaRecorder.isTypeSupported(type));
}

export interface ChunkFeedOptions {
  stream: MediaStream;
  mimeType: string;
  videoBitrate: number | null;
  audioBitrate: number | null;
  /** A chunk, in order. */
  onChunk(data: ArrayBuffer): void;
  /** The source has ended by itself. */
  onEnd(): void;
  onFailure(error: unknown): void;
}

/**
 * MediaRecorder, sliced; every chunk is read at once, so that nothing refers to its Blob. A pause ends it, and another one
 * goes on: only a new one begins with a key frame, and one that is paused holds its encoder.
 */
export class ChunkFeed {
  #stream: MediaStream;
  #recorder: MediaRecorder;
  #chunks: Promise<void> = Promise.resolve();
  #seconds = 0;
  /** Whether it is to record, and since when it does (`performance.now()`): it begins a little after it is told to. */
  #running = false;
  #since: number | null = null;
  #stopped: Promise<void> = Promise.resolve();
  #over = false;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  /** Those that were told to end. */
  readonly #ended = new WeakSet<MediaRecorder>();

  /** @throws what the platform throws for a stream or a type that it cannot record */
  constructor(private readonly options: ChunkFeedOptions) {
    this.#stream = options.stream;
    this.#recorder = this.#make();
  }

  /** @throws what the platform throws for a stream without a live track */
  start(): void {
    const recorder = this.#recorder;
    recorder.onstart = () => {
      if (this.#running && recorder === this.#recorder) this.#since = performance.now();
    };
    recorder.start(TIMESLICE * 1000);
    this.#running = true;
    this.#watchdog = setTimeout(() => this.options.onFailure(fault('no-media')), FIRST_CHUNK * 1000);
    this.#stopped = new Promise((resolve) => {
      recorder.onstop = () => {
        resolve();
        // Nobody has ended it: its source has.
        if (!this.#ended.has(recorder)) this.options.onEnd();
      };
    });
  }

  pause(): void {
    if (!this.#running) return;
    this.#seconds = this.time;
    this.#running = false;
    this.#since = null;
    this.#end();
  }

  /** Goes on when what was recorded before has been handed over. */
  resume(): void {
    if (this.#running || this.#over) return;
    this.#running = true;
    void this.#stopped.then(() => {
      if (!this.#running || this.#over || this.#recorder.state !== 'inactive') return;
      try {
        this.#recorder = this.#make();
        this.start();
      } catch (error) {
        this.options.onFailure(error);
      }
    });
  }

  /** Other tracks from here on: as after a pause, another recorder goes on. The gap is what it takes to begin. */
  replace(stream: MediaStream): void {
    const running = this.#running;
    this.pause();
    this.#stream = stream;
    if (running) this.resume();
  }

  /** Resolves when the last chunk has been handed over. */
  async stop(): Promise<void> {
    this.#over = true;
    // What is handed over from now on was recorded before.
    this.#seconds = this.time;
    this.#running = false;
    this.#since = null;
    this.#end();
    let late: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<void>((resolve) => (late = setTimeout(resolve, LAST_CHUNK * 1000)));
    await Promise.race([this.#stopped, deadline]);
    clearTimeout(late);
    await this.#chunks;
  }

  /** Seconds of media that the recorder has been given. */
  get time(): number {
    return this.#seconds + (this.#since === null ? 0 : (performance.now() - this.#since) / 1000);
  }

  #make(): MediaRecorder {
    const { mimeType, videoBitrate, audioBitrate, onFailure } = this.options;
    const recorder = new MediaRecorder(this.#stream, {
      mimeType,
      // Chromium's writes a fragment with each key frame, which is ten seconds apart by itself.
      ...(mimeType.includes('/mp4') ? { videoKeyFrameIntervalDuration: KEY_INTERVAL * 1000 } : {}),
      ...(videoBitrate === null ? {} : { videoBitsPerSecond: videoBitrate }),
      ...(audioBitrate === null ? {} : { audioBitsPerSecond: audioBitrate }),
    });
    recorder.ondataavailable = ({ data }) => this.#take(data);
    recorder.onerror = (event) => onFailure((event as Event & { error?: unknown }).error ?? event);
    return recorder;
  }

  #end(): void {
    clearTimeout(this.#watchdog);
    this.#ended.add(this.#recorder);
    if (this.#recorder.state !== 'inactive') this.#recorder.stop();
  }

  #take(data: Blob): void {
    if (data.size === 0) return;
    clearTimeout(this.#watchdog);
    this.#chunks = this.#chunks
      .then(async () => this.options.onChunk(await data.arrayBuffer()))
      .catch((thrown: unknown) => this.options.onFailure(thrown));
  }
}
