import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plausibleAvcC } from '../../../src/core/encode/trial.js';

/** Version, profile, compatibility, level, length size, one SPS of four bytes: its head and what it repeats. */
const RECORD = [1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, 0x1f, 1, 0, 2, 0x68, 0xee];

const changed = (at: number, value: number) => Uint8Array.from(RECORD.with(at, value));

describe('the description of an H.264 encoder', () => {
  it('is right, as an array and as a view of one', () => {
    const bytes = Uint8Array.from(RECORD);
    assert.equal(plausibleAvcC(bytes), true);
    assert.equal(plausibleAvcC(bytes.buffer), true);
    assert.equal(plausibleAvcC(Uint8Array.from([0, 0, ...RECORD]).subarray(2)), true);
  });

  it('is refused where it is missing, cut off, of another version, or does not begin with its own SPS', () => {
    assert.equal(plausibleAvcC(undefined), false);
    assert.equal(plausibleAvcC(Uint8Array.from(RECORD.slice(0, 10))), false);
    assert.equal(plausibleAvcC(changed(0, 0)), false);
    assert.equal(plausibleAvcC(changed(8, 0x68)), false, 'a PPS in its place');
    assert.equal(plausibleAvcC(changed(9, 0x42)), false, 'another profile');
  });
});
