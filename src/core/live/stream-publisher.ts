import { OnAirError } from '../errors.js';
import { earlyFault } from '../messages.js';
import type { MediaProducer } from '../producer/index.js';
import { Store } from '../store.js';
import type { Endings } from './endings.js';
import type { LivePlatform } from './platform.js';
import type * as Part from './publish-run.js';
import type { Interruption } from './recovery.js';
import type { PublisherSettings } from './settings.js';
import type { SendingFigures } from './watch.js';

/**
 * `idle`: nothing is published. `connecting`: a start that has not been live yet. `live`: connected. `recovering`: it was
 * live, and comes back by itself. `ended`: the source is over. `failed`: see `error`. `stop()` leads to `idle`.
 */
export type PublisherPhase = 'idle' | 'connecting' | 'live' | 'recovering' | 'ended' | 'failed';

/** What is sent and how it gets through, how long it is live, and how often it came back. */
export interface PublisherStats extends SendingFigures {
  /** Seconds live, without interruptions, since the start. Of a time when the machine slept ten count at most. */
  readonly uptime: number;
  /** Attempts since the start: connections that were begun, and ICE restarts. */
  readonly attempts: number;
  /** How often it came back. */
  readonly recoveries: number;
  /** Seconds from noticing the last interruption until it was live again; null while there was none. */
  readonly recoveryTime: number | null;
}

export interface PublisherState {
  readonly state: PublisherPhase;
  /** What interrupted it, while it is `connecting` again or `recovering`; null otherwise. */
  readonly reason: Interruption | null;
  /** The attempt that is being made or waited for, from 1; 0 while it is none. */
  readonly attempt: number;
  /** Why it failed; otherwise what keeps it from being live, or is amiss at the server all the same (`fatal` false). */
  readonly error: OnAirError | null;
  /**
   * Renewed once a second while it is live, and with each attempt to publish anew, when nothing is known of what is sent. The
   * last ones stay. Null before the first.
   */
  readonly stats: PublisherStats | null;
}

const IDLE: PublisherState = { state: 'idle', reason: null, attempt: 0, error: null, stats: null };

/**
 * Publishes a producer, or a stream, to a WHIP endpoint (RFC 9725), and comes back by itself when that is interrupted.
 * Framework-free; `<stream-publisher>` is this with a face. What publishes is loaded with the first start.
 *
 *     const publisher = new StreamPublisher({ url: 'https://media.example/whip/room1', getToken: () => askForToken() });
 *     publisher.source = producer;
 *     await publisher.start();
 *
 *     idle -> connecting -> live <-> recovering -> idle | ended | failed
 *
 * Tracks are the source's: they are never stopped here, and a recording of the same is not touched by anything that happens.
 * Settings count from the next start; token, `maxBitrate` and `maxFrameRate` at once.
 */
export class StreamPublisher {
  readonly store = new Store<PublisherState>(IDLE);
  /** What is not there, or makes no sense, counts as in `PUBLISHER_DEFAULTS`. */
  settings: Partial<PublisherSettings>;
  /** What to publish. A broadcast stays with the source that it was started on. */
  source: MediaProducer | MediaStream | null = null;
  readonly #platform: LivePlatform | undefined;
  #part: Promise<typeof Part> | null = null;
  #run: Part.PublishRun | null = null;
  #endings: Endings | undefined;
  #starting: { promise: Promise<void>; abort: AbortController } | null = null;

  constructor(settings: Partial<PublisherSettings> = {}, { platform }: { platform?: LivePlatform } = {}) {
    this.settings = settings;
    this.#platform = platform;
  }

  get state(): PublisherPhase {
    return this.store.get().state;
  }

  get error(): OnAirError | null {
    return this.store.get().error;
  }

  get stats(): PublisherStats | null {
    return this.store.get().stats;
  }

  /** Loads what publishes, ahead of `start()`. */
  async prepare(): Promise<void> {
    await this.#load().catch(() => {});
  }

  /**
   * Goes live; joins a start that is pending, does nothing while it is live or recovering. Settles when it is live.
   *
   * A rejection that nobody handles stays quiet, because state and error tell of it too.
   *
   * @throws OnAirError `no-source`, `unsupported`, `worker-failed` (a part could not be loaded),
   *   `aborted` (stopped before it was live), or one of the codes of a broadcast: see `LiveErrorCode`
   */
  start(): Promise<void> {
    if (this.#starting) return this.#starting.promise;
    if (this.#run) return Promise.resolve();
    const abort = new AbortController();
    let begin!: () => void;
    const promise = new Promise<void>((resolve) => (begin = resolve)).then(() => this.#start(abort.signal));
    this.#starting = { promise, abort };
    promise.catch(() => {});
    // A listener may call start() or stop() at once, and finds everything in its place.
    this.store.set({ ...IDLE, state: 'connecting', attempt: 1 });
    begin();
    return promise;
  }

  /**
   * Ends the broadcast, here and at the server. Settles when the server knows, or cannot be told; it does not throw.
   */
  async stop(): Promise<void> {
    const run = this.#run;
    this.#starting?.abort.abort();
    this.#starting = this.#run = null;
    const over = run?.stop();
    this.store.set({ state: 'idle', reason: null, attempt: 0, error: null });
    await over;
  }

  /** Bounds what is sent from now on by `settings`. */
  limit(): void {
    this.#run?.limit();
  }

  /** Kept, because an import of what is there already still waits for its turn among the tasks of the page. */
  #load(): Promise<typeof Part> {
    this.#part ??= import('./publish-run.js').catch((cause: unknown) => {
      this.#part = null;
      throw earlyFault('worker-failed', 'worker-failed.load', { cause });
    });
    return this.#part;
  }

  async #start(signal: AbortSignal): Promise<void> {
    // A listener that hears of the end may have begun another one at once.
    const isLatest = () => this.#starting?.abort.signal === signal;
    const stopped = () => earlyFault('aborted', 'aborted.stop');
    try {
      const { PublishRun } = await this.#load();
      if (signal.aborted) throw stopped();
      const run = new PublishRun(this.source, {
        settings: () => this.settings,
        // What came of the end of its session is told, too.
        tell: (news) => (this.#run === run || (!this.#run && !this.error)) && this.store.set(news),
        over: (last) => this.#over(run, last),
        endings: this.#endings,
        ...(this.#platform ? { platform: this.#platform } : {}),
      });
      this.#run = run;
      this.#endings = run.endings;
      await run.start();
      if (signal.aborted) throw stopped();
      if (isLatest()) this.#starting = null;
    } catch (thrown) {
      if (signal.aborted) throw stopped();
      const error = OnAirError.from(thrown, 'stream-lost');
      // The run has told it, unless it never began.
      if (isLatest()) {
        this.#starting = this.#run = null;
        this.store.set({ state: 'failed', reason: null, attempt: 0, error });
      }
      throw error;
    }
  }

  #over(run: Part.PublishRun, last: Partial<PublisherState>): void {
    if (this.#run !== run) return;
    this.#starting = this.#run = null;
    this.store.set({ reason: null, attempt: 0, ...last });
  }
}
