import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AudioTimeline } from '../../../src/core/record/audio-timeline.js';
import { Lag } from '../../../src/core/record/lag.js';

const RATE = 48_000;
const BLOCK = 480;

/** A microphone that counts its samples: the value of a sample is its index, so that what is emitted tells where it is from. */
class Microphone {
  made = 0;
  readonly out: number[] = [];
  readonly timeline = new AudioTimeline(RATE, 1, ([plane], start) => {
    assert.equal(start, this.out.length, 'blocks follow each other without a gap or an overlap');
    this.out.push(...plane!);
  });

  /** Delivers what was made up to `until` seconds of its own clock, each block `late` seconds after it was made. */
  deliver(until: number, late: (made: number) => number = () => 0.01, drift = 0): void {
    while ((this.made + BLOCK) / RATE <= until + 1e-9) {
      const samples = Float32Array.from({ length: BLOCK }, (_, index) => this.made + index + 1);
      this.made += BLOCK;
      const time = this.made / RATE;
      this.timeline.push([samples], time + late(time), drift);
    }
  }
}

describe('the time line of sound', () => {
  it('places the first sample where it lies beside the pictures, and trims what was before them', () => {
    const microphone = new Microphone();
    microphone.deliver(0.4);
    // Pictures began 0.2 s into the sound, with the same delay on their way.
    microphone.timeline.anchor(0.2 + 0.01);
    microphone.deliver(2);
    assert.equal(microphone.out.length, Math.round(1.8 * RATE));
    assert.equal(microphone.out[0], 0.2 * RATE + 1);
    assert.equal(microphone.timeline.silence, 0);
  });

  it('begins with silence when the pictures came first', () => {
    const microphone = new Microphone();
    microphone.timeline.anchor(0.01 - 0.3);
    microphone.deliver(2);
    assert.equal(microphone.timeline.silence, 0.3 * RATE);
    assert.equal(microphone.out[0.3 * RATE - 1], 0);
    assert.equal(microphone.out[0.3 * RATE], 1);
  });

  it('is not moved by blocks that are late in the first half second', () => {
    const microphone = new Microphone();
    microphone.timeline.anchor(0.01);
    microphone.deliver(2, (made) => (made < 0.4 ? 0.2 : 0.01));
    assert.equal(microphone.out[0], 1);
    assert.equal(microphone.timeline.silence, 0);
  });

  it('keeps every sample when delivery stalls and then catches up in a burst', () => {
    const microphone = new Microphone();
    microphone.timeline.anchor(0.01);
    // Nothing arrives between 3 and 5 s; then all of it at once.
    microphone.deliver(8, (made) => (made > 3 && made < 5 ? 5.01 - made : 0.01));
    assert.equal(microphone.timeline.silence, 0);
    assert.equal(microphone.out.length, 8 * RATE);
    assert.deepEqual(microphone.out.slice(4 * RATE, 4 * RATE + 2), [4 * RATE + 1, 4 * RATE + 2]);
  });

  it('puts silence where samples were lost for good', () => {
    const microphone = new Microphone();
    microphone.timeline.anchor(0.01);
    microphone.deliver(3);
    // From here on all samples come 0.5 s later by the count: half a second never came.
    microphone.deliver(9, () => 0.51);
    const silence = microphone.timeline.silence / RATE;
    assert.ok(Math.abs(silence - 0.5) < 0.02, `${silence} s of silence`);
  });

  it('does not take jitter for loss', () => {
    const microphone = new Microphone();
    microphone.timeline.anchor(0.01);
    let seed = 1;
    microphone.deliver(20, () => 0.01 + ((seed = (seed * 16807) % 2147483647) / 2147483647) * 0.15);
    assert.equal(microphone.timeline.silence, 0);
  });

  it('follows a clock that drifts by single samples, within 25 ms over ten minutes', () => {
    const microphone = new Microphone();
    microphone.timeline.anchor(0.01);
    // The device runs 200 ppm slow against the clock of arrival.
    microphone.deliver(600, (made) => 0.01 + made * 200e-6);
    const error = microphone.out.length / RATE - 600 * (1 + 200e-6);
    assert.ok(Math.abs(error) < 0.025, `${error} s`);
    assert.ok(!microphone.out.slice(RATE).includes(0), 'no zero was put in: single samples are repeated');
  });

  it('fills on request, drops what comes too late for its place, and learns its place anew', () => {
    const microphone = new Microphone();
    microphone.timeline.anchor(0.01);
    microphone.deliver(2);
    microphone.timeline.fillTo(4 * RATE);
    assert.equal(microphone.out.length, 4 * RATE);
    // The device was dead from 2 to 5 s: its count goes on where it stopped, three seconds late.
    microphone.deliver(4, () => 3.01);
    assert.equal(microphone.out.length, 7 * RATE);
    assert.equal(microphone.out[5 * RATE], 2 * RATE + 1);
  });

  it('leaves no gap over a pause', () => {
    const microphone = new Microphone();
    microphone.timeline.anchor(0.01);
    microphone.deliver(2);
    microphone.timeline.pause();
    microphone.deliver(5);
    microphone.timeline.resume();
    // The first picture after the pause was made at 5.1 s and follows the one at 2 s.
    microphone.timeline.anchor(0.01 + 5.1 - 2);
    microphone.deliver(7);
    assert.equal(microphone.timeline.silence, 0);
    assert.equal(microphone.out.length, Math.round(3.9 * RATE));
    assert.equal(microphone.out[2 * RATE], Math.round(5.1 * RATE) + 1);
  });

  it('is its own clock where there are no pictures, over a pause too', () => {
    const microphone = new Microphone();
    microphone.deliver(0.1);
    microphone.timeline.anchorHere();
    microphone.deliver(1);
    microphone.timeline.pause();
    microphone.deliver(2);
    microphone.timeline.resume();
    microphone.deliver(2.01);
    microphone.timeline.anchorHere();
    microphone.deliver(3);
    assert.equal(microphone.out.length, 2 * RATE);
    assert.equal(microphone.out[0], 1);
    assert.equal(microphone.out[RATE], 2 * RATE + 1);
  });

  it('holds no more than twelve seconds while it waits for the first picture', () => {
    const microphone = new Microphone();
    microphone.deliver(30);
    microphone.timeline.anchor(29.01);
    microphone.deliver(31);
    assert.equal(microphone.out.length, 2 * RATE);
  });
});

describe('Lag', () => {
  it('tells the least lag of its horizon and forgets older ones', () => {
    const lag = new Lag(1);
    lag.add(0, -0.01);
    assert.ok(Math.abs(lag.least - 0.01) < 1e-9);
    for (let time = 0.1; time < 3; time += 0.1) lag.add(time, time - 0.2);
    assert.ok(Math.abs(lag.least - 0.2) < 1e-9);
  });

  it('is infinite before anything arrived', () => {
    assert.equal(new Lag().least, Infinity);
  });
});
