import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { hide } from '../support/hide.js';
import { LiveStage, status } from '../support/live-stage.js';
import { inEachBrowser, type LogEntry, seconds } from '../support/stage.js';

inEachBrowser('a broadcast of a page that is hidden', (name) => {
  let stage: LiveStage;
  before(async () => (stage = await LiveStage.open(name)));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  it('goes on', async (test) => {
    const tab = await stage.live({ source: 'devices' });
    const { video, audio } = stage.sessions[0]!;
    const passing = async () => {
      const [frames, packets] = [video.frames, audio.packets];
      await seconds(4);
      return { frames: (video.frames - frames) / 4, packets: (audio.packets - packets) / 4 };
    };
    const before = await passing();
    const { seen } = await hide(stage.browser, tab);
    const hidden = await passing();
    test.diagnostic(`each second before and while hidden: ${JSON.stringify([before, hidden])}`);
    assert.ok(hidden.frames > before.frames * 0.9 && hidden.packets > before.packets * 0.9);
    await seen();
    assert.equal((await status(tab)).stats?.recoveries, 0);
    await stage.endsClean(tab);
  });

  it('comes back while nobody sees it, and at once where somebody looks again', async (test) => {
    const tab = await stage.settled({ source: 'devices' });
    const { seen } = await hide(stage.browser, tab);
    await stage.media.stop();
    await tab.call('reached', 'recovering');
    await seconds(3);
    await stage.media.restart();
    const since = performance.now();
    const took = await stage.flows(since, 40);
    test.diagnostic(`pictures again after ${Math.round(took)} ms while hidden`);
    await tab.call('reached', 'live');

    await stage.media.stop();
    await tab.call('reached', 'recovering');
    // By now it waits for longer than it would if it were seen.
    await seconds(20);
    await stage.media.restart();
    await seen();
    await stage.comesBack(test, tab, performance.now());
    await stage.endsClean(tab);
    const log = await tab.call<LogEntry[]>('log');
    assert.deepEqual(
      log.filter(({ type, tag }) => type === 'oa-statechange' && tag === 'stream-publisher').map(({ state }) => state),
      ['connecting', 'live', 'recovering', 'live', 'recovering', 'live', 'idle'],
    );
  });
});
