import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  FRAME_PATH,
  FRAME_TIMERS,
  Histogram,
  type HistogramState,
  Metrics,
  POINTS,
  RELATIVE_ERROR,
  summarize,
  timed,
} from '../../src/core/metrics/index.js';

/** Numbers that look random and are the same in each run (mulberry32). */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function exact(values: number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1]!;
}

function near(actual: number, expected: number): void {
  const error = Math.abs(actual - expected) / expected;
  assert.ok(error <= RELATIVE_ERROR, `${actual} is ${(error * 100).toFixed(2)} % off ${expected}`);
}

describe('Histogram', () => {
  it('tells percentiles within the stated relative error, whatever the size of the values', () => {
    const next = random(1);
    for (const [low, high] of [
      [1e-6, 1e-3],
      [1e-3, 1],
      [1, 1e4],
      [1e3, 4e9],
    ] as const) {
      const values = Array.from({ length: 5000 }, () => low * (high / low) ** next());
      const histogram = new Histogram();
      values.forEach((value) => histogram.record(value));
      const summary = summarize(histogram.state());
      near(summary.p50, exact(values, 0.5));
      near(summary.p95, exact(values, 0.95));
      near(summary.p99, exact(values, 0.99));
      assert.equal(summary.max, Math.max(...values));
      assert.equal(summary.count, 5000);
      near(summary.mean, values.reduce((a, b) => a + b) / 5000);
    }
  });

  it('keeps the error at every edge of a bucket', () => {
    for (let exponent = -20; exponent < 32; exponent++) {
      for (let part = 0; part < 32; part++) {
        for (const nudge of [0, 1e-12, -1e-12]) {
          const value = 2 ** exponent * (1 + part / 32 + nudge);
          if (value < 2 ** -20) continue;
          const histogram = new Histogram();
          histogram.record(value);
          histogram.record(value * 2);
          near(summarize(histogram.state()).p50, value);
        }
      }
    }
  });

  it('is all zeros when empty and exact when all values are zero', () => {
    const histogram = new Histogram();
    const nothing = { count: 0, mean: 0, min: 0, p50: 0, p95: 0, p99: 0, max: 0 };
    assert.deepEqual(summarize(histogram.state()), nothing);
    histogram.record(0);
    histogram.record(-1);
    assert.deepEqual(summarize(histogram.state()), { ...nothing, count: 2 });
  });

  it('passes over what is not a finite number', () => {
    const histogram = new Histogram();
    for (const value of [NaN, Infinity, -Infinity]) histogram.record(value);
    assert.equal(histogram.state().count, 0);
  });

  it('counts values beyond its range in the outermost buckets', () => {
    const histogram = new Histogram();
    histogram.record(1e-9);
    histogram.record(1e15);
    const summary = summarize(histogram.state());
    assert.ok(summary.p50 < 2 ** -20);
    assert.equal(summary.max, 1e15);
    assert.equal(summary.count, 2);
  });

  it('tells the smallest within the same error', () => {
    const histogram = new Histogram();
    for (const value of [5, 0.37, 90]) histogram.record(value);
    near(summarize(histogram.state()).min, 0.37);
    const before = histogram.state();
    histogram.record(70);
    near(summarize(histogram.state(before)).min, 70);
    histogram.record(0);
    assert.equal(summarize(histogram.state()).min, 0);
  });

  it('gives the figures of a window by subtraction', () => {
    const histogram = new Histogram();
    for (let i = 0; i < 100; i++) histogram.record(8);
    const before = histogram.state();
    for (let i = 0; i < 10; i++) histogram.record(0.02);
    const summary = summarize(histogram.state(before));
    assert.equal(summary.count, 10);
    near(summary.mean, 0.02);
    near(summary.p99, 0.02);
    near(summary.max, 0.02);
    assert.equal(summarize(histogram.state(histogram.state())).count, 0);
  });

  it('is the same merged from parts as recorded in one, also after a trip through JSON', () => {
    const next = random(2);
    const whole = new Histogram();
    const parts = [new Histogram(), new Histogram()];
    for (let i = 0; i < 1000; i++) {
      const value = next() ** 4 * 50;
      whole.record(value);
      parts[i % 2]!.record(value);
    }
    const merged = new Histogram();
    for (const part of parts) merged.merge(JSON.parse(JSON.stringify(part.state())) as HistogramState);
    const { sum, ...rest } = merged.state();
    const { sum: wholeSum, ...wholeRest } = whole.state();
    assert.deepEqual(rest, wholeRest);
    near(sum, wholeSum);
  });
});

describe('Metrics', () => {
  it('times overlapping stretches of one point in seconds', () => {
    let time = 0;
    const metrics = new Metrics({ now: () => time });
    const first = metrics.start('encode');
    time = 10;
    const second = metrics.start('encode');
    time = 30;
    metrics.end('encode', first);
    metrics.end('encode', second);
    const summary = metrics.snapshot().histograms.encode!;
    assert.equal(summary.count, 2);
    assert.equal(summary.max, 0.03);
    near(summary.p50, 0.02);
  });

  it('neither reads the clock nor records anything when off', () => {
    const metrics = new Metrics({ enabled: false, now: () => assert.fail('the clock was read') });
    metrics.end('disk:write', metrics.start('disk:write'));
    assert.deepEqual(metrics.state().histograms, {});
  });

  it('passes over a stretch that began while off', () => {
    const metrics = new Metrics({ enabled: false, now: () => 5 });
    const started = metrics.start('encode');
    metrics.enabled = true;
    metrics.end('encode', started);
    assert.deepEqual(metrics.state().histograms, {});
  });

  it('tells timed stretches to a trace', () => {
    let time = 100;
    const seen: unknown[] = [];
    const metrics = new Metrics({ now: () => time });
    metrics.trace = (...stretch) => seen.push(stretch);
    const started = metrics.start('render:frame');
    time = 116;
    metrics.end('render:frame', started);
    assert.deepEqual(seen, [['render:frame', 100, 116]]);
  });

  it('records what somebody has measured, and levels, and shows a stretch that ends now, or ended before', () => {
    const seen: unknown[] = [];
    const metrics = new Metrics({ now: () => 500 });
    metrics.record('frame:encode', 0.02);
    metrics.trace = (...stretch) => seen.push(stretch);
    metrics.record('frame:encode', 0.04);
    metrics.sample('headroom:encoder', 0.2);
    metrics.sample('headroom:encoder', 0.1);
    const { histograms } = metrics.snapshot();
    assert.equal(histograms['frame:encode']!.count, 2);
    near(histograms['headroom:encoder']!.min, 0.1);
    metrics.record('pipeline:queue', 0.1, 0.04);
    assert.deepEqual(seen, [
      ['frame:encode', 460, 500],
      ['pipeline:queue', 360, 460],
    ]);
  });

  it('tells counts without making anything of histograms', () => {
    const metrics = new Metrics();
    metrics.counter('frames').add(3);
    metrics.histogram('bytes').record(1);
    assert.deepEqual(metrics.counts(), { frames: 3 });
  });

  it('answers the same counter and histogram for the same name', () => {
    const metrics = new Metrics();
    assert.equal(metrics.counter('frames'), metrics.counter('frames'));
    assert.equal(metrics.histogram('bytes'), metrics.histogram('bytes'));
  });

  it('gives frozen snapshots that later values do not change', () => {
    const metrics = new Metrics();
    metrics.counter('frames').add(3);
    metrics.histogram('bytes').record(1000);
    const snapshot = metrics.snapshot();
    metrics.counter('frames').add();
    metrics.histogram('bytes').record(1);
    assert.equal(snapshot.counters.frames, 3);
    assert.equal(snapshot.histograms.bytes!.count, 1);
    for (const part of [snapshot, snapshot.counters, snapshot.histograms, snapshot.histograms.bytes]) {
      assert.ok(Object.isFrozen(part));
    }
  });

  it('counts from a reset on, without a step back for anyone else', () => {
    const metrics = new Metrics();
    metrics.counter('frames').add(5);
    metrics.histogram('bytes').record(9);
    metrics.reset();
    metrics.counter('frames').add(2);
    assert.equal(metrics.snapshot().counters.frames, 2);
    assert.equal(metrics.snapshot().histograms.bytes!.count, 0);
    assert.equal(metrics.counter('frames').value, 7);
    assert.equal(metrics.state().histograms.bytes!.count, 1);
  });

  it('gives each reader a window of its own', () => {
    const metrics = new Metrics();
    const slow = metrics.state();
    metrics.counter('frames').add(10);
    const fast = metrics.state();
    metrics.counter('frames').add(1);
    assert.equal(metrics.snapshot(fast).counters.frames, 1);
    assert.equal(metrics.snapshot(slow).counters.frames, 11);
  });

  it('compares with a mark as with a state, and changes neither later', () => {
    const next = random(3);
    const metrics = new Metrics();
    const fill = () => {
      for (let i = 0; i < 200; i++) metrics.histogram('encode').record(0.001 + next());
      metrics.counter('frames').add(200);
    };
    fill();
    const state = metrics.state();
    const mark = metrics.mark();
    // Wider on both sides than what was there.
    for (const value of [1e-5, 50]) metrics.histogram('encode').record(value);
    fill();
    assert.deepEqual(metrics.snapshot(mark), metrics.snapshot(state));
    assert.deepEqual(metrics.state(mark), metrics.state(state));
    assert.equal(metrics.snapshot(mark).histograms.encode!.count, 202);
    assert.deepEqual(metrics.snapshot(mark).counters, { frames: 200 });
    near(metrics.snapshot(mark).histograms.encode!.min, 1e-5);
    assert.equal(metrics.snapshot(mark).histograms.encode!.max, 50);
  });

  it('answers the same mark of a histogram until there is more in it', () => {
    const histogram = new Histogram();
    assert.equal(histogram.mark().count, 0);
    histogram.record(0.01);
    const mark = histogram.mark();
    assert.equal(histogram.mark(), mark);
    histogram.record(0);
    assert.notEqual(histogram.mark(), mark);
    assert.deepEqual([mark.count, histogram.mark().count], [1, 2]);
    histogram.merge(histogram.state());
    assert.equal(histogram.mark().count, 4);
  });

  it('never counts backwards', () => {
    const counter = new Metrics().counter('drops');
    counter.add(2);
    counter.add(-5);
    counter.add(NaN);
    assert.equal(counter.value, 2);
  });

  it('carries values from workers to the page, each once, and a worker that restarts takes nothing away', () => {
    const page = new Metrics();
    for (const frames of [[3, 4], [5]]) {
      const worker = new Metrics();
      for (const count of frames) {
        worker.counter('frames').add(count);
        for (let i = 0; i < count; i++) worker.histogram('encode').record(0.01);
        page.merge(structuredClone(worker.drain()));
      }
      page.merge(worker.drain());
    }
    assert.equal(page.counter('frames').value, 12);
    assert.equal(page.snapshot().histograms.encode!.count, 12);
    near(page.snapshot().histograms.encode!.p95, 0.01);
  });

  it('names each stage of the way of a frame by something that is timed', () => {
    for (const name of Object.values(FRAME_PATH)) assert.ok(name in POINTS || name in FRAME_TIMERS, name);
    assert.deepEqual(Object.keys(FRAME_PATH), [
      'capture',
      'queue',
      'process',
      'encode',
      'mux',
      'write',
      'send',
      'total',
    ]);
  });

  it('has all of its points stamped by some stage, but for what comes with scenes', () => {
    const folder = new URL('../../src/', import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const code = files.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n');
    const stamps = new Set(
      [...code.matchAll(/\b(?:start|record|timed)\((?:[\w.]+, )?'([\w:]+)'/g)].map(([, name]) => name),
    );
    const missing = (table: object) => Object.keys(table).filter((name) => !stamps.has(name));
    assert.deepEqual(missing(POINTS), ['layout:update']);
    assert.deepEqual(missing(FRAME_TIMERS), []);
  });

  it('times what is waited for up to its end, and not what fails', async () => {
    let time = 100;
    const metrics = new Metrics({ now: () => time });
    const loading = timed(metrics, 'asset:load', new Promise((resolve) => setImmediate(() => resolve('part'))));
    time = 350;
    assert.equal(await loading, 'part');
    await assert.rejects(timed(metrics, 'asset:load', Promise.reject(new Error('gone'))), /gone/);
    assert.equal(await timed(null, 'asset:load', Promise.resolve(1)), 1);
    const { count, max } = metrics.snapshot().histograms['asset:load']!;
    assert.deepEqual([count, max], [1, 0.25]);
  });

  it('names its monitoring points in one table', () => {
    assert.deepEqual(Object.keys(POINTS).sort(), [
      'asset:load',
      'disk:write',
      'encode',
      'encode:sound',
      'layout:update',
      'network:send',
      'pipeline:process',
      'pipeline:queue',
      'render:frame',
      'render:setup',
    ]);
  });
});
