import type { AudioMix } from '../audio/index.js';
import {
  aloneConfig,
  DeviceWatch,
  findDevice,
  nameOf,
  noSuchDevice,
  ofKind,
  PermissionWatch,
  remember,
  type CaptureConfig,
  type CaptureFeature,
  type CapturePlatform,
  type DeviceKind,
  type DeviceList,
  type DeviceName,
  type LikedDevice,
  type StreamLease,
  type StreamPool,
} from '../capture/index.js';
import { Cleanup, undo } from '../cleanup.js';
import { OnAirError } from '../errors.js';
import { fault, type FaultKey } from '../faults.js';
import { retold } from '../messages.js';
import { Origins } from './origins.js';
import type { ProducerState } from './media-producer.js';
import type { Mixer } from './open-session.js';
import { lose, type Session, type SessionListener } from './session.js';
import { watchMute, watchZeros } from './watch-mute.js';
import { watchReturn } from './watch-return.js';

export interface DeviceSessionOptions {
  config: CaptureConfig;
  platform: CapturePlatform;
  pool: StreamPool;
  keepWarm: number;
  fallback: boolean;
  mixer: Mixer;
  /** Gives up what is not answered yet. */
  signal: AbortSignal;
}

/** One track of the stream, or of its mix, and what it is taken from. */
interface Source {
  /** Whether it is a camera or a microphone, which can be another one; else a screen or its sound. */
  readonly device: boolean;
  readonly lease: StreamLease;
  /** The pool's own track, which tells of the device. */
  readonly track: MediaStreamTrack;
  /** Its clone, which pauses with this session alone. */
  readonly own: MediaStreamTrack;
  readonly unwatch: AbortController;
}

/** Seconds for which a track that was replaced waits for whoever still reads it. */
const TAKE_OVER = 1;

/** Seconds for which the last picture may stand, while no camera is open, until it is told. */
const STANDS = 1;
/** Seconds after which the other camera is given up, and the one before opened again. */
const GIVE_UP = 3;

const FEATURE = { video: 'camera', audio: 'microphone' } as const satisfies Record<DeviceKind, CaptureFeature>;

/**
 * A session of our own devices. It reads clones of the pool's tracks: pausing disables them, and others that capture the
 * same go on. Two sounds become one track. The stream stays the same object when a device takes the place of another.
 */
export class DeviceSession implements Session {
  readonly given = false;
  readonly #watch: DeviceWatch;
  readonly #permissions: PermissionWatch;
  readonly #origins = new Origins();
  readonly #cleanup = new Cleanup();
  readonly #over = this.#cleanup.signal;
  #tell: SessionListener | null = null;
  #error: OnAirError | null;
  #turn: Promise<unknown> = Promise.resolve();
  /** Changes under way, or waiting for theirs. */
  #turns = 0;
  #held = false;
  /** The microphone that was wanted and delivered nothing: still open, to be taken again when it delivers. */
  #resting: Source | null = null;

  /** @throws what the mixer throws; the lease is released then */
  static async of(lease: StreamLease, options: DeviceSessionOptions): Promise<DeviceSession> {
    const { config, platform, mixer, signal } = options;
    signal.addEventListener('abort', () => lease.release(), { once: true });
    try {
      const { video, audio } = lease.capture;
      const clones = lease.clone();
      const source = (track: MediaStreamTrack, own: MediaStreamTrack, device: boolean): Source => {
        return { device, lease, track, own, unwatch: new AbortController() };
      };
      const microphones = config.audio.includes('microphone') ? 1 : 0;
      const sounds = clones.getAudioTracks();
      const sources = [
        ...(video ? [source(video, clones.getVideoTracks()[0]!, config.video === 'camera')] : []),
        ...audio.map((track, index) => source(track, sounds[index]!, index < microphones)),
      ];
      const mix = sounds.length > 1 ? await mixer(sounds) : null;
      const stream = mix ? platform.createStream([...clones.getVideoTracks(), mix.track]) : clones;
      return new DeviceSession(stream, sources, mix, lease.capture.faults[0] ?? null, options);
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  private constructor(
    readonly stream: MediaStream,
    private readonly sources: Source[],
    private readonly mix: AudioMix | null,
    missing: OnAirError | null,
    private readonly options: DeviceSessionOptions,
  ) {
    this.#error = missing;
    const { platform } = options;
    this.#cleanup.defer(() => this.#releaseSources());
    if (mix) this.#cleanup.defer(() => mix.close());
    this.#watch = new DeviceWatch(platform, (list) => this.#listed(list), this.#over);
    const kinds = sources.filter(({ device }) => device).map(({ track }) => FEATURE[kindOf(track)]);
    const changed = (feature: CaptureFeature, state: PermissionState) => {
      if (state === 'denied')
        for (const source of this.#devices()) if (FEATURE[kindOf(source.track)] === feature) this.#forbid(source);
    };
    this.#permissions = new PermissionWatch(platform, kinds, changed, this.#over);
  }

  get error(): OnAirError | null {
    return this.mix?.suspended ? fault('audio-suspended', {}, { fatal: false }) : this.#error;
  }

  follow(tell: SessionListener): void {
    this.#tell = tell;
    if (this.mix) this.mix.onstatechange = () => tell.set({ error: this.error });
    for (const source of [...this.sources]) this.#follow(source);
    if (this.#over.aborted) return;
    for (const { track } of this.#devices()) this.#origins.set(kindOf(track), track, this.#watch.list);
    void this.#watch.refresh();
  }

  switchDevice(kind: DeviceKind, device: DeviceName): Promise<(config: CaptureConfig) => CaptureConfig> {
    const name = nameOf(device);
    return this.#inTurn(async () => {
      const old = this.#devices().find(({ track }) => track.kind === kind);
      if (!old) throw fault('invalid-state');
      try {
        await this.#watch.refresh();
        const found = findDevice(ofKind(this.#watch.list, kind), name);
        if (!found) throw noSuchDevice(`${kind}input`, name);
        const same = found.deviceId === old.track.getSettings().deviceId && old.track.readyState === 'live';
        if (!same) await this.#replace(old, found.deviceId);
        // Whoever has stopped it meanwhile may capture something else.
        if (this.#over.aborted) throw fault('aborted', { device: 'device.any' });
        if (kind === 'audio') this.#forgetResting();
        const liked = { id: found.deviceId, label: found.label };
        remember(this.options.platform, kind, liked);
        this.#want(kind);
        this.#notice(null);
        return (config) => liking(config, kind, liked);
      } catch (thrown) {
        const error = OnAirError.from(thrown, 'aborted');
        this.#notice(retold(error, false));
        throw error;
      }
    });
  }

  silent(): void {
    const source = this.#devices().find(({ track, unwatch }) => track.kind === 'audio' && !unwatch.signal.aborted);
    if (!source || !this.options.fallback) return;
    void this.#inTurn(() => this.#fallBack(source, 'microphone-silent.fallback')).catch(() => {});
  }

  hold(held: boolean): void {
    this.#held = held;
    for (const { lease } of this.#open) lease.hold(held);
  }

  release(): void {
    this.#cleanup.close();
  }

  #releaseSources(): void {
    undo(
      this.#open.map(({ lease, unwatch }) => () => {
        unwatch.abort();
        lease.release();
      }),
    );
  }

  /** What is captured, whether it is in the stream or not. */
  get #open(): Source[] {
    return this.#resting ? [...this.sources, this.#resting] : this.sources;
  }

  #devices(): Source[] {
    return this.sources.filter(({ device }) => device);
  }

  /** The one in use is wanted from now on. */
  #want(kind: DeviceKind): void {
    const { track } = this.#devices().find(({ track }) => track.kind === kind)!;
    this.#origins.set(kind, track, this.#watch.list);
  }

  /** One change after the other. */
  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    this.#turns++;
    const done = this.#turn.then(async () => {
      if (this.#over.aborted) throw fault('aborted', { device: 'device.any' });
      return step();
    });
    this.#turn = done.catch(() => {}).finally(() => this.#turns--);
    return done;
  }

  #follow(source: Source): void {
    const { lease, track, own, unwatch } = source;
    const { signal } = unwatch;
    // What was followed before it has ended all of it, or this one is lost already.
    if (signal.aborted) return;
    lease.onrevoke = () => this.#tell?.end('idle');
    track.addEventListener('ended', () => this.#lost(source), { signal });
    if (source.device && track.kind === 'audio') {
      const tell = { muted: () => this.#muted(), heard: () => this.#heard() };
      watchMute(track, signal, tell);
      const { mix } = this;
      if (mix) watchZeros(() => (mix.suspended || this.#held || track.muted ? null : mix.peak(own)), signal, tell);
    }
    // What ended before it was watched tells nothing more.
    if (track.readyState === 'ended') this.#lost(source);
  }

  /** It ended, or is no longer listed, or no longer allowed. */
  #lost(source: Source): void {
    if (!this.sources.includes(source) || source.unwatch.signal.aborted) return;
    source.unwatch.abort();
    const kind = kindOf(source.track);
    const denied = this.#denied(source);
    if (source.device) this.#origins.lose(kind);
    if (source.device && this.options.fallback && !denied) {
      void this.#inTurn(() => this.#fallBack(source, 'none.fallback')).catch(() => {});
    } else if (denied || this.#turns === 0) this.#goOnWithout(source, denied);
    // Another one is being opened in its place, or is about to be.
    else void this.#inTurn(() => Promise.resolve(this.#goOnWithout(source, this.#denied(source)))).catch(() => {});
  }

  /** Some engines end its track, before or after that; some leave it as it is, black or silent. */
  #forbid(source: Source): void {
    if (source.unwatch.signal.aborted) this.#goOnWithout(source, true);
    else this.#lost(source);
  }

  #denied({ device, track }: Source): boolean {
    return device && this.#permissions.state(FEATURE[kindOf(track)]) === 'denied';
  }

  #goOnWithout(source: Source, denied: boolean): void {
    const tell = this.#tell;
    if (!tell || this.#over.aborted || !this.sources.includes(source)) return;
    const kind = kindOf(source.track);
    const error = denied
      ? fault('denied', { device: `device.${FEATURE[kind]}` }, { fatal: false })
      : source.device
        ? null
        : fault('none', { device: 'device.system' }, { key: 'none.system.gone', fatal: false });
    lose(source.track, this.#alive(), {
      ...tell,
      end: (state) => (denied ? tell.end('failed', retold(error!, true)) : tell.end(state)),
      set: (news) => this.#notice(error ?? news.error!),
    });
  }

  /** What a device still stands behind. */
  #alive(): MediaStreamTrack[] {
    return this.sources.filter(({ unwatch }) => !unwatch.signal.aborted).map(({ track }) => track);
  }

  /** The next device of the kind that can be opened takes the place; where there is none, it goes on without. */
  async #fallBack(source: Source, key: FaultKey): Promise<void> {
    // Somebody has chosen another one while this waited for its turn.
    if (!this.sources.includes(source)) return;
    const kind = kindOf(source.track);
    await this.#watch.refresh();
    const silent = key === 'microphone-silent.fallback';
    const over = kind === 'video' ? this.#standing() : () => {};
    const found = await this.#standIn(source, kind, silent).finally(over);
    if (this.#over.aborted) return;
    if (found) {
      if (silent) this.#origins.lose(kind);
      const code = silent ? 'microphone-silent' : 'none';
      const values = { device: `device.${FEATURE[kind]}`, name: found.label };
      this.#notice(fault(code, values, { key, fatal: false }));
    } else if (source.unwatch.signal.aborted) this.#goOnWithout(source, this.#denied(source));
    else this.#notice(fault('microphone-silent', {}, { fatal: false }));
  }

  /** Puts the first other device of the kind that opens into the place; null where none does. */
  async #standIn(source: Source, kind: DeviceKind, silent: boolean): Promise<MediaDeviceInfo | null> {
    const { deviceId, groupId } = source.track.getSettings();
    const rests = silent && this.#origins.wants(kind, deviceId);
    const mute = kind === 'audio' ? [silent ? source : null, this.#resting] : [];
    for (const device of ofKind(this.#watch.list, kind)) {
      // The system's default keeps its id, and is another device by then.
      if (device.deviceId === deviceId && (device.deviceId !== 'default' || device.groupId === groupId)) continue;
      if (mute.some((one) => isSame(device, one))) continue;
      try {
        await this.#replace(source, device.deviceId, rests);
        return device;
      } catch {
        // Nobody is asked for another one of what was forbidden.
        if (this.#over.aborted || this.#denied(source)) break;
      }
    }
    return null;
  }

  #muted(): void {
    if (this.options.fallback) this.silent();
    else this.#notice(fault('microphone-silent', {}, { fatal: false }));
  }

  #heard(): void {
    if (this.#error?.code === 'microphone-silent') this.#notice(null);
  }

  #listed(list: DeviceList): void {
    this.#tell?.set({ devices: list, active: this.#active });
    for (const source of this.#devices()) {
      const kind = kindOf(source.track);
      const { deviceId = '' } = source.track.getSettings();
      if (this.#origins.left(kind, deviceId, list)) this.#lost(source);
      const origin = this.#origins.back(kind, list);
      // Without its word for a fallback, nobody is to be asked anew for what was allowed once.
      const may = this.options.fallback || this.#permissions.state(FEATURE[kind]) === 'granted';
      if (origin !== null && may) void this.#inTurn(() => this.#return(kind, origin)).catch(() => {});
    }
  }

  async #return(kind: DeviceKind, deviceId: string): Promise<void> {
    // Somebody has chosen another one while this waited for its turn.
    if (!this.#origins.isLost(kind)) return;
    const source = this.#devices().find(({ track }) => track.kind === kind)!;
    await this.#replace(source, deviceId);
    if (kind === 'audio') this.#forgetResting();
    this.#want(kind);
    this.#notice(null);
  }

  /** Its device stays open while another one stands in: only so can be known that it delivers again. */
  #rest(source: Source): void {
    const resting = { ...source, unwatch: new AbortController() };
    const { track, unwatch } = resting;
    source.unwatch.abort();
    this.#resting = resting;
    // When it is plugged in again the list of devices tells.
    track.addEventListener('ended', () => this.#forgetResting(), { signal: unwatch.signal });
    watchReturn(track, unwatch.signal, this.options.mixer, () => {
      void this.#inTurn(() => this.#wake(resting)).catch(() => {});
    });
  }

  async #wake(resting: Source): Promise<void> {
    // Somebody has chosen another one while this waited for its turn.
    if (this.#resting !== resting) return;
    const standIn = this.#devices().find(({ track }) => track.kind === 'audio')!;
    resting.unwatch.abort();
    this.#resting = null;
    this.#origins.regain('audio');
    await this.#put(standIn, { ...resting, unwatch: new AbortController() });
    this.#heard();
  }

  #forgetResting(): void {
    const resting = this.#resting;
    this.#resting = null;
    if (resting) this.#letGo(resting);
  }

  /** @throws OnAirError when the other cannot be opened; the old one goes on then */
  async #replace(old: Source, deviceId: string, rests = false): Promise<void> {
    const lease = await this.#acquire(old, deviceId);
    if (this.#over.aborted) {
      lease.release();
      throw fault('aborted', { device: 'device.any' });
    }
    await this.#swap(old, lease, rests);
  }

  async #acquire(old: Source, deviceId: string): Promise<StreamLease> {
    const kind = kindOf(old.track);
    const acquire = (id: string | undefined, signal = this.#over) => {
      const { pool, keepWarm, config } = this.options;
      return pool.acquire(aloneConfig(config, kind, id), { signal, keepWarm });
    };
    try {
      return await acquire(deviceId);
    } catch (error) {
      const one = kind === 'video' && old.track.readyState === 'live';
      if (!one || (error as OnAirError).code !== 'busy') throw error;
      // Many phones hold one camera open at a time: the old one is closed first, and its last picture stands meanwhile.
      const { deviceId: before } = old.track.getSettings();
      this.#letGo(old);
      const over = this.#standing();
      try {
        return await inTime((signal) => acquire(deviceId, signal), this.#over);
      } catch (error) {
        const again = await inTime((signal) => acquire(before, signal), this.#over).catch(() => null);
        if (again) await this.#swap(old, again);
        else this.#goOnWithout(old, false);
        throw error;
      } finally {
        over();
      }
    }
  }

  /** No camera is open: tells so from a second on, until the function that it answers is called. */
  #standing(): () => void {
    const told = this.#error;
    const stands = () => this.#notice(fault('no-media', {}, { key: 'no-media.switch', fatal: false }));
    const late = setTimeout(stands, STANDS * 1000);
    this.#over.addEventListener('abort', () => clearTimeout(late), { once: true });
    return () => {
      clearTimeout(late);
      if (this.#error?.code === 'no-media') this.#notice(told);
    };
  }

  async #swap(old: Source, lease: StreamLease, rests = false): Promise<void> {
    const { video, audio } = lease.capture;
    const own = lease.clone().getTracks()[0]!;
    const next: Source = { device: true, lease, track: video ?? audio[0]!, own, unwatch: new AbortController() };
    lease.hold(this.#held);
    await this.#put(old, next, rests);
  }

  /**
   * The next track is in the place of the old one, and read, before that one stops.
   * @throws OnAirError `unsupported` where it cannot be mixed; it is let go then, and the old one goes on
   */
  async #put(old: Source, next: Source, rests = false): Promise<void> {
    const { own } = next;
    if (this.mix && own.kind === 'audio') {
      if (!this.mix.replace(old.own, own)) {
        this.#letGo(next);
        throw fault('unsupported', { feature: 'Web Audio' });
      }
    } else {
      this.stream.addTrack(own);
      this.stream.removeTrack(old.own);
    }
    this.sources.splice(this.sources.indexOf(old), 1, next);
    const taken = this.#tell?.changed();
    this.#tell?.set({ active: this.#active });
    let late: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<void>((resolve) => (late = setTimeout(resolve, TAKE_OVER * 1000)));
    await Promise.race([taken, deadline]);
    clearTimeout(late);
    if (rests && old.track.readyState === 'live' && !this.#over.aborted) this.#rest(old);
    else this.#letGo(old);
    if (!this.#over.aborted) this.#follow(next);
  }

  #letGo({ lease, track, own, unwatch }: Source): void {
    unwatch.abort();
    own.stop();
    lease.drop(track);
    if (!this.#open.some((source) => source.lease === lease)) lease.release();
  }

  #notice(error: OnAirError | null): void {
    // The producer may be at another one by now.
    if (this.#over.aborted) return;
    this.#error = error;
    this.#tell?.set({ error: this.error });
  }

  /** Ids of what is in use. */
  get #active(): ProducerState['active'] {
    const id = (kind: DeviceKind) =>
      this.#devices()
        .find(({ track }) => track.kind === kind)
        ?.track.getSettings().deviceId ?? null;
    return Object.freeze({ video: id('video'), audio: id('audio') });
  }
}

/** What was chosen is wished for by the next start, and not asked for by its name: it may be gone by then. */
function liking(config: CaptureConfig, kind: DeviceKind, liked: LikedDevice): CaptureConfig {
  const next = { ...config };
  delete next[`${kind}Device`];
  next[kind === 'video' ? 'likedVideoDevice' : 'likedAudioDevice'] = liked;
  return next;
}

/** Chromium lists `default` beside the same hardware by its own id: their group tells. */
function isSame({ deviceId, groupId }: MediaDeviceInfo, source: Source | null): boolean {
  const of = source?.track.getSettings();
  return of?.groupId ? groupId === of.groupId : deviceId === of?.deviceId;
}

const kindOf = (track: MediaStreamTrack): DeviceKind => (track.kind === 'video' ? 'video' : 'audio');

/** @throws OnAirError `aborted` when it takes longer; what is granted later is released at once */
async function inTime(acquire: (signal: AbortSignal) => Promise<StreamLease>, over: AbortSignal): Promise<StreamLease> {
  const abort = new AbortController();
  const giveUp = () => abort.abort();
  const late = setTimeout(giveUp, GIVE_UP * 1000);
  over.addEventListener('abort', giveUp, { once: true });
  if (over.aborted) giveUp();
  try {
    return await acquire(abort.signal);
  } catch (error) {
    throw abort.signal.aborted ? fault('aborted', { device: 'device.camera' }) : error;
  } finally {
    clearTimeout(late);
    over.removeEventListener('abort', giveUp);
  }
}
