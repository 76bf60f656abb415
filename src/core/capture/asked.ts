import type { FaultKey } from '../faults.js';
import type { CaptureFeature } from './platform.js';

/** What was asked for in one call of the platform. */
export type Asked = 'camera' | 'microphone' | 'both' | 'screen';

export const featuresOf: Readonly<Record<Asked, readonly CaptureFeature[]>> = {
  camera: ['camera'],
  microphone: ['microphone'],
  both: ['camera', 'microphone'],
  screen: ['display-capture'],
};

export const deviceKey = (asked: Asked): FaultKey => `device.${asked}`;
