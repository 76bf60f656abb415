import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Frame, Page } from 'puppeteer-core';
import type { BrowserName, BrowserSettings } from './browser.js';

const demo = fileURLToPath(new URL('../../demo/', import.meta.url));

export const demoPages: readonly string[] = readdirSync(demo).filter((name) => name.endsWith('.html'));

/** What is written in a file of the demo. */
export const demoFile = (name: string): string => readFileSync(`${demo}${name}`, 'utf8');

/** Presses a button by the element and not by its place, which changes when the preview comes. */
export const press = async (page: Page | Frame, selector: string): Promise<void> =>
  (await page.waitForSelector(selector))!.evaluate((button) => (button as HTMLElement).click());

/** Neither a camera nor a microphone. */
export const NO_DEVICES: Record<BrowserName, BrowserSettings> = {
  chromium: {
    without: ['--use-fake-device'],
    args: ['--use-fake-device-for-media-stream=device-count=0', '--disable-audio-input'],
  },
  // Of real devices only those of these names would be taken.
  firefox: {
    prefs: {
      'media.navigator.streams.fake': false,
      'media.video_loopback_dev': 'none of them',
      'media.audio_loopback_dev': 'none of them',
    },
  },
};
