import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EncoderLoad } from '../../../src/core/encode/index.js';

const FRAME = 1 / 30;

/** Gives a picture each thirtieth of a second for a while; they come out `takes` seconds after `after` further ones. */
function run(
  load: EncoderLoad,
  { takes, after = 0, seconds = 2 }: { takes: number; after?: number; seconds?: number },
) {
  let free = 0;
  const outs: number[] = [];
  const frames = Math.round(seconds / FRAME);
  for (let frame = 0; frame < frames; frame++) {
    const begins = Math.max((frame + after) * FRAME, free);
    free = begins + takes;
    outs.push(free);
  }
  const events = [
    ...outs.map((at) => ({ at, give: false })),
    ...Array.from({ length: frames }, (_, frame) => ({ at: frame * FRAME, give: true })),
  ].sort((a, b) => a.at - b.at || Number(b.give) - Number(a.give));
  for (const { at, give } of events) {
    if (at > seconds) break;
    if (give) load.give(at, true);
    else load.out(at);
  }
  return load.look(seconds);
}

describe('the load of an encoder', () => {
  it('is the share of its time that it works', () => {
    for (const share of [0.1, 0.5, 0.9]) {
      const { busy, latency } = run(new EncoderLoad(), { takes: share * FRAME });
      assert.ok(Math.abs(busy / 2 - share) < 0.02, `${busy / 2} of ${share}`);
      assert.ok(Math.abs(latency - share * FRAME) < 0.001);
    }
  });

  it('does not count as work that an encoder gives a picture out only when it gets the next', () => {
    const { busy } = run(new EncoderLoad(), { takes: 0.2 * FRAME, after: 1 });
    assert.ok(Math.abs(busy / 2 - 0.2) < 0.03, `${busy / 2}`);
  });

  it('tells by its latency that an encoder is behind', () => {
    assert.ok(run(new EncoderLoad(), { takes: 1.3 * FRAME }).latency > 0.2);
  });

  it('owes nothing while a picture waits for the next one by design, and tells since when it does', () => {
    const load = new EncoderLoad();
    load.give(0, true);
    assert.equal(load.owing, null, 'whether it keeps one is not known yet');
    load.give(1, true);
    load.out(1.01);
    load.give(2, true);
    load.out(2.01);
    assert.equal(load.owing, null);
    load.give(3, true);
    assert.equal(load.owing, 3);
    assert.equal(load.look(3.5).latency, 1.5, 'the age of the oldest');
  });

  it('tells of each picture how long it was inside, how much of that was work, and where it is from', () => {
    const load = new EncoderLoad();
    load.give(10, true, 9.9);
    load.give(10.03, true, 9.95);
    load.give(10.06, false);
    const passages = [10.05, 10.1, 10.12].map((at) => load.out(at));
    const rounded = passages.map(({ latency, work, from }) => [latency.toFixed(3), work.toFixed(3), from]);
    assert.deepEqual(rounded, [
      ['0.050', '0.020', 9.9],
      // It keeps one, and so began with this when it got the next.
      ['0.070', '0.040', 9.95],
      ['0.060', '0.020', null],
    ]);
    assert.deepEqual(load.out(11), { latency: 0, work: 0, from: null });
  });

  it('tells how many pictures of the source were lost with an encoder', () => {
    const load = new EncoderLoad();
    load.give(0, true);
    load.give(1, false);
    load.give(2, true);
    assert.equal(load.lose(), 2);
    assert.equal(load.lose(), 0);
    assert.ok(load.empty);
  });
});
