import { Cleanup } from '../cleanup.js';
import type { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import { ask } from './ask.js';
import { deviceKey, featuresOf, type Asked } from './asked.js';
import { displayRequest, isSound, type CaptureConfig } from './config.js';
import { browserPlatform, type CapturePlatform } from './platform.js';
import { openUserMedia } from './user-media.js';

/** What was opened. Whoever holds it releases it. */
export interface Capture {
  /** The picture, if one was asked for. */
  readonly video: MediaStreamTrack | null;
  /** Microphone first, then system sound. */
  readonly audio: readonly MediaStreamTrack[];
  /** What could not be had although the rest could; none is fatal. */
  readonly faults: readonly OnAirError[];
  /** Stops all of its tracks, the last first. */
  release(): void;
}

export interface AcquireOptions {
  platform?: CapturePlatform;
  /** Gives the request up; devices that are granted later are released at once. */
  signal?: AbortSignal | undefined;
}

/**
 * Opens all that `config` asks for, or nothing: what was granted is released when the rest fails.
 *
 * The screen is asked for first and before anything is awaited, because it needs the gesture of this very task.
 *
 * @throws OnAirError `denied`, `dismissed`, `policy`, `insecure`, `none`, `busy`, `overconstrained`, `system`,
 *   `aborted`, `unsupported`; `invalid-value` for a number that cannot be, and when nothing is asked for; `invalid-state` for a screen without a gesture.
 */
export async function acquire(
  config: CaptureConfig,
  { platform = browserPlatform, signal }: AcquireOptions = {},
): Promise<Capture> {
  const camera = config.video === 'camera';
  const microphone = config.audio.includes('microphone');
  const screen = config.video === 'screen';
  const display = screen || config.audio.includes('system');
  const asked: Asked[] = [];
  if (display) asked.push('screen');
  if (camera) asked.push('camera');
  if (microphone) asked.push('microphone');

  if (!isSound(config)) throw fault('invalid-value');
  const devices = checked(asked, platform);
  const cleanup = new Cleanup();
  const take = (stream: MediaStream) => {
    for (const track of stream.getTracks()) cleanup.defer(() => track.stop());
    return stream;
  };
  const faults: OnAirError[] = [];
  const capture = { video: null as MediaStreamTrack | null, audio: [] as MediaStreamTrack[] };
  try {
    if (display) {
      const stream = take(
        await ask(() => devices.getDisplayMedia!(displayRequest(config)), 'screen', platform, signal),
      );
      if (screen) capture.video = stream.getVideoTracks()[0] ?? null;
      else stream.getVideoTracks().forEach((track) => track.stop()); // Only its sound was asked for.
      capture.audio.push(...stream.getAudioTracks());
      const silent = config.audio.includes('system') && capture.audio.length === 0;
      if (silent) {
        const alone = !screen && !camera && !microphone;
        const device = deviceKey('screen');
        const missing = fault('none', { device }, { key: 'none.system', fatal: alone });
        if (alone) throw missing;
        faults.push(missing);
      }
    }
    if (camera || microphone) {
      const stream = take(await openUserMedia(config, devices, platform, signal));
      if (camera) capture.video = stream.getVideoTracks()[0] ?? null;
      capture.audio.unshift(...stream.getAudioTracks());
    }
    return { ...capture, faults, release: () => cleanup.close() };
  } catch (error) {
    cleanup.close();
    throw error;
  }
}

/** Says what is known to fail before a person is asked. */
function checked(asked: readonly Asked[], platform: CapturePlatform): NonNullable<CapturePlatform['mediaDevices']> {
  const first = asked[0];
  if (!first) throw fault('invalid-value', {}, { key: 'invalid-value.nothing' });
  const { mediaDevices } = platform;
  if (!platform.secure) throw fault('insecure', { device: deviceKey(first) });
  if (!mediaDevices) throw fault('unsupported', { feature: deviceKey(first) });
  for (const kind of asked) {
    if (!featuresOf[kind].every((feature) => platform.allows(feature)))
      throw fault('policy', { device: deviceKey(kind) });
  }
  if (first === 'screen' && !mediaDevices.getDisplayMedia) throw fault('unsupported', { feature: deviceKey('screen') });
  return mediaDevices;
}
