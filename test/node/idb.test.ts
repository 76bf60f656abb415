import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OnAirError } from '../../src/core/errors.js';
import { diskError } from '../../src/core/record/disk-error.js';
import { BLOCK_BYTES, spansOf } from '../../src/core/record/idb-file.js';
import { allDisks, openDisk } from '../../src/core/record/open-disk.js';

describe('blocks of a file in the database', () => {
  it('cover a stretch without gap or overlap, whatever its borders', () => {
    for (const at of [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, 3 * BLOCK_BYTES + 7]) {
      for (const length of [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 5 * BLOCK_BYTES]) {
        let next = at;
        for (const { index, from, to, offset } of spansOf(at, length)) {
          assert.equal(index * BLOCK_BYTES + from, next);
          assert.equal(offset, next - at);
          assert.ok(from < to && to <= BLOCK_BYTES);
          next += to - from;
        }
        assert.equal(next, at + length);
      }
    }
  });

  it('are counted right past 4 GiB', () => {
    const at = 2 ** 33 + 5;
    assert.deepEqual(spansOf(at, 10), [{ index: 2 ** 15, from: 5, to: 15, offset: 0 }]);
  });
});

describe('faults of storage', () => {
  it('have a code by what the platform threw', () => {
    for (const [name, code] of [
      ['QuotaExceededError', 'disk-full'],
      ['NoModificationAllowedError', 'recording-live'],
      ['NotFoundError', 'recording-missing'],
      ['SecurityError', 'storage-unavailable'],
      ['InvalidStateError', 'disk-failed'],
    ] as const) {
      const thrown = new DOMException('said by the platform', name);
      const error = diskError(thrown);
      assert.equal(error.code, code);
      assert.equal(error.cause, thrown);
    }
    for (const thrown of [new TypeError('x'), null, undefined, 'text', 7])
      assert.equal(diskError(thrown).code, 'disk-failed');
  });

  it('pass through when they have a code already', () => {
    const error = new OnAirError('busy', 'x');
    assert.equal(diskError(error), error);
  });

  it('are told, not crashed on, where there is no storage at all', async () => {
    for (const open of [openDisk, allDisks, () => openDisk('opfs')]) {
      await assert.rejects(open(), (error) => error instanceof OnAirError && error.code === 'storage-unavailable');
    }
  });
});
