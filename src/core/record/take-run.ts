import { OnAirError, type OnAirErrorCode } from '../errors.js';
import { fault } from '../faults.js';
import { countOutcome, type Metrics } from '../metrics/index.js';
import type { MediaProducer } from '../producer/index.js';
import type { QualityLevel } from '../quality/index.js';
import type { Store } from '../store.js';
import type { QualityMove } from './adapt.js';
import type { JournalSummary } from './journal.js';
import { PageTake, type Started } from './page-take.js';
import type { FromWorker } from './protocol.js';
import { randomId } from './random-id.js';
import type { Recording } from './recording.js';
import { announceChange, readRecording } from './recording-store.js';
import { RunMeter } from './run-meter.js';
import { datedName } from './safe-name.js';
import { takeSettings, type TakeSettings } from './settings.js';
import { askToPersist, tellMemoryOnly } from './storage-state.js';
import type { RecorderPhase, RecorderSettings, RecorderState } from './stream-recorder.js';
import { TakePromise } from './take-promise.js';

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
  private readonly settings: TakeSettings;
  readonly #id = randomId();
  #take: PageTake | null = null;
  #unfollow: () => void = () => {};
  #unwatch: () => void = () => {};
  /** By whoever has the recorder; its producer may hold it besides. */
  #paused = false;
  /** Whether its producer was paused, of which tracks are black then. */
  #wasHeld = false;
  #stopAsked = false;
  #discarded = false;
  #started: Promise<unknown> = Promise.resolve();
  #persisted: Promise<boolean> | null = null;
  readonly #released = new AbortController();
  #ended: Recording | OnAirError | null = null;
  /** Faults that are worked around and hold, in the order in which they came: the last one is shown. */
  readonly #faults = new Map<OnAirErrorCode, OnAirError>();
  readonly #promise = new TakePromise();
  readonly #meter = new RunMeter(
    () => this.#metrics,
    (...how) => this.#take?.time(...how),
  );
  /** As the worker told it last: `starting` lasts until engine and guarantee are known. */
  #phase: RecorderPhase = 'recording';

  constructor(
    private readonly source: MediaProducer | MediaStream | null,
    settings: Readonly<RecorderSettings>,
    private readonly owner: TakeOwner,
  ) {
    this.settings = takeSettings(settings);
  }

  /** @throws OnAirError what kept it from starting; it is over then */
  start(): Promise<void> {
    const starting = this.#start();
    this.#started = starting.catch(() => {});
    return starting;
  }

  async #start(): Promise<void> {
    try {
      this.#take = new PageTake({
        id: this.#id,
        name: this.settings.name || datedName(new Date()),
        stream: this.#openSource(),
        settings: this.settings,
        followed: !!this.#producer?.config,
        adaptive: this.#producer?.quality !== 'fixed',
        metrics: this.#metrics,
        told: (message) => this.#hear(message),
        noticed: (error) => this.#show(error),
      });
      this.#persisted = askToPersist(this.#released.signal);
      const asked = performance.now();
      const begun = await this.#take.start();
      this.#metrics?.histogram('latency:record').record((performance.now() - asked) / 1000);
      await this.#begun(begun);
    } catch (thrown) {
      const error = OnAirError.from(thrown, 'worker-failed');
      this.#end(error.code === 'aborted' ? 'idle' : 'failed', error);
      throw error;
    }
  }

  pause(): void {
    this.#paused = true;
    this.#obey();
  }

  resume(): void {
    if (this.#held) return;
    this.#paused = false;
    this.#obey();
  }

  /** What is starting begins first, so that what was said in the first moment is kept. */
  async stop(): Promise<void> {
    await this.#started;
    this.#stopAsked = true;
    await this.#take?.stop();
  }

  /** What is starting is given up. A worker that is finishing the take does that first: then it is removed from here. */
  async discard(): Promise<void> {
    this.#discarded = true;
    await this.#take?.discard();
  }

  /** What was wanted last is told at once, and not only when the worker has told that it did what was wanted before. */
  #obey(): void {
    const held = this.#held;
    if (this.#wasHeld && !held) this.#take?.sighted();
    this.#wasHeld = held;
    if (this.#promise.engine) this.#take?.hold(this.#paused || held);
  }

  get #held(): boolean {
    return this.#producer?.state === 'paused';
  }

  get #producer(): MediaProducer | null {
    return this.source instanceof MediaStream ? null : this.source;
  }

  /** Where a producer counts what is done with its tracks. */
  get #metrics(): Metrics | null {
    return this.#producer?.metrics ?? null;
  }

  get #state(): RecorderPhase {
    return this.owner.store.get().state;
  }

  #openSource(): MediaStream {
    if (this.source instanceof MediaStream) return this.source;
    const producer = this.source;
    const stream = producer?.stream;
    if (!stream) throw fault('no-source');
    this.#unfollow = producer.store.subscribe((now, before) => {
      // With another stream, or none, is over what the take is of.
      if (now.stream !== before.stream) this.owner.stop();
      else if (now.tracks !== before.tracks) producer.waitUntil(this.#replace());
      else if (now.state !== before.state) this.#obey();
    });
    return stream;
  }

  /** Another device took the place of one. A take that is only starting reads it as soon as it has begun. */
  async #replace(): Promise<void> {
    await this.#started;
    await this.#take?.replace();
  }

  async #begun(started: Started): Promise<void> {
    tellMemoryOnly(started.memoryOnly);
    const { flushInterval, maxLatency, keyInterval } = this.settings;
    this.#promise.begin({ ...started, latency: flushInterval, maxLatency, keyInterval });
    this.#obey();
    const { format, mimeType } = started;
    const guarantee = await this.#promise.read();
    // It is over by now: discarded, failed or, where there was little to record, kept.
    if (this.#ended instanceof OnAirError) throw this.#ended;
    if (this.#ended) return;
    // Encoders that failed with their first pictures have been handed over from by now.
    const { engine } = this.#promise;
    this.owner.store.set({ activeEngine: engine, activeFormat: format, mimeType, guarantee });
    // In Firefox a person is asked, and may answer at any time.
    void this.#persisted?.then(async (granted) => {
      if (granted) await this.#tellPromise();
    });
    if (engine === 'webcodecs' && this.#producer?.quality !== 'fixed') void this.#watchConditions();
    if (this.#state === 'starting') this.owner.store.set({ state: this.#phase });
    announceChange(this.#id);
  }

  /** The take goes on without what only the page can tell of the machine. */
  async #watchConditions(): Promise<void> {
    const conditions = await import('./conditions.js').catch(() => null);
    const take = this.#take;
    if (!take || !conditions || this.#promise.engine !== 'webcodecs') return;
    this.#unwatch = conditions.watchConditions((...told) => take.condition(...told), this.#producer?.store);
  }

  /** Tells recorder and producer at what quality is recorded from now on. */
  #move(move: QualityMove): void {
    this.owner.store.set({ quality: move.quality });
    const lowered = move.quality.level < move.previous && { loweredFor: move.cause };
    this.#producer?.store.set({ move, ...lowered });
  }

  /** The take is over, and with it what it was moved to. */
  #restore(): void {
    const { quality } = this.owner.store.get();
    if (quality && quality.level < 1) {
      this.#producer?.store.set({ move: { quality: FULL, previous: quality.level, cause: 'end' } });
    }
  }

  /** Another engine goes on, at full quality, and promises less. */
  async #handOver(): Promise<void> {
    this.#unwatch();
    this.#restore();
    this.#promise.handOver();
    const error = fault('encoder-failed', {}, { key: 'encoder-failed.sequel', fatal: false });
    const { quality } = this.owner.store.get();
    this.owner.store.set({ activeEngine: 'mediarecorder', quality: quality && FULL });
    this.#show(error);
    await this.#tellPromise();
  }

  #show(error: OnAirError): void {
    this.#faults.delete(error.code);
    this.#faults.set(error.code, error);
    this.owner.store.set({ error });
  }

  async #tellPromise(): Promise<void> {
    const guarantee = await this.#promise.read();
    if (this.#take) this.owner.store.set({ guarantee });
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case 'state':
        this.#meter.run(message.state === 'recording');
        this.#phase = message.state;
        if (this.#state !== 'starting') this.owner.store.set({ state: message.state });
        break;
      case 'progress': {
        const { type: _type, latency, metrics, ...progress } = message;
        this.#meter.count(metrics);
        this.owner.store.set(progress);
        if (this.#promise.stretch(latency)) void this.#tellPromise();
        break;
      }
      case 'handed-over':
        void this.#handOver();
        break;
      case 'quality':
        this.#move(message);
        break;
      case 'notice':
        // What another program plays, or does not, is no microphone.
        if (message.code === 'microphone-silent' && this.#producer?.config?.audio.includes('microphone') === false)
          break;
        this.#show(faultOf(message.code, '', false));
        if (message.code === 'microphone-silent') this.#producer?.silent();
        break;
      case 'notice-over':
        this.#faults.delete(message.code);
        this.owner.store.set({ error: [...this.#faults.values()].at(-1) ?? null });
        break;
      case 'copied':
        this.owner.store.set({ copied: message.share });
        break;
      case 'finished':
        void this.#keep(message.summary);
        break;
      case 'discarded':
        this.#forget();
        break;
      case 'failed':
        if (this.#discarded) {
          void this.#remove();
          break;
        }
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

  /** It was being finished when it was discarded. */
  async #remove(): Promise<void> {
    // A worker that is given up holds it until then.
    this.#take?.close();
    try {
      await (await readRecording(this.#id)).remove();
      this.#forget();
    } catch (thrown) {
      const error = OnAirError.from(thrown, 'disk-failed');
      if (error.code === 'recording-missing') this.#forget();
      else this.#end('failed', error);
    }
  }

  /** Nothing of it is left. */
  #forget(): void {
    this.#end('idle', fault('aborted', { device: 'device.any' }));
    announceChange(this.#id);
  }

  async #keep({ duration = 0, size = 0, mimeType = '', reason }: JournalSummary): Promise<void> {
    try {
      const recording = await readRecording(this.#id);
      if (this.#discarded) return await this.#remove();
      // Nothing could be read from what was written; the library keeps the file and says so.
      if (recording.state !== 'saved') throw fault('recording-damaged');
      const error = reason ? faultOf(reason, '', false) : null;
      this.#over({ state: 'idle', duration, size, mimeType, recording, error }, recording);
      announceChange(recording.id);
    } catch (thrown) {
      this.#end('failed', OnAirError.from(thrown, 'disk-failed'));
      announceChange(this.#id);
    }
  }

  #end(state: 'idle' | 'failed', error: OnAirError): void {
    const told = state === 'failed' ? error : null;
    this.#over({ state, error: told, guarantee: null }, error);
  }

  #over(last: Partial<RecorderState>, end: Recording | OnAirError): void {
    if (this.#ended) return;
    this.#ended = end;
    const error = end instanceof OnAirError ? end : null;
    // Without a word of failure it was given up.
    if (!error || last.state === 'failed') countOutcome(this.#metrics, 'record', error);
    this.#release();
    this.owner.over({ ...last, secondsLeft: null, copied: null }, end);
  }

  #release(): void {
    this.#unfollow();
    this.#unfollow = () => {};
    this.#unwatch();
    this.#unwatch = () => {};
    this.#restore();
    this.#meter.run(false);
    this.#take?.close();
    this.#take = null;
    this.#released.abort();
  }
}

const FULL: QualityLevel = Object.freeze({ level: 1, bitrate: 1, frameRate: 1, size: 1 });

const faultOf = (code: OnAirErrorCode, detail: string, fatal: boolean): OnAirError =>
  fault(code, { device: 'device.any', feature: 'WebCodecs' }, { fatal, ...(detail ? { cause: detail } : {}) });
