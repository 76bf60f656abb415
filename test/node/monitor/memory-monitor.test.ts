import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { uncaught } from '../../support/uncaught.js';
import { MemoryMonitor } from '../../../src/core/monitor/index.js';
import { FakePage, settle } from './fake-page.js';

function watching(options: ConstructorParameters<typeof MemoryMonitor>[0] = {}) {
  const page = new FakePage();
  const memory = new MemoryMonitor({ platform: page, ...options });
  const use = (bytes: number) => (page.heap = { ...page.heap!, usedJSHeapSize: bytes });
  return { page, memory, use };
}

describe('the memory monitor', () => {
  it('tells what the browser tells and what we hold ourselves, and says what it cannot see', () => {
    const { memory, use, page } = watching();
    use(20e6);
    const end = memory.watch('ring', () => 5e6);
    memory.watch('queue', () => 1e6);
    const { heap, agent, own, limit, used, unseen } = memory.look();
    assert.deepEqual([heap, agent, own, limit, used], [20e6, 'unsupported', { ring: 5e6, queue: 1e6 }, 4e9, 0.005]);
    assert.deepEqual(unseen, ['workers', 'blobs', 'codecs', 'gpu']);
    end();
    assert.deepEqual(memory.look().own, { queue: 1e6 });
    page.heap = null;
    assert.deepEqual(memory.look().unseen, ['heap', 'workers', 'blobs', 'codecs', 'gpu']);
  });

  it('goes by what we hold where no heap is told, against the limit that is set', () => {
    const told = [{}, { limit: 100e6 }].map((options) => {
      const { page, memory } = watching(options);
      page.heap = null;
      memory.watch('ring', () => 50e6);
      const { heap, used, slope } = memory.look();
      return [heap, used, slope];
    });
    assert.deepEqual(told, [
      ['unsupported', 'unsupported', 'unsupported'],
      ['unsupported', 0.5, null],
    ]);
  });

  it('tells growth by hour, and is blind to the saw teeth of the collector', () => {
    const { page, memory, use } = watching();
    for (let second = 0; second < 1800; second++) {
      use(50e6 + second * 20e3 + (second % 8) * 4e6);
      page.pass(1);
      memory.look();
    }
    const { slope, grown } = memory.look();
    assert.ok(Math.abs((slope as number) / 72e6 - 1) < 0.05, String(slope));
    assert.ok(Math.abs((grown as number) / 36e6 - 1) < 0.05, String(grown));
    for (let second = 0; second < 3700; second++) {
      use(86e6 + (second % 8) * 4e6);
      page.pass(1);
      memory.look();
    }
    assert.ok(Math.abs(memory.look().slope as number) < 1e6, 'what has stopped growing is told so within the hour');
  });

  it('asks to be relieved at its threshold, once in its cooldown, and one hook that fails keeps none from it', async (test) => {
    const { page, memory, use } = watching({ limit: 100e6, threshold: 0.8, cooldown: 60 });
    const relieved: number[] = [];
    const reported = uncaught(test);
    const fault = new Error('of a page');
    memory.relieve(() => {
      throw fault;
    });
    const end = memory.relieve(() => relieved.push(page.time / 1000));
    use(79e6);
    memory.look();
    await settle();
    assert.deepEqual(relieved, []);
    use(85e6);
    for (let second = 0; second < 150; second++) {
      page.pass(1);
      memory.look();
      await settle();
    }
    assert.deepEqual(relieved, [2, 62, 122]);
    assert.deepEqual(reported, [fault, fault, fault], 'and what it throws is not kept from the page');
    assert.equal(memory.look().reliefs, 3);
    end();
    page.pass(100);
    memory.look();
    await settle();
    assert.equal(relieved.length, 3);
  });

  it('measures all of an isolated page at random moments, and nobody waits for it', async () => {
    const { page, memory } = watching();
    const asked: number[] = [];
    const last = { answer: (_told: { bytes: number }) => {} };
    page.measureMemory = () => {
      asked.push(page.time / 1000);
      return new Promise((resolve) => (last.answer = resolve));
    };
    memory.start();
    memory.start();
    assert.equal(memory.look().agent, null);
    for (const chance of [0.1, 0.9, 0.5]) {
      page.chance = chance;
      page.pass(700);
    }
    assert.ok(asked.length >= 3 && asked.length <= 40, asked.join());
    const gaps = asked.slice(1).map((at, index) => at - asked[index]!);
    assert.ok(new Set(gaps.map(Math.round)).size > 1, gaps.join());
    assert.equal(memory.look().agent, null, 'still underway');
    last.answer({ bytes: 77e6 });
    await settle();
    const { agent, unseen } = memory.look();
    assert.equal((agent as { bytes: number }).bytes, 77e6);
    assert.deepEqual(unseen, ['blobs', 'codecs', 'gpu']);
    memory.stop();
    assert.equal(page.timers.length, 0);
  });

  it('says of an isolated page that may not be measured that it is not supported', async () => {
    const { page, memory } = watching();
    let allowed = false;
    page.measureMemory = async () => {
      if (!allowed) throw new DOMException('no', 'SecurityError');
      return { bytes: 77e6 };
    };
    const told = async () => {
      page.pass(700);
      await settle();
      return memory.look().agent;
    };
    memory.start();
    assert.equal(memory.look().agent, null);
    assert.deepEqual(memory.look().unseen, ['blobs', 'codecs', 'gpu']);
    assert.equal(await told(), 'unsupported');
    assert.deepEqual(memory.look().unseen, ['workers', 'blobs', 'codecs', 'gpu'], 'nothing shows them');
    allowed = true;
    const measured = await told();
    assert.equal((measured as { bytes: number }).bytes, 77e6);
    allowed = false;
    assert.equal(await told(), measured, 'what was measured is still so');
    memory.stop();
  });

  it('has no timer where the page is not isolated', () => {
    const { page, memory } = watching();
    memory.start();
    assert.equal(page.timers.length, 0);
  });

  it('reads the heap of the browser once in five seconds, however many look', (test) => {
    test.after(() => void delete (performance as { memory?: unknown }).memory);
    let [now, read] = [1e6, 0];
    test.mock.method(performance, 'now', () => now);
    Object.defineProperty(performance, 'memory', {
      configurable: true,
      get: () => ({ usedJSHeapSize: ++read * 1e6, jsHeapSizeLimit: 4e9 }),
    });
    const [one, other] = [new MemoryMonitor(), new MemoryMonitor()];
    assert.deepEqual([one.look().heap, other.look().heap], [1e6, 1e6]);
    now += 4999;
    assert.equal(one.look().heap, 1e6);
    now += 1;
    assert.deepEqual([one.look().heap, other.look().heap], [2e6, 2e6]);
  });
});
