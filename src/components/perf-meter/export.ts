/** What exports figures; loaded by who does. */
export { MetricsPusher, openMetrics } from '../../core/monitor/index.js';
