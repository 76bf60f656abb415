/** The framework-free core: no Lit, no custom elements, and nothing happens on import. */
export {
  OnAirError,
  type LiveErrorCode,
  type MediaErrorCode,
  type OnAirErrorCode,
  type OnAirErrorOptions,
} from './errors.js';
export { Store } from './store.js';
export { configureMessages, explain, type MessageTable } from './messages.js';
export { configureWorkers } from './load-worker.js';
export { configureWorklets } from './load-worklet.js';
export {
  CHANNEL_LAYOUTS,
  CHANNEL_NAMES,
  LevelMeter,
  measureLoudness,
  type ChannelLayout,
  type ChannelLevels,
  type LevelMeterOptions,
  type LevelMeterPhase,
  type LevelMeterState,
  type Levels,
  type LevelSource,
  type LoudnessLevels,
  type Measurement,
  type MeasureOptions,
} from './audio/index.js';
export * from './buffer/index.js';
export * from './capture/index.js';
export * from './frames/index.js';
export * from './live/index.js';
export * from './metrics/index.js';
export * from './monitor/index.js';
export * from './producer/index.js';
export * from './quality/index.js';
export * from './record/index.js';
