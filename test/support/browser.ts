import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, type BrowserContext, type Page } from 'puppeteer-core';
import { chromiumFlags, findChromium, findFirefox, firefoxPrefs, unlikeAPersons } from '../../tools/browsers.mjs';
import { killProfile } from '../../tools/kill.mjs';
import { lacksFfmpeg } from './ffmpeg.js';

export type BrowserName = 'chromium' | 'firefox';

export interface BrowserSettings {
  /** Further command line switches. */
  args?: readonly string[];
  /** Switches of the usual set to leave out; the text before `=` is enough. */
  without?: readonly string[];
  /** Further Firefox preferences. */
  prefs?: Readonly<Record<string, unknown>>;
}

/** Where the browser is installed; null when it is not. */
export const executable = (name: BrowserName): string | null => (name === 'chromium' ? findChromium() : findFirefox());

/** So that tests which need a browser that is not there are counted as skipped, by name. */
export const lacksBrowser = (name: BrowserName): string | false =>
  executable(name) ? false : `${name} is not installed`;

/** The same for tests that look at what was recorded, too: they need ffmpeg. */
export const lacks = (name: BrowserName): string | false => lacksBrowser(name) || lacksFfmpeg();

const isUsual = (settings: BrowserSettings): boolean => Object.keys(settings).length === 0;

const FIREFOX_PREFERENCES = {
  ...firefoxPrefs,
  'browser.sessionstore.resume_from_crash': false,
  // Otherwise three kills in a row end in safe mode.
  'toolkit.startup.max_resumed_crashes': -1,
};

/** Browsers that were closed, for who launches the next without settings of its own; null where none are kept. */
let spare: Set<TestBrowser> | null = null;

/** From now on such browsers are kept: to start one takes longer than most tests. Answers what ends them. */
export function keepBrowsers(): () => Promise<void> {
  const kept = (spare = new Set<TestBrowser>());
  return async () => {
    spare = null;
    await Promise.all([...kept].map((browser) => browser.close()));
  };
}

/**
 * An installed browser with a profile of its own that outlives kills, so that a take on disk can be met again.
 * `kill()` is SIGKILL to all of its processes, the way the system's memory killer or a person ends it.
 */
export class TestBrowser {
  readonly name: BrowserName;
  readonly #profile: string;
  readonly #settings: BrowserSettings;
  #browser: Browser | null = null;
  #first: Tab | null = null;

  private constructor(name: BrowserName, profile: string, settings: BrowserSettings) {
    this.name = name;
    this.#profile = profile;
    this.#settings = settings;
  }

  static async launch(name: BrowserName, settings: BrowserSettings = {}): Promise<TestBrowser> {
    const found = [...(spare ?? [])].find((browser) => browser.name === name);
    if (found && isUsual(settings)) {
      spare!.delete(found);
      return found;
    }
    const browser = new TestBrowser(name, await mkdtemp(join(tmpdir(), `onair-${name}-`)), settings);
    await browser.start();
    return browser;
  }

  /** Starts again on the same profile. */
  async start(): Promise<void> {
    const executablePath = executable(this.name);
    if (!executablePath) throw new Error(`${this.name} is not installed`);
    const { args = [], without = [], prefs = {} } = this.#settings;
    const usual = this.name === 'chromium' ? [...chromiumFlags(), '--hide-crash-restore-bubble'] : [];
    this.#browser = await puppeteer.launch({
      browser: this.name === 'chromium' ? 'chrome' : 'firefox',
      executablePath,
      userDataDir: this.#profile,
      args: [...usual.filter((arg) => !without.some((name) => arg.startsWith(name))), ...args],
      extraPrefsFirefox: { ...FIREFOX_PREFERENCES, ...prefs },
      ignoreDefaultArgs: this.name === 'chromium' ? unlikeAPersons : false,
      // Well above any wait of a test: a fault that nobody foresaw is to be told soon.
      protocolTimeout: 40_000,
    });
  }

  async tab(url: string, { prelude, inside }: { prelude?: string; inside?: BrowserContext } = {}): Promise<Tab> {
    const page = await (inside ?? this.#running).newPage();
    const tab = new Tab(page);
    if (prelude !== undefined) await page.evaluateOnNewDocument(prelude);
    await page.goto(url, { waitUntil: 'load' });
    return tab;
  }

  get runs(): boolean {
    return this.#browser !== null;
  }

  /** Closes all tabs but the browser's first one, without which its window would close, too; that shows `url` from then on. */
  async closeTabs(url: string): Promise<Tab> {
    const [first = await this.#running.newPage(), ...others] = await this.#running.pages();
    await Promise.all(others.map((page) => page.close().catch(() => undefined)));
    if (this.#first?.page !== first) this.#first = new Tab(first);
    if (first.url() !== url) await first.goto(url, { waitUntil: 'load' });
    return this.#first;
  }

  /** A private window: its storage is gone with it. */
  privateWindow(): Promise<BrowserContext> {
    return this.#running.createBrowserContext();
  }

  /**
   * Ends every process of this profile at once, and nothing else. Resolves when they are gone, with the moment (in
   * milliseconds since the epoch) at which the first one was.
   */
  async kill(): Promise<number> {
    const root = this.#running.process()?.pid;
    this.#browser = null;
    const { moment } = await killProfile(this.#profile, root);
    return moment;
  }

  /** Keeps the browser, or ends it, by asking or, where that takes too long, by force, and removes its profile. */
  async close(): Promise<void> {
    const browser = this.#browser;
    if (spare && browser?.connected && isUsual(this.#settings)) {
      await this.closeTabs('about:blank');
      spare.add(this);
      return;
    }
    if (browser) {
      const closed = browser.close().then(
        () => true,
        () => false,
      );
      const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 5000).unref());
      if (!(await Promise.race([closed, late]))) await this.kill();
    }
    this.#browser = null;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  get #running(): Browser {
    if (!this.#browser) throw new Error('The browser is not running.');
    return this.#browser;
  }
}

/** A tab with one of the pages in test/pages, whose functions lie under `globalThis.take`. */
export class Tab {
  readonly page: Page;
  readonly faults: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.faults.push(String((error as Error).message ?? error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warn') this.faults.push(`console: ${message.text()}`);
    });
  }

  /** Calls a function of the page and answers what it resolves to. */
  call<T = void>(name: string, ...args: unknown[]): Promise<T> {
    return this.page.evaluate(
      (name, args) =>
        (globalThis as unknown as { take: Record<string, (...args: unknown[]) => unknown> }).take[name]!(...args),
      name,
      args,
    ) as Promise<T>;
  }

  reload(): Promise<unknown> {
    return this.page.reload({ waitUntil: 'load' });
  }

  /** Ends the tab's process. Chromium only. */
  async crash(): Promise<void> {
    const session = await this.page.createCDPSession();
    const crashed = new Promise<void>((resolve) => session.once('Inspector.targetCrashed', () => resolve()));
    const error = new Promise<void>((resolve) => this.page.once('error', () => resolve()));
    session.send('Page.crash').catch(() => undefined);
    await Promise.race([crashed, error]);
  }

  close(): Promise<void> {
    return this.page.close();
  }
}
