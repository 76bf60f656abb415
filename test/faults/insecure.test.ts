import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { decode } from '../support/ffmpeg.js';
import { INSECURE, INSECURE_HOST } from '../support/insecure.js';
import { assertFails, SETUP as CAPTURE } from '../support/no-capture.js';
import {
  inEachBrowser,
  type Listed,
  type LogEntry,
  type PageSetup,
  seconds,
  Stage,
  type Stopped,
} from '../support/stage.js';
import { assertKept, roll, survivors, told } from '../support/survival.js';

/** There is no microphone on such a page, and so no sound that both browsers have. */
const SETUP: PageSetup = { source: 'clock', options: { sound: false }, recorders: [{ 'recording-name': 'take' }] };

/** What a meter shows of it, which is loud. */
const METER: PageSetup = {
  source: 'rising',
  recorders: [],
  attributes: { video: 'none' },
  tags: { 'audio-level': { mode: 'loudness' } },
};

inEachBrowser('a page that is not secure', (name) => {
  let stage: Stage;
  let url: string;
  before(async () => {
    stage = await Stage.open(name, INSECURE[name]);
    url = stage.server.page('record.html').replace('127.0.0.1', INSECURE_HOST);
  });
  after(() => stage?.close());

  it('fails to capture as "insecure", and its recorder as "no-source"', async () => {
    const tab = await stage.tab(CAPTURE, { url });
    await assertFails(tab, 'insecure');
    await tab.close();
  });

  it('has what it was given recorded, and no other tab recovers or removes it meanwhile', async () => {
    const tab = await stage.tab(SETUP, { url });
    assert.equal(await tab.page.evaluate(() => isSecureContext), false);
    await roll(tab, 1);
    // A page behind another draws once a second.
    await tab.call('recorded', 2);
    const other = await stage.tab({ library: 'auto' }, { url });
    const states = async () => (await other.call<Listed[]>('recordings')).map(({ state }) => state);
    assert.deepEqual(await states(), ['recording']);
    const [{ id }] = (await other.call<Listed[]>('recordings')) as [Listed];
    assert.equal(await other.call('recover', id), 'recording-live');
    assert.equal(await other.call('removal', id), 'recording-live');
    const [take] = await tab.call<Stopped[]>('stop');
    assert.equal(take!.state, 'saved');
    const { errors, frames } = await decode(await stage.fetch(other, take!));
    assert.deepEqual(errors, []);
    assert.ok(frames > 2 * 8, `${frames} frames in ${take!.duration} s`);
    assert.deepEqual(
      (await other.call<Listed[]>('quiet')).map(({ state }) => state),
      ['saved'],
    );
    assert.equal(await other.call('removal', id), 'done');
    assert.deepEqual([...tab.faults, ...other.faults], []);
  });

  it('meters peak and RMS, and says what is missing, and why', async () => {
    const tab = await stage.tab(METER, { url });
    await tab.call('live');
    const shows = async (mode: string, value: RegExp) => {
      await tab.page.evaluate((mode) => document.querySelector('audio-level')!.setAttribute('mode', mode), mode);
      const shown = `document.querySelector('audio-level').shadowRoot.querySelector('.bars .number')?.textContent`;
      await tab.page.waitForFunction(`${String(value)}.test(${shown} ?? '')`);
    };
    // A sine of -20 dBFS.
    await shows('peak', /^.(19\.[5-9]|20\.[0-5])$/);
    await shows('rms', /^.(22\.[5-9]|23\.[0-5])$/);
    const hint = await tab.page.evaluate(
      () => document.querySelector('audio-level')!.shadowRoot!.querySelector('[part~="error"]')!.textContent,
    );
    assert.match(hint, /Only peak and RMS are shown; loudness, .* on secure pages only\. Open this page over https\./);
    await tab.page.evaluate(() => document.querySelector('audio-level')!.remove());
    const told = (await tab.call<LogEntry[]>('log')).filter(({ type }) =>
      ['oa-error', 'unhandledrejection'].includes(type),
    );
    assert.deepEqual(
      told.map(({ type, code, fatal }) => [type, code, fatal]),
      [['oa-error', 'worker-blocked', false]],
    );
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('loses at most a second when its browser is killed', async (test) => {
    const tab = await stage.tab(SETUP, { url });
    const { from, promises } = await roll(tab, 1);
    await seconds(1.5);
    const until = await stage.browser.kill();
    await stage.browser.start();
    const library = await stage.tab({ library: 'auto' }, { url });
    const [take] = await survivors(stage, library, { from, until }, ['video']);
    test.diagnostic(told(take!, 'killed on a page that is not secure'));
    assertKept(take!, promises[0]!.lossOnCrash);
  });
});
