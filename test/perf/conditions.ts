/** Takes of a camera under what may befall them. */
import { readFileSync } from 'node:fs';
import { dimRoom } from '../../bench/support/film.mjs';
import type { BrowserName, Tab } from '../support/browser.js';
import { decode } from '../support/ffmpeg.js';
import type { Stopped } from '../support/stage.js';
import { devices, type Measured, onStage, onTab, type RunOptions, seconds, startMeasured } from './support.js';

interface Condition {
  label: string;
  browser: BrowserName;
  /** What befalls it for so many seconds. */
  during(tab: Tab, length: number): Promise<unknown>;
  quality?: 'fixed' | 'adaptive';
  /** Whether its worker has a disk that can be slow. */
  slow?: boolean;
}

export interface Played extends Measured {
  label: string;
  /** Frames that are in the file, from start to end. */
  kept: number;
}

const SLOW = readFileSync(new URL('../pages/slow.prelude.js', import.meta.url), 'utf8');

const alone = (_: Tab, length: number) => seconds(length);
const blocked = (tab: Tab, length: number) => tab.call('blockedFor', length, 0.6);
const busy = async (tab: Tab, length: number) => {
  await tab.call('burn', 8);
  await seconds(length);
  await tab.call('cool');
};
const slowDisk = async (tab: Tab, length: number) => {
  const pace = (disk: number) => tab.page.evaluate((disk) => new BroadcastChannel('slow').postMessage({ disk }), disk);
  await pace(1.5);
  await seconds(length);
  await pace(0);
};

const CONDITIONS: readonly Condition[] = [
  { label: 'chromium, left alone', browser: 'chromium', during: alone },
  { label: 'chromium, page blocked 60 % of the time', browser: 'chromium', during: blocked },
  { label: 'chromium, 8 busy workers, `quality="fixed"`', browser: 'chromium', during: busy, quality: 'fixed' },
  { label: 'chromium, 8 busy workers, adaptive', browser: 'chromium', during: busy },
  { label: 'chromium, disk busy 60 % of the time', browser: 'chromium', during: slowDisk, slow: true },
  { label: 'firefox, left alone', browser: 'firefox', during: alone },
  { label: 'firefox, page blocked 60 % of the time', browser: 'firefox', during: blocked },
];

/** What is told of the takes, and where they come from. */
export const SOURCE =
  'A camera of 1280x720 at 30 frames a second (Chromium: a dim room, as above; Firefox: its own, which is easier to encode), ' +
  'and a microphone; engine `webcodecs`, WebM, 2.5 Mbit/s. ' +
  'Counted from a second after the start to the end of the take.';

/** Two takes of each, of which the figures are added up. */
export async function playAll({ quick, say }: RunOptions): Promise<{ played: Played[][]; length: number }> {
  const { takes, length } = quick ? { takes: 1, length: 3 } : { takes: 2, length: 10 };
  const played: Played[][] = [];
  for (const condition of CONDITIONS) {
    const list: Played[] = [];
    for (let take = 0; take < takes; take++) list.push(await play(condition, length));
    played.push(list);
    say(`${condition.label}: ${list.map(({ kept }) => kept).join(', ')} frames`);
  }
  return { played, length };
}

function play({ label, browser, during, quality = 'adaptive', slow = false }: Condition, length: number) {
  const film = [`--use-file-for-fake-video-capture=${dimRoom()}`];
  return onStage(browser, browser === 'chromium' ? { args: film } : {}, async (stage) => {
    if (slow) stage.server.workerPrelude = SLOW;
    const recorders = [{ engine: 'webcodecs', format: 'webm' }];
    return onTab(stage, devices(1280, 720, { recorders, attributes: { quality } }), async (tab): Promise<Played> => {
      await startMeasured(tab);
      await during(tab, length);
      const [take] = await tab.call<Stopped[]>('stop');
      const measured = await tab.call<Measured>('measured');
      const { errors, frames } = await decode(await stage.fetch(tab, take!));
      if (errors.length > 0) throw new Error(`${label}: ${errors[0]}`);
      return { label, ...measured, kept: frames };
    });
  });
}
