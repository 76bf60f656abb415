import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MetricsPusher, openMetrics } from '../../../src/core/monitor/index.js';
import { Studio } from './studio.js';

const HOURS = 8;

/** Bytes of plain data. */
function sizeOf(root: object): number {
  return new TextEncoder().encode(JSON.stringify(root)).length;
}

describe('eight hours, in accelerated time', () => {
  it('leave nothing behind that grows', async () => {
    const studio = new Studio();
    const { monitor, page, metrics } = studio;
    let pushes = 0;
    const pusher = new MetricsPusher({
      url: 'https://figures.example/',
      body: () => openMetrics(monitor),
      platform: page,
      window: page.window,
      fetch: async () => {
        if (++pushes % 50 === 0) throw new TypeError('Failed to fetch');
        return { ok: true, status: 204 };
      },
    });
    monitor.start();
    pusher.start();
    const seen: { heap: number; text: number; snapshot: number; report: number; timers: number; names: number }[] = [];
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let second = 1; second <= HOURS * 3600; second++) {
      // An hour with a slow encoder, a blocked page, a hidden minute, errors, latencies and lost pushes now and then.
      const bad = Math.floor(second / 3600) % 2 === 1 && second % 60 < 10;
      studio.run(1, bad ? { late: 9, encode: 0.04, blocked: 0.1 } : {});
      if (second % 5 === 0) page.press(bad ? 'serious' : 'fair', 0.4);
      if (second % 97 === 0) monitor.log.failed(`operation ${second}`, new Error(`${second}`));
      if (second % 13 === 0) monitor.log.latency(`type ${second}`, 0.1);
      if (second % 1800 === 0) {
        page.turn(true);
        page.pass(60);
        page.turn(false);
      }
      if (second % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (second % 3600 !== 0) continue;
      collect();
      seen.push({
        heap: process.memoryUsage().heapUsed,
        text: openMetrics(monitor).length,
        snapshot: sizeOf(monitor.snapshot()),
        report: sizeOf(monitor.report()),
        timers: page.timers.length,
        names: Object.keys(metrics.counts()).length,
      });
    }
    assert.equal(monitor.history.length, 600);
    assert.ok(monitor.report().incidents.length <= 100);
    const [first, last] = [seen[1]!, seen.at(-1)!];
    assert.deepEqual([last.timers, last.names], [first.timers, first.names]);
    for (const name of ['text', 'snapshot', 'report'] as const)
      assert.ok(last[name] < first[name] * 1.05, `${name}: ${seen.map((one) => one[name]).join()}`);
    assert.ok(last.heap < first.heap + 1e6, `heap: ${seen.map(({ heap }) => heap).join()}`);
    assert.ok(pushes > 100, `${pushes} pushes`);
    monitor.stop();
    pusher.stop();
    assert.deepEqual(page.timers, []);
  });
});
