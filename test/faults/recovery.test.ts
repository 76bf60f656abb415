import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { LiveStage, status, until } from '../support/live-stage.js';
import { inEachBrowser, seconds, type LogEntry } from '../support/stage.js';

// All the other faults: recovery.long.ts.
inEachBrowser('a broadcast that is interrupted', (name) => {
  let stage: LiveStage;
  before(async () => (stage = await LiveStage.open(name)));
  after(() => stage?.close());

  it('comes back when the server is killed and started again, and when it asks for another token', async (test) => {
    stage.media.token = 'first';
    const tab = await stage.tab();
    await tab.call('tokens', ['first']);
    assert.equal(await tab.call('start'), 'done');
    await until(() => stage.sessions.find(({ video }) => video.frames > 20));
    await tab.call('settled');

    await stage.media.stop();
    assert.equal(await tab.call('reached', 'recovering'), 'recovering');
    const lost = await status(tab);
    assert.equal(lost.error?.fatal, false);
    assert.ok(lost.reason);
    await seconds(3);
    await stage.media.restart();
    await stage.comesBack(test, tab, performance.now());

    stage.media.token = 'second';
    // The next one takes longer to come than an answer of a server that is known may take.
    await tab.call('tokens', ['second'], 5);
    await stage.sessions[0]!.kill();
    await until(() => stage.asked.find(({ status }) => status === 401));
    const since = performance.now();
    await stage.comesBack(test, tab, since + 5000);
    assert.equal(stage.of('POST').filter(({ status }) => status === 401).length, 1, 'nobody asks meanwhile');
    await stage.endsClean(tab);

    const log = await tab.call<LogEntry[]>('log');
    assert.deepEqual(
      log.filter(({ type, tag }) => type === 'oa-statechange' && tag === 'stream-publisher').map(({ state }) => state),
      ['connecting', 'live', 'recovering', 'live', 'recovering', 'live', 'idle'],
    );
  });
});
