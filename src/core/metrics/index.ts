export { Histogram, RELATIVE_ERROR, summarize, type HistogramState, type HistogramSummary } from './histogram.js';
export { Counter, Metrics, type MetricsOptions, type MetricsSnapshot, type MetricsState } from './metrics.js';
export { POINTS, type MonitoringPoint } from './points.js';
