import { CircularBuffer } from '/dist/core/buffer/index.js';
import { FrameProcessor } from '/dist/core/frames/index.js';
import { FRAME_PATH, Histogram, Metrics } from '/dist/core/metrics/index.js';
import { diagnose, openMetrics, PerformanceMonitor } from '/dist/core/monitor/index.js';

const off = new Metrics({ enabled: false });
const on = new Metrics();
const histogram = new Histogram();
const ring = new CircularBuffer(600);
const processor = new FrameProcessor({ frameRate: 30, maxQueue: 8, deadline: 1 });
// A registry as a take fills it: all of the stages, a thousand frames.
const stages = new Metrics();
const monitor = new PerformanceMonitor({ metrics: () => stages });
for (let frame = 0; frame < 1000; frame++) {
  for (const stage of ['capture', 'queue', 'process', 'encode', 'mux', 'total'])
    stages.record(FRAME_PATH[stage], 0.002 + (frame % 40) / 2000);
  stages.record('disk:write', 0.0002 + (frame % 7) / 20_000);
}
monitor.look();

/** What is done over and over, by name; each is told how often it was done. */
const works = {
  'a point that is switched off: start and end': () => off.end('encode', off.start('encode')),
  'a point: start and end': () => on.end('encode', on.start('encode')),
  'a value into a histogram': (n) => histogram.record((n % 1000) / 1000),
  'a value into a ring of 600': (n) => ring.push(n),
  'FrameProcessor: a frame': (n) => processor.decide((n + (n % 7) / 20) / 60, n % 3, 0.01),
  'the state of all stages of a take': () => stages.state(),
  'PerformanceMonitor: a look': () => monitor.look(),
  'diagnose()': () => diagnose(monitor.snapshot()),
  'openMetrics()': () => openMetrics(monitor),
};

/** @returns milliseconds that `times` of it took, by name */
globalThis.core = {
  names: Object.keys(works),
  work(name, times) {
    const each = works[name];
    const began = performance.now();
    for (let n = 0; n < times; n++) each(n);
    return performance.now() - began;
  },
  bytes: () => new TextEncoder().encode(openMetrics(monitor)).length,
};
