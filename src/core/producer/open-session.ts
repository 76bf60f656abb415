import type { AudioMix } from '../audio/index.js';
import {
  browserPlatform,
  StreamPool,
  streamPool,
  type CaptureConfig,
  type CapturePlatform,
  type StreamLease,
} from '../capture/index.js';
import { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import type { Session } from './session.js';

export type Mixer = (tracks: readonly MediaStreamTrack[]) => AudioMix | Promise<AudioMix>;

export interface OpenOptions {
  platform?: CapturePlatform | undefined;
  mixer?: Mixer | undefined;
  /** Where streams come from. Default: the pool of the page, or one of its own where there is a `platform`. */
  pool?: StreamPool | undefined;
  /** Seconds for which the devices stay open after the last that uses them. */
  keepWarm?: number | undefined;
  /** Gives the request up; devices that are granted later are released at once, unless they were answered already. */
  signal: AbortSignal;
}

/** Devices that were opened, and what could not be had although the rest could. */
export interface Opened {
  readonly session: Session;
  readonly missing: OnAirError | null;
}

/**
 * Asks for devices, in this very task: a screen needs its gesture.
 * @throws OnAirError one of the capture codes; then nothing is left open
 */
export async function openSession(config: CaptureConfig, options: OpenOptions): Promise<Opened> {
  const { platform, pool = platform ? new StreamPool({ platform }) : streamPool(), signal, keepWarm = 0 } = options;
  try {
    const lease = await pool.acquire(config, { signal, keepWarm });
    const session = await sessionOf(lease, platform ?? browserPlatform, options.mixer ?? mixOnDemand, signal);
    return { session, missing: lease.capture.faults[0] ?? null };
  } catch (thrown) {
    throw thrown instanceof OnAirError ? thrown : fault('aborted', { device: 'device.any' }, { cause: thrown });
  }
}

/** Few pages mix, so few load what mixes. */
const mixOnDemand = async (tracks: readonly MediaStreamTrack[]): Promise<AudioMix> => {
  const { mixAudio } = await import('../audio/index.js');
  return mixAudio(tracks);
};

/**
 * A session of our own devices, on clones of the pool's tracks: pausing disables them, and others that capture the same
 * go on. Two sounds become one track.
 */
async function sessionOf(
  lease: StreamLease,
  platform: CapturePlatform,
  mixer: Mixer,
  signal: AbortSignal,
): Promise<Session> {
  signal.addEventListener('abort', () => lease.release(), { once: true });
  try {
    const { video, audio } = lease.capture;
    const own = lease.clone();
    const sounds = own.getAudioTracks();
    const mix = sounds.length > 1 ? await mixer(sounds) : null;
    return {
      stream: mix ? platform.createStream([...own.getVideoTracks(), mix.track]) : own,
      sources: [...(video ? [video] : []), ...audio],
      mix,
      given: false,
      onrevoke: (revoked) => (lease.onrevoke = revoked),
      hold: (held) => lease.hold(held),
      release() {
        mix?.close();
        lease.release();
      },
    };
  } catch (error) {
    lease.release();
    throw error;
  }
}
