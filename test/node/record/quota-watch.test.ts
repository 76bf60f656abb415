import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { QuotaWatch } from '../../../src/core/record/quota-watch.js';

const MB = 2 ** 20;
const QUOTA = 100 * MB;

describe('the watch of the quota', () => {
  const browser = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  let usage = 0;
  /** Whether it is ever answered. */
  let answers = true;

  beforeEach(() => {
    answers = true;
    const estimate = () => (answers ? Promise.resolve({ quota: QUOTA, usage }) : new Promise(() => {}));
    Object.defineProperty(globalThis, 'navigator', { value: { storage: { estimate } }, configurable: true });
  });
  afterEach(() => {
    if (browser) Object.defineProperty(globalThis, 'navigator', browser);
    else delete (globalThis as { navigator?: unknown }).navigator;
  });

  /**
   * Megabytes of a take when it is told to end; it grows by one each second.
   * @param share of it that is set aside, too
   * @param given `copyFrom`: megabytes from which on it is told that a copy is to be made
   */
  async function grow(
    copies: boolean,
    share: number,
    { from = 0, told = true, copyFrom = Infinity } = {},
  ): Promise<number> {
    usage = from * MB;
    const watch = (await QuotaWatch.open(from * MB))!;
    if (copies) watch.copy();
    answers = told;
    for (let size = from + 1; size <= 100; size++) {
      if (size > copyFrom) watch.copy();
      usage = size * (1 + share) * MB;
      watch.look(size * MB, size * share * MB, size);
      if (watch.reached) return size;
      await new Promise(setImmediate);
    }
    return Infinity;
  }

  for (const told of [true, false]) {
    describe(told ? 'that is answered each second' : 'that is answered no more', () => {
      it('ends a take with a reserve', async () => {
        const size = await grow(false, 0, { told });
        assert.ok(size >= 92 && size <= 95, `${size} MB`);
      });

      it('leaves room for a copy, and counts what is set aside for it once', async () => {
        const size = await grow(true, 1, { told });
        assert.ok(size >= 45 && size <= 47.5, `${size} MB`);
      });

      it('leaves room for a copy for which nothing is set aside', async () => {
        const size = await grow(true, 0, { told });
        assert.ok(size >= 45 && size <= 47.5, `${size} MB`);
      });
    });
  }

  it('leaves room for a copy from the moment on that one is to be made, and ends the take where there is none', async () => {
    for (const from of [0, 30]) {
      const size = await grow(false, 0, { copyFrom: from });
      assert.ok(size >= 45 && size <= 47.5, `${size} MB`);
    }
    await assert.rejects(grow(false, 0, { copyFrom: 60 }), { code: 'disk-full' });
  });

  it('counts once what is there already, when it begins to watch in the middle of a take', async () => {
    const size = await grow(true, 0, { from: 30 });
    assert.ok(size >= 45 && size <= 47.5, `${size} MB`);
    await assert.rejects(grow(true, 0, { from: 60 }), { code: 'disk-full' });
  });
});
