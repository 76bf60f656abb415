import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { MediaProducer } from '../../../src/core/producer/index.js';
import { watchConditions } from '../../../src/core/record/conditions.js';

class Battery extends EventTarget {
  charging = true;
  level = 1;

  becomes(state: { charging?: boolean; level?: number }): void {
    Object.assign(this, state);
    this.dispatchEvent(new Event('level' in state ? 'levelchange' : 'chargingchange'));
  }
}

class FakePressure {
  static last: FakePressure | null = null;
  static refused = false;
  connected = false;

  constructor(readonly hear: (records: { state: string }[]) => void) {
    FakePressure.last = this;
  }

  observe(): Promise<void> {
    if (FakePressure.refused) return Promise.reject(new Error('a policy'));
    this.connected = true;
    return Promise.resolve();
  }

  disconnect(): void {
    this.connected = false;
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('what a page can tell of the machine', () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const set = (name: string, value: unknown) =>
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  let page: EventTarget & { hidden: boolean };
  let battery: Battery;
  let told: [string, number | null][];
  const tell = (...what: [string, number | null]) => void told.push(what);

  beforeEach(() => {
    page = Object.assign(new EventTarget(), { hidden: false });
    battery = new Battery();
    told = [];
    FakePressure.refused = false;
    set('document', page);
    set('navigator', { getBattery: () => Promise.resolve(battery) });
    set('PressureObserver', FakePressure);
  });
  afterEach(() => {
    for (const name of ['document', 'navigator', 'PressureObserver']) {
      delete (globalThis as Record<string, unknown>)[name];
    }
    if (before) Object.defineProperty(globalThis, 'navigator', before);
  });

  it('is told at once, and whenever it changes, until it is no longer asked', async () => {
    const end = watchConditions(tell);
    await settle();
    assert.deepEqual(told.splice(0), [
      ['hidden', 0],
      ['battery', 0],
    ]);
    FakePressure.last!.hear([{ state: 'nominal' }, { state: 'critical' }]);
    battery.becomes({ charging: false });
    battery.becomes({ level: 0.15 });
    page.hidden = true;
    page.dispatchEvent(new Event('visibilitychange'));
    assert.deepEqual(told.splice(0), [
      ['cpu', 0.6],
      ['battery', 0],
      ['battery', 1],
      ['hidden', 0.5],
    ]);
    end();
    assert.equal(FakePressure.last!.connected, false);
    FakePressure.last!.hear([{ state: 'nominal' }]);
    battery.becomes({ charging: true });
    page.dispatchEvent(new Event('visibilitychange'));
    assert.deepEqual(told, []);
  });

  it('is also what a publisher of the same producer says of the network', async () => {
    set('navigator', {});
    const { store } = new MediaProducer();
    store.set({ network: 0.8 });
    const end = watchConditions(tell, store);
    store.set({ network: 1.4 });
    store.set({ state: 'requesting' });
    store.set({ network: null });
    end();
    store.set({ network: 2 });
    assert.deepEqual(
      told.filter(([name]) => name === 'network'),
      [
        ['network', 0.8],
        ['network', 1.4],
        ['network', null],
      ],
    );
  });

  it('is less where a browser lacks it, or a policy forbids it', async () => {
    FakePressure.refused = true;
    set('navigator', { getBattery: () => Promise.reject(new Error('a policy')) });
    watchConditions(tell)();
    set('PressureObserver', undefined);
    set('navigator', {});
    watchConditions(tell)();
    await settle();
    assert.deepEqual(told, [
      ['hidden', 0],
      ['hidden', 0],
    ]);
  });

  it('is not told after its end, when the answer comes late', async () => {
    watchConditions(tell)();
    await settle();
    assert.deepEqual(told, [['hidden', 0]]);
  });
});
