import { Cleanup, undo } from '../cleanup.js';
import { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import { Store } from '../store.js';
import { acquire, type Capture } from './acquire.js';
import { deviceKey } from './asked.js';
import { cameraConstraints, captureKey, canServe, type CaptureConfig } from './config.js';
import { Lease, tracksOf, type Opened, type StreamLease } from './lease.js';
import { browserPlatform, type CapturePlatform } from './platform.js';
import { isSame, NOTHING, type PooledStream, type PoolStatus } from './pool-status.js';

/** Time as the pool sees it; tests bring their own. */
export interface PoolClock {
  /** Milliseconds that never step back. */
  now(): number;
  /** Calls once after so many milliseconds; returns the function that gives it up. */
  after(milliseconds: number, call: () => void): () => void;
}

export interface PoolSettings {
  /**
   * Seconds for which a stream without a lease is kept open, device light included. 300 is a good value for pages on
   * which people come and go. Default 0: it is stopped at once.
   */
  ttl: number;
  /** Most streams without a lease; the one that was used longest ago goes first. Default 5. */
  maxStreams: number;
}

export interface PoolOptions extends Partial<PoolSettings> {
  platform?: CapturePlatform;
  clock?: PoolClock;
  /** On which `pagehide` is heard. Default: the page. */
  page?: EventTarget | null;
}

export interface AcquireLeaseOptions {
  /** Gives the request up, for this caller; what others wait for goes on. */
  signal?: AbortSignal | undefined;
  /** Seconds from its release on for which the stream is kept, whoever holds it after that; the pool's `ttl` where it is longer. */
  keepWarm?: number;
}

interface Entry {
  readonly id: number;
  config: CaptureConfig;
  key: string;
  readonly since: number;
  /** Of its request, its leases and its devices. */
  readonly cleanup: Cleanup;
  opened: Promise<Opened>;
  /** Null while it is asked for. */
  held: Opened | null;
  /** Who waits for it or holds it. */
  claims: number;
  /** Whether somebody has had it: who asked first may have given up. */
  given: boolean;
  readonly leases: Set<Lease>;
  /** Until when those who had it want it kept. */
  keepUntil: number;
  parkedAt: number | null;
  expiresAt: number | null;
  /** A track has ended: it is never given out again. */
  lost: boolean;
}

const browserClock: PoolClock = {
  now: () => performance.now(),
  after(milliseconds, call) {
    // Beyond this a timer is due at once; what is told of it too early is waited for again.
    const timer = setTimeout(call, Math.min(milliseconds, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};

/**
 * Streams by what they were captured by. Whoever asks for the same gets the same, with one prompt and one capture, also
 * while the first request is still pending; devices are let go with the last lease, or a while later where the page asks
 * for that. A screen is never kept; what has ended is not given out again, nor what is muted while nobody uses it.
 */
export class StreamPool {
  readonly store = new Store<PoolStatus>(NOTHING);
  readonly #platform: CapturePlatform;
  readonly #clock: PoolClock;
  readonly #page: EventTarget | null;
  #settings: PoolSettings;
  /** What is told next. */
  #status: { -readonly [figure in keyof PoolStatus]: PoolStatus[figure] } = { ...NOTHING };
  #entries: Entry[] = [];
  #ids = 0;
  #giveUpTimer: () => void = () => {};
  #listening = false;

  constructor({
    platform = browserPlatform,
    clock = browserClock,
    page = typeof document === 'undefined' ? null : globalThis,
    ttl = 0,
    maxStreams = 5,
  }: PoolOptions = {}) {
    this.#platform = platform;
    this.#clock = clock;
    this.#page = page;
    this.#settings = { ttl: 0, maxStreams: 5 };
    this.configure({ ttl, maxStreams });
  }

  get settings(): Readonly<PoolSettings> {
    return this.#settings;
  }

  /** Milliseconds of the clock that the times of its status are of. */
  now(): number {
    return this.#clock.now();
  }

  /** Takes effect for what is parked from now on; what is parked beyond `maxStreams` goes at once. @throws OnAirError `invalid-value` */
  configure(settings: Partial<PoolSettings>): void {
    const { ttl, maxStreams } = { ...this.#settings, ...settings };
    if (!(ttl >= 0) || !(maxStreams >= 0)) throw fault('invalid-value');
    this.#settings = Object.freeze({ ttl, maxStreams: Math.floor(maxStreams) });
    this.#evict();
    this.#tell();
  }

  /**
   * A lease of a stream by `config`: one that is open or asked for already, else a new one. A parked stream of the same
   * devices also serves what asks for less; while others hold it, it stays as they want it.
   *
   * A new screen is asked for in this very task, because it needs its gesture.
   *
   * @throws OnAirError one of the capture codes; `aborted`
   */
  acquire(config: CaptureConfig, { signal, keepWarm = 0 }: AcquireLeaseOptions = {}): Promise<StreamLease> {
    const same = this.#usable(captureKey(config));
    const larger = same ? undefined : this.#shrinkable(config);
    const entry = same ?? larger ?? this.#open(config);
    // From here on it is what was asked for, and nobody who wants the larger one gets it.
    if (larger) Object.assign(larger, { config, key: captureKey(config) });
    return this.#claim(entry, same ? 'reused' : larger ? 'shrunk' : 'new', signal, Math.max(0, keepWarm));
  }

  /** Stops what is parked: one of them by its id, or all. What has leases stays. */
  clear(id?: number): void {
    for (const entry of [...this.#entries])
      if (entry.parkedAt !== null && (id === undefined || entry.id === id)) this.#remove(entry);
    this.#tell();
  }

  /** Stops everything, leases and requests included. The pool can be used again. */
  releaseAll = (): void => {
    undo(this.#entries.map((entry) => () => this.#remove(entry)));
    this.#tell();
  };

  async #claim(
    entry: Entry,
    how: 'new' | 'reused' | 'shrunk',
    signal: AbortSignal | undefined,
    keepWarm: number,
  ): Promise<StreamLease> {
    entry.claims++;
    entry.parkedAt = entry.expiresAt = null;
    // What is open already is another's once it has a lease.
    if (how !== 'reused') this.#tell();
    try {
      const opened = await unlessAborted(entry.opened, signal, entry.config);
      if (how === 'shrunk') await fit(opened.capture, entry.config);
      const reused = entry.given || how === 'shrunk';
      entry.given = true;
      const lease = new Lease(opened, reused, this.#platform, {
        released: () => {
          entry.leases.delete(lease);
          this.#unclaim(entry, keepWarm);
          // Those that are left may all have dropped what this one had.
          for (const track of tracksOf(opened.capture)) if (entry.leases.size > 0) this.#drop(entry, track);
          enable(entry);
        },
        held: () => enable(entry),
        dropped: (track) => this.#drop(entry, track),
      });
      entry.leases.add(lease);
      this.#count(lease.reused ? 'reused' : 'created');
      enable(entry);
      this.#tell();
      return lease;
    } catch (error) {
      this.#unclaim(entry, 0);
      throw error;
    }
  }

  #unclaim(entry: Entry, keepWarm: number): void {
    const now = this.#clock.now();
    entry.keepUntil = Math.max(entry.keepUntil, now + keepWarm * 1000);
    if (--entry.claims > 0 || !this.#entries.includes(entry)) return this.#tell();
    const until = Math.max(entry.keepUntil, now + this.#settings.ttl * 1000);
    if (entry.held && until > now && keepable(entry) && this.#settings.maxStreams > 0) {
      entry.parkedAt = now;
      entry.expiresAt = until;
      this.#count('parked');
      this.#evict();
    } else this.#remove(entry);
    this.#tell();
  }

  #open(config: CaptureConfig): Entry {
    const cleanup = new Cleanup();
    const { signal } = cleanup;
    const entry: Entry = {
      id: ++this.#ids,
      config,
      key: captureKey(config),
      since: this.#clock.now(),
      cleanup,
      opened: this.#ask(config, signal).then((capture) => {
        cleanup.defer(() => capture.release());
        cleanup.defer(() => undo([...entry.leases].map((lease) => () => lease.revoke())));
        const tracks = tracksOf(capture);
        entry.held = { capture, stream: this.#platform.createStream(tracks) };
        for (const track of tracks) track.addEventListener('ended', () => this.#lose(entry), { signal, once: true });
        return entry.held;
      }),
      held: null,
      claims: 0,
      given: false,
      leases: new Set(),
      keepUntil: 0,
      parkedAt: null,
      expiresAt: null,
      lost: false,
    };
    entry.opened.catch(() => this.#remove(entry)); // Whoever waits is told.
    this.#entries.push(entry);
    return entry;
  }

  /** In this very task. Many phones hold one camera open at a time: one that nobody uses gives way. */
  async #ask(config: CaptureConfig, signal: AbortSignal): Promise<Capture> {
    const options = { platform: this.#platform, signal };
    try {
      return await acquire(config, options);
    } catch (error) {
      const busy =
        (error as OnAirError).code === 'busy' && config.video === 'camera' && !config.audio.includes('system');
      const kept = this.#entries.filter((entry) => entry.parkedAt !== null && entry.config.video === 'camera');
      if (!busy || kept.length === 0) throw error;
      for (const entry of kept) this.#remove(entry);
      return acquire(config, options);
    }
  }

  /** What is left of a capture serves those who have it, and nobody else. */
  #drop(entry: Entry, track: MediaStreamTrack): void {
    if (![...entry.leases].every((lease) => lease.dropped.has(track))) return;
    track.stop();
    entry.lost = true;
    this.#tell();
  }

  /** A track has ended by itself: those who hold it are told by the track, and nobody else gets it. */
  #lose(entry: Entry): void {
    entry.lost = true;
    if (entry.parkedAt !== null) this.#remove(entry);
    this.#tell();
  }

  #usable(key: string): Entry | undefined {
    for (const entry of this.#entries.filter((one) => one.key === key && !one.lost)) {
      // While it is in use a mute may be over in a moment, and another capture of the same device would be as mute.
      if (!entry.held || (entry.parkedAt === null ? alive : intact)(entry.held)) return entry;
      // Muted while nobody used it: a page in which the device was taken away. A new request may bring it back.
      if (entry.parkedAt !== null) this.#remove(entry);
    }
    return undefined;
  }

  #shrinkable(config: CaptureConfig): Entry | undefined {
    return this.#entries.find(
      (entry) => entry.parkedAt !== null && entry.held && intact(entry.held) && canServe(entry.config, config),
    );
  }

  #evict(): void {
    const parked = this.#entries.filter(({ parkedAt }) => parkedAt !== null);
    parked.sort((one, other) => one.parkedAt! - other.parkedAt!);
    for (const entry of parked.slice(0, Math.max(0, parked.length - this.#settings.maxStreams))) {
      this.#count('evicted');
      this.#remove(entry);
    }
  }

  #expire(): void {
    const now = this.#clock.now();
    for (const entry of [...this.#entries]) {
      if (entry.expiresAt === null || entry.expiresAt > now) continue;
      this.#count('expired');
      this.#remove(entry);
    }
    this.#tell();
  }

  #remove(entry: Entry): void {
    const at = this.#entries.indexOf(entry);
    if (at < 0) return;
    this.#entries.splice(at, 1);
    entry.cleanup.close();
    this.#tell();
  }

  /** Told with what comes of it. */
  #count(what: 'created' | 'reused' | 'parked' | 'evicted' | 'expired'): void {
    this.#status[what]++;
  }

  /** Says what there is, all of it at once; waits for what expires next, and hears of the end of the page only while there is something. */
  #tell(): void {
    this.#giveUpTimer();
    const next = Math.min(...this.#entries.map(({ expiresAt }) => expiresAt ?? Infinity));
    this.#giveUpTimer =
      next < Infinity ? this.#clock.after(Math.max(0, next - this.#clock.now()), () => this.#expire()) : () => {};
    this.#listen(this.#entries.length > 0);
    const streams = this.#entries.map(statusOf);
    const { streams: before, reused, created } = this.#status;
    const same = streams.length === before.length && streams.every((one, index) => isSame(one, before[index]!));
    if (!same) this.#status.streams = Object.freeze(streams);
    this.#status.reuseRate = share(reused, created);
    this.store.set(this.#status);
  }

  #listen(listen: boolean): void {
    if (listen === this.#listening) return;
    this.#listening = listen;
    // A page in the back-forward cache may never come back, and holds no device meanwhile.
    if (listen) this.#page?.addEventListener('pagehide', this.releaseAll);
    else this.#page?.removeEventListener('pagehide', this.releaseAll);
  }
}

/** What nobody needs for now gives black and silence. */
function enable({ held, leases }: Entry): void {
  const enabled = [...leases].some((lease) => !lease.held);
  if (held) for (const track of tracksOf(held.capture)) track.enabled = enabled;
}

const alive = ({ capture }: Opened): boolean => tracksOf(capture).every(({ readyState }) => readyState === 'live');

const intact = (opened: Opened): boolean => alive(opened) && tracksOf(opened.capture).every(({ muted }) => !muted);

/** Nobody is to be watched by a screen that they believe to have stopped sharing. */
const keepable = ({ config, held, lost }: Entry): boolean =>
  !lost && held !== null && intact(held) && config.video !== 'screen' && !config.audio.includes('system');

/** A camera that refuses gives more than was asked for, which all that ask for a number have to live with. */
async function fit({ video }: Capture, config: CaptureConfig): Promise<void> {
  await video?.applyConstraints(cameraConstraints(config)).catch(() => {});
}

const share = (reused: number, created: number): number | null =>
  reused + created > 0 ? reused / (reused + created) : null;

function statusOf({ id, config, held, parkedAt, leases, since, expiresAt }: Entry): PooledStream {
  const state = parkedAt !== null ? 'parked' : held ? 'live' : 'pending';
  const label = held
    ? tracksOf(held.capture)
        .map((track) => track.label)
        .join(', ')
    : '';
  return Object.freeze({ id, config, label, state, leases: leases.size, since, parkedAt, expiresAt });
}

async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  config: CaptureConfig,
): Promise<T> {
  if (!signal) return promise;
  const aborted = () =>
    fault('aborted', { device: deviceKey(config.video === 'screen' ? 'screen' : 'both') }, { cause: signal.reason });
  if (signal.aborted) throw aborted();
  let stop!: () => void;
  const givenUp = new Promise<never>((_, reject) => {
    stop = () => reject(aborted());
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, givenUp]);
  } catch (thrown) {
    throw OnAirError.from(thrown, 'aborted');
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
