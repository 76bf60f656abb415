import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Frame, Page } from 'puppeteer-core';
import { startServer } from '../../demo/server/start-server.mjs';
import { type Tab, TestBrowser } from '../support/browser.js';
import { demoFile, demoPages, NO_DEVICES, press } from '../support/demo.js';
import { decode, ffmpeg } from '../support/ffmpeg.js';
import { greyPicture } from '../support/media.js';
import { inEachBrowser } from '../support/stage.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Everything on it is defined. */
const ready = (tab: Tab) =>
  tab.page.waitForFunction(
    `document.querySelectorAll(':not(:defined)').length === 0 && document.readyState === 'complete'`,
  );

/** What axe finds on a page, and where. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(at: Document, options: RunOptions): Promise<AxeResults> } };
    // Two of one kind, as on the page of the pool, have one name.
    const rules = { 'landmark-unique': { enabled: false } };
    return (await axe.run(document, { rules, resultTypes: ['violations'] })).violations;
  });
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

/** What a library has when something was recorded; `from` is where the library is. */
const listed = (page: Page | Frame) =>
  page.waitForFunction(
    `(({ recordings }) => recordings[0]?.state === 'saved' && recordings[0])(document.querySelector('recording-library'))`,
  );

/** Records so many seconds of media, and more, by the buttons of a page. @param recorder where its recorder is */
async function record(page: Page | Frame, duration: number, recorder = 'stream-recorder'): Promise<void> {
  const button = await page.waitForSelector(`${recorder} >>> [part~="record-button"]`);
  // What changes in a shadow root is not waited for by a selector.
  await page.waitForFunction((button) => !button!.hasAttribute('aria-disabled'), {}, button);
  await button!.evaluate(async (button, duration) => {
    const recorder = (button.getRootNode() as ShadowRoot).host as HTMLElementTagNameMap['stream-recorder'];
    await new Promise((resolve, reject) => {
      recorder.addEventListener('oa-progress', () => recorder.duration >= duration && resolve(null));
      recorder.addEventListener('oa-error', ({ error }) => error.fatal && reject(error));
      (button as HTMLElement).click();
    });
    (button as HTMLElement).click();
  }, duration);
}

inEachBrowser('the pages of the demo', (name) => {
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

  for (const page of demoPages)
    it(`shows ${page}, and the console has nothing to say`, async () => {
      const tab = await browser.tab(`${server.url}/${page}`);
      await ready(tab);
      assert.notEqual(await tab.page.title(), '');
      // What does not fit a narrow phone would be seen by who scrolls sideways.
      await tab.page.setViewport({ width: 320, height: 640 });
      const { scrollWidth, clientWidth } = await tab.page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return { scrollWidth, clientWidth };
      });
      assert.equal(scrollWidth, clientWidth);
      // What is found is the same in both.
      if (name === 'chromium')
        for (const value of ['light', 'dark']) {
          await tab.page.emulateMediaFeatures([
            { name: 'prefers-color-scheme', value },
            { name: 'prefers-reduced-motion', value: 'reduce' },
          ]);
          assert.deepEqual(await violations(tab.page), [], value);
        }
      assert.deepEqual(tab.faults, []);
      await tab.close();
    });

  for (const page of demoPages.filter((page) => /<select/.test(demoFile(page))))
    it(`begin with the settings that they show when they are loaded again: ${page}`, async () => {
      const tab = await browser.tab(`${server.url}/${page}`);
      const chosen = () => tab.page.$$eval('select', (selects) => selects.map(({ selectedIndex }) => selectedIndex));
      const before = await chosen();
      await tab.page.$$eval('select', (selects) => selects.forEach((select) => (select.selectedIndex = 1)));
      await tab.reload();
      assert.deepEqual(await chosen(), before);
      await tab.close();
    });

  it('log what the meter finds in its own words', async () => {
    const tab = await browser.tab(`${server.url}/monitor.html`);
    const logged = (words: RegExp) =>
      tab.page.waitForFunction(
        (words) =>
          [...document.querySelectorAll('#log li')].some(({ textContent }) => new RegExp(words).test(textContent)),
        {},
        words.source,
      );
    await (await tab.page.waitForSelector('#meter'))!.evaluate((meter) => meter.scrollIntoView());
    await press(tab.page, 'media-producer >>> [part~="start-button"]');
    await logged(/^\d.+ (Good|Warning|Trouble): [A-Z\d].+/);
    await press(tab.page, 'media-producer >>> [part~="start-button"]');
    await logged(/^\d.+ Off: Nothing is captured or recorded\.$/);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('record in a frame and in a shadow root, and list it beside', async () => {
    const tab = await browser.tab(`${server.url}/embed.html`);
    await tab.page.waitForFunction(`document.querySelector('#policy').textContent.startsWith("default-src 'self';")`);
    const frame = (await (await tab.page.waitForSelector('#frame'))!.contentFrame())!;
    for (const [page, recorder] of [
      [frame, 'stream-recorder'],
      [tab.page, '#component >>> stream-recorder'],
    ] as const) {
      await press(page, 'media-producer >>> [part~="start-button"]');
      await record(page, 0.5, recorder);
    }
    await tab.page.waitForFunction(
      `document.querySelector('recording-library').recordings.filter(({ state }) => state === 'saved').length === 2`,
    );
    assert.deepEqual(tab.faults, []);

    await press(tab.page, '#break');
    await tab.page.waitForFunction(
      `/^Refused by script-src.+inline/.test(document.querySelector('#refused').textContent)`,
    );
    await tab.close();
  });

  // Firefox does not tell a page what its frames may do.
  if (name === 'chromium')
    it('say in a frame that it may not use camera and microphone', async () => {
      const tab = await browser.tab(`${server.url}/embed.html`);
      const frame = (await (await tab.page.waitForSelector('#frame'))!.contentFrame())!;
      const loaded = frame.waitForNavigation();
      await press(tab.page, '#forbid');
      await loaded;
      await press(frame, 'media-producer >>> [part~="start-button"]');
      await frame.waitForFunction(`document.querySelector('media-producer').error?.code === 'policy'`);
      await press(tab.page, '#forbid');
      await frame.waitForFunction(`document.querySelector('media-producer')?.state === 'idle'`);
      await press(frame, 'media-producer >>> [part~="start-button"]');
      await frame.waitForFunction(`document.querySelector('media-producer').state === 'live'`);
      await tab.close();
    });
});

inEachBrowser('the demo without a camera', (name) => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let browser: TestBrowser;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'onair-demo-'));
    server = await startServer({ killSwitch: true, inUse: 'replace' });
    browser = await TestBrowser.launch(name, NO_DEVICES[name]);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('records its test picture with a pip each second, and goes back to devices', async () => {
    const tab = await browser.tab(`${server.url}/record.html`);
    await press(tab.page, 'media-producer >>> [part~="start-button"]');
    await tab.page.waitForFunction(`document.querySelector('media-producer').error?.code === 'none'`);
    await press(tab.page, '#test-picture');
    await tab.page.waitForFunction(`document.querySelector('media-producer').state === 'live'`);
    await record(tab.page, 1.5);
    await listed(tab.page);
    const file = join(folder, 'take');
    const text = await tab.page.evaluate(async () => {
      const [recording] = document.querySelector('recording-library')!.recordings;
      const bytes = new Uint8Array(await (await recording!.file()).arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    });
    await writeFile(file, Buffer.from(text, 'base64'));
    assert.deepEqual((await decode(file)).errors, []);
    // On a machine that is busy the page that draws it stands still for a while.
    const pictures = await Promise.all([0.1, 0.3, 0.5, 0.7, 0.9, 1.2, 1.4].map((at) => greyPicture(file, at)));
    /** Where on its way round the dot is, in 64ths. */
    const dot = ({ width, height, at }: (typeof pictures)[number]) =>
      Array.from({ length: 64 }, (_, i) => i).filter((i) => {
        const [angle, radius] = [(i / 32) * Math.PI, (250 / 720) * height];
        const [x, y] = [width / 2 + radius * Math.cos(angle), 0.45 * height + radius * Math.sin(angle)];
        return at(Math.round(x), Math.round(y)) > 128;
      });
    const places = pictures.map((picture) => dot(picture).join());
    assert.ok(!places.includes(''), `it is in each: ${places.join(' | ')}`);
    assert.ok(new Set(places).size > 1, `it moves: ${places[0]}`);
    const raw = await ffmpeg('-i', file, '-map', '0:a:0', '-ac', '1', '-ar', '48000', '-f', 's16le', '-');
    const samples = new Int16Array(raw.buffer, raw.byteOffset, raw.byteLength >> 1);
    const loud = samples.filter((sample) => Math.abs(sample) > 1600).length / samples.length;
    assert.ok(loud > 0.01 && loud < 0.3, `a tenth of each second is loud: ${loud}`);

    await press(tab.page, '#test-picture');
    await tab.page.waitForFunction(`document.querySelector('media-producer').state === 'idle'`);
    await press(tab.page, 'media-producer >>> [part~="start-button"]');
    await tab.page.waitForFunction(`document.querySelector('media-producer').error?.code === 'none'`);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  for (const page of ['index.html', 'live.html', 'monitor.html'])
    it(`records its test picture on ${page}, and lists it`, async () => {
      const tab = await browser.tab(`${server.url}/${page}`);
      await tab.page.evaluate(async () => {
        const library = document.querySelector('recording-library')!;
        for (const { id } of await library.refresh()) await library.remove(id);
      });
      await press(tab.page, '#test-picture');
      await record(tab.page, 0.5);
      await listed(tab.page);
      assert.deepEqual(tab.faults, []);
      await tab.close();
    });
});
