import type { OnAirError } from '../errors.js';
import { featuresOf } from './asked.js';
import { aloneConfig, type CaptureConfig } from './config.js';
import { listDevices, ofKind, type DeviceKind } from './devices.js';
import type { CapturePlatform } from './platform.js';

/**
 * What could be captured although all of it could not: the sound without the picture, or the picture without the sound.
 * Null where that is not known, so that nothing is offered that fails in the same way. Nothing is opened to find out.
 *
 * @param error why camera and microphone, asked for together, could not be had
 */
export async function insteadOf(
  config: CaptureConfig,
  error: OnAirError,
  platform: CapturePlatform,
): Promise<CaptureConfig | null> {
  if (config.video !== 'camera' || !config.audio.includes('microphone')) return null;
  const missing = await whichFailed(config, error, platform);
  if (!missing) return null;
  const left: DeviceKind = missing === 'video' ? 'audio' : 'video';
  return (await canBeHad(left, platform)) ? aloneConfig(config, left, named(config, left)) : null;
}

const named = (config: CaptureConfig, kind: DeviceKind) => (kind === 'video' ? config.videoDevice : config.audioDevice);

const FEATURE = { video: featuresOf.camera[0]!, audio: featuresOf.microphone[0]! } as const;

/** Surest first: what the page or the person forbids, what is not plugged in, what the engine says in words. */
async function whichFailed(
  config: CaptureConfig,
  error: OnAirError,
  platform: CapturePlatform,
): Promise<DeviceKind | null> {
  const only = (video: boolean, audio: boolean) => (video === audio ? null : video ? 'video' : 'audio');
  switch (error.code) {
    case 'policy':
      return only(!platform.allows(FEATURE.video), !platform.allows(FEATURE.audio));
    case 'denied': {
      const [video, audio] = await Promise.all([
        platform.permission(FEATURE.video),
        platform.permission(FEATURE.audio),
      ]);
      return only(video === 'denied', audio === 'denied');
    }
    case 'none': {
      const devices = await listDevices(platform);
      return only(ofKind(devices, 'video').length === 0, ofKind(devices, 'audio').length === 0);
    }
    case 'busy':
      // "Could not start video source", "Failed to allocate audiosource", "Starting videoinput failed".
      return only(/video/i.test(error.detail), /audio/i.test(error.detail));
    case 'overconstrained':
      return only(config.videoDevice !== undefined, config.audioDevice !== undefined);
    default:
      return null;
  }
}

async function canBeHad(kind: DeviceKind, platform: CapturePlatform): Promise<boolean> {
  const feature = FEATURE[kind];
  if (!platform.allows(feature) || (await platform.permission(feature)) === 'denied') return false;
  return ofKind(await listDevices(platform), kind).length > 0;
}
