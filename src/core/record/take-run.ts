import { OnAirError, type OnAirErrorCode } from '../errors.js';
import { fault } from '../faults.js';
import type { MediaProducer } from '../producer/index.js';
import type { Store } from '../store.js';
import { guaranteeFor, type Circumstances, type Guarantee } from './guarantee.js';
import type { JournalSummary } from './journal.js';
import { PageTake, type Started } from './page-take.js';
import type { FromWorker } from './protocol.js';
import type { Recording } from './recording.js';
import { announceChange, readRecording } from './recording-store.js';
import { datedName } from './safe-name.js';
import { askToPersist, readStorageState, tellMemoryOnly } from './storage-state.js';
import type { RecorderPhase, RecorderSettings, RecorderState } from './stream-recorder.js';

/** The recorder, as its take sees it. */
export interface TakeOwner {
  readonly store: Store<RecorderState>;
  /** Ends the take, also while it is starting. */
  stop(): void;
  /** Takes the last state: the take is saved, or nothing (more) can be done for it. Called once. */
  over(last: Partial<RecorderState>, end: Recording | OnAirError): void;
}

/** One take of a recorder, from its start to its end: follows the source, and tells the store what the worker says. */
export class TakeRun {
  readonly #id = randomId();
  #take: PageTake | null = null;
  #unfollow: () => void = () => {};
  #pausedByProducer = false;
  #stopAsked = false;
  #persisted: Promise<boolean> | null = null;
  #circumstances: Omit<Circumstances, 'storage'> | null = null;
  /** As the worker told it last. */
  #latency = 0;

  constructor(
    private readonly source: MediaProducer | MediaStream,
    private readonly settings: Readonly<RecorderSettings>,
    private readonly owner: TakeOwner,
  ) {
    this.settings = { ...settings };
  }

  /** @throws OnAirError what kept it from starting; it is over then */
  async start(): Promise<void> {
    try {
      this.#take = new PageTake({
        id: this.#id,
        name: this.settings.name.trim() || datedName(new Date()),
        stream: this.#openSource(),
        settings: this.settings,
        told: (message) => this.#hear(message),
        noticed: (error) => this.owner.store.set({ error }),
      });
      this.#persisted = askToPersist();
      await this.#begun(await this.#take.start());
    } catch (thrown) {
      const error = OnAirError.from(thrown, 'worker-failed', String(thrown));
      this.#end(error.code === 'aborted' ? 'idle' : 'failed', error);
      throw error;
    }
  }

  pause(): void {
    this.#pausedByProducer = false;
    if (this.#state === 'recording') this.#take?.pause();
  }

  resume(): void {
    const held = !(this.source instanceof MediaStream) && this.source.state === 'paused';
    if (this.#state === 'paused' && !held) this.#take?.resume();
  }

  async stop(): Promise<void> {
    this.#stopAsked = true;
    if (this.#running) await this.#take?.stop();
  }

  async discard(): Promise<void> {
    if (this.#running) await this.#take?.discard();
  }

  get #state(): RecorderPhase {
    return this.owner.store.get().state;
  }

  get #running(): boolean {
    return this.#state === 'recording' || this.#state === 'paused';
  }

  #openSource(): MediaStream {
    const { source } = this;
    if (source instanceof MediaStream) return source;
    const { stream } = source.store.get();
    if (!stream) throw fault('no-source');
    this.#unfollow = source.store.subscribe(
      ({ state }) => state,
      (state) => {
        if (state === 'paused' && this.#state === 'recording') {
          this.#take?.pause();
          this.#pausedByProducer = true;
        } else if (state === 'live' && this.#pausedByProducer) {
          this.#pausedByProducer = false;
          this.resume();
        } else if (state !== 'live' && state !== 'paused') this.owner.stop();
      },
    );
    return stream;
  }

  async #begun(started: Started): Promise<void> {
    tellMemoryOnly(started.memoryOnly);
    this.#circumstances = { ...started, latency: Math.max(this.settings.flushInterval, this.#latency) };
    const { engine, format, mimeType } = started;
    const guarantee = await this.#guarantee();
    this.owner.store.set({ activeEngine: engine, activeFormat: format, mimeType, guarantee });
    // In Firefox a person is asked, and may answer at any time.
    void this.#persisted?.then(async (granted) => {
      if (!granted) return;
      const better = await this.#guarantee();
      if (this.#take) this.owner.store.set({ guarantee: better });
    });
    if (this.#state === 'starting') this.owner.store.set({ state: 'recording' });
    announceChange(this.#id);
    if (!(this.source instanceof MediaStream) && this.source.state === 'paused') {
      this.#pausedByProducer = true;
      this.#take?.pause();
    }
  }

  /** On a slow disk flushes are further apart, and more is promised no longer. */
  async #stretch(latency: number): Promise<void> {
    this.#latency = latency;
    if (!this.#circumstances || latency <= this.#circumstances.latency) return;
    this.#circumstances = { ...this.#circumstances, latency };
    const guarantee = await this.#guarantee();
    if (this.#take) this.owner.store.set({ guarantee });
  }

  async #guarantee(): Promise<Guarantee> {
    return guaranteeFor({ ...this.#circumstances!, storage: await readStorageState() });
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case 'state':
        // `starting` lasts until engine and guarantee are known.
        if (this.#state !== 'starting') this.owner.store.set({ state: message.state });
        break;
      case 'progress': {
        const { type: _type, latency, ...progress } = message;
        this.owner.store.set(progress);
        void this.#stretch(latency);
        break;
      }
      case 'notice':
        this.owner.store.set({ error: faultOf(message.code, '', false) });
        break;
      case 'notice-over':
        if (this.owner.store.get().error?.code === message.code) this.owner.store.set({ error: null });
        break;
      case 'copied':
        this.owner.store.set({ copied: message.share });
        break;
      case 'finished':
        void this.#keep(message.summary);
        break;
      case 'discarded':
        this.#end('idle', fault('aborted', { device: 'device.any' }));
        announceChange(this.#id);
        break;
      case 'failed':
        // Stopped by a person before anything had come: there is nothing to be told as a failure.
        this.#end(
          message.code === 'no-media' && this.#stopAsked ? 'idle' : 'failed',
          faultOf(message.code, message.detail, true),
        );
        announceChange(this.#id);
        break;
      default:
        // Answers to the start and to a recovery, which others wait for.
        break;
    }
  }

  async #keep({ duration = 0, size = 0, mimeType = '', reason }: JournalSummary): Promise<void> {
    try {
      const recording = await readRecording(this.#id);
      // Nothing could be read from what was written; the library keeps the file and says so.
      if (recording.state !== 'saved') throw fault('recording-damaged');
      const error = reason ? faultOf(reason, '', false) : null;
      this.#release();
      this.owner.over({ state: 'idle', duration, size, mimeType, secondsLeft: null, recording, error }, recording);
      announceChange(recording.id);
    } catch (thrown) {
      this.#end('failed', OnAirError.from(thrown, 'disk-failed', String(thrown)));
      announceChange(this.#id);
    }
  }

  #end(state: 'idle' | 'failed', error: OnAirError): void {
    this.#release();
    const told = state === 'failed' ? error : null;
    this.owner.over({ state, error: told, guarantee: null, secondsLeft: null }, error);
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

/** A random UUID, version 4; `crypto.randomUUID` is only there in secure contexts. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 15) | 64;
  bytes[8] = (bytes[8]! & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
