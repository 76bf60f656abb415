import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { hide, holds } from '../support/hide.js';
import { inEachBrowser, seconds, Stage } from '../support/stage.js';

/** What was seen of a page of two meters. */
interface Seen {
  /** Changes in what is drawn of each since `watch`. */
  changes: Record<string, number>;
  /** Levels that came meanwhile and differ. */
  heard: number;
}

/** Put before the code of a page: gives its meter of levels a sound that swells, and watches what its meters draw. */
const WATCHED = `
  // More slowly than the highest peak is held, which is all that is written of a bar.
  globalThis.swell = () => {
    const context = new AudioContext();
    const tone = new OscillatorNode(context);
    const gain = new GainNode(context, { gain: 0.3 });
    const swelling = new OscillatorNode(context, { frequency: 0.2 });
    swelling.connect(new GainNode(context, { gain: 0.25 })).connect(gain.gain);
    tone.connect(gain);
    tone.start();
    swelling.start();
    document.querySelector('audio-level').connectNode(gain);
  };
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
    const attributes = { width: 320, height: 240 };
    const tab = await stage.tab({ source: 'devices', attributes, library: 'off', tags }, { prelude: WATCHED });
    await tab.call('start');
    await tab.page.evaluate('swell()');
    await holds(tab, `document.querySelector('audio-level').levels?.channels[0].peak > -20`);
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
