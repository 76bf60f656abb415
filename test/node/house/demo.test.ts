import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { demoFile, demoPages } from '../../support/demo.js';

/** It is shown in a frame of another page, and so has nothing around it. */
const FRAMED = 'frame.html';
/** They are about devices, and tell who has none what else there is. */
const OF_DEVICES = ['audio.html', 'pool.html'];
const pages = demoPages.filter((page) => page !== FRAMED);

describe('the pages of the demo', () => {
  for (const page of pages)
    it(`lead from one to each other, and say which one it is: ${page}`, () => {
      const [, nav = ''] = /<nav aria-label="Pages">(.*?)<\/nav>/s.exec(demoFile(page)) ?? [];
      const links = [...nav.matchAll(/<a href="(.*?)"( aria-current="page")?>/g)].map(([, href, current]) => ({
        page: href === './' ? 'index.html' : href!,
        current: current !== undefined,
      }));
      assert.deepEqual(links.map(({ page }) => page).sort(), pages);
      assert.deepEqual(
        links.filter(({ current }) => current).map(({ page }) => page),
        [page],
      );
    });

  it('list what they record', () => {
    for (const page of pages) {
      const text = demoFile(page).replace(/<pre.*?<\/pre>/gs, '');
      const collections = (tag: string) =>
        [...text.matchAll(new RegExp(`<${tag}\\b([^>]*)>`, 'g'))].map(
          ([, attributes]) => / collection="(.*?)"/.exec(attributes!)?.[1] ?? '',
        );
      assert.deepEqual(collections('recording-library'), collections('stream-recorder'), page);
    }
  });

  it('have a test picture where they ask for a camera', () => {
    for (const page of demoPages.filter((page) => !OF_DEVICES.includes(page))) {
      const text = demoFile(page);
      assert.match(text, /<button id="test-picture" type="button">Use a test picture<\/button>/, page);
      assert.match(text, /<script type="module" src="test-picture.js"><\/script>/, page);
    }
  });
});
