/** What a take's worker does with frames, stage by stage, and how soon it begins and ends. */
import { FRAME_PATH } from '../../src/core/metrics/index.js';
import type { BrowserName, Tab } from '../support/browser.js';
import type { PageSetup, Stopped } from '../support/stage.js';
import {
  camera30,
  devices,
  type Measured,
  onStage,
  onTab,
  type RunOptions,
  seconds,
  spread,
  startMeasured,
  stretch,
  table,
} from './support.js';

interface Case {
  label: string;
  browser: BrowserName;
  recorders: NonNullable<PageSetup['recorders']>;
  during(tab: Tab, length: number): Promise<unknown>;
}

const ONE = { engine: 'webcodecs', format: 'webm' };
const alone = (_: Tab, length: number) => seconds(length);

const CASES: readonly Case[] = [
  { label: 'chromium, one take', browser: 'chromium', recorders: [ONE], during: alone },
  { label: 'chromium, two takes at once', browser: 'chromium', recorders: [ONE, ONE], during: alone },
  {
    label: 'chromium, page blocked 60 % of the time',
    browser: 'chromium',
    recorders: [ONE],
    during: (tab, length) => tab.call('blockedFor', length, 0.6),
  },
  { label: 'firefox, one take', browser: 'firefox', recorders: [ONE], during: alone },
];

const STAGES = ['capture', 'process', 'queue', 'encode', 'mux', 'total'] as const;

export async function run({ quick, say }: RunOptions): Promise<string> {
  const length = quick ? 2 : 10;
  const stages: string[][] = [];
  const ends: string[][] = [];
  for (const { label, browser, recorders, during } of CASES) {
    await onStage(browser, browser === 'chromium' ? camera30 : {}, (stage) =>
      onTab(stage, devices(640, 480, { recorders }), async (tab) => {
        await tab.call('live');
        const began = performance.now();
        await startMeasured(tab);
        const started = performance.now() - began - 1000;
        await during(tab, length);
        const stopped = await tab.call<Stopped[]>('stop');
        const { histograms } = await tab.call<Measured>('measured');
        const of = (stage: keyof typeof FRAME_PATH) => histograms[FRAME_PATH[stage]];
        stages.push([label, String(of('total')?.count ?? 0), ...STAGES.map((name) => stretch(of(name)))]);
        ends.push([
          label,
          started.toFixed(0),
          spread(
            stopped.map(({ took }) => took),
            0,
          ),
        ]);
        say(stages.at(-1)!.join(', '));
      }),
    );
  }
  return [
    `Milliseconds of a frame's way through the worker of a take, 640x480 at 30 a second, VP9 where the trial takes it, ${length} s each: p50 / p95 / most.`,
    table(['take', 'frames', ...STAGES], stages),
    'From `start()` to the first recorded second, beyond that second; and from `stop()` to the finished file.',
    table(['take', 'start, ms', 'stop, ms'], ends),
  ].join('\n\n');
}
