import type { Metrics } from './metrics.js';

/**
 * Counts that an operation was done, or why it was not, under the names that a `SessionLog` uses. What was given up is
 * neither.
 *
 * @param seconds how long it took, where it was done
 */
export function countOutcome(
  metrics: Metrics | null | undefined,
  operation: string,
  error: { readonly code: string } | null,
  seconds?: number,
): void {
  if (!metrics || error?.code === 'aborted') return;
  metrics.counter(`${error ? 'failed' : 'succeeded'}:${operation}`).add();
  if (error) metrics.counter(`error:${error.code}`).add();
  else if (seconds !== undefined) metrics.histogram(`latency:${operation}`).record(seconds);
}
