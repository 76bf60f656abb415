import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import type { Tab } from '../support/browser.js';
import { LiveStage, until, type PublisherStatus } from '../support/live-stage.js';
import { inEachBrowser, seconds, type LogEntry } from '../support/stage.js';

/** Milliseconds after which media is to be seen again, from when that is possible. */
const BACK = 5000;

inEachBrowser('a broadcast, for longer', (name) => {
  let stage: LiveStage;
  before(async () => (stage = await LiveStage.open(name)));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  async function live(): Promise<Tab> {
    const tab = await stage.tab();
    assert.equal(await tab.call('start'), 'done');
    await tab.call('settled');
    return tab;
  }

  async function endsClean(tab: Tab): Promise<void> {
    assert.equal(stage.sessions.length, 1, 'one session, and no orphan');
    await tab.call('stop');
    await until(() => stage.sessions.length === 0, 5, 'no session');
    const log = await tab.call<LogEntry[]>('log');
    assert.deepEqual(
      log.filter(({ type }) => type === 'unhandledrejection'),
      [],
    );
  }

  it('comes back after thirty seconds of silence, with one session', async (test) => {
    const tab = await live();
    stage.media.faults.silence();
    await tab.call('reached', 'recovering');
    await seconds(30);
    stage.media.faults.silence(false);
    const since = performance.now();
    const took = await stage.flows(since);
    test.diagnostic(`pictures again after ${Math.round(took)} ms`);
    assert.ok(took < BACK, `${Math.round(took)} ms`);
    await tab.call('reached', 'live');
    // What was asked during the silence, and given up, is answered and ended by now.
    await until(() => stage.sessions.length === 1, 5, 'one session');
    await endsClean(tab);
  });

  it('comes back twenty times in a row', { timeout: 600_000 }, async (test) => {
    const tab = await live();
    const times: number[] = [];
    for (let round = 0; round < 20; round++) {
      const since = performance.now();
      await stage.sessions[0]!.kill();
      times.push(await stage.flows(since));
      await tab.call('reached', 'live');
      // A look at it each second; the next kill finds it settled.
      await seconds(2);
    }
    test.diagnostic(`pictures again after ${times.map(Math.round).join(', ')} ms`);
    assert.ok(Math.max(...times) < BACK);
    const { stats } = await tab.call<PublisherStatus>('status');
    assert.equal(stats!.recoveries, 20);
    await endsClean(tab);
  });
});
