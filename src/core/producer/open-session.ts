import type { AudioMix } from '../audio/index.js';
import { acquire, browserPlatform, type Capture, type CaptureConfig, type CapturePlatform } from '../capture/index.js';
import { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import type { Session } from './session.js';

export type Mixer = (tracks: readonly MediaStreamTrack[]) => AudioMix | Promise<AudioMix>;

export interface OpenOptions {
  platform?: CapturePlatform | undefined;
  mixer?: Mixer | undefined;
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
export async function openSession(
  config: CaptureConfig,
  { platform = browserPlatform, mixer = mixOnDemand, signal }: OpenOptions,
): Promise<Opened> {
  try {
    const capture = await acquire(config, { platform, signal });
    const session = await sessionOf(capture, platform, mixer, signal);
    return { session, missing: capture.faults[0] ?? null };
  } catch (thrown) {
    throw thrown instanceof OnAirError ? thrown : fault('aborted', { device: 'device.any' }, { cause: thrown });
  }
}

/** Few pages mix, so few load what mixes. */
const mixOnDemand = async (tracks: readonly MediaStreamTrack[]): Promise<AudioMix> => {
  const { mixAudio } = await import('../audio/index.js');
  return mixAudio(tracks);
};

/** A session of our own devices. Two sounds become one track. */
async function sessionOf(
  { video, audio }: Capture,
  platform: CapturePlatform,
  mixer: Mixer,
  signal: AbortSignal,
): Promise<Session> {
  const sources = [...(video ? [video] : []), ...audio];
  const stopAll = () => sources.forEach((track) => track.stop());
  signal.addEventListener('abort', stopAll, { once: true });
  try {
    const mix = audio.length > 1 ? await mixer(audio) : null;
    const tracks = mix ? [...(video ? [video] : []), mix.track] : sources;
    return {
      stream: platform.createStream(tracks),
      sources,
      mix,
      given: false,
      release() {
        mix?.close();
        stopAll();
      },
    };
  } catch (error) {
    stopAll();
    throw error;
  }
}
