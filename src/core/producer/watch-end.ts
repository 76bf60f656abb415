import {
  browserPlatform,
  DeviceWatch,
  insteadOf,
  listDevices,
  ofKind,
  PermissionWatch,
  type CaptureConfig,
  type CaptureFeature,
  type CapturePlatform,
  type DeviceKind,
  type DeviceList,
} from '../capture/index.js';
import { Cleanup } from '../cleanup.js';
import type { OnAirError } from '../errors.js';
import { fault } from '../faults.js';

export interface EndListener {
  /** What took the devices away has become known. */
  failed(error: OnAirError): void;
  /** What stood in the way is gone: it may be tried again. */
  again(): void;
  /** What can be had in place of what failed. */
  instead(config: CaptureConfig): void;
}

/** Cameras and microphones, for whoever asks before anything is captured. */
export const listed = (platform: CapturePlatform = browserPlatform): Promise<DeviceList> => listDevices(platform);

/**
 * After a capture that failed, or ended by itself: watches what a person does about it elsewhere, in the settings of the
 * browser or with a plug. Answers the function that ends it.
 */
export function watchEnd(
  config: CaptureConfig,
  error: OnAirError | null,
  tell: EndListener,
  platform: CapturePlatform = browserPlatform,
): () => void {
  const wanted = [
    ...(config.video === 'camera' ? (['video'] as const) : []),
    ...(config.audio.includes('microphone') ? (['audio'] as const) : []),
  ];
  const features = wanted.map((kind): CaptureFeature => (kind === 'video' ? 'camera' : 'microphone'));
  const cleanup = new Cleanup();
  const { signal } = cleanup;

  if (error) {
    void insteadOf(config, error, platform)
      .catch(() => null)
      .then((instead) => {
        if (instead && !signal.aborted) tell.instead(instead);
      });
  }
  if (error?.code === 'none') {
    const complete = (list: DeviceList) => wanted.every((kind: DeviceKind) => ofKind(list, kind).length > 0);
    // What is missing may be no device at all: the sound of a system.
    let incomplete = false;
    const again = (list: DeviceList) => {
      if (incomplete && complete(list)) tell.again();
    };
    const watch = new DeviceWatch(platform, again, signal);
    void watch.refresh().then(() => (incomplete = !complete(watch.list)));
  }
  if (!error || error.code === 'denied') {
    const changed = (feature: CaptureFeature, state: PermissionState) => {
      if (error && features.every((one) => watch.state(one) !== 'denied')) tell.again();
      // The track ends first, and why is told a moment later.
      if (!error && state === 'denied') tell.failed(fault('denied', { device: `device.${feature}` }));
    };
    const watch = new PermissionWatch(platform, features, changed, signal);
  }
  return () => cleanup.close();
}
