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
   * @param copyFrom of it, when it is told that there will be a copy
   * @param share of it that is set aside, too
   */
  async function grow(copyFrom: number, share: number, { told = true } = {}): Promise<number> {
    usage = 0;
    const watch = (await QuotaWatch.open())!;
    answers = told;
    for (let size = 1; size <= 100; size++) {
      if (size > copyFrom) watch.copy();
      usage = size * (1 + share) * MB;
      if (watch.look(size * MB, size * share * MB, size)) return size;
      await new Promise(setImmediate);
    }
    return Infinity;
  }

  for (const told of [true, false]) {
    describe(told ? 'that is answered each second' : 'that is answered no more', () => {
      it('ends a take with a reserve', async () => {
        const size = await grow(Infinity, 0, { told });
        assert.ok(size >= 92 && size <= 95, `${size} MB`);
      });

      it('leaves room for a copy, and counts what is set aside for it once', async () => {
        const size = await grow(0, 1, { told });
        assert.ok(size >= 45 && size <= 47.5, `${size} MB`);
      });

      it('leaves room for a copy for which nothing is set aside', async () => {
        const size = await grow(0, 0, { told });
        assert.ok(size >= 45 && size <= 47.5, `${size} MB`);
      });
    });
  }

  it('counts once what is there already when it hears of a copy, and ends the take where that has no room', async () => {
    const size = await grow(30, 0);
    assert.ok(size >= 45 && size <= 47.5, `${size} MB`);
    await assert.rejects(grow(60, 0), { code: 'disk-full' });
  });

  it('lets no take begin where there is no room', async () => {
    usage = 96 * MB;
    await assert.rejects(QuotaWatch.open(), { code: 'disk-full' });
  });
});
