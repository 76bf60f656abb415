import type { OnAirError } from '../errors.js';
import { earlyFault } from '../messages.js';
import type { MediaProducer } from '../producer/index.js';
import type { QualityLevel } from '../quality/index.js';
import { Store } from '../store.js';
import type { EncoderSettings } from './settings.js';
import type { Guarantee } from './guarantee.js';
import type { RecordEngine, RecordFormat } from './journal.js';
import type { Recording } from './recording.js';
import type { TakeRun } from './take-run.js';

/** What makes no sense counts as the default. */
export interface RecorderSettings extends EncoderSettings {
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
  maxLatency: null,
  dropThreshold: null,
  latencyMode: null,
  hardwareAcceleration: null,
  keyInterval: null,
});

export type RecorderPhase = 'idle' | 'starting' | 'recording' | 'paused' | 'finishing' | 'failed';

export interface RecorderState {
  readonly state: RecorderPhase;
  /** Seconds of media in the take; of the last one while idle. */
  readonly duration: number;
  /** Bytes on disk. */
  readonly size: number;
  /** Frames that the source made; 0 where they are not counted. With a lower quality not all of them are wanted. */
  readonly frames: number;
  /** Those of them that were wanted and are not in the file, because encoder, disk or machine were behind; null where it is not measured. */
  readonly framesDropped: number | null;
  /** Seconds of silence put where no sound arrived. */
  readonly silence: number;
  /** Where the take was moved to last, as shares of what was asked for; null while it never was. */
  readonly quality: QualityLevel | null;
  /** Seconds that storage still takes at the present rate; null while it is not known. */
  readonly secondsLeft: number | null;
  /** Share of the file that is copied, 0 to 1, while finishing it takes a copy that takes time; else null. */
  readonly copied: number | null;
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

const IDLE: RecorderState = {
  state: 'idle',
  duration: 0,
  size: 0,
  frames: 0,
  framesDropped: null,
  silence: 0,
  quality: null,
  secondsLeft: null,
  copied: null,
  activeEngine: null,
  activeFormat: null,
  mimeType: '',
  guarantee: null,
  recording: null,
  error: null,
};

/**
 * Records a producer, or a stream, to disk. Framework-free; `<stream-recorder>` is this with a face. What only a take
 * needs (`TakeRun`) is loaded with the first one.
 *
 * When the producer pauses the take pauses with it; when it stops, is given another stream, or its picture ends (Stop
 * sharing), the take is finished and kept. Ending the recorder itself does the same.
 */
export class StreamRecorder {
  readonly store = new Store<RecorderState>(IDLE);
  settings: RecorderSettings;
  /** What to record. While a take runs it stays with the source that it was started on. */
  source: MediaProducer | MediaStream | null = null;
  #run: Promise<TakeRun> | null = null;
  #starting: Promise<void> | null = null;
  #finished: Deferred<Recording> | null = null;

  constructor(settings: Partial<RecorderSettings> = {}) {
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
  }

  get state(): RecorderPhase {
    return this.store.get().state;
  }

  /**
   * Starts a take; joins a start that is pending, does nothing while one runs.
   *
   * A rejection that nobody handles stays quiet, because state and error tell of it too.
   *
   * @throws OnAirError `no-source`, `no-media`, `no-encoder`, `format-unavailable`, `storage-unavailable`, `disk-full`,
   *   `worker-failed`, `aborted` (stopped before it began)
   */
  start(): Promise<void> {
    if (this.#starting) return this.#starting;
    if (this.#run) return Promise.resolve();
    this.#run = this.#open();
    const starting = this.#run
      .then((take) => take.start())
      .finally(() => {
        if (this.#starting === starting) this.#starting = null;
      });
    starting.catch(() => {});
    this.#starting = starting;
    this.#finished = deferred();
    // A listener may call stop() or start() at once, and finds everything in its place.
    this.store.set({ ...IDLE, state: 'starting', recording: this.store.get().recording });
    return starting;
  }

  pause(): void {
    void this.#ask('pause');
  }

  /** Does nothing while its producer is paused: there is only black and silence to record. */
  resume(): void {
    void this.#ask('resume');
  }

  /**
   * Finishes the take and answers its recording. Called again it answers the same; called while the take is starting
   * it waits for it, so that what was said in the first moment is kept.
   * @throws OnAirError `invalid-state` when there is no take; `no-media` when nothing had arrived; what kept the file
   *   from being finished (it stays on disk, interrupted)
   */
  stop(): Promise<Recording> {
    const finished = this.#finished?.promise ?? Promise.reject(earlyFault('invalid-state', 'invalid-state'));
    finished.catch(() => {});
    void this.#ask('stop');
    return finished;
  }

  /** Ends the take and removes it, also while it is starting or being finished. Then `stop()` rejects with `aborted`. */
  async discard(): Promise<void> {
    const finished = this.#finished?.promise;
    await this.#ask('discard');
    await finished?.catch(() => {});
  }

  /** Finishes and keeps a take that runs. */
  destroy(): void {
    if (this.#finished) void this.stop();
  }

  /** Where its part could not be loaded the start tells of it. */
  #ask(what: 'pause' | 'resume' | 'stop' | 'discard'): Promise<void> | undefined {
    return this.#run?.then(
      (take) => take[what](),
      () => {},
    );
  }

  async #open(): Promise<TakeRun> {
    const { source, settings, store } = this;
    const stop = () => void this.stop();
    const over = (last: Partial<RecorderState>, end: Recording | OnAirError) => this.#over(last, end);
    try {
      const { TakeRun } = await import('./take-run.js');
      return new TakeRun(source, settings, { store, stop, over });
    } catch (cause) {
      const error = earlyFault('worker-failed', 'worker-failed.load', { cause });
      over({ state: 'failed', error }, error);
      throw error;
    }
  }

  /** A listener that hears of the end may start the next take at once. */
  #over(last: Partial<RecorderState>, end: Recording | OnAirError): void {
    const finished = this.#finished;
    this.#run = this.#starting = this.#finished = null;
    this.store.set(last);
    finished?.resolve(end instanceof Error ? Promise.reject(end) : end);
  }
}

interface Deferred<T> {
  promise: Promise<T>;
  resolve(value: T | Promise<T>): void;
}

/** A promise that is settled from outside; a rejection that nobody handles stays quiet. */
function deferred<T>(): Deferred<T> {
  let resolve!: Deferred<T>['resolve'];
  const promise = new Promise<T>((settle) => (resolve = settle));
  promise.catch(() => {});
  return { promise, resolve };
}
