import type { CaptureConfig, CapturePlatform, StreamPool } from '../capture/index.js';
import type { OnAirError } from '../errors.js';
import { earlyFault } from '../messages.js';
import { Store } from '../store.js';
import type * as OpenSession from './open-session.js';
import { givenSession, watchTracks, type Session } from './session.js';

/**
 * `idle`: nothing is captured. `requesting`: the person or the system is asked. `live`, `paused`: there is a stream.
 * `ended`: the source went away by itself (Stop sharing, unplugged). `failed`: see `error`. `stop()` leads to `idle`.
 */
export type ProducerPhase = 'idle' | 'requesting' | 'live' | 'paused' | 'ended' | 'failed';

export interface ProducerState {
  readonly state: ProducerPhase;
  /** At most one video and, if it is captured here, one audio track; null unless live or paused. */
  readonly stream: MediaStream | null;
  /** Why it failed; while live, what is missing (`fatal` false). */
  readonly error: OnAirError | null;
}

export interface MediaProducerOptions {
  platform?: CapturePlatform;
  mixer?: OpenSession.Mixer;
  /** Where streams come from. Default: the pool that the page shares, or one of its own where there is a `platform`. */
  pool?: StreamPool;
}

/** What a producer captures when it is not told otherwise. */
export const DEFAULT_CONFIG: CaptureConfig = Object.freeze({
  video: 'camera',
  audio: Object.freeze(['microphone'] as const),
});

/** What only a capture needs is loaded with the first one. */
let opener: typeof OpenSession | null = null;
const loadOpener = async (): Promise<typeof OpenSession> => (opener ??= await import('./open-session.js'));

/**
 * Owns the captured tracks; recorder, publisher and meters follow its store.
 *
 *     idle -> requesting -> live <-> paused -> idle | ended
 *                 '-> failed | idle
 *
 * While paused its tracks are disabled and give black and silence, and every sink pauses with it. They are its own: another
 * producer that captures the same goes on.
 */
export class MediaProducer {
  readonly store = new Store<ProducerState>({ state: 'idle', stream: null, error: null });
  /** Seconds for which the devices stay open after a stop, so that the next start asks nobody. Default 0. */
  keepWarm = 0;
  readonly #options: MediaProducerOptions;
  #request: { promise: Promise<void>; abort: AbortController } | null = null;
  #session: Session | null = null;
  #unwatch: () => void = () => {};
  #enabledBefore = new Map<MediaStreamTrack, boolean>();
  #config: CaptureConfig = DEFAULT_CONFIG;
  #destroyed = false;

  constructor(options: MediaProducerOptions = {}) {
    this.#options = options;
  }

  get state(): ProducerPhase {
    return this.store.get().state;
  }

  get stream(): MediaStream | null {
    return this.store.get().stream;
  }

  get error(): OnAirError | null {
    return this.store.get().error;
  }

  /** What the stream is, or was last, captured by; null while a given stream is in use. */
  get config(): CaptureConfig | null {
    return this.#session?.given ? null : this.#config;
  }

  /**
   * Loads what a capture needs, ahead of `start()`. Browsers that let a screen be asked for only in the very task of a
   * click need it; `<media-producer video="screen">` does it by itself.
   */
  async prepare(): Promise<void> {
    await loadOpener().catch(() => {}); // The start tries again, and tells.
  }

  /**
   * Captures by `config`, or by the last one (at first camera and microphone). Joins a request that is pending; resumes
   * when paused; does nothing when live. Call it from a gesture: screens need one.
   *
   * A rejection that nobody handles stays quiet, because state and error tell of it too.
   *
   * @throws OnAirError one of the capture codes; `aborted` when `stop()` came first; `invalid-state` after `destroy()`;
   *   `worker-failed` when what captures could not be loaded.
   */
  start(config: CaptureConfig = this.#config): Promise<void> {
    if (this.#request) return this.#request.promise;
    if (this.state === 'paused') this.resume();
    if (this.state === 'live') return Promise.resolve();
    const abort = new AbortController();
    const promise = this.#destroyed
      ? Promise.reject(earlyFault('invalid-state', 'invalid-state'))
      : this.#begin(config, abort);
    promise.catch(() => {});
    return promise;
  }

  #begin(config: CaptureConfig, abort: AbortController): Promise<void> {
    this.#config = config;
    // Before the state is told: a listener may call stop().
    const promise = this.#adopt(this.#open(config, abort.signal), abort.signal);
    this.#request = { promise, abort };
    this.store.set({ state: 'requesting', stream: null, error: null });
    return promise;
  }

  /** Asks at once where what asks is there already: a screen needs the gesture of this very task. */
  #open(config: CaptureConfig, signal: AbortSignal): Promise<OpenSession.Opened> {
    const options = { ...this.#options, keepWarm: this.keepWarm, signal };
    return opener ? opener.openSession(config, options) : this.#loadAndOpen(config, options);
  }

  async #loadAndOpen(config: CaptureConfig, options: OpenSession.OpenOptions): Promise<OpenSession.Opened> {
    const { openSession } = await loadOpener().catch((cause: unknown) => {
      throw earlyFault('worker-failed', 'worker-failed.load', { cause });
    });
    if (options.signal.aborted) throw earlyFault('aborted', 'aborted.stop');
    return openSession(config, options);
  }

  async #adopt(pending: Promise<OpenSession.Opened>, signal: AbortSignal): Promise<void> {
    try {
      const { session, missing } = await pending;
      if (signal.aborted) {
        session.release();
        throw earlyFault('aborted', 'aborted.stop');
      }
      this.#request = null;
      this.#hold(session, missing);
    } catch (error) {
      if (!signal.aborted) {
        this.#request = null;
        this.store.set({ state: 'failed', stream: null, error: error as OnAirError });
      }
      throw error;
    }
  }

  /**
   * Takes the tracks of a stream that the page owns, at once; null gives it back. They are never stopped here. Pausing
   * disables them and resuming restores them, as the page would see.
   */
  use(stream: MediaStream | null): void {
    if (stream === null) {
      if (this.#session?.given) this.stop();
      return;
    }
    if (this.#destroyed || this.#session?.stream === stream) return;
    this.#release();
    if (stream.getTracks().some((track) => track.readyState === 'live')) {
      this.#hold(givenSession(stream), null);
    } else {
      this.store.set({ state: 'failed', stream: null, error: earlyFault('no-source', 'no-source.given') });
    }
  }

  /** Releases every device, gives a request up, forgets an error. May be called at any time. */
  stop(): void {
    this.#release();
    this.store.set({ state: 'idle', stream: null, error: null });
  }

  pause(): void {
    if (this.state !== 'live') return;
    // Sinks first: a recorder that has paused by then takes no black frame.
    this.store.set({ state: 'paused' });
    if (this.#session && this.store.get().state === 'paused') {
      for (const track of this.#session.stream.getTracks()) this.#disable(track);
      this.#session.hold(true);
    }
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.#session?.hold(false);
    this.#restore();
    this.store.set({ state: 'live' });
  }

  /** Stops for good; `start` and `use` do nothing any more. */
  destroy(): void {
    this.#destroyed = true;
    this.stop();
  }

  #hold(session: Session, error: OnAirError | null): void {
    this.#session = session;
    this.#unwatch = watchTracks(session, {
      ended: (track) => this.#lost(track),
      added: (track) => {
        if (this.state === 'paused') this.#disable(track);
      },
    });
    session.onrevoke(() => {
      if (this.#session === session) this.stop();
    });
    const { mix } = session;
    const heldBack = () =>
      mix?.suspended ? earlyFault('audio-suspended', 'audio-suspended', { fatal: false }) : error;
    if (mix) mix.onstatechange = () => this.store.set({ error: heldBack() });
    this.store.set({ state: 'live', stream: session.stream, error: heldBack() });
    if (session.given) return;
    // What ended before it was watched tells nothing more.
    for (const track of session.sources) {
      if (this.#session === session && track.readyState === 'ended') this.#lost(track);
    }
  }

  /** A source ended by itself. Without the picture, or without anything, it is over; without one sound it goes on. */
  #lost(track: MediaStreamTrack): void {
    const live = this.#session!.sources.filter((source) => source.readyState === 'live');
    const over = live.length === 0 || (track.kind === 'video' && !live.some((source) => source.kind === 'video'));
    if (over) {
      this.#release();
      this.store.set({ state: 'ended', stream: null, error: null });
    } else if (track.kind === 'audio') {
      this.store.set({ error: earlyFault('microphone-silent', 'microphone-silent.gone', { fatal: false }) });
    }
  }

  #disable(track: MediaStreamTrack): void {
    this.#enabledBefore.set(track, track.enabled);
    track.enabled = false;
  }

  #restore(): void {
    for (const [track, enabled] of this.#enabledBefore) track.enabled = enabled;
    this.#enabledBefore.clear();
  }

  /** Lets go of everything that was acquired or asked for. The state is the caller's to set. */
  #release(): void {
    this.#request?.abort.abort();
    this.#request = null;
    this.#unwatch();
    this.#unwatch = () => {};
    this.#restore();
    this.#session?.release();
    this.#session = null;
  }
}
