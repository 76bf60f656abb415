/** Browsers with a profile of their own on disk. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { chromiumFlags, ensureChromium, ensureFirefox, firefoxPrefs } from '../../tools/browsers.mjs';
import { cache } from './folders.mjs';

/**
 * What Puppeteer adds and a person's browser has not: a hidden page would not be treated as one, and shared memory would
 * lie on disk.
 */
const UNLIKE_A_PERSONS = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-dev-shm-usage',
];

/**
 * @param {'chromium' | 'firefox'} name
 * @param {{ film?: string, profile?: string }} [options] `film` is what Chromium's camera shows; `profile` is used and
 *   kept, else one is made and removed at the end
 */
export async function launch(name, { film, profile } = {}) {
  const chromium = name === 'chromium';
  const executablePath = chromium ? ensureChromium() : ensureFirefox();
  if (!executablePath) throw new Error(`${name} is neither installed nor could it be.`);
  mkdirSync(cache, { recursive: true });
  const userDataDir = profile ?? mkdtempSync(path.join(cache, 'profile-'));
  const camera = film ? [`--use-file-for-fake-video-capture=${film}`] : [];
  const browser = await puppeteer.launch({
    browser: chromium ? 'chrome' : 'firefox',
    executablePath,
    userDataDir,
    args: chromium ? [...chromiumFlags(), ...camera, '--hide-crash-restore-bubble'] : [],
    extraPrefsFirefox: firefoxPrefs,
    ignoreDefaultArgs: chromium ? UNLIKE_A_PERSONS : false,
    defaultViewport: { width: 1280, height: 900 },
    // A fix of a peer for a large file takes its time.
    protocolTimeout: 600_000,
  });
  return {
    pid: browser.process().pid,
    version: () => browser.version(),
    newPage: () => browser.newPage(),
    /** Opens the page in the tab that is there already, so that there is one tab, and one page process. */
    async open(url) {
      const [page] = await browser.pages();
      await page.goto(url, { waitUntil: 'load' });
      return page;
    },
    async close() {
      await browser.close();
      if (!profile) rmSync(userDataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
