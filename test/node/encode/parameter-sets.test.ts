import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Described, parameterSets } from '../../../src/core/encode/parameter-sets.js';

const SPS = [0x67, 66, 192, 31];
const PPS = [0x68, 206, 1];
const avcC = (...pps: number[]) =>
  Uint8Array.of(1, 66, 192, 31, 255, 0xe1, 0, SPS.length, ...SPS, 1, 0, pps.length, ...pps);
const KEY = Uint8Array.of(0, 0, 0, 1, 0x65);

describe('the parameter sets of H.264', () => {
  it('are those of the record, each with its length before it', () => {
    assert.deepEqual([...parameterSets(avcC(...PPS))], [0, 0, 0, 4, ...SPS, 0, 0, 0, 3, ...PPS]);
  });

  it('stand before key frames only while they are others than the first', () => {
    const described = new Described();
    described.hear(avcC(...PPS));
    assert.equal(described.complete(KEY), KEY);
    described.hear(undefined);
    assert.equal(described.complete(KEY), KEY);
    described.hear(avcC(...PPS, 7));
    assert.deepEqual([...described.complete(KEY)], [0, 0, 0, 4, ...SPS, 0, 0, 0, 4, ...PPS, 7, ...KEY]);
    described.hear(avcC(...PPS).buffer);
    assert.equal(described.complete(KEY), KEY);
  });

  it('of a torn record are what can be read of it', () => {
    for (let length = 0; length < 18; length++) parameterSets(avcC(...PPS).subarray(0, length));
  });
});
