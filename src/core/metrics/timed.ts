import type { Metrics } from './metrics.js';
import type { MonitoringPoint } from './points.js';

/** Times work that somebody waits for, up to its end; what fails is not timed. */
export async function timed<T>(metrics: Metrics | null, point: MonitoringPoint, work: Promise<T>): Promise<T> {
  const started = metrics?.start(point) ?? NaN;
  const done = await work;
  metrics?.end(point, started);
  return done;
}
