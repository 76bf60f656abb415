import type { AudioMix, MixOptions } from '../audio/index.js';
import {
  browserPlatform,
  deviceProfile,
  fitted,
  remembered,
  StreamPool,
  streamPool,
  type CaptureConfig,
  type CapturePlatform,
} from '../capture/index.js';
import { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import { countOutcome, type CounterName, type Metrics } from '../metrics/index.js';
import { DeviceSession } from './device-session.js';
import type { Session } from './session.js';

export { monitorOf } from './monitor-of.js';
export { listed, watchEnd } from './watch-end.js';

export type Mixer = (
  tracks: readonly MediaStreamTrack[],
  options?: Pick<MixOptions, 'steady'>,
) => AudioMix | Promise<AudioMix>;

export interface OpenOptions {
  platform?: CapturePlatform | undefined;
  mixer?: Mixer | undefined;
  /** Where streams come from. Default: the pool of the page, or one of its own where there is a `platform`. */
  pool?: StreamPool | undefined;
  /** Seconds for which the devices stay open after the last that uses them. */
  keepWarm?: number | undefined;
  /** Whether another device takes the place of one that is gone. */
  fallback?: boolean | undefined;
  /** Gives the request up; devices that are granted later are released at once, unless they were answered already. */
  signal: AbortSignal;
  /** Where it is counted. */
  metrics?: (() => Metrics | null) | undefined;
}

/**
 * Asks for devices, in this very task: a screen needs its gesture. What the page leaves open is filled in by what the
 * machine can hold, and by the devices that were chosen last.
 *
 * @throws OnAirError one of the capture codes; then nothing is left open
 */
export async function openSession(asked: CaptureConfig, options: OpenOptions): Promise<Session> {
  const { platform = browserPlatform, signal, keepWarm = 0, fallback = false, mixer = mixOnDemand } = options;
  const pool = options.pool ?? (options.platform ? new StreamPool({ platform }) : streamPool());
  const config = liking(fitted(asked, deviceProfile(platform.machine)), platform);
  const began = performance.now();
  try {
    const lease = await pool.acquire(config, { signal, keepWarm });
    const counter: CounterName = lease.reused ? 'pool:reused' : 'pool:created';
    options.metrics?.()?.counter(counter).add();
    const session = await DeviceSession.of(lease, { config, platform, pool, keepWarm, fallback, mixer, signal });
    countOutcome(options.metrics?.(), 'capture', null, (performance.now() - began) / 1000);
    return session;
  } catch (thrown) {
    const error = thrown instanceof OnAirError ? thrown : fault('aborted', { device: 'device.any' }, { cause: thrown });
    countOutcome(options.metrics?.(), 'capture', error);
    throw error;
  }
}

/** Few pages mix, so few load what mixes. */
const mixOnDemand: Mixer = async (tracks, options) => {
  const { mixAudio } = await import('../audio/index.js');
  return mixAudio(tracks, options);
};

/** What a page says of a device wins over what was chosen. */
function liking(config: CaptureConfig, platform: CapturePlatform): CaptureConfig {
  const { video, audio, videoDevice, audioDevice, facingMode } = config;
  const camera = video === 'camera' && !videoDevice && !facingMode ? remembered(platform, 'video') : undefined;
  const microphone = audio.includes('microphone') && !audioDevice ? remembered(platform, 'audio') : undefined;
  return {
    ...(camera ? { likedVideoDevice: camera } : {}),
    ...(microphone ? { likedAudioDevice: microphone } : {}),
    ...config,
  };
}
