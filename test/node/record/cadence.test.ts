import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cadence } from '../../../src/core/record/cadence.js';

const STEP = 33_333;

/** A source of 30 frames a second whose frames can be kept from the recorder. */
class Source {
  missing = 0;
  #frame = 0;
  #jitter = 1;
  #cadence: Cadence;

  constructor(camera: boolean) {
    this.#cadence = new Cadence(camera);
  }

  /** @param each delivers every nth frame only */
  deliver(frames: number, { late = false, each = 1 } = {}): this {
    for (let count = 0; count < frames; count++) {
      this.#frame += each;
      // A camera's clock is not exact to the millisecond.
      this.#jitter = (this.#jitter * 16807) % 2147483647;
      const made = this.#frame * STEP + (this.#jitter % 4000) - 2000;
      this.missing += this.#cadence.add(made, late && count < 3);
    }
    return this;
  }

  lose(frames: number): this {
    this.#frame += frames;
    return this;
  }

  interrupt(): this {
    this.#cadence.interrupt();
    return this;
  }
}

describe('the cadence of a source', () => {
  it('tells what a camera lost, however long the gap is', () => {
    assert.equal(new Source(true).deliver(60).missing, 0);
    assert.equal(new Source(true).deliver(60).lose(1).deliver(5).missing, 1);
    assert.equal(new Source(true).deliver(60).lose(40).deliver(5).missing, 40);
    assert.equal(new Source(true).deliver(60).lose(2).deliver(1).lose(3).deliver(5).missing, 5);
  });

  it('tells of losses that come again and again', () => {
    const source = new Source(true).deliver(60);
    for (let count = 0; count < 50; count++) source.lose(1).deliver(2);
    assert.equal(source.missing, 50);
  });

  it('does not take a camera that becomes slower in the dark, or faster in the light, for one that loses', () => {
    const source = new Source(true).deliver(60).deliver(100, { each: 2 }).deliver(100);
    assert.equal(source.missing, 0);
    assert.equal(source.deliver(60, { each: 2 }).lose(2).deliver(5, { each: 2 }).missing, 1);
  });

  it('does not take frames that were stamped late for losses', () => {
    // Milliseconds, as seen of a camera of 20 frames a second on a busy machine; its reader was held up for a second.
    const steps = [
      50, 50, 53, 56, 46, 45, 52, 50, 50, 50, 50, 50, 51, 49, 53, 49, 53, 48, 800, 58, 112, 47, 51, 70, 31, 48, 50, 49,
      50, 58, 44, 48, 54, 50, 47, 50, 49, 51, 49, 49, 86, 14, 49, 50, 62, 41, 48, 48, 74, 27, 50, 50, 49, 50, 51, 51,
      48, 51, 50, 51, 54, 46, 88, 13, 73, 30, 46, 222, 101, 48, 60, 168, 0.5, 104, 1, 53, 53, 46, 165, 51, 52, 48, 52,
      47, 51, 89, 12, 49, 51, 51, 49, 126, 1, 84, 18, 90, 8, 150, 200, 57, 44, 52, 48,
    ];
    const cadence = new Cadence(true);
    let made = 0;
    for (let count = 0; count < 40; count++) cadence.add((made += 50_000), false);
    const missing = steps.reduce((sum, step) => sum + cadence.add((made += step * 1000), false), 0);
    const due = Math.round(steps.reduce((sum, step) => sum + step, 0) / 50);
    assert.ok(Math.abs(missing - (due - steps.length)) <= 1, `${missing} for ${due - steps.length}`);
  });

  it('does not count pauses, nor a machine that slept', () => {
    assert.equal(new Source(true).deliver(60).interrupt().lose(90).deliver(30).missing, 0);
    assert.equal(new Source(true).deliver(60).lose(3000).deliver(30).missing, 0);
  });

  it('takes a canvas that stands still for what it is, and counts frames that were given up while others waited', () => {
    assert.equal(new Source(false).deliver(60).lose(40).deliver(30).missing, 0);
    assert.equal(new Source(false).deliver(60).lose(40).deliver(30, { late: true }).missing, 40);
  });

  it('counts nothing of a source without a rhythm', () => {
    const cadence = new Cadence(true);
    let missing = 0;
    let seed = 1;
    for (let made = 0, count = 0; count < 500; count++) {
      seed = (seed * 16807) % 2147483647;
      made += 10_000 + (seed % 400_000);
      missing += cadence.add(made, true);
    }
    assert.ok(missing < 25, `${missing} of 500`);
  });
});
