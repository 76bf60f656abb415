/** The record worker, beside an observer that tells the page each measure, and how many are kept. */
import '../../../../dist/workers/record.worker.js';

const channel = new BroadcastChannel('measures');
new PerformanceObserver((list) => {
  for (const { name, detail, duration } of list.getEntries())
    channel.postMessage({ name, detail, duration, kept: performance.getEntriesByType('measure').length });
}).observe({ type: 'measure' });
