import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bandwidthPressure, QualityController, type QualitySignal } from '../../../src/core/quality/index.js';

const MBIT = 1e6;

describe("a publisher's bandwidth as a signal of the quality", () => {
  it('presses where all of it is wanted, is at ease where a step more fits in, and tells nothing of what is not known', () => {
    assert.equal(bandwidthPressure({ wanted: 2 * MBIT, available: 2 * MBIT }), 1);
    assert.ok(bandwidthPressure({ wanted: 0.75 * MBIT, available: MBIT })! <= 0.6);
    assert.ok(bandwidthPressure({ wanted: 0.8 * MBIT, available: MBIT })! > 0.6);
    assert.equal(bandwidthPressure({ wanted: MBIT, available: 0 }), Infinity);
    assert.equal(bandwidthPressure({ wanted: MBIT, available: null }), null);
    assert.equal(bandwidthPressure({ wanted: NaN, available: MBIT }), null);
  });

  it('leads down to what the network takes, says so, and back when there is more of it', () => {
    const line = { available: null as number | null };
    const signal: QualitySignal = {
      name: 'network',
      pressure: () => {
        const { bitrate } = controller.store.get().quality;
        return bandwidthPressure({ wanted: 2.5 * MBIT * bitrate, available: line.available });
      },
    };
    const controller = new QualityController([signal]);
    let now = 0;
    const pass = (seconds: number) => {
      for (const end = now + seconds; now < end; now += 0.5) controller.look(now);
      return controller.store.get();
    };
    assert.equal(pass(30).step, 0);
    assert.equal(controller.store.get().pressures['network'], null);
    line.available = 1.2 * MBIT;
    const narrow = pass(10);
    assert.ok(narrow.step > 0 && signal.pressure()! < 1, `step ${narrow.step}`);
    assert.equal(narrow.cause, 'network');
    line.available = 10 * MBIT;
    assert.equal(pass(30).step, 0);
    assert.equal(controller.store.get().cause, 'ease');
  });
});
