import type { CaptureConfig } from './config.js';

/** What a browser tells of its machine; null for what it does not. */
export interface MachineSignals {
  /** Gigabytes, rounded down to a power of two and at most 8 (or 32) by browsers. */
  readonly memory: number | null;
  readonly cores: number | null;
  /** The platform's own judgement, where it has one (`navigator.cpuPerformance`, 1 low to 4 high). */
  readonly tier: number | null;
  readonly mobile: boolean | null;
  /** Whether a finger is the main pointer. */
  readonly touch: boolean;
}

/** What a machine can be expected to hold. Numbers of a page win over all of them. */
export interface DeviceProfile {
  readonly kind: 'high-end' | 'standard' | 'mobile';
  /** Pixels, and frames a second, to ask a camera for. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  /** Seconds of frames that may be lost in any two seconds before the quality goes down. */
  readonly dropThreshold: number;
}

const PROFILES: Readonly<Record<DeviceProfile['kind'], DeviceProfile>> = {
  'high-end': { kind: 'high-end', width: 1920, height: 1080, frameRate: 60, dropThreshold: 0.1 },
  standard: { kind: 'standard', width: 1280, height: 720, frameRate: 30, dropThreshold: 0.1 },
  // Phones get hot: what they bear for a minute they do not bear for ten.
  mobile: { kind: 'mobile', width: 960, height: 540, frameRate: 30, dropThreshold: 0.04 },
};

const HIGH_MEMORY = 8;
const HIGH_CORES = 8;
const HIGH_TIER = 4;

/** The profile of a machine. A signal that is missing never counts as high-end. */
export function deviceProfile({ memory, cores, tier, mobile, touch }: MachineSignals): DeviceProfile {
  // Tablets say that they are not mobile.
  if (mobile || touch) return PROFILES.mobile;
  const high = tier !== null ? tier >= HIGH_TIER : (memory ?? 0) >= HIGH_MEMORY && (cores ?? 0) >= HIGH_CORES;
  return PROFILES[high ? 'high-end' : 'standard'];
}

/** What this browser tells. */
export function machineSignals(): MachineSignals {
  const known = (value: unknown): number | null => (typeof value === 'number' && value > 0 ? value : null);
  const { deviceMemory, hardwareConcurrency, cpuPerformance, userAgentData } = navigator as Navigator & {
    deviceMemory?: number;
    cpuPerformance?: number;
    userAgentData?: { mobile?: boolean };
  };
  return {
    memory: known(deviceMemory),
    cores: known(hardwareConcurrency),
    tier: known(cpuPerformance),
    mobile: userAgentData?.mobile ?? null,
    touch: typeof matchMedia === 'function' && matchMedia('(pointer: coarse)').matches,
  };
}

/** Fills in what a page left open about its camera. One side given: the other follows the camera's own aspect. */
export function fitted(config: CaptureConfig, profile: DeviceProfile): CaptureConfig {
  if (config.video !== 'camera') return config;
  const sized = config.width !== undefined || config.height !== undefined;
  return {
    ...(sized ? {} : { width: profile.width, height: profile.height }),
    frameRate: profile.frameRate,
    ...config,
  };
}
