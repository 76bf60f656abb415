export { acquire, type AcquireOptions, type Capture } from './acquire.js';
export { DEFAULT_CONFIG, type AudioKind, type CaptureConfig, type FacingMode, type VideoKind } from './config.js';
export { browserPlatform, type CaptureFeature, type CapturePlatform } from './platform.js';
