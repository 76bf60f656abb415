import { after, afterEach, before, it } from 'node:test';
import { strictCsp } from '../../demo/server/server.mjs';
import { killsAt, type Victim } from '../support/kills.js';
import { type BrowserName } from '../support/browser.js';
import { seeded } from '../support/fixtures.js';
import { inEachBrowser, Stage } from '../support/stage.js';
import { BOTH_FORMATS } from '../support/survival.js';

/** Seconds after the first media on disk. */
const moments = (count: number): number[] => {
  const random = seeded(20_260);
  return Array.from({ length: count }, () => 0.1 + random() * 3.9);
};

const KILLS: Record<BrowserName, number> = { chromium: 5, firefox: 2 };

const WEBM = [{ 'recording-name': 'webm', format: 'webm' }];
const FORMATS: Record<BrowserName, Record<string, string>[]> = { chromium: BOTH_FORMATS, firefox: WEBM };

/** What a browser does not do by itself: one kill each. */
const OTHERS: [
  what: string,
  browsers: readonly BrowserName[],
  victim: Omit<Victim, 'recorders'> & { engine?: string },
][] = [
  ['MediaRecorder, asked for', ['chromium'], { engine: 'mediarecorder' }],
  ['WebCodecs, asked for', ['firefox'], { engine: 'webcodecs' }],
  [
    'no origin private file system',
    ['chromium', 'firefox'],
    { prelude: 'delete StorageManager.prototype.getDirectory;' },
  ],
  [
    'a picture without a sound',
    ['chromium', 'firefox'],
    { source: { source: 'clock', options: { sound: false } }, tracks: ['video'] },
  ],
  ['a sound without a picture', ['chromium', 'firefox'], { source: { source: 'rising' }, tracks: ['audio'] }],
  ['no worker', ['chromium', 'firefox'], { policy: `${strictCsp}; worker-src 'none'` }],
];

inEachBrowser('a browser that is killed in the middle of a take', (name) => {
  let stage: Stage;
  before(async () => (stage = await Stage.open(name)));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  for (const moment of moments(KILLS[name])) {
    it(`leaves all but a second of it, ${moment.toFixed(2)} s in`, (test) => killsAt(stage, moment, test));
  }

  for (const [what, browsers, { engine = 'auto', ...victim }] of OTHERS) {
    if (!browsers.includes(name)) continue;
    const recorders = FORMATS[name].map((recorder) => ({ ...recorder, engine }));
    it(`leaves all but what is promised of it: ${what}`, (test) => killsAt(stage, 2.5, test, { ...victim, recorders }));
  }
});
