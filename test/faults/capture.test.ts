import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { lacksBrowser, type BrowserSettings } from '../support/browser.js';
import { type LogEntry, Stage } from '../support/stage.js';

const refusing = (name: string, text: string): string =>
  `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('${text}', '${name}'));`;

interface Case {
  what: string;
  code: string;
  settings?: BrowserSettings;
  /** What no browser can be asked for. */
  prelude?: string;
  host?: string;
}

const CASES: Case[] = [
  {
    what: 'the person refused',
    code: 'denied',
    settings: { without: ['--use-fake-ui'], args: ['--deny-permission-prompts'] },
  },
  {
    what: 'there is no camera and no microphone',
    code: 'none',
    settings: {
      without: ['--use-fake-device'],
      args: ['--use-fake-device-for-media-stream=device-count=0', '--disable-audio-input'],
    },
  },
  {
    what: 'the person closed the question',
    code: 'dismissed',
    prelude: refusing('NotAllowedError', 'Permission dismissed'),
  },
  {
    what: 'another program holds the device',
    code: 'busy',
    prelude: refusing('NotReadableError', 'Could not start video source'),
  },
  {
    what: 'the page is not secure',
    code: 'insecure',
    settings: { args: ['--host-resolver-rules=MAP insecure.test 127.0.0.1'] },
    host: 'insecure.test',
  },
];

describe('a producer that cannot capture (chromium)', { skip: lacksBrowser('chromium') }, () => {
  let stage: Stage | undefined;
  after(() => stage?.close());

  for (const { what, code, settings, prelude, host } of CASES) {
    it(`fails as "${code}" because ${what}, and its recorder as "no-source"`, async () => {
      // Those that need no browser of their own share one.
      if (settings || !stage) {
        await stage?.close();
        stage = await Stage.open('chromium', settings);
      }
      const page = stage.server.page('record.html');
      const tab = await stage.tab(
        { source: 'devices', recorders: [{}] },
        { url: host ? page.replace('127.0.0.1', host) : page, ...(prelude ? { prelude } : {}) },
      );
      const { state, error } = await tab.call<{ state: string; error: { code: string; message: string } }>('live');
      assert.equal(state, 'failed');
      assert.equal(error.code, code);
      assert.match(error.message, /^[A-Z].{15,}\.$/, 'a sentence for a person');
      const faults = (await tab.call<LogEntry[]>('log')).filter(({ type }) => type === 'oa-error');
      assert.deepEqual(
        faults.map((fault) => [fault.tag, fault.code]),
        [['media-producer', code]],
      );
      assert.equal(await tab.call('attempt', 'start'), 'no-source');
      assert.deepEqual(tab.faults, []);
      if (settings) {
        await stage.close();
        stage = undefined;
      }
    });
  }
});
