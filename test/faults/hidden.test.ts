import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import type { Tab, TestBrowser } from '../support/browser.js';
import { LiveStage, status } from '../support/live-stage.js';
import { inEachBrowser, type LogEntry, seconds, Stage } from '../support/stage.js';

/** Resolves when this expression holds in the page. A page that is hidden asks itself seldom, and so it is asked from here. */
async function holds(tab: Tab, expression: string): Promise<void> {
  while (!(await tab.page.evaluate(expression))) await seconds(0.05);
}

/** Puts another page in front until `seen` is called. */
async function hide(browser: TestBrowser, tab: Tab): Promise<{ seen(): Promise<void> }> {
  const other = await browser.tab('about:blank');
  await other.page.bringToFront();
  await holds(tab, 'document.hidden');
  return {
    async seen() {
      await tab.page.bringToFront();
      await holds(tab, '!document.hidden');
      await other.close();
    },
  };
}

/** What was seen of a page of two meters. */
interface Seen {
  /** Changes in what is drawn of each since `watch`. */
  changes: Record<string, number>;
  /** Levels that came meanwhile and differ. */
  heard: number;
}

/** Put before the code of a page: watches what its meters draw. */
const WATCHED = `
  globalThis.watch = () => {
    const seen = { changes: {}, heard: new Set() };
    for (const name of ['audio-level', 'perf-meter']) {
      seen.changes[name] = 0;
      const { shadowRoot } = document.querySelector(name);
      const all = { subtree: true, childList: true, attributes: true, characterData: true };
      new MutationObserver((records) => (seen.changes[name] += records.length)).observe(shadowRoot, all);
    }
    const level = document.querySelector('audio-level');
    globalThis.hearing = async (seconds) => {
      const { time } = level.levels;
      while (level.levels.time < time + seconds) {
        seen.heard.add(JSON.stringify(level.levels.channels));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    globalThis.seen = () => ({ ...seen, heard: seen.heard.size });
  };
`;

inEachBrowser('meters of a page that is hidden', (name) => {
  let stage: Stage;
  before(async () => (stage = await Stage.open(name)));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  it('draw nothing, and what is so once the page is seen', async (test) => {
    const tags = { 'audio-level': {}, 'perf-meter': { view: 'full' } };
    const tab = await stage.tab({ source: 'devices', library: 'off', tags }, { prelude: WATCHED });
    await tab.call('start');
    await tab.call('recorded', 2);
    const { seen } = await hide(stage.browser, tab);
    // The last frame that was asked for in time is given, and what is out of sight is told so.
    await seconds(1);
    await tab.page.evaluate('watch()');
    await tab.page.evaluate('hearing(4)');
    const away = (await tab.page.evaluate('seen()')) as Seen;
    test.diagnostic(JSON.stringify(away));
    assert.ok(away.heard > 1, 'levels that a page in sight would show');
    assert.deepEqual(away.changes, { 'audio-level': 0, 'perf-meter': 0 });
    await seen();
    await holds(tab, 'Object.values(seen().changes).every((count) => count > 0)');
    await tab.call('stop');
  });
});

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
