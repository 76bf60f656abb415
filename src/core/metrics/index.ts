export { COUNTERS, type CounterName } from './counters.js';
export {
  countUpTo,
  Histogram,
  RELATIVE_ERROR,
  summarize,
  type HistogramMark,
  type HistogramState,
  type HistogramSummary,
} from './histogram.js';
export {
  countedBetween,
  Counter,
  figuresBetween,
  Metrics,
  NOTHING_COUNTED,
  type MetricsMark,
  type MetricsOptions,
  type MetricsSnapshot,
  type MetricsState,
} from './metrics.js';
export { countOutcome } from './outcome.js';
export {
  FRAME_PATH,
  FRAME_TIMERS,
  LEVELS,
  POINTS,
  type LevelName,
  type MonitoringPoint,
  type PathStage,
  type Timed,
} from './points.js';
export { runsOf, type Run } from './runs.js';
export { timed } from './timed.js';
export { showStretch } from './trace.js';
