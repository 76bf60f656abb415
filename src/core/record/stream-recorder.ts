import { OnAirError, type OnAirErrorCode } from '../errors.js';
import { fault } from '../messages.js';
import { MediaProducer } from '../producer/index.js';
import { Store } from '../store.js';
import type { Guarantee } from './guarantee.js';
import type { JournalSummary, RecordEngine, RecordFormat } from './journal.js';
import type { PageTake, Started } from './page-take.js';
import type { FromWorker } from './protocol.js';
import type { Recording } from './recording.js';
import type * as TakeParts from './take-parts.js';

export interface RecorderSettings {
  /** Name of the recording; empty for one made of date and time. */
  name: string;
  /** Recordings of other collections on the origin are neither listed nor touched. */
  collection: string;
  format: 'auto' | RecordFormat;
  engine: 'auto' | RecordEngine;
  /** Bits per second; null for what fits the picture. */
  videoBitrate: number | null;
  audioBitrate: number | null;
  /** Seconds of media after which the take ends by itself; null for never. */
  maxDuration: number | null;
  /** Bytes after which what was written is flushed to the device. */
  flushBytes: number;
  /** Seconds after which it is. */
  flushInterval: number;
}

export const DEFAULT_SETTINGS: Readonly<RecorderSettings> = Object.freeze({
  name: '',
  collection: '',
  format: 'auto',
  engine: 'auto',
  videoBitrate: null,
  audioBitrate: null,
  maxDuration: null,
  flushBytes: 4 * 2 ** 20,
  flushInterval: 1,
});

export type RecorderPhase = 'idle' | 'starting' | 'recording' | 'paused' | 'finishing' | 'failed';

export interface RecorderState {
  readonly state: RecorderPhase;
  /** Seconds of media in the take; of the last one while idle. */
  readonly duration: number;
  /** Bytes on disk. */
  readonly size: number;
  /** Frames that arrived; frames given up before encoding, because the encoder was behind. */
  readonly frames: number;
  readonly framesDropped: number;
  /** Seconds of silence put where no sound arrived. */
  readonly silence: number;
  /** Seconds that storage still takes at the present rate; null while it is not known. */
  readonly secondsLeft: number | null;
  readonly activeEngine: RecordEngine | null;
  readonly activeFormat: RecordFormat | null;
  /** With the codecs, of the running or the last take. */
  readonly mimeType: string;
  readonly guarantee: Guarantee | null;
  /** The last finished take. */
  readonly recording: Recording | null;
  /** Why it failed; while recording, or after it ended early, what is or was worked around (`fatal` false). */
  readonly error: OnAirError | null;
}

/** What only a take needs is loaded with the first one. */
let parts: typeof TakeParts | null = null;

const IDLE: RecorderState = {
  state: 'idle',
  duration: 0,
  size: 0,
  frames: 0,
  framesDropped: 0,
  silence: 0,
  secondsLeft: null,
  activeEngine: null,
  activeFormat: null,
  mimeType: '',
  guarantee: null,
  recording: null,
  error: null,
};

/**
 * Records a producer, or a stream, to disk. Framework-free; `<stream-recorder>` is this with a face.
 *
 * When the producer pauses the take pauses with it; when it stops, or its picture ends (Stop sharing), the take is
 * finished and kept. Ending the recorder itself does the same.
 */
export class StreamRecorder {
  readonly store = new Store<RecorderState>(IDLE);
  settings: RecorderSettings;
  #source: MediaProducer | MediaStream | null = null;
  #take: PageTake | null = null;
  #id = '';
  #starting: Promise<void> | null = null;
  #finished: Deferred<Recording> | null = null;
  #unfollow: () => void = () => {};
  #pausedByProducer = false;

  constructor(settings: Partial<RecorderSettings> = {}) {
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
  }

  get state(): RecorderPhase {
    return this.store.get().state;
  }

  get source(): MediaProducer | MediaStream | null {
    return this.#source;
  }

  /** What to record. While a take runs it stays with the source that it was started on. */
  set source(source: MediaProducer | MediaStream | null) {
    this.#source = source;
  }

  /**
   * Starts a take; joins a start that is pending, does nothing while one runs.
   *
   * A rejection that nobody handles stays quiet, because state and error tell of it too.
   *
   * @throws OnAirError `no-source`, `no-media`, `no-encoder`, `format-unavailable`, `storage-unavailable`, `disk-full`,
   *   `worker-failed`, `aborted` (stopped before it began), `invalid-value`
   */
  start(): Promise<void> {
    if (this.#starting) return this.#starting;
    if (this.#take) return Promise.resolve();
    let begin!: () => void;
    const starting = new Promise<void>((resolve) => (begin = resolve))
      .then(() => this.#start())
      .finally(() => (this.#starting = null));
    starting.catch(() => {});
    this.#starting = starting;
    this.#finished = deferred();
    // A listener may call stop() or start() at once, and finds everything in its place.
    this.store.set({ ...IDLE, state: 'starting', recording: this.store.get().recording });
    begin();
    return starting;
  }

  pause(): void {
    this.#pausedByProducer = false;
    if (this.state === 'recording') this.#take?.pause();
  }

  /** Does nothing while its producer is paused: there is only black and silence to record. */
  resume(): void {
    const held = this.#source instanceof MediaProducer && this.#source.state === 'paused';
    if (this.state === 'paused' && !held) this.#take?.resume();
  }

  /**
   * Finishes the take and answers its recording. Called again it answers the same; called while the take is starting
   * it waits for it, so that what was said in the first moment is kept.
   * @throws OnAirError `invalid-state` when there is no take; `no-media` when nothing had arrived; what kept the file
   *   from being finished (it stays on disk, interrupted)
   */
  stop(): Promise<Recording> {
    const finished = this.#finished?.promise ?? Promise.reject(fault('invalid-state'));
    finished.catch(() => {});
    void this.#end('stop');
    return finished;
  }

  /** Ends the take and removes it. */
  async discard(): Promise<void> {
    const finished = this.#finished?.promise;
    await this.#end('discard');
    await finished?.catch(() => {});
  }

  /** Finishes and keeps a take that runs. */
  destroy(): void {
    if (this.#finished) void this.stop();
  }

  async #end(how: 'stop' | 'discard'): Promise<void> {
    await this.#starting?.catch(() => {});
    if (this.#take && (this.state === 'recording' || this.state === 'paused')) await this.#take[how]();
  }

  async #start(): Promise<void> {
    try {
      const stream = this.#openSource();
      parts ??= await import('./take-parts.js');
      this.#id = randomId();
      const name = this.settings.name.trim() || parts.datedName(new Date());
      const take = new parts.PageTake({
        id: this.#id,
        name,
        stream,
        settings: { ...this.settings },
        told: (message) => this.#hear(message),
        noticed: (error) => this.store.set({ error }),
      });
      this.#take = take;
      parts.askToPersist();
      await this.#begun(await take.start());
    } catch (thrown) {
      const error = OnAirError.from(thrown, 'worker-failed', String(thrown));
      this.#over(error.code === 'aborted' ? 'idle' : 'failed', error);
      throw error;
    }
  }

  #openSource(): MediaStream {
    const source = this.#source;
    if (!source) throw fault('no-source');
    if (source instanceof MediaStream) return source;
    const { stream } = source.store.get();
    if (!stream) throw fault('no-source');
    this.#unfollow = source.store.subscribe(
      ({ state }) => state,
      (state) => {
        if (state === 'paused' && this.state === 'recording') {
          this.#take?.pause();
          this.#pausedByProducer = true;
        } else if (state === 'live' && this.#pausedByProducer) {
          this.#pausedByProducer = false;
          this.resume();
        } else if (state !== 'live' && state !== 'paused') void this.stop();
      },
    );
    return stream;
  }

  async #begun(started: Started): Promise<void> {
    parts!.tellMemoryOnly(started.memoryOnly);
    const storage = await parts!.readStorageState();
    const guarantee = parts!.guaranteeFor({ ...started, storage, flushInterval: this.settings.flushInterval });
    const { engine, format, mimeType } = started;
    this.store.set({ activeEngine: engine, activeFormat: format, mimeType, guarantee });
    if (this.state === 'starting') this.store.set({ state: 'recording' });
    parts?.announceChange(this.#id);
    if (this.#source instanceof MediaProducer && this.#source.state === 'paused') {
      this.#pausedByProducer = true;
      this.#take?.pause();
    }
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case 'state':
        // `starting` lasts until engine and guarantee are known.
        if (this.state !== 'starting') this.store.set({ state: message.state });
        break;
      case 'progress': {
        const { type: _type, flushInterval, ...progress } = message;
        const { guarantee } = this.store.get();
        const stretched = guarantee && guarantee.lossOnPowerCut < flushInterval;
        this.store.set({
          ...progress,
          ...(stretched ? { guarantee: Object.freeze({ ...guarantee, lossOnPowerCut: flushInterval }) } : {}),
        });
        break;
      }
      case 'notice':
        this.store.set({ error: faultOf(message.code, '', false) });
        break;
      case 'notice-over':
        if (this.store.get().error?.code === message.code) this.store.set({ error: null });
        break;
      case 'finished':
        void this.#keep(message.summary);
        break;
      case 'discarded':
        this.#over('idle', fault('aborted', { device: 'device.any' }));
        parts?.announceChange(this.#id);
        break;
      case 'failed':
        // Ended before anything had come: there is nothing to be told as a failure.
        this.#over(
          message.code === 'no-media' && this.state === 'finishing' ? 'idle' : 'failed',
          faultOf(message.code, message.detail, true),
        );
        parts?.announceChange(this.#id);
        break;
      default:
        // Answers to the start and to a recovery, which others wait for.
        break;
    }
  }

  async #keep({ duration = 0, size = 0, mimeType = '', reason }: JournalSummary): Promise<void> {
    try {
      const recording = await parts!.readRecording(this.#id);
      // Nothing could be read from what was written; the library keeps the file and says so.
      if (recording.state !== 'saved') throw fault('recording-damaged');
      const error = reason ? faultOf(reason, '', false) : null;
      this.#release();
      this.store.set({ state: 'idle', duration, size, mimeType, secondsLeft: null, recording, error });
      this.#finished?.resolve(recording);
      this.#finished = null;
      parts!.announceChange(recording.id);
    } catch (thrown) {
      this.#over('failed', OnAirError.from(thrown, 'disk-failed', String(thrown)));
      parts?.announceChange(this.#id);
    }
  }

  #over(state: 'idle' | 'failed', error: OnAirError): void {
    this.#release();
    this.store.set({ state, error: state === 'failed' ? error : null, guarantee: null, secondsLeft: null });
    this.#finished?.reject(error);
    this.#finished = null;
  }

  #release(): void {
    this.#unfollow();
    this.#unfollow = () => {};
    this.#take?.close();
    this.#take = null;
    this.#pausedByProducer = false;
  }
}

const faultOf = (code: OnAirErrorCode, detail: string, fatal: boolean): OnAirError =>
  fault(code, { device: 'device.any', feature: 'WebCodecs' }, { fatal, ...(detail ? { cause: detail } : {}) });

interface Deferred<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: OnAirError): void;
}

/** A promise that is settled from outside; a rejection that nobody handles stays quiet. */
function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: OnAirError) => void;
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle));
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/** A random UUID, version 4; `crypto.randomUUID` is only there in secure contexts. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 15) | 64;
  bytes[8] = (bytes[8]! & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
