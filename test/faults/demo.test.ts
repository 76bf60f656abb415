import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { after, before, it } from 'node:test';
import { serve } from '../../demo/server/server.mjs';
import { TestBrowser } from '../support/browser.js';
import { inEachBrowser } from '../support/stage.js';

const demo = fileURLToPath(new URL('../../demo/', import.meta.url));
const pages = readdirSync(demo).filter((name) => name.endsWith('.html'));

inEachBrowser('the demo', (name) => {
  let server: Awaited<ReturnType<typeof serve>>;
  let browser: TestBrowser;
  before(async () => {
    server = await serve();
    browser = await TestBrowser.launch(name);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  for (const page of pages) {
    it(`shows ${page}, and the console has nothing to say`, async () => {
      const tab = await browser.tab(`${server.url}/${page}`);
      const undefinedTags = `[...document.querySelectorAll(':not(:defined)')].map(({ localName }) => localName)`;
      await tab.page.waitForFunction(`${undefinedTags}.length === 0`);
      assert.notEqual(await tab.page.title(), '');
      assert.deepEqual(tab.faults, []);
      await tab.close();
    });
  }
});
