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
  /** A chunk, in order. `overlap`: seconds that what begins with it has in common with what came before. */
  onChunk(data: ArrayBuffer, overlap: number): void;
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
  #run: Run;
  #seconds = 0;
  /** Whether it is to record, and since when it does (`performance.now()`): it begins a little after it is told to. */
  #running = false;
  #since: number | null = null;
  #over = false;

  /** @throws what the platform throws for a stream or a type that it cannot record */
  constructor(private readonly options: ChunkFeedOptions) {
    this.#stream = options.stream;
    this.#run = new Run(options, this.#stream, null);
  }

  /** @throws what the platform throws for a stream without a live track */
  start(): void {
    const run = this.#run;
    run.start(() => {
      if (this.#running && run === this.#run) this.#since ??= performance.now();
    });
    this.#running = true;
  }

  pause(): void {
    if (!this.#running) return;
    this.#hold();
    this.#run.end();
  }

  /** Goes on when what was recorded before has been handed over; begins where nothing was, because it was to begin paused. */
  resume(): void {
    if (this.#running || this.#over) return;
    this.#running = true;
    const last = this.#run;
    // One that never began does not stop by itself, and has the tracks of back then.
    if (last.begun === null) last.end();
    void last.stopped.then(() => {
      if (this.#running && !this.#over && last === this.#run) this.#goOn();
    });
  }

  /**
   * Other tracks from here on. Another recorder begins, and only when its first chunk is there is the one before ended:
   * Firefox ends its picture some 50 ms before its sound, and begins it some 30 ms behind it. What both have recorded is
   * left out when they are joined. Resolves when the tracks before are no longer read.
   */
  async replace(stream: MediaStream): Promise<void> {
    this.#stream = stream;
    const last = this.#run;
    // Else the one that goes on after the pause takes them.
    if (!this.#running || last.begun === null || !this.#goOn()) return;
    await Promise.race([this.#run.heard, last.stopped]);
    last.end();
    await last.stopped;
  }

  /** Resolves when the last chunk has been handed over. */
  async stop(): Promise<void> {
    this.#over = true;
    // What is handed over from now on was recorded before.
    this.#hold();
    this.#run.end();
    await this.#run.handedOver;
  }

  /** Seconds of media that the recorder has been given. */
  get time(): number {
    return this.#seconds + (this.#since === null ? 0 : (performance.now() - this.#since) / 1000);
  }

  #hold(): void {
    this.#seconds = this.time;
    this.#since = null;
    this.#running = false;
  }

  #goOn(): boolean {
    try {
      this.#run = new Run(this.options, this.#stream, this.#run);
      this.start();
      return true;
    } catch (error) {
      this.options.onFailure(error);
      return false;
    }
  }
}

/** One MediaRecorder, from its beginning to its last chunk. */
class Run {
  readonly #recorder: MediaRecorder;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  /** What it has recorded, in order, behind all that the one before has. */
  #chunks: Promise<void>;
  /** The one before, until what it had in common with this one is told. */
  #before: Run | null;
  /** Whether it has recorded anything. */
  #gave = false;
  #hear = () => {};
  #stop = () => {};
  /** When it was told to begin and to end (`performance.now()`). */
  begun: number | null = null;
  ended: number | null = null;
  /** Its first chunk has come, or none ever will. */
  readonly heard = new Promise<void>((resolve) => (this.#hear = resolve));
  /** It records no more; no longer waited for than `LAST_CHUNK` after its end. */
  readonly stopped = new Promise<void>((resolve) => (this.#stop = resolve));

  constructor(
    private readonly options: ChunkFeedOptions,
    stream: MediaStream,
    before: Run | null,
  ) {
    this.#before = before;
    const { mimeType, videoBitrate, audioBitrate, onFailure } = options;
    this.#chunks = before?.handedOver ?? Promise.resolve();
    this.#recorder = new MediaRecorder(stream, {
      mimeType,
      // Chromium's writes a fragment with each key frame, which is ten seconds apart by itself.
      ...(mimeType.includes('/mp4') ? { videoKeyFrameIntervalDuration: KEY_INTERVAL * 1000 } : {}),
      ...(videoBitrate === null ? {} : { videoBitsPerSecond: videoBitrate }),
      ...(audioBitrate === null ? {} : { audioBitsPerSecond: audioBitrate }),
    });
    this.#recorder.ondataavailable = ({ data }) => this.#take(data);
    this.#recorder.onerror = (event) => onFailure((event as Event & { error?: unknown }).error ?? event);
  }

  /** Resolves when its last chunk has been handed over. */
  get handedOver(): Promise<void> {
    return this.stopped.then(() => this.#chunks);
  }

  start(onStart: () => void): void {
    const recorder = this.#recorder;
    recorder.onstart = onStart;
    recorder.onstop = () => {
      // Nobody has ended it: its source has.
      const bySource = this.ended === null;
      this.ended ??= performance.now();
      this.#settle();
      if (bySource) this.options.onEnd();
    };
    recorder.start(TIMESLICE * 1000);
    this.begun = performance.now();
    this.#watchdog = setTimeout(() => this.options.onFailure(fault('no-media')), FIRST_CHUNK * 1000);
  }

  end(): void {
    if (this.ended !== null) return;
    this.ended = performance.now();
    this.#before?.end();
    if (this.begun === null) return this.#settle();
    // One that has failed is inactive, and what it has gathered comes behind the news of that.
    if (this.#recorder.state !== 'inactive') this.#recorder.stop();
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#settle(), LAST_CHUNK * 1000);
  }

  #settle(): void {
    clearTimeout(this.#watchdog);
    this.#recorder.ondataavailable = null;
    this.#hear();
    this.#stop();
  }

  #take(data: Blob): void {
    if (data.size === 0) return;
    this.#gave = true;
    if (this.ended === null) clearTimeout(this.#watchdog);
    this.#hear();
    this.#chunks = this.#chunks
      .then(async () => this.options.onChunk(await data.arrayBuffer(), this.#overlap()))
      .catch((thrown: unknown) => this.options.onFailure(thrown));
  }

  /** Seconds that it has in common with the one before, for its first chunk. */
  #overlap(): number {
    // One that gave nothing is not in the file: what there is ends with the one before it.
    let before = this.#before;
    while (before && !before.#gave) before = before.#before;
    this.#before = null;
    return Math.max(0, (before?.ended ?? 0) - this.begun!) / 1000;
  }
}
