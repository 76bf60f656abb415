import type { Timed } from './points.js';

/**
 * Shows a stretch that was timed (`metrics.trace = showStretch`) in the performance panel of the browser, in a track of its own (User Timing with `devtools` details, which
 * Chromium reads; others show a measure). The panel has it by then, and so it is cleared: measures are buffered for ever.
 *
 * @param start milliseconds of this thread's clock; `end` too
 */
export function showStretch(name: Timed, start: number, end: number): void {
  const label = `onair ${name}`;
  const devtools = { dataType: 'track-entry', track: name, trackGroup: 'onair-elements' };
  performance.measure(label, { start: Math.max(0, start), end, detail: { devtools } });
  performance.clearMeasures(label);
}
