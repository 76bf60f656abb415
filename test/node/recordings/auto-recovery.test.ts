import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { AutoRecovery } from '../../../src/components/recording-library/auto-recovery.js';
import { fault } from '../../../src/core/faults.js';
import type { RecordingStore } from '../../../src/core/record/index.js';

describe('a recovery by itself', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  /** A store that lists an interrupted recording, whose file a dead tab still holds so many times, and how each recovery ended. */
  function held(times: number): { recovery: AutoRecovery; ended: string[] } {
    const recording = { id: 'one', state: 'interrupted' };
    const recover = () => {
      if (times-- > 0) return Promise.reject(fault('recording-live'));
      recording.state = 'recovered';
      return Promise.resolve(recording);
    };
    const store = { store: { get: () => ({ recordings: [recording] }) }, recover };
    const ended: string[] = [];
    const recovery = new AutoRecovery(store as unknown as RecordingStore, ({ error }) =>
      ended.push(error?.code ?? 'recovered'),
    );
    recovery.look();
    return { recovery, ended };
  }

  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('is tried again until the file is let go of, of which nothing tells', async () => {
    const { recovery, ended } = held(2);
    await turn();
    assert.deepEqual(ended, ['recording-live']);
    assert.equal(recovery.isWaiting('one'), false);
    for (let second = 0; second < 5; second++) {
      mock.timers.tick(1000);
      await turn();
    }
    assert.deepEqual(ended, ['recording-live', 'recording-live', 'recovered']);
  });

  it('leaves those that wait for their turn when it is wanted no more, and takes them up when it is again', async () => {
    const recordings = ['one', 'two', 'three'].map((id) => ({ id, state: 'interrupted' }));
    const begun: string[] = [];
    let end = () => {};
    const recover = async (id: string) => {
      begun.push(id);
      await new Promise<void>((resolve) => (end = resolve));
      return Object.assign(
        recordings.find((one) => one.id === id)!,
        { state: 'recovered' },
      );
    };
    const store = { store: { get: () => ({ recordings }) }, recover } as unknown as RecordingStore;
    const recovery = new AutoRecovery(store, () => {});
    const waiting = () => recordings.map(({ id }) => id).filter((id) => recovery.isWaiting(id));
    recovery.look();
    assert.deepEqual([begun, waiting()], [['one'], ['one', 'two', 'three']]);
    recovery.stop();
    assert.deepEqual(waiting(), ['one']);
    end();
    await turn();
    assert.deepEqual([begun, waiting()], [['one'], []]);
    recovery.look();
    recovery.look();
    end();
    await turn();
    end();
    await turn();
    assert.deepEqual([begun, waiting()], [['one', 'two', 'three'], []]);
  });

  it('is stopped by who hears of the first of several', async () => {
    const recordings = ['one', 'two', 'three'].map((id) => ({ id, state: 'interrupted' }));
    const recover = (id: string) =>
      Promise.resolve(
        Object.assign(
          recordings.find((one) => one.id === id)!,
          { state: 'recovered' },
        ),
      );
    const store = { store: { get: () => ({ recordings }) }, recover } as unknown as RecordingStore;
    const recovery = new AutoRecovery(store, () => void Promise.resolve().then(() => recovery.stop()));
    recovery.look();
    await turn();
    assert.deepEqual(
      recordings.map(({ state }) => state),
      ['recovered', 'interrupted', 'interrupted'],
    );
  });

  it('is not, when the store is gone', async () => {
    const { recovery, ended } = held(2);
    await turn();
    recovery.stop();
    mock.timers.tick(5000);
    await turn();
    assert.deepEqual(ended, ['recording-live']);
  });
});
