import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameProcessor, type FrameProcessorOptions } from '../../../src/core/frames/index.js';
import { seeded } from '../../support/fixtures.js';

/** Seconds of frames at `rate`, each up to `jitter` of an interval early or late; answers how many a second were taken. */
function run(processor: FrameProcessor, rate: number, { seconds = 60, jitter = 0, from = 0, queued = 0 } = {}): number {
  const random = seeded(7);
  const before = processor.counts.taken;
  for (let frame = 0; frame < seconds * rate; frame++)
    processor.decide(from + (frame + jitter * (2 * random() - 1)) / rate, queued);
  return (processor.counts.taken - before) / seconds;
}

const make = (options: FrameProcessorOptions) => new FrameProcessor(options);

describe('a frame processor', () => {
  it('takes every frame of a camera that makes what is asked for, however it jitters', () => {
    for (const jitter of [0, 0.1, 0.2, 0.24]) assert.equal(run(make({ frameRate: 30 }), 30, { jitter }), 30);
  });

  it('takes every frame of a camera that makes a little more or less', () => {
    assert.ok(run(make({ frameRate: 30 }), 30.5, { jitter: 0.2 }) > 29.7);
    assert.equal(run(make({ frameRate: 30 }), 25, { jitter: 0.2 }), 25);
  });

  it('meets any lower rate in the mean', () => {
    for (const frameRate of [24, 20, 15, 12.3, 5, 1])
      for (const jitter of [0, 0.2]) {
        const taken = run(make({ frameRate }), 30, { jitter });
        assert.ok(Math.abs(taken / frameRate - 1) < 0.03, `${taken} of ${frameRate} a second, jitter ${jitter}`);
      }
  });

  it('leaves even distances: no two frames closer than the source has them, none further than two intervals', () => {
    const processor = make({ frameRate: 20 });
    const times: number[] = [];
    for (let frame = 0; frame < 600; frame++) if (processor.decide(frame / 30) === 'take') times.push(frame / 30);
    const steps = times.slice(1).map((time, index) => time - times[index]!);
    assert.ok(
      Math.max(...steps) < 0.1 && Math.min(...steps) > 0.033 - 1e-9,
      `${Math.min(...steps)} ${Math.max(...steps)}`,
    );
  });

  it('goes on at once after a pause, and when the clock is set back', () => {
    const processor = make({ frameRate: 10 });
    processor.decide(0);
    assert.equal(processor.decide(0.02), 'rate');
    assert.equal(processor.decide(100), 'take');
    assert.equal(processor.decide(5), 'take');
    assert.equal(processor.decide(5.02), 'rate');
  });

  it('drops whole frames when the queue is full or they are too old, and tells each cause', () => {
    const processor = make({ frameRate: 30, maxQueue: 2, deadline: 0.1 });
    assert.equal(processor.decide(0, 0), 'take');
    assert.equal(processor.decide(1 / 30, 2), 'queue');
    assert.equal(processor.decide(2 / 30, 0, 0.2), 'late');
    assert.equal(processor.decide(2.1 / 30, 0), 'rate');
    assert.deepEqual(processor.counts, { arrived: 4, taken: 1, rate: 1, queue: 1, late: 1 });
    assert.equal(processor.lossRate, 2 / 3);
    processor.reset();
    assert.equal(processor.lossRate, 0);
  });

  it('takes another rate from the next frame on', () => {
    const processor = make({ frameRate: 30 });
    run(processor, 30, { seconds: 2 });
    processor.frameRate = 15;
    assert.ok(Math.abs(run(processor, 30, { seconds: 10, from: 2 }) - 15) <= 0.1, 'the first is taken at once');
    processor.frameRate = 0;
    assert.equal(processor.frameRate, null, 'nothing to keep to');
  });
});
