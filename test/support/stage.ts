import { describe } from 'node:test';
import type { Guarantee } from '../../src/core/record/guarantee.js';
import { lacks, TestBrowser, type BrowserName, type BrowserSettings, type Tab } from './browser.js';
import { TestServer } from './server.js';

export type { Guarantee };

/** How a page names the things that it puts into the document (test/pages/record.js). */
export interface PageSetup {
  /** One of test/pages/sources.js, or `devices` for the browser's own camera and microphone. */
  source?: string;
  options?: Record<string, unknown>;
  /** Attributes of the producer. */
  attributes?: Record<string, string | number | boolean>;
  /** Attributes of each recorder. */
  recorders?: Record<string, string | number | boolean>[];
  /** `recover` of a library; none is put on the page without. */
  library?: 'auto' | 'manual' | 'off';
  /** Other tags of this producer, with their attributes. */
  tags?: Record<string, Record<string, string | number | boolean>>;
}

/** A recording as a page lists it; `createdAt` in milliseconds. */
export interface Listed {
  id: string;
  name: string;
  collection: string;
  state: 'recording' | 'finishing' | 'saved' | 'interrupted' | 'recovered' | 'damaged';
  mimeType: string;
  size: number;
  duration: number;
  engine: string | null;
  reason: string | null;
  createdAt: number;
}

/**
 * A finished take; `shown` is the media time that the recorder's counter showed last, before it showed that of the
 * recording; `took` milliseconds from the call to the answer.
 */
export interface Stopped extends Listed {
  shown: number;
  took: number;
}

export interface RecorderStatus {
  state: string;
  duration: number;
  size: number;
  activeEngine: string | null;
  activeFormat: string | null;
  guarantee: Guarantee | null;
  error: { code: string; message: string; fatal: boolean } | null;
}

export interface LogEntry {
  at: number;
  type: string;
  tag?: string;
  state?: string;
  code?: string;
  message?: string;
  fatal?: boolean;
  start?: number;
  duration?: number;
}

/** A server and a browser with a profile of its own: what a test of a fault plays on. */
export class Stage {
  private constructor(
    readonly server: TestServer,
    readonly browser: TestBrowser,
  ) {}

  static async open(name: BrowserName, settings: BrowserSettings = {}): Promise<Stage> {
    const server = await TestServer.start();
    try {
      return new Stage(server, await TestBrowser.launch(name, settings));
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** Opens the page and puts the tags on it. */
  async tab(setup: PageSetup, options: { prelude?: string; url?: string } = {}): Promise<Tab> {
    const tab = await this.browser.tab(options.url ?? this.server.page('record.html'), options);
    await tab.call('open', setup);
    return tab;
  }

  /** Takes a recording out of the page into a file for ffmpeg; answers its path. */
  async fetch(tab: Tab, { id, mimeType }: Pick<Listed, 'id' | 'mimeType'>): Promise<string> {
    const name = `${id}.${mimeType.includes('mp4') ? 'mp4' : 'webm'}`;
    for (let from: number | null = 0; from !== null;) from = await tab.call<number | null>('send', id, name, from);
    return this.server.file(name);
  }

  /** After a test, however it went: no tab, no fault and nothing on disk is left for the next one. */
  async clear(): Promise<void> {
    this.server.forget();
    if (!this.browser.runs) await this.browser.start();
    const tab = await this.browser.closeTabs(this.server.page('record.html'));
    await tab.call('wipe');
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.close();
  }
}

export const seconds = (duration: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, duration * 1000));

/**
 * Tests of both browsers, side by side: most of the time they wait for media, which take their own.
 * @param atOnce 1 where it is measured when what comes: the other browser would be in it
 */
export function inEachBrowser(what: string, define: (name: BrowserName) => void, atOnce: 1 | 2 = 2): void {
  describe(what, { concurrency: atOnce }, () => {
    for (const name of ['chromium', 'firefox'] as const) {
      describe(name, { skip: lacks(name), concurrency: 1 }, () => define(name));
    }
  });
}
