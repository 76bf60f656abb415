export { acquire, type AcquireOptions, type Capture } from './acquire.js';
export {
  aloneConfig,
  type AudioKind,
  type CaptureConfig,
  type FacingMode,
  type LikedDevice,
  type VideoKind,
} from './config.js';
export { deviceProfile, fitted, machineSignals, type DeviceProfile, type MachineSignals } from './device-profile.js';
export {
  DeviceWatch,
  listDevices,
  NO_DEVICES,
  ofKind,
  remember,
  remembered,
  type DeviceKind,
  type DeviceList,
} from './devices.js';
export { insteadOf } from './instead.js';
export type { StreamLease } from './lease.js';
export { findDevice, nameOf, noSuchDevice, type DeviceName } from './named-devices.js';
export { PermissionWatch } from './permission-watch.js';
export { browserPlatform, type CaptureFeature, type CapturePlatform } from './platform.js';
export type { PooledStream, PoolStatus } from './pool-status.js';
export { configurePool, streamPool } from './shared-pool.js';
export {
  StreamPool,
  type AcquireLeaseOptions,
  type PoolClock,
  type PoolOptions,
  type PoolSettings,
} from './stream-pool.js';
