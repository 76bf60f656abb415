import { after, afterEach, before, it } from 'node:test';
import { killsAt } from '../support/kills.js';
import { type BrowserName } from '../support/browser.js';
import { seeded } from '../support/fixtures.js';
import { inEachBrowser, Stage } from '../support/stage.js';

/** Seconds after the first media on disk. */
const moments = (count: number): number[] => {
  const random = seeded(20_260);
  return Array.from({ length: count }, () => 0.1 + random() * 3.9);
};

const KILLS: Record<BrowserName, number> = { chromium: 5, firefox: 2 };

inEachBrowser('a browser that is killed in the middle of a take', (name) => {
  let stage: Stage;
  before(async () => (stage = await Stage.open(name)));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  for (const moment of moments(KILLS[name])) {
    it(`leaves all but a second of it, ${moment.toFixed(2)} s in`, (test) => killsAt(stage, moment, test));
  }
});
