export { acquire, type AcquireOptions, type Capture } from './acquire.js';
export type { AudioKind, CaptureConfig, FacingMode, VideoKind } from './config.js';
export { browserPlatform, type CaptureFeature, type CapturePlatform } from './platform.js';
