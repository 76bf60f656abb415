import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { holes } from '../../support/media.js';

const clock = (from: number, to: number): number[] =>
  Array.from({ length: Math.round((to - from) * 20) }, (_, frame) => from + frame / 20);

const near = (found: number, seconds: number) => assert.ok(Math.abs(found - seconds) < 1e-6, `${found} s`);

describe('what a file is found to lack in its middle', () => {
  it('is every stretch in which no frame was made, and not the interval of a frame', () => {
    near(holes(clock(0, 5)), 0);
    near(holes([...clock(0, 2), ...clock(4, 5)]), 2);
    near(holes([...clock(0, 1), ...clock(1.5, 2), ...clock(2.5, 3)]), 1);
  });

  it('is not that a busy page draws a frame late', () => {
    near(holes(clock(0, 5).map((time, frame) => time + (frame % 3) * 0.02)), 0);
  });
});
