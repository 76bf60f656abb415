export { bandwidthPressure, type Bandwidth } from './bandwidth.js';
export { LADDER, type QualityLevel } from './ladder.js';
export {
  QUALITY_TIMING,
  QualityController,
  type QualitySignal,
  type QualityState,
  type QualityTiming,
} from './quality-controller.js';
