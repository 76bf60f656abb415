/** An installed browser with a fake camera and a profile of its own, for the tour and for what is generated from one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { chromiumFlags, ensureChromium, ensureFirefox, firefoxPrefs, unlikeAPersons } from './browsers.mjs';
import { killProfile } from './kill.mjs';

/** @typedef {'chromium' | 'firefox'} BrowserName */

export class DrivenBrowser {
  /** @type {import('puppeteer-core').Browser | null} */
  #browser = null;
  #profile;
  #settings;
  #options;

  /** @param {string} profile @param {object} settings @param {{ dark: boolean, isPrivate: boolean }} options */
  constructor(profile, settings, options) {
    this.#profile = profile;
    this.#settings = settings;
    this.#options = options;
  }

  /**
   * @param {BrowserName} name
   * @param {{ flags?: string[], dark?: boolean, private?: boolean }} [options] `flags` are for Chromium only
   * @returns {Promise<DrivenBrowser | null>} null where it is not installed and cannot be
   */
  static async launch(name, { flags = [], dark = false, private: isPrivate = false } = {}) {
    const executablePath = name === 'chromium' ? ensureChromium() : ensureFirefox();
    if (!executablePath) return null;
    const settings =
      name === 'chromium'
        ? { browser: 'chrome', args: [...chromiumFlags(), ...flags], ignoreDefaultArgs: unlikeAPersons }
        : {
            browser: 'firefox',
            extraPrefsFirefox: {
              ...firefoxPrefs,
              'browser.sessionstore.resume_from_crash': false,
              'browser.privatebrowsing.autostart': isPrivate,
              'ui.systemUsesDarkTheme': dark ? 1 : 0,
            },
          };
    const profile = await mkdtemp(path.join(tmpdir(), `onair-${name}-`));
    const browser = new DrivenBrowser(
      profile,
      { ...settings, executablePath, userDataDir: profile },
      { dark, isPrivate },
    );
    await browser.start();
    return browser;
  }

  /** Starts it, or starts it again on the same profile. */
  async start() {
    this.#browser = await puppeteer.launch(this.#settings);
  }

  /** Name and version, as the browser gives them. @returns {Promise<string>} */
  version() {
    return this.#running.version();
  }

  /** @param {string} url @param {{ width: number, height: number }} [viewport] */
  async open(url, viewport = { width: 1280, height: 860 }) {
    const { dark, isPrivate } = this.#options;
    // Firefox is told both when it starts.
    const chromium = this.#settings.browser === 'chrome';
    const window = chromium && isPrivate ? await this.#running.createBrowserContext() : this.#running;
    const page = await window.newPage();
    await page.setViewport(viewport);
    if (chromium) await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
    await page.goto(url, { waitUntil: 'load' });
    return page;
  }

  /** SIGKILL to all of its processes. @returns {ReturnType<typeof killProfile>} how many there were, and when they went */
  kill() {
    const root = this.#running.process()?.pid;
    this.#browser = null;
    return killProfile(this.#profile, root);
  }

  /** Ends it and removes its profile. */
  async close() {
    const browser = this.#browser;
    if (browser) {
      let late;
      const deadline = new Promise((resolve) => (late = setTimeout(resolve, 5000, 'late')));
      const closed = await Promise.race([browser.close().catch(() => 'late'), deadline]);
      clearTimeout(late);
      if (closed === 'late') await this.kill();
    }
    this.#browser = null;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  get #running() {
    if (!this.#browser) throw new Error('The browser is not running.');
    return this.#browser;
  }
}
