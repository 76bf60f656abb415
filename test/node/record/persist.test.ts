import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { askToPersist } from '../../../src/core/record/storage-state.js';

/** Questions that were put to the person. */
let asked: ((granted: boolean) => void)[];

function setNavigator(value: object | undefined): void {
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value });
}

const real = Object.getOwnPropertyDescriptor(globalThis, 'navigator');

beforeEach(() => {
  asked = [];
  const persist = () => new Promise<boolean>((resolve) => asked.push(resolve));
  setNavigator({ storage: { persist } });
});
afterEach(() => {
  if (real) Object.defineProperty(globalThis, 'navigator', real);
  else delete (globalThis as { navigator?: object }).navigator;
});

describe('asking to keep recordings', () => {
  it('puts one question for all takes that wait, and gives all the answer', async () => {
    const { signal } = new AbortController();
    const answers = [askToPersist(signal), askToPersist(signal)];
    assert.equal(asked.length, 1);
    asked[0]!(true);
    assert.deepEqual(await Promise.all(answers), [true, true]);
    const again = askToPersist(signal);
    assert.equal(asked.length, 2, 'the next take asks anew');
    asked[1]!(false);
    assert.equal(await again, false);
  });

  it('lets go of a take that is over, although nobody has answered', async () => {
    const take = new AbortController();
    const other = new AbortController();
    const [given, kept] = [askToPersist(take.signal), askToPersist(other.signal)];
    take.abort();
    assert.equal(await given, false);
    other.abort();
    assert.equal(await kept, false);
    const next = askToPersist(new AbortController().signal);
    assert.equal(asked.length, 1, 'there is a question on the screen already');
    asked[0]!(true);
    assert.equal(await next, true);
  });

  it('takes a refusal, and a browser without storage, for a no', async () => {
    const { signal } = new AbortController();
    setNavigator({ storage: { persist: () => Promise.reject(new TypeError('insecure')) } });
    assert.equal(await askToPersist(signal), false);
    setNavigator({});
    assert.equal(await askToPersist(signal), false);
  });
});
