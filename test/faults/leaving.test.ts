import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import type { Tab } from '../support/browser.js';
import { KEPT, LiveStage, until } from '../support/live-stage.js';
import { inEachBrowser } from '../support/stage.js';

inEachBrowser('a broadcast that ends', (name) => {
  let stage: LiveStage;
  before(async () => (stage = await LiveStage.open(name)));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  it('ends at the server when its page goes, by its token', async () => {
    stage.media.token = 'secret';
    for (const go of [
      (tab: Tab) => tab.reload(),
      (tab: Tab) => tab.page.goto('about:blank'),
      (tab: Tab) => tab.close(),
    ]) {
      stage.asked.length = 0;
      const tab = await stage.live({ properties: { token: 'secret' } });
      await go(tab);
      await until(() => stage.sessions.length === 0, 5, 'no session');
      // Firefox ends the process of a tab that is closed, often before the request has left; the connection's end tells the server.
      if (name === 'firefox' && tab.page.isClosed()) continue;
      const { headers } = await until(() => stage.of('DELETE').find(({ status }) => status === 200));
      assert.equal(headers['authorization'], 'Bearer secret');
    }
  });

  it('ends when its producer stops', async () => {
    const tab = await stage.live();
    await tab.call('stopProducer');
    assert.equal(await tab.call('reached', 'ended'), 'ended');
    await until(() => stage.sessions.length === 0);
  });

  it('is over for the server as soon as the connection is closed, although nobody asks for it', async (test) => {
    const tab = await stage.live({}, KEPT);
    const [session] = stage.sessions;
    const since = performance.now();
    await tab.page.evaluate(() =>
      (globalThis as unknown as { connections: RTCPeerConnection[] }).connections[0]!.close(),
    );
    await until(() => session!.ended !== '', 5, 'an end');
    test.diagnostic(`known after ${Math.round(performance.now() - since)} ms`);
    assert.equal(session!.ended, 'closed');
    assert.equal(stage.of('DELETE').length, 0);
    assert.ok(performance.now() - since < 1000);
  });
});
