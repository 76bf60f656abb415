import type { Levels } from '../audio/index.js';
import type { CaptureConfig, CapturePlatform, DeviceList, DeviceName, StreamPool } from '../capture/index.js';
import type { OnAirError } from '../errors.js';
import { earlyFault } from '../messages.js';
import type { QualityMove } from '../record/index.js';
import type { Metrics } from '../metrics/index.js';
import type { ProducerMetrics } from '../monitor/index.js';
import { Store } from '../store.js';
import { APART, connection, type ConnectionStatus } from './connection.js';
import type * as OpenSession from './open-session.js';
import { givenSession, type Session } from './session.js';

/**
 * `idle`: nothing is captured. `requesting`: the person or the system is asked. `live`, `paused`: there is a stream.
 * `ended`: the source went away by itself (Stop sharing, unplugged). `failed`: see `error`. `stop()` leads to `idle`.
 */
export type ProducerPhase = 'idle' | 'requesting' | 'live' | 'paused' | 'ended' | 'failed';

export interface ProducerState {
  readonly state: ProducerPhase;
  /** At most one video and, if it is captured here, one audio track; null unless live or paused. */
  readonly stream: MediaStream | null;
  /**
   * Those of the stream, as another list whenever they are others: a device takes the place of another in the same
   * stream. Who reads them follows this, and may have the old ones kept for a moment (`waitUntil`).
   */
  readonly tracks: readonly MediaStreamTrack[];
  /** Why it failed; while live, what is missing (`fatal` false). */
  readonly error: OnAirError | null;
  /** After a failure, what could be captured all the same: the sound alone, or the picture. `start(instead)` does. */
  readonly instead: CaptureConfig | null;
  /** Cameras and microphones. Empty before the first capture (or `prepare()`); followed while there is one. */
  readonly devices: DeviceList;
  /** Ids of those in use; null for none, or where the browser does not tell. */
  readonly active: { readonly video: string | null; readonly audio: string | null };
  /** The last move to another quality of a take of this producer, to full quality when it ends; null before the first. */
  readonly move: QualityMove | null;
  /** The signal that it was lowered for last: a move up has none to tell. Null, or not there, before the first. */
  readonly loweredFor?: string | null;
  /**
   * Pressure of the network, to be set by who publishes these tracks (`bandwidthPressure` makes it): takes go down with
   * it. Null, or not there, while nobody publishes or it is not known.
   */
  readonly network?: number | null;
  /** What these tracks are sent by, to be set by who publishes them: a monitor looks at it. Null, or not there, for none. */
  readonly connection?: RTCPeerConnection | null;
  /**
   * Asks how loud its sound is, to be set by who meters it: a monitor does. It answers null while that is not measured. Null, or
   * not there, for nobody.
   */
  readonly levels?: (() => Levels | null) | null;
}

export interface MediaProducerOptions {
  platform?: CapturePlatform;
  mixer?: OpenSession.Mixer;
  /** Where streams come from. Default: the pool that the page shares, or one of its own where there is a `platform`. */
  pool?: StreamPool;
  /** Tells it apart from others. Default: one of its own. */
  id?: string;
  /** What people call it. Default: its id. */
  name?: string;
}

/** What a producer captures when it is not told otherwise. */
export const DEFAULT_CONFIG: CaptureConfig = Object.freeze({
  video: 'camera',
  audio: Object.freeze(['microphone'] as const),
});

const NOTHING = {
  stream: null,
  tracks: Object.freeze([]),
  error: null,
  instead: null,
  active: Object.freeze({ video: null, audio: null }),
} as const;

let count = 0;

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
  readonly store = new Store<ProducerState>({ ...NOTHING, state: 'idle', devices: NOTHING.tracks, move: null });
  readonly type = 'producer';
  readonly id: string;
  name: string;
  /** Seconds for which the devices stay open after a stop, so that the next start asks nobody. Default 0. */
  keepWarm = 0;
  /** Whether, from the next start on, another device takes the place of one that is unplugged or falls silent. */
  deviceFallback = false;
  /** `adaptive`: takes follow what encoder, disk and machine can hold. `fixed`: they do not. Counts from the next take. */
  quality: 'adaptive' | 'fixed' | (string & {}) = 'adaptive';
  readonly #options: MediaProducerOptions;
  #request: { promise: Promise<void>; abort: AbortController } | null = null;
  #session: Session | null = null;
  #unwatch: () => void = () => {};
  #enabledBefore = new Map<MediaStreamTrack, boolean>();
  #listing: Promise<DeviceList> | null = null;
  #takeovers: Promise<unknown>[] = [];
  #config: CaptureConfig = DEFAULT_CONFIG;
  #destroyed = false;
  #status = APART;
  #monitor: ProducerMetrics | null = null;

  constructor(options: MediaProducerOptions = {}) {
    this.#options = options;
    this.id = options.id ?? `producer-${++count}`;
    this.name = options.name ?? this.id;
    // The first to hear of a change: whoever hears next reads what follows from it.
    this.store.subscribe((state) => (this.#status = connection(this.#status, state)));
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

  /** The same as a driver of sensors tells it. */
  get status(): ConnectionStatus {
    return this.#status;
  }

  /** Where sinks count and time what they do with its tracks; null as long as `monitor` is. */
  get metrics(): Metrics | null {
    return this.monitor?.metrics ?? null;
  }

  /** The figures of that. Null until it is loaded: with the first capture, a given stream, or `prepare()`. */
  get monitor(): ProducerMetrics | null {
    return (this.#monitor ??= opener?.monitorOf(this) ?? null);
  }

  /** What the stream is, or was last, captured by; null while a given stream is in use. */
  get config(): CaptureConfig | null {
    return this.#session?.given ? null : this.#config;
  }

  /**
   * Loads what a capture needs, ahead of `start()`, and lists the devices the first time. Browsers that let a screen be asked for only
   * in the very task of a click need it; `<media-producer video="screen">` does it by itself.
   */
  async prepare(): Promise<void> {
    try {
      const { listed } = await loadOpener();
      if (!this.#listing) this.store.set({ devices: await (this.#listing = listed(this.#options.platform)) });
    } catch {
      // The start tries again, and tells.
    }
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
    this.store.set({ ...NOTHING, state: 'requesting' });
    return promise;
  }

  /** Asks at once where what asks is there already: a screen needs the gesture of this very task. */
  #open(config: CaptureConfig, signal: AbortSignal): Promise<Session> {
    this.#unwatch();
    const options = {
      ...this.#options,
      keepWarm: this.keepWarm,
      fallback: this.deviceFallback,
      signal,
      metrics: () => this.metrics,
    };
    return opener ? opener.openSession(config, options) : this.#loadAndOpen(config, options);
  }

  async #loadAndOpen(config: CaptureConfig, options: OpenSession.OpenOptions): Promise<Session> {
    const { openSession } = await loadOpener().catch((cause: unknown) => {
      throw earlyFault('worker-failed', 'worker-failed.load', { cause });
    });
    if (options.signal.aborted) throw earlyFault('aborted', 'aborted.stop');
    return openSession(config, options);
  }

  async #adopt(pending: Promise<Session>, signal: AbortSignal): Promise<void> {
    try {
      const session = await pending;
      if (signal.aborted) {
        session.release();
        throw earlyFault('aborted', 'aborted.stop');
      }
      this.#request = null;
      this.#hold(session);
    } catch (error) {
      if (!signal.aborted) this.#end('failed', error as OnAirError);
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
      loadOpener().catch(() => {}); // It brings what counts.
      this.#hold(givenSession(stream));
    } else {
      this.store.set({ ...NOTHING, state: 'failed', error: earlyFault('no-source', 'no-source.given') });
    }
  }

  /**
   * Another camera or microphone, by id, by label or out of `devices`, in the same stream: the new one is opened before the old one is let
   * go (after it only where two cameras cannot be open at once), and a take goes on in the same file. While devices are
   * being asked for it waits for them. The choice is remembered.
   *
   * A rejection that nobody handles stays quiet, because `error` tells of it too.
   *
   * @throws OnAirError `overconstrained` when there is no such device, one of the capture codes when it cannot be opened:
   *   then the old one goes on; `invalid-state` when none of the kind is in use
   */
  switchDevice(kind: 'video' | 'audio', device: DeviceName): Promise<void> {
    const switched = (async () => {
      await this.#request?.promise;
      if (!this.#session?.switchDevice) throw earlyFault('invalid-state', 'invalid-state');
      this.#config = (await this.#session.switchDevice(kind, device))(this.#config);
    })();
    switched.catch(() => {});
    return switched;
  }

  /** To be called by who reads the sound, and has heard nothing but zeros: with `deviceFallback` another one is taken. */
  silent(): void {
    this.#session?.silent?.();
  }

  /** Keeps a track that was replaced until then, at most a second. To be called by who hears that `tracks` are others. */
  waitUntil(taken: Promise<unknown>): void {
    this.#takeovers.push(taken);
  }

  /** Releases every device, gives a request up, forgets an error. May be called at any time. */
  stop(): void {
    this.#release();
    this.store.set({ ...NOTHING, state: 'idle' });
  }

  pause(): void {
    if (this.state !== 'live') return;
    // Sinks first: a recorder that has paused by then takes no black frame.
    this.store.set({ state: 'paused' });
    if (this.#session && this.store.get().state === 'paused') {
      this.#disable();
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

  #hold(session: Session): void {
    this.#session = session;
    this.#unwatch();
    const { stream, error } = session;
    this.store.set({ ...NOTHING, state: 'live', stream, tracks: this.#tracks, error });
    // Whoever heard of it may have stopped it.
    if (this.#session !== session) return;
    session.follow({
      changed: () => {
        this.#takeovers = [];
        if (this.state === 'paused') this.#disable();
        this.store.set({ tracks: this.#tracks });
        return Promise.allSettled(this.#takeovers);
      },
      set: (news) => this.store.set(news),
      end: (state, error) => this.#end(state, error),
    });
  }

  get #tracks(): readonly MediaStreamTrack[] {
    return Object.freeze(this.#session?.stream.getTracks() ?? []);
  }

  /** Not by `stop()`. What a person does about it elsewhere is noticed. */
  #end(state: 'idle' | 'ended' | 'failed', error: OnAirError | null = null): void {
    const given = this.#session?.given;
    this.#release();
    this.store.set({ ...NOTHING, state, error });
    if (given || state === 'idle' || this.state !== state || !opener) return;
    const tell = {
      failed: (fault: OnAirError) => this.#end('failed', fault),
      again: () => this.stop(),
      instead: (instead: CaptureConfig) => this.store.set({ instead }),
    };
    this.#unwatch = opener.watchEnd(this.#config, error, tell, this.#options.platform);
  }

  #disable(): void {
    for (const track of this.#tracks) {
      if (this.#enabledBefore.has(track)) continue;
      this.#enabledBefore.set(track, track.enabled);
      track.enabled = false;
    }
  }

  #restore(): void {
    for (const [track, enabled] of this.#enabledBefore) track.enabled = enabled;
    this.#enabledBefore.clear();
  }

  /** Lets go of everything that was acquired or asked for, the last first. The state is the caller's to set. */
  #release(): void {
    this.#request?.abort.abort();
    this.#request = null;
    this.#restore();
    this.#unwatch();
    this.#session?.release();
    this.#session = null;
  }
}
