export { acquire, type AcquireOptions, type Capture } from './acquire.js';
export type { AudioKind, CaptureConfig, FacingMode, VideoKind } from './config.js';
export { deviceProfile, fitted, machineSignals, type DeviceProfile, type MachineSignals } from './device-profile.js';
export { browserPlatform, type CaptureFeature, type CapturePlatform } from './platform.js';
export { configurePool, streamPool } from './shared-pool.js';
export {
  StreamPool,
  type AcquireLeaseOptions,
  type PoolClock,
  type PooledStream,
  type PoolOptions,
  type PoolSettings,
  type PoolStatus,
  type StreamLease,
} from './stream-pool.js';
