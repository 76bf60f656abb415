import { OnAirError, type OnAirErrorCode } from '../errors.js';
import { loadWorker, type WorkerHost } from '../load-worker.js';
import { fault } from '../faults.js';
import { timed, type Metrics } from '../metrics/index.js';
import type { ConditionName } from './adapt.js';
import { ChunkFeed } from './chunk-feed.js';
import { framesReachWorkers, openInputs, type Inputs } from './codec-inputs.js';
import type { RecordEngine } from './journal.js';
import { LastWord } from './last-word.js';
import type { FromWorker, ToWorker, VideoInput } from './protocol.js';
import { SilenceWatch } from './silence-watch.js';
import { takeRequest, trials, type TakeWish } from './take-request.js';
import { streamOf, TakeTracks, type Tracks } from './take-tracks.js';
import { ChunkGate, FrameGate } from './underway.js';

/** What the worker answered, and which way the media go. */
export type Started = Extract<FromWorker, { type: 'started' }> & { offPage: boolean; inWorker: boolean };

export interface PageTakeOptions extends TakeWish {
  stream: MediaStream;
  /** Where the loading of parts is timed. */
  metrics: Metrics | null;
  /** Every message of the worker but the answer to the start. */
  told(message: FromWorker): void;
  /** A fault that is worked around. */
  noticed(error: OnAirError): void;
}

/** Milliseconds between two looks at the tracks. */
const LOOK = 250;

/** With another engine these would be the same; and in a worker that has thrown, the take that it began may still run. */
const HOPELESS: readonly OnAirErrorCode[] = [
  'disk-full',
  'disk-failed',
  'storage-unavailable',
  'no-media',
  'recording-live',
  'worker-failed',
];

const aborted = (): OnAirError => fault('aborted', { device: 'device.any' });

/** One take as the page sees it: the worker that writes it, and what feeds that worker. */
export class PageTake {
  #host: WorkerHost | null = null;
  #inputs: Inputs | null = null;
  #feed: ChunkFeed | null = null;
  readonly #source: TakeTracks;
  /** What is recorded; null until something is. */
  #tracks: Tracks | null = null;
  /** What waits until the worker reads another source, by its kind. */
  readonly #replaced = new Map<string, () => void>();
  /** Takes the answer that is waited for. */
  #answer: { types: readonly FromWorker['type'][]; take: (message: FromWorker) => void } | null = null;
  readonly #closed = new AbortController();
  #paused = false;
  /** Whether there was nothing yet to take other tracks up. */
  #missed = false;
  /** Whether the take is told to end. */
  #ending = false;
  readonly #chunks = new ChunkGate(() => this.#fail(fault('disk-failed')));
  readonly #frames = new FrameGate((frame, givenUp) => this.#post({ type: 'frame', frame, givenUp }, [frame]));
  #watch: ReturnType<typeof setInterval> | undefined;
  readonly #lastWord = new LastWord(() => this.#giveUp());

  constructor(private readonly options: PageTakeOptions) {
    this.#source = new TakeTracks(options.stream, (suspended) => this.#heldBack(suspended));
  }

  /**
   * Starts with the best engine that works here.
   * @throws OnAirError what kept the last one from starting; nothing is left behind
   */
  async start(): Promise<Started> {
    const { signal } = this.#closed;
    const closed = new Promise<never>((_, reject) => (signal.onabort = () => reject(aborted())));
    try {
      return await Promise.race([this.#begin(), closed]);
    } catch (thrown) {
      this.close();
      throw OnAirError.from(thrown, 'worker-failed');
    }
  }

  /** Pauses, or goes on. The worker may still be at what it was told before: it takes one after the other. */
  hold(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    const type = paused ? 'pause' : 'resume';
    this.#feed?.[type]();
    this.#post({ type });
  }

  /** The producer has paused, and goes on. */
  sighted(): void {
    this.#post({ type: 'sighted' });
  }

  /** Reads what the stream holds now in the place of what it held. Resolves when the tracks before are no longer read. */
  async replace(): Promise<void> {
    const next = this.#tracks && !this.#over ? this.#source.follow(this.#tracks) : null;
    if (!next) return;
    const { tracks, video, audio } = next;
    this.#tracks = tracks;
    if (this.#feed) {
      if (video || audio) await this.#feed.replace(streamOf(tracks.video, tracks.audio));
      return;
    }
    this.#missed = !this.#inputs;
    const other = this.#inputs?.replace(video, audio);
    if (!other) return;
    const { transfer, ...inputs } = other;
    this.#post({ type: 'replace', ...inputs }, transfer);
    const taken = (kind: string) => new Promise<void>((resolve) => this.#replaced.set(kind, resolve));
    await Promise.all(Object.keys(inputs).map(taken));
  }

  /** @param reason why, where it was not the person who stopped it */
  async stop(reason?: OnAirErrorCode): Promise<void> {
    await this.#cease();
    if (this.#over) return;
    this.#post(reason ? { type: 'stop', reason } : { type: 'stop' });
    this.#lastWord.expect();
  }

  /** Takes what the page can tell of the machine. */
  condition(name: ConditionName, pressure: number | null): void {
    this.#post({ type: 'condition', name, pressure });
  }

  /** Whether the worker times anything, and shows it in the performance panel. */
  time(enabled: boolean, trace: boolean): void {
    this.#post({ type: 'time', enabled, trace });
  }

  /** Also while it is starting, which is over then. */
  async discard(): Promise<void> {
    // Nothing was asked of the worker that would have to be removed.
    if (!this.#answer && !this.#tracks) return this.close();
    if (this.#answer) this.#answer.types = ['unavailable', 'discarded', 'failed'];
    await this.#cease();
    if (this.#over) return;
    this.#post({ type: 'discard' });
    this.#lastWord.expect();
  }

  /** Lets worker and inputs go. What is on disk stays as it is. */
  close(): void {
    if (this.#over) return;
    this.#closed.abort();
    clearInterval(this.#watch);
    this.#lastWord.close();
    this.#answer?.take({ type: 'unavailable', code: 'aborted', detail: '' });
    void this.#feed?.stop();
    this.#inputs?.close();
    this.#source.close();
    this.#host?.terminate();
  }

  async #begin(): Promise<Started> {
    const { metrics, noticed } = this.options;
    const { signal } = this.#closed;
    const host = (this.#host = await timed(metrics, 'asset:load', loadWorker('record', { allowPage: true, signal })));
    // One that runs in the page is no attempt that could have been given up.
    if (this.#over) host.terminate();
    this.#assertOpen();
    host.onmessage = (data) => this.#hear(data as FromWorker);
    host.onerror = (error) => this.#fail(error);
    if (host.blocked) noticed(host.blocked);
    return this.#startBest();
  }

  async #startBest(): Promise<Started> {
    let refused: OnAirError | null = null;
    for (const engine of this.#engines()) {
      const answer = await this.#try(engine).catch((thrown: unknown) => OnAirError.from(thrown, 'no-encoder'));
      if (!(answer instanceof OnAirError)) return answer;
      // The first refusal names what stands in the way of what was wanted.
      refused ??= answer;
      if (this.#over || this.#ending || HOPELESS.includes(answer.code)) throw answer;
    }
    throw refused ?? fault('no-encoder');
  }

  #engines(): RecordEngine[] {
    const { engine } = this.options.settings;
    if (engine !== 'auto') return [engine];
    const offPage = this.#host!.rung !== 'page' && framesReachWorkers();
    return offPage ? ['webcodecs', 'mediarecorder'] : ['mediarecorder', 'webcodecs'];
  }

  async #try(engine: RecordEngine): Promise<Started> {
    const tracks = await this.#source.find(engine);
    const { video: videoTrack, audio } = tracks;
    this.#assertOpen();
    const request = takeRequest(this.options, engine, { video: videoTrack !== null, audio: audio !== null });
    if (engine === 'webcodecs') {
      const onFrame = (frame: VideoFrame, other: VideoInput | null) => {
        if (other) this.#post({ type: 'replace', video: other });
        this.#frames.give(frame);
      };
      const told = {
        onSuspended: (suspended: boolean) => this.#heldBack(suspended),
        onClogged: () => this.#fail(fault('disk-failed')),
      };
      this.#inputs = await openInputs(videoTrack, audio, onFrame, told, this.options.metrics);
      if (this.#over) this.#inputs.close();
      this.#assertOpen();
      Object.assign(request, { video: this.#inputs.video, audio: this.#inputs.audio });
    } else {
      this.#feed = this.#chunkFeed(videoTrack, audio, request.mimeType);
    }
    const answer = await this.#ask({ type: 'start', request }, ['started', 'unavailable'], this.#inputs?.transfer);
    if (answer.type === 'started') {
      Object.assign(trials, answer.trials);
      if (!this.#ending) await this.#startFeed();
      this.#tracks = tracks;
      this.#watchTracks();
      return { ...answer, offPage: framesReachWorkers(), inWorker: this.#host!.rung !== 'page' };
    }
    this.#inputs?.close();
    this.#inputs = this.#feed = null;
    if (answer.type === 'discarded') throw aborted();
    if (answer.type !== 'unavailable') throw fault('worker-failed');
    throw fault(answer.code, { device: 'device.any', feature: 'WebCodecs' }, { cause: answer.detail });
  }

  /**
   * A canvas gives what it shows once more to each new reader of its track. Under load the one for a first reader was
   * lost (1 of 6 takes of a still canvas in Chromium 156), and the take went on without a picture.
   */
  #readAgain(): void {
    const track = this.options.stream.getVideoTracks().find(({ readyState }) => readyState === 'live');
    const other = track && this.#inputs?.video?.via === 'readable' ? this.#inputs.replace(track, null) : null;
    if (other?.video) this.#post({ type: 'replace', video: other.video }, other.transfer);
  }

  /** MediaRecorder refuses tracks that have ended meanwhile: the take that waits for its chunks goes with it. */
  async #startFeed(): Promise<void> {
    try {
      this.#feed?.start();
    } catch (cause) {
      this.#feed = null;
      await this.#ask({ type: 'discard' }, ['discarded', 'failed']);
      throw fault('no-encoder', {}, { cause });
    }
  }

  /** The worker's encoders are gone: MediaRecorder goes on in the same file, from what the stream holds now. */
  async #goOn(mimeType: string): Promise<boolean> {
    clearInterval(this.#watch);
    this.#inputs?.close();
    this.#inputs = null;
    try {
      const { video, audio, sounds } = await this.#source.find('mediarecorder');
      if (this.#over || this.#ending) return false;
      const has = { video: mimeType.startsWith('video'), audio: /opus|mp4a/.test(mimeType) };
      const tracks = { video: has.video ? video : null, audio: has.audio ? audio : null, sounds };
      // The picture is what the take is of; a sound that is gone by now is not waited for.
      if (has.video && !video) throw fault('no-source');
      const type = audio ? mimeType : mimeType.replace(/,(opus|mp4a[^"]*)/, '');
      this.#chunks.begin();
      this.#feed = this.#chunkFeed(tracks.video, tracks.audio, type);
      if (!this.#paused) this.#feed.start();
      this.#tracks = tracks;
      this.#watchTracks();
      // Another camera has come while the sound was waited for.
      if (this.#missed) void this.replace();
      return true;
    } catch (thrown) {
      this.#feed = null;
      this.#fail(fault('encoder-failed', {}, { cause: thrown }));
      return false;
    }
  }

  #ask(
    message: ToWorker,
    types: readonly FromWorker['type'][],
    transfer: Transferable[] | undefined = [],
  ): Promise<FromWorker> {
    const answered = new Promise<FromWorker>((take) => (this.#answer = { types, take }));
    this.#post(message, transfer);
    return answered.finally(() => (this.#answer = null));
  }

  /** It may have been closed while something was waited for. */
  #assertOpen(): void {
    if (this.#over) throw aborted();
  }

  get #over(): boolean {
    return this.#closed.signal.aborted;
  }

  /** The browser plays no sound before a gesture, and mixes or reads none. */
  #heldBack(suspended: boolean): void {
    this.options.told({ type: suspended ? 'notice' : 'notice-over', code: 'audio-suspended' });
  }

  /**
   * `stop()` of a track fires no event, and not every engine sees it; the mix goes on when what it mixes has ended, and
   * MediaRecorder says nothing of the sound.
   */
  #watchTracks(): void {
    const feed = this.#feed;
    const sounds = () => this.#tracks!.sounds;
    const tell = (silent: boolean) =>
      this.options.told({ type: silent ? 'notice' : 'notice-over', code: 'microphone-silent' });
    const { mix } = this.#source;
    const silence = feed && mix ? new SilenceWatch(mix, sounds, tell) : null;
    this.#watch = setInterval(() => {
      const { video } = this.#tracks!;
      const ends = video ? [video] : sounds();
      // How long another device may take to come is known to nobody; the source says when it is over.
      if (!this.options.followed && ends.every(({ readyState }) => readyState === 'ended')) void this.stop();
      else if (feed) silence?.look(feed.time);
    }, LOOK);
  }

  #chunkFeed(video: MediaStreamTrack | null, audio: MediaStreamTrack | null, mimeType: string): ChunkFeed {
    const { videoBitrate, audioBitrate } = this.options.settings;
    return new ChunkFeed({
      stream: streamOf(video, audio),
      mimeType,
      videoBitrate,
      audioBitrate,
      // Copied, not transferred: a chunk's Blob lives in the browser process until the page's collector finds it, and the
      // collector only hurries for bytes that it can see. With the copies left behind the browser process stayed within
      // 110 MB of where it began; with transfers it grew by as much as was recorded.
      onChunk: (data, overlap) => this.#hand(data, overlap),
      onEnd: () => {
        if (!this.options.followed) void this.stop();
      },
      onFailure: (error) => this.#fail(OnAirError.from(error, 'encoder-failed')),
    });
  }

  /** Takes no more. Resolves when all that was taken has been handed over. */
  async #cease(): Promise<void> {
    this.#ending = true;
    clearInterval(this.#watch);
    await this.#feed?.stop();
  }

  #hand(data: ArrayBuffer, overlap: number): void {
    if (this.#chunks.give(data.byteLength)) this.#post({ type: 'chunk', data, overlap });
  }

  #hear(message: FromWorker): void {
    this.#lastWord.hear(message);
    if (message.type === 'progress') this.#chunks.written(message.size);
    // The worker may end it by itself: the time that was set is over, or the storage is full.
    if (message.type === 'state' && message.state === 'finishing') void this.#cease();
    if (message.type === 'taken') return this.#frames.taken();
    if (message.type === 'replaced') this.#replaced.get(message.kind)?.();
    if (message.type === 'unseen') return this.#readAgain();
    if (message.type === 'handed-over') {
      void this.#goOn(message.mimeType).then((goesOn) => {
        if (goesOn) this.options.told(message);
      });
    } else if (this.#answer?.types.includes(message.type)) this.#answer.take(message);
    else if (!this.#over) this.options.told(message);
  }

  /** Something threw in the worker, or what feeds it failed. A worker that still answers makes a whole file of what there is. */
  #fail(error: OnAirError): void {
    if (this.#answer) {
      this.#answer.take({ type: 'unavailable', code: error.code, detail: error.detail });
      return;
    }
    if (error.code === 'worker-failed') this.#lastWord.doubt();
    if (!this.#ending) void this.stop(error.code);
  }

  /** The worker says nothing more. */
  #giveUp(): void {
    if (this.#answer) this.#answer.take({ type: 'unavailable', code: 'worker-failed', detail: '' });
    else this.options.told({ type: 'failed', code: 'worker-failed', detail: '' });
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#host?.post(message, transfer);
  }
}
