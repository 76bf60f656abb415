import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { monitorPlatform, PageWatch } from '../../../src/core/monitor/index.js';
import { FakePage, settle } from './fake-page.js';

describe('what a page tells of itself', () => {
  it('is null before it is told', () => {
    const { cpu, ownCpu, battery, storage, vitals } = new PageWatch(new FakePage());
    assert.deepEqual([cpu, ownCpu, battery, storage, ...(Object.values(vitals) as unknown[])], Array(7).fill(null));
  });

  it('follows pressure, battery, storage and web vitals as they change', async () => {
    const page = new FakePage();
    const watch = new PageWatch(page);
    const close = watch.open(() => {});
    watch.look();
    await settle();
    assert.deepEqual(watch.battery, { level: 0.8, charging: true });
    assert.equal(watch.storage, 99e9);
    page.press('serious');
    page.battery.charging = false;
    page.battery.dispatchEvent(new Event('chargingchange'));
    page.webVitals.inp = 0.3;
    page.storage = { estimate: async () => ({ quota: 10e9, usage: 9e9 }) };
    page.pass(29);
    watch.look();
    await settle();
    assert.equal(watch.storage, 99e9, 'not so often');
    page.pass(2);
    watch.look();
    await settle();
    assert.deepEqual([watch.cpu, watch.ownCpu, watch.vitals.inp, watch.storage], ['serious', 'unsupported', 0.3, 1e9]);
    assert.deepEqual(watch.battery, { level: 0.8, charging: false });
    close();
    page.battery.charging = true;
    page.battery.dispatchEvent(new Event('chargingchange'));
    page.press('critical');
    assert.deepEqual([watch.cpu, watch.ownCpu, watch.battery], [null, null, null], 'nobody has it open');
    assert.equal(watch.observes, false);
  });

  it('tells nothing of what answers when nobody has it open any more', async () => {
    const page = new FakePage();
    const refusals: (() => void)[] = [];
    page.PressureObserver = class {
      observe = () => new Promise<void>((_, refuse) => refusals.push(() => refuse(new DOMException('', 'AbortError'))));
      disconnect() {}
    };
    const watch = new PageWatch(page);
    watch.open(() => {})();
    refusals.forEach((refuse) => refuse());
    await settle();
    assert.deepEqual([watch.cpu, watch.ownCpu, watch.battery], [null, null, null]);
  });

  it('asks again for web vitals that could not be loaded, and calls nothing unsupported for it', async () => {
    const page = new FakePage();
    const { vitals } = page;
    page.vitals = () => Promise.reject(new TypeError('Failed to fetch'));
    const watch = new PageWatch(page);
    const close = watch.open(() => {});
    await settle();
    assert.deepEqual(Object.values(watch.vitals), [null, null, null]);
    page.vitals = vitals;
    page.webVitals.inp = 0.2;
    close();
    watch.open(() => {});
    await settle();
    assert.deepEqual([watch.vitals.inp, page.subscriptions], [0.2, 1]);
  });

  it('says so where the platform refuses', async () => {
    const page = new FakePage();
    const refuse = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    page.getBattery = refuse;
    page.storage = { estimate: refuse };
    page.PressureObserver = class {
      observe = refuse;
      disconnect() {}
    };
    const watch = new PageWatch(page);
    watch.open(() => {});
    watch.look();
    await settle();
    assert.deepEqual([watch.cpu, watch.ownCpu, watch.battery, watch.storage], Array(4).fill('unsupported'));
  });

  it('says so where an older engine has a part of it', async () => {
    const page = new FakePage();
    page.storage = {};
    const watch = new PageWatch(page);
    watch.look();
    await settle();
    assert.equal(watch.storage, 'unsupported');
    // What Chromium says whatever there is.
    page.storage = { estimate: async () => ({ quota: 10 * 2 ** 30 + 5000, usage: 5000 }) };
    page.pass(31);
    watch.look();
    await settle();
    assert.equal(watch.storage, 'unsupported');
    page.storage = { estimate: async () => ({ quota: 5000, usage: 5000 }) };
    page.pass(31);
    watch.look();
    await settle();
    assert.equal(watch.storage, 0);
  });

  it('keeps of the long frames the worst of those that are asked for, and only so many', () => {
    const page = new FakePage();
    const watch = new PageWatch(page);
    watch.open(() => {});
    for (let frame = 0; frame < 1000; frame++) {
      page.pass(1);
      const scripts = [
        { duration: 5, sourceURL: 'https://page.example/other.js', sourceFunctionName: '', invoker: '' },
        { duration: 70, sourceURL: '', sourceFunctionName: '', invoker: 'BUTTON.onclick' },
      ];
      page.tell('long-animation-frame', { duration: 100, blockingDuration: frame === 990 ? 60 : 30, scripts });
    }
    assert.equal(watch.worst(0)!.blocked, 0.06);
    assert.equal(watch.worst(0)!.script, 'BUTTON.onclick');
    assert.equal(watch.worst(page.time / 1000 - 3)!.blocked, 0.03);
    assert.equal(watch.worst(page.time / 1000 + 1), null);
    assert.equal(watch.metrics.counter('page:frames').value, 1000);
    assert.ok(Math.abs(watch.metrics.counter('page:blocked').value - 30.03) < 1e-6);
  });
});

describe('how late a timer is', () => {
  it('tells how long a page was blocked, and nothing of the machine that slept', () => {
    const page = new FakePage();
    page.types = [];
    const watch = new PageWatch(page);
    const close = watch.open(() => {});
    /** Seconds that are counted of so many in which nothing runs. */
    const counted = (seconds: number) => {
      const { value } = watch.metrics.counter('page:blocked');
      page.block(seconds);
      return watch.metrics.counter('page:blocked').value - value;
    };
    assert.ok(Math.abs(counted(2) - 1.85) < 1e-6);
    assert.equal(counted(8 * 3600), 0);
    assert.ok(Math.abs(counted(2) - 1.85) < 1e-6, 'it goes on');
    close();
  });
});

describe('the platform', () => {
  it('is that of the engine, and lacks what it lacks', () => {
    const { document, heap, measureMemory, getBattery, PressureObserver } = monitorPlatform;
    assert.deepEqual([document, heap, measureMemory, getBattery, PressureObserver].filter(Boolean), []);
    assert.ok(monitorPlatform.now() > 0 && monitorPlatform.date() > 1.7e12);
    assert.ok(monitorPlatform.random() < 1);
  });
});
