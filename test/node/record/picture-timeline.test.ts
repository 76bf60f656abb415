import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PictureTimeline } from '../../../src/core/record/picture-timeline.js';

const FRAME = 1 / 30;

/** A source that makes a frame each thirtieth of a second, and what becomes of their times. */
class Source {
  readonly timeline = new PictureTimeline(30, true);
  /** Seconds in the take; null for what came too late for its place. */
  readonly times: (number | null)[] = [];
  now = 0;

  /**
   * @param ahead seconds by which its clock is ahead of that of arrival
   * @param held until when nothing comes
   */
  deliver(until: number, ahead = 0, held = 0): void {
    for (; this.now < until - 1e-9; this.now += FRAME) this.at(this.now + ahead, Math.max(this.now, held) + 0.01);
  }

  at(made: number, arrival: number): void {
    const time = this.timeline.push(Math.round(made * 1e6), arrival);
    if (time !== null) this.timeline.set(time);
    this.times.push(time === null ? null : time / 1e6);
  }

  /** Expects the last frame at this time. */
  expectLast(seconds: number): void {
    const last = this.times.at(-1)!;
    assert.ok(last !== null && Math.abs(last - seconds) < 1e-3, `${last} s, not ${seconds}`);
  }
}

describe('the time line of pictures', () => {
  for (const [how, ahead] of [
    ['was set back', -500],
    ['was set forward', 500],
  ] as const) {
    it(`lays what comes by a clock that ${how} where it arrives, and keeps the sound where it was`, () => {
      const source = new Source();
      source.deliver(5);
      const zero = source.timeline.anchor()!;
      source.deliver(10, ahead);
      source.expectLast(10 - FRAME);
      assert.equal(source.times.includes(null), false);
      assert.ok(Math.abs(source.timeline.drift) < 1e-5, `${source.timeline.drift} s`);
      assert.ok(Math.abs(source.timeline.anchor()! - zero) < 1e-5);
    });
  }

  it('has the sound follow when the first frame of the new clock was late', () => {
    const source = new Source();
    source.deliver(5);
    source.timeline.anchor();
    source.deliver(10, -5, 5.3);
    source.expectLast(10.3 - FRAME);
    assert.ok(Math.abs(source.timeline.drift + 0.3) < 1e-3, `${source.timeline.drift} s`);
  });

  it('does not take frames that come late, and then in time, for another clock', () => {
    const source = new Source();
    source.deliver(5);
    source.timeline.anchor();
    source.deliver(10, 0, 8);
    source.expectLast(10 - FRAME);
    // It stood still for longer than its lag is remembered.
    source.now = 20;
    source.deliver(20 + FRAME, 0, 22);
    source.now = 22;
    source.deliver(25);
    source.expectLast(25 - FRAME);
    assert.ok(Math.abs(source.timeline.drift) < 1e-5, `${source.timeline.drift} s`);
  });

  it('lays a frame whose time tells nothing where it arrives', () => {
    const source = new Source();
    source.deliver(5, 1000);
    source.at(1004.9, source.now + 0.01);
    source.expectLast(5);
    source.at(-9.2e12, source.now + FRAME + 0.01);
    source.expectLast(5 + FRAME);
    assert.equal(source.timeline.waited, null);
    source.now += 2 * FRAME;
    source.deliver(7, 1000);
    source.expectLast(7 - FRAME);
    assert.equal(source.times.includes(null), false);
  });
});
