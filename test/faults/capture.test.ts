import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { NO_DEVICES } from '../support/demo.js';
import { strictCsp } from '../../demo/server/server.mjs';
import type { BrowserName, BrowserSettings } from '../support/browser.js';
import { assertFails, SETUP } from '../support/no-capture.js';
import { inEachBrowser, type PageSetup, Stage } from '../support/stage.js';

/** What no browser can be asked for. */
const refusing = (name: string, text: string, more = {}): string => `
  navigator.mediaDevices.getUserMedia = () =>
    Promise.reject(Object.assign(new DOMException('${text}', '${name}'), ${JSON.stringify(more)}));
`;

const REFUSALS: { what: string; code: string; by: Parameters<typeof refusing> }[] = [
  { what: 'the person closed the question', code: 'dismissed', by: ['NotAllowedError', 'Permission dismissed'] },
  { what: 'another program holds the device', code: 'busy', by: ['NotReadableError', 'Could not start video source'] },
  { what: 'the system forbids it', code: 'system', by: ['NotAllowedError', 'Permission denied by system'] },
  {
    what: 'nothing fits what was asked for',
    code: 'overconstrained',
    by: ['OverconstrainedError', '', { constraint: 'width' }],
  },
  { what: 'the browser gave up', code: 'aborted', by: ['AbortError', 'The operation was aborted.'] },
];

inEachBrowser('a producer whose capture is refused', (name) => {
  let stage: Stage;
  before(async () => (stage = await Stage.open(name)));
  after(() => stage?.close());

  for (const { what, code, by } of REFUSALS) {
    it(`fails as "${code}" because ${what}, and its recorder as "no-source"`, async () => {
      const tab = await stage.tab(SETUP, { prelude: refusing(...by) });
      await assertFails(tab, code);
      await tab.close();
    });
  }
});

interface Case {
  what: string;
  code: string;
  settings: Record<BrowserName, BrowserSettings>;
}

const CASES: Case[] = [
  {
    what: 'the person refused',
    code: 'denied',
    settings: {
      chromium: { without: ['--use-fake-ui'], args: ['--deny-permission-prompts'] },
      firefox: {
        prefs: {
          'media.navigator.permission.disabled': false,
          'permissions.default.camera': 2,
          'permissions.default.microphone': 2,
        },
      },
    },
  },
  {
    what: 'there is no camera and no microphone',
    code: 'none',
    settings: NO_DEVICES,
  },
];

inEachBrowser('a producer that cannot capture', (name) => {
  for (const { what, code, settings } of CASES) {
    it(`fails as "${code}" because ${what}, and its recorder as "no-source"`, async () => {
      const stage = await Stage.open(name, settings[name]);
      try {
        await assertFails(await stage.tab(SETUP), code);
      } finally {
        await stage.close();
      }
    });
  }

  // What Firefox says of such a frame was not looked at.
  if (name === 'firefox') return;
  it('fails as "policy" in a frame of another origin without `allow`', async () => {
    const stage = await Stage.open('chromium');
    try {
      stage.server.policy = `${strictCsp}; frame-src *`;
      const tab = await stage.tab({});
      const handle = await tab.page.evaluateHandle(async () => {
        const frame = document.createElement('iframe');
        frame.src = location.href.replace('127.0.0.1', 'localhost');
        const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
        document.body.append(frame);
        await loaded;
        return frame;
      });
      const inside = await handle.contentFrame();
      const error = await inside.evaluate(async (setup) => {
        const { take } = globalThis as unknown as {
          take: { open(setup: PageSetup): Promise<void>; live(): Promise<{ error: { code: string } }> };
        };
        await take.open(setup);
        return (await take.live()).error;
      }, SETUP);
      assert.equal(error.code, 'policy');
    } finally {
      await stage.close();
    }
  });
});
