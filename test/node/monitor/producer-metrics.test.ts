import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { COUNTERS, Metrics, type CounterName } from '../../../src/core/metrics/index.js';
import { performanceScore, ProducerMetrics } from '../../../src/core/monitor/index.js';

let seconds: number;
let metrics: Metrics;
let target: number | null;

const view = () => new ProducerMetrics(metrics, { now: () => seconds * 1000, targetFrameRate: () => target });
const count = (name: CounterName, amount: number) => metrics.counter(name).add(amount);

/** A camera of so many frames a second, of which some are lost. */
function film(duration: number, { rate = 30, late = 0 } = {}): void {
  seconds += duration;
  count('frames:captured', rate * duration);
  count('frames:taken', (rate - late) * duration);
  count('frames:dropped:late', late * duration);
}

function near(actual: number | null, expected: number): void {
  assert.ok(actual !== null && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

beforeEach(() => {
  seconds = 100;
  metrics = new Metrics();
  target = 30;
});

describe('the figures of a producer', () => {
  it('are frozen, and tell nothing before anything has happened', () => {
    const figures = view().snapshot();
    assert.deepEqual(figures, {
      frames: {
        captured: 0,
        taken: 0,
        dropped: { rate: 0, queue: 0, late: 0, disk: 0, encoder: 0, source: 0 },
        lossRate: null,
        seconds: 0,
      },
      frameRate: null,
      targetFrameRate: 30,
      processing: null,
      adaptations: { down: 0, up: 0 },
      pool: { created: 0, reused: 0, reuseRate: null },
      seconds: 0,
      bytes: 0,
      score: null,
    });
    for (const part of [figures, figures.frames, figures.frames.dropped, figures.adaptations, figures.pool])
      assert.ok(Object.isFrozen(part));
  });

  it('read every counter of the table', () => {
    const metricsView = view();
    for (const [index, name] of Object.keys(COUNTERS).entries()) count(name as CounterName, index + 1);
    const { frames, seconds, bytes, adaptations, pool } = metricsView.snapshot();
    assert.deepEqual(
      [
        frames.captured,
        frames.taken,
        frames.dropped.rate,
        frames.dropped.queue,
        frames.dropped.late,
        frames.dropped.disk,
        frames.dropped.encoder,
        frames.dropped.source,
        frames.seconds,
        seconds,
        bytes,
        adaptations.down,
        adaptations.up,
        pool.created,
        pool.reused,
      ],
      Object.keys(COUNTERS).map((_, index) => index + 1),
    );
  });

  it('tell the time of processing in seconds: mean, median and the slowest twentieth', () => {
    const metricsView = view();
    for (let i = 1; i <= 100; i++) metrics.histogram('encode').record(i / 1000);
    const { processing } = metricsView.snapshot();
    assert.equal(processing!.count, 100);
    near(processing!.mean, 0.0505);
    assert.ok(Math.abs(processing!.p50 - 0.05) < 0.001);
    assert.ok(Math.abs(processing!.p95 - 0.095) < 0.002);
  });

  it('count a frame that was left out for the rate as no loss, and one that never came as one', () => {
    const metricsView = view();
    count('frames:captured', 60);
    count('frames:taken', 28);
    count('frames:dropped:rate', 30);
    count('frames:dropped:queue', 1);
    count('frames:dropped:encoder', 1);
    count('frames:dropped:source', 10);
    // 30 of those that came were wanted, and 10 that did not come.
    near(metricsView.snapshot().frames.lossRate, 12 / 40);
  });

  it('begin at zero with the view, and with a reset, and leave registry and other views alone', () => {
    film(2);
    const first = view();
    assert.equal(first.snapshot().frames.captured, 0);
    film(1);
    const second = view();
    film(1);
    first.reset();
    film(1);
    assert.deepEqual(
      [
        first.snapshot().frames.captured,
        second.snapshot().frames.captured,
        metrics.state().counters['frames:captured'],
      ],
      [30, 60, 150],
    );
  });

  it('take what a worker has drained', () => {
    const worker = new Metrics();
    const metricsView = view();
    worker.counter('frames:captured').add(10);
    worker.histogram('encode').record(0.02);
    metrics.merge(worker.drain());
    metrics.merge(worker.drain());
    const { frames, processing } = metricsView.snapshot();
    assert.deepEqual([frames.captured, processing!.count], [10, 1]);
  });
});

describe('the frame rate of a producer', () => {
  it('is of the last seconds, not of its whole life', () => {
    const metricsView = view();
    const rates: (number | null)[] = [];
    for (let i = 0; i < 20; i++) {
      film(1, { rate: i < 10 ? 30 : 15 });
      rates.push(metricsView.snapshot().frameRate);
    }
    near(rates[9]!, 30);
    near(rates[19]!, 15);
  });

  it('counts what was taken, not what the camera made', () => {
    const metricsView = view();
    film(2, { rate: 30, late: 6 });
    near(metricsView.snapshot().frameRate, 24);
  });

  it('is not told while nothing is captured, nor from a moment too short', () => {
    const metricsView = view();
    film(0.2);
    assert.equal(metricsView.snapshot().frameRate, null);
    film(1);
    near(metricsView.snapshot().frameRate, 30);
    for (let i = 0; i < 7; i++) {
      seconds += 1;
      metricsView.snapshot();
    }
    assert.equal(metricsView.snapshot().frameRate, null);
  });

  it('is not lowered by the silence before a take, but by a gap within it', () => {
    const metricsView = view();
    for (let i = 0; i < 5; i++) {
      seconds += 1;
      metricsView.snapshot();
    }
    film(1);
    near(metricsView.snapshot().frameRate, 30);
    film(1);
    near(metricsView.snapshot().frameRate, 30);
    seconds += 1;
    near(metricsView.snapshot().frameRate, 20);
  });

  it('begins anew when nobody has read it for long', () => {
    const metricsView = view();
    seconds += 60;
    film(10);
    assert.equal(metricsView.snapshot().frameRate, null);
    film(2);
    near(metricsView.snapshot().frameRate, 30);
  });

  it('is the same however often it is read', () => {
    const metricsView = view();
    let rate: number | null = null;
    for (let i = 0; i < 1000; i++) {
      film(0.1);
      rate = metricsView.snapshot().frameRate;
    }
    assert.ok(Math.abs(rate! - 30) < 1e-6, String(rate));
  });
});

describe('the score', () => {
  it('is half frame rate, three tenths drops, two tenths reuse', () => {
    near(performanceScore({ frameRate: 1, kept: 1, reuse: 1 }), 100);
    near(performanceScore({ frameRate: 0, kept: 1, reuse: 1 }), 50);
    near(performanceScore({ frameRate: 1, kept: 0, reuse: 1 }), 70);
    near(performanceScore({ frameRate: 1, kept: 1, reuse: 0 }), 80);
    near(performanceScore({ frameRate: 0, kept: 0, reuse: 0 }), 0);
  });

  it('gives the weight of what could not be measured to the others, in proportion', () => {
    near(performanceScore({ frameRate: 0.5, kept: 1, reuse: null }), (100 * (0.5 * 0.5 + 0.3)) / 0.8);
    near(performanceScore({ frameRate: null, kept: 0.5, reuse: null }), 50);
    assert.equal(performanceScore({ frameRate: null, kept: null, reuse: null }), null);
  });

  it('gives nothing for more than was asked', () => {
    near(performanceScore({ frameRate: 2, kept: 1, reuse: 1 }), 100);
  });

  it('of a producer counts reuse from the second capture on: the first has nothing to reuse', () => {
    const metricsView = view();
    count('pool:created', 1);
    film(5, { late: 15 });
    near(metricsView.snapshot().score, (100 * (0.5 * 0.5 + 0.3 * 0.5)) / 0.8);
    count('pool:reused', 1);
    near(metricsView.snapshot().score, 100 * (0.5 * 0.5 + 0.3 * 0.5 + 0.2));
    count('pool:created', 2);
    near(metricsView.snapshot().score, 100 * (0.5 * 0.5 + 0.3 * 0.5 + 0.2 / 3));
  });

  it('does without a frame rate where nobody knows which one is wanted', () => {
    target = null;
    const metricsView = view();
    film(5, { late: 3 });
    const { score, targetFrameRate } = metricsView.snapshot();
    assert.equal(targetFrameRate, null);
    near(score, 90);
  });
});
