/** What a take leaves in memory, process by process. */
import { privateBytes, processTree } from '../../bench/support/processes.mjs';
import { slope } from '../../bench/support/statistics.mjs';
import type { BrowserName, Tab } from '../support/browser.js';
import {
  BROWSERS,
  camera30,
  devices,
  onStage,
  onTab,
  type RunOptions,
  seconds,
  startMeasured,
  table,
} from './support.js';

const MB = 1e6;

/** Bytes that nobody shares, by kind of process. */
function bytesOf(tab: Tab): Map<string, number> {
  const all = new Map<string, number>();
  for (const { pid, type } of processTree(tab.page.browser().process()!.pid!))
    all.set(type, (all.get(type) ?? 0) + privateBytes(pid));
  return all;
}

async function take(tab: Tab, length: number): Promise<Map<string, number>[]> {
  const samples: Map<string, number>[] = [];
  await startMeasured(tab);
  // What a start allocates is no growth of a take.
  await seconds(4);
  for (let second = 0; second < length; second++) {
    samples.push(bytesOf(tab));
    await seconds(1);
  }
  await tab.call('stop');
  return samples;
}

const NAMES: Record<BrowserName, string[]> = {
  chromium: ['browser', 'renderer', 'gpu-process', 'utility'],
  // Its content processes name no type.
  firefox: ['browser', 'other'],
};

export async function run({ quick, say }: RunOptions): Promise<string> {
  const length = quick ? 5 : 45;
  const rows: string[][] = [];
  for (const browser of BROWSERS) {
    await onStage(browser, browser === 'chromium' ? camera30 : {}, (stage) =>
      onTab(stage, devices(1280, 720), async (tab) => {
        const samples = await take(tab, length);
        await seconds(2);
        const after = bytesOf(tab);
        for (const name of NAMES[browser]) {
          const points = samples.map((sample, x) => ({ x, y: (sample.get(name) ?? 0) / MB }));
          const figures = [points[0]!.y, points.at(-1)!.y, slope(points) * 60, (after.get(name) ?? 0) / MB];
          rows.push([`${browser}: ${name}`, String(points.length), ...figures.map((figure) => figure.toFixed(1))]);
          say(rows.at(-1)!.join(', '));
        }
      }),
    );
  }
  return [
    `Private memory (\`Private_Dirty\` and swap) in a take of 1280x720 at 2.5 Mbit/s, one sample a second from the fifth second on, in MB (10^6 bytes); the slope is by least squares, and a minute makes some 19 MB of media. "Renderer" is all tabs.`,
    table(['processes', 'samples', 'first', 'last', 'slope, MB/min', 'after the take'], rows),
  ].join('\n\n');
}
