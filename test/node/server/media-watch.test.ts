import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { availability, MediaWatch } from '../../support/media-watch.js';

describe('How long there were media', () => {
  const whole = { from: 0, to: 10_000 };

  it('is all of the time where there is no gap', () => {
    assert.equal(availability(whole, [], []), 1);
  });

  it('is less by each gap, as far as it lies within', () => {
    const gaps = [
      { from: -1000, to: 1000 },
      { from: 4000, to: 5000 },
      { from: 9500, to: 12_000 },
    ];
    assert.equal(availability(whole, gaps, []), 0.75);
  });

  it('counts nothing of what is left out, neither time nor gap', () => {
    const gap = { from: 1000, to: 4000 };
    assert.equal(availability(whole, [gap], [{ from: 1000, to: 3000 }]), 1 - 1000 / 8000);
    assert.equal(availability(whole, [gap], [{ from: 0, to: 5000 }]), 1);
  });

  it('keeps a gap of more than half a second, and the one that nothing ends', () => {
    const watch = new MediaWatch();
    for (const moment of [0, 50, 550, 1051, 1100, 2000]) watch.look(moment);
    assert.deepEqual(watch.gaps, [
      { from: 550, to: 1051 },
      { from: 1100, to: 2000 },
    ]);
  });
});
