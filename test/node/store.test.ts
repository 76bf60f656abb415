import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Store } from '../../src/core/store.js';
import { uncaught } from '../support/uncaught.js';

interface Meter {
  level: number;
  name: string;
}

describe('Store', () => {
  const meter = (): Store<Meter> => new Store({ level: 0, name: 'left' });

  it('gives frozen snapshots that later changes leave alone', () => {
    const store = meter();
    const before = store.get();
    store.set({ level: 1 });
    assert.deepEqual(before, { level: 0, name: 'left' });
    assert.deepEqual(store.get(), { level: 1, name: 'left' });
    assert.ok(Object.isFrozen(before) && Object.isFrozen(store.get()));
  });

  it('does not hold on to the object it began with', () => {
    const initial = { level: 0, name: 'left' };
    const store = new Store(initial);
    initial.level = 9;
    assert.equal(store.get().level, 0);
  });

  it('tells listeners in the order they came, after the change can be read', () => {
    const store = meter();
    const told: unknown[] = [];
    store.subscribe((state, previous) => told.push(['first', state.level, previous.level, store.get().level]));
    store.subscribe(() => told.push('second'));
    store.set({ level: 2 });
    assert.deepEqual(told, [['first', 2, 0, 2], 'second']);
  });

  it('keeps quiet, and keeps its snapshot, when nothing changes', () => {
    const store = new Store({ level: NaN, name: 'left' });
    const before = store.get();
    store.subscribe(() => assert.fail('told without a change'));
    store.set({ level: NaN });
    store.set({ name: 'left' });
    store.set({});
    assert.equal(store.get(), before);
  });

  it('tells a selecting listener only of what it selects', () => {
    const store = meter();
    const told: [number, number][] = [];
    store.subscribe(
      ({ level }) => level,
      (level, previous) => told.push([level, previous]),
    );
    store.set({ name: 'right' });
    store.set({ level: 3 });
    store.set({ level: 4, name: 'both' });
    assert.deepEqual(told, [
      [3, 0],
      [4, 3],
    ]);
  });

  it('tells nothing to a listener that has left', () => {
    const store = meter();
    const leave = store.subscribe(() => assert.fail('told after leaving'));
    leave();
    leave();
    store.set({ level: 1 });
  });

  it('lets a listener leave while it is being told, without skipping the next one', () => {
    const store = meter();
    const told: string[] = [];
    const leave = store.subscribe(() => {
      told.push('once');
      leave();
    });
    store.subscribe(() => told.push('always'));
    store.set({ level: 1 });
    store.set({ level: 2 });
    assert.deepEqual(told, ['once', 'always', 'always']);
  });

  it('reports what a listener throws, and goes on: the others are told, and who has set the state', async (test) => {
    const reported = uncaught(test);
    const store = meter();
    const told: string[] = [];
    const fault = new Error('of a page');
    store.subscribe(() => {
      throw fault;
    });
    store.subscribe(() => told.push('second'));
    store.set({ level: 1 });
    assert.deepEqual(told, ['second']);
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(reported, [fault]);
  });

  it('lets a listener change the state', () => {
    const store = meter();
    store.subscribe(({ level }) => {
      if (level > 10) store.set({ level: 10 });
    });
    store.set({ level: 50 });
    assert.equal(store.get().level, 10);
  });
});
