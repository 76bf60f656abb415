import { type BrowserName, type BrowserSettings, type Tab } from '../support/browser.js';
import { type PageSetup, Stage } from '../support/stage.js';

export { table } from '../../bench/support/report.mjs';
export { spread } from '../../bench/support/statistics.mjs';
export { median } from '../support/media.js';
export { seconds } from '../support/stage.js';

export interface RunOptions {
  /** A short run, to see that it works. */
  quick: boolean;
  say(line: string): void;
}

export const BROWSERS: readonly BrowserName[] = ['chromium', 'firefox'];

/** Chromium's fake camera gives 20 pictures a second unless it is told otherwise. */
export const camera30: BrowserSettings = {
  without: ['--use-fake-device-for-media-stream'],
  args: ['--use-fake-device-for-media-stream=fps=30'],
};

/** The browser's own camera and microphone, asked for this. */
export const devices = (width: number, height: number, more: Partial<PageSetup> = {}): PageSetup => ({
  source: 'devices',
  library: 'off',
  ...more,
  attributes: { width, height, 'frame-rate': 30, ...more.attributes },
});

/** Plays on a stage that is closed however it ends. */
export async function onStage<T>(
  name: BrowserName,
  settings: BrowserSettings,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const stage = await Stage.open(name, settings);
  try {
    return await play(stage);
  } finally {
    await stage.close();
  }
}

/** A fresh page of a stage, which nothing of it outlives. */
export async function onTab<T>(stage: Stage, setup: PageSetup, play: (tab: Tab) => Promise<T>): Promise<T> {
  const tab = await stage.tab(setup);
  try {
    return await play(tab);
  } finally {
    await tab.close();
    await stage.clear();
  }
}

/** What a registry tells of a stretch of work or of a level, since `measureFrom`. */
export interface Summary {
  count: number;
  mean: number;
  min: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export interface Measured {
  counters: Record<string, number>;
  histograms: Record<string, Summary>;
}

/** Starts the take and measures from a second later on, when what a start costs is over. */
export async function startMeasured(tab: Tab): Promise<void> {
  const states = await tab.call<string[]>('start');
  if (states.some((state) => state !== 'recording')) throw new Error(`The take did not start: ${states.join()}.`);
  await tab.call('recorded', 1);
  await tab.call('measureFrom');
}

/** p50 / p95 / most of a stretch of work, in milliseconds; a dash where nothing tells. */
export const stretch = (summary: Summary | undefined): string =>
  summary?.count ? [summary.p50, summary.p95, summary.max].map((value) => (value * 1000).toFixed(1)).join(' / ') : '–';
