import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { after, before, it } from 'node:test';
import type { ElementHandle } from 'puppeteer-core';
import { startServer } from '../../demo/server/start-server.mjs';
import { type Tab, TestBrowser } from '../support/browser.js';
import { press } from '../support/demo.js';
import { inEachBrowser } from '../support/stage.js';

const speech = fileURLToPath(new URL('../fixtures/espeak-ng.opus', import.meta.url));

/** Resolves when the player has shown half a second from now on. */
const plays = (tab: Tab) =>
  tab.page.evaluate(`new Promise((resolve) => {
    const video = document.querySelector('#viewer');
    let from = Infinity;
    const look = () => {
      // Another stream begins anew.
      from = Math.min(from, video.currentTime);
      if (video.currentTime > from + 0.5) resolve();
      else video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  })`);

/** Resolves when a meter of the page writes this: a value by what it is called to the ear, or a flag. */
const shows = (tab: Tab, meter: string, written: Record<string, RegExp>) =>
  Promise.all(
    Object.entries(written).map(([name, text]) =>
      tab.page
        .waitForFunction(
          (meter, name, text) =>
            [...document.querySelector(meter)!.shadowRoot!.querySelectorAll('dl > div, .flag')].some(
              (row) =>
                (row.querySelector('dt .unseen') ?? row).textContent!.trim() === name &&
                new RegExp(text).test(row.querySelector('.value')?.textContent.replace(/\s+/g, ' ').trim() ?? ''),
            ),
          {},
          meter,
          name,
          text.source,
        )
        .catch((error) => assert.fail(`${meter}: ${name} is not ${text}: ${error}`)),
    ),
  );

async function until<T>(look: () => Promise<T | 0 | false | undefined>, what: string): Promise<T> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`In vain: ${what}`);
}

inEachBrowser('the demo', (name) => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let browser: TestBrowser;
  before(async () => {
    // As `npm start` does.
    server = await startServer({ killSwitch: true, inUse: 'replace' });
    browser = await TestBrowser.launch(name);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  it('plays its broadcast, and again when its button has ended the server', async () => {
    const tab = await browser.tab(`${server.url}/live.html`);
    await press(tab.page, 'media-producer >>> [part~="start-button"]');
    await tab.page.waitForFunction(`document.querySelector('media-producer').state === 'live'`);
    await press(tab.page, 'stream-publisher >>> [part~="live-button"]');
    await plays(tab);
    assert.deepEqual(tab.faults, []);
    await press(tab.page, '#kill');
    await tab.page.waitForFunction(`document.querySelector('#verdict').textContent.startsWith('It came back')`);
    await plays(tab);
    await tab.close();
  });

  // What is measured is tested in both by itself, and takes its time.
  if (name === 'chromium')
    it('shows of each signal what the page says of it', async () => {
      const tab = await browser.tab(`${server.url}/audio.html`);
      await tab.page.setViewport({ width: 1280, height: 1400 });
      const play = (signal: string) => press(tab.page, `#generator [value="${signal}"]`);
      await play('steps');
      await shows(tab, '#loudness', { 'Momentary loudness': /^−20\.0 LUFS$/ });
      await shows(tab, '#loudness', { 'Short-term loudness': /^−23\.0 LUFS$/ });
      await play('tone');
      await shows(tab, '#loudness', {
        'Momentary loudness': /^−23\.0 LUFS$/,
        'Integrated loudness': /^−23\.0 LUFS$/,
        'How often it clipped': /^0$/,
      });
      await play('between');
      await shows(tab, '#loudness', { 'Highest true peak': /^3\.0 dBTP$/, 'How often it clipped': /^0$/ });
      await play('clipped');
      await shows(tab, '#loudness', { 'How often it clipped': /^[1-9]/, Clipped: /^$/ });
      await shows(tab, '#peak', { 'Highest peak': /^0\.0 dBFS$/, Clipped: /^$/ });
      await play('pink');
      await shows(tab, '#loudness', { 'Momentary loudness': /^−\d\d\.\d LUFS$/, 'How often it clipped': /^0$/ });
      await play('around');
      await shows(tab, '#peak', { Left: /^−18\.0 dBFS$/, 'Low-frequency effects': /dBFS$/, 'Right surround': /dBFS$/ });
      await play('silence');
      await shows(tab, '#loudness', { 'Momentary loudness': /^−∞ LUFS$/, Silence: /^$/ });
      assert.deepEqual(tab.faults, []);
      await tab.close();
    });

  it('shows the level of a microphone, and of a file from this device', async () => {
    const tab = await browser.tab(`${server.url}/audio.html`);
    await tab.page.setViewport({ width: 1280, height: 1400 });
    await press(tab.page, 'media-producer >>> [part~="start-button"]');
    await shows(tab, 'media-producer audio-level', { 'Highest peak': /^−?\d+\.\d dBFS$/ });
    const choose = (await tab.page.waitForSelector('#choose'))! as ElementHandle<HTMLInputElement>;
    await choose.uploadFile(speech);
    await tab.page.evaluate(`document.querySelector('#file').play()`);
    await shows(tab, '[for="file"]', { 'Integrated loudness': /^[+−]?\d+\.\d LU$/, 'How often it clipped': /^0$/ });
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('is told the last figures of a page that goes', async () => {
    /** How long meters ran, by the session of each. */
    const pushed = async () => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      const told = text.matchAll(/^stream_manager_uptime_seconds\{session="(\w+)"\} (\S+)$/gm);
      return new Map([...told].map(([, session, uptime]) => [session!, Number(uptime)]));
    };
    const ways: [string, (tab: Tab) => Promise<unknown>][] = [
      ['to another page', (tab) => tab.page.goto('about:blank')],
    ];
    // Firefox 153 lets it go to another page with them, and not with its tab.
    if (name === 'chromium') ways.push(['with its tab', (tab) => tab.close()]);
    for (const [way, go] of ways) {
      const prelude = `const { fetch } = globalThis;
        globalThis.pushes = 0;
        globalThis.fetch = (url, init) => ((pushes += init?.method === 'POST'), fetch(url, init));`;
      const tab = await browser.tab(`${server.url}/monitor.html`, { prelude });
      const uptime = `document.querySelector('#meter').snapshot()?.uptime`;
      // What pushes is loaded once it does so, of the look that is the last one then.
      const push = `document.querySelector('#meter').interval = 0.1;
        document.querySelector('#meter').scrollIntoView();
        pushes || dispatchEvent(new Event('pagehide'));
        pushes && ${uptime}`;
      const first = await until(() => tab.page.evaluate(push) as Promise<number>, 'a push');
      const [session] = await until(
        async () => [...(await pushed())].find(([, told]) => told === first),
        'that it is taken',
      );
      const last = await until(
        () => tab.page.evaluate(`${uptime} > ${first} && ${uptime}`) as Promise<number | false>,
        'another look',
      );
      await go(tab);
      await until(async () => (await pushed()).get(session)! >= last, `the last look of one that goes ${way}`);
    }
  });

  it('gives back what was recorded when its button has ended the tab', async () => {
    const tab = await browser.tab(`${server.url}/`);
    await press(tab.page, 'media-producer >>> [part~="start-button"]');
    await tab.page.waitForFunction(`document.querySelector('media-producer').state === 'live'`);
    await press(tab.page, 'stream-recorder >>> [part~="record-button"]:not([disabled])');
    await tab.page.waitForFunction(`document.querySelector('stream-recorder').duration >= 2`);
    assert.deepEqual(tab.faults, []);
    // Chromium's tab is gone; Firefox refuses what ends it, and the page is loaded again.
    const gone = new Promise<boolean>((resolve) => tab.page.once('error', () => resolve(true)));
    const again = tab.page.waitForNavigation().then(
      () => false,
      () => true,
    );
    void press(tab.page, '#crash').catch(() => undefined);
    const next = (await Promise.race([gone, again])) ? await browser.tab(`${server.url}/`) : tab;
    await next.page.waitForFunction(`document.querySelector('#verdict').textContent.includes('are back')`);
    const [recording] = (await next.page.evaluate(
      `document.querySelector('recording-library').recordings.map(({ state, duration }) => ({ state, duration }))`,
    )) as { state: string; duration: number }[];
    assert.equal(recording!.state, 'recovered');
    assert.ok(recording!.duration > 1, `${recording!.duration} s`);
  });
});
