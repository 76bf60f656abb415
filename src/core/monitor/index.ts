export { type HistoryPoint, type Incident, type MonitorSnapshot } from './chronicle.js';
export {
  diagnose,
  THRESHOLDS,
  type Cause,
  type Diagnosis,
  type Finding,
  type Measure,
  type MonitorState,
  type Threshold,
  type Thresholds,
} from './diagnosis.js';
export { type BufferHealth, type MonitorFigures } from './figures.js';
export { makeGrowth, type Add } from './growth.js';
export { MemoryMonitor, type MemoryFigures, type MemoryMonitorOptions, type Unseen } from './memory-monitor.js';
export { MetricsPusher, MOST_PUSHED, type MetricsPusherOptions, type PusherState } from './metrics-pusher.js';
export { ConnectionProbe, type NetworkFigures, type NetworkProbe } from './network.js';
export { OPEN_METRICS_TYPE, openMetrics } from './open-metrics.js';
export { PageWatch, pageWatch, type LongFrame } from './page-watch.js';
export {
  PerformanceMonitor,
  type MonitorReport,
  type MonitorSources,
  type PerformanceMonitorOptions,
} from './performance-monitor.js';
export { monitorPlatform, type MonitorPlatform, type Vitals } from './platform.js';
export { type AudioFigures } from './probes.js';
export { ProducerMetrics, type ProducerMetricsOptions, type ProducerMetricsSnapshot } from './producer-metrics.js';
export { performanceScore, type ScoreParts } from './score.js';
export { type LoggedError, type SessionFigures, type SessionLog } from './session-log.js';
export { TakeSilence } from './take-silence.js';
export { type Told } from './told.js';
export { wayOf, type NetworkWay, type Stats } from './way.js';
