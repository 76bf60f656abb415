/** What the page spends on what it shows while a take runs: preview, meters. Scenes are not there yet. */
import { taskTime } from '../../bench/support/main-thread.mjs';
import { interleaved } from '../../bench/support/take.mjs';
import type { PageSetup } from '../support/stage.js';
import { camera30, devices, onStage, onTab, type RunOptions, seconds, spread, table } from './support.js';

const BARE = { 'no-preview': true, 'no-controls': true };

const SHOWN: readonly { label: string; recording?: boolean; setup: Partial<PageSetup> }[] = [
  { label: 'a live producer that shows nothing', setup: { attributes: BARE, recorders: [] } },
  { label: 'its preview, 1280x720 at 30 a second', setup: { attributes: { 'no-controls': true }, recorders: [] } },
  { label: 'a take, with its recorder', recording: true, setup: { attributes: BARE } },
  { label: 'a take, and `<perf-meter>`', recording: true, setup: { attributes: BARE, tags: { 'perf-meter': {} } } },
  {
    label: 'a take, and `<perf-meter view="full">`',
    recording: true,
    setup: { attributes: BARE, tags: { 'perf-meter': { view: 'full' } } },
  },
  { label: 'a take, and `<audio-level>`', recording: true, setup: { attributes: BARE, tags: { 'audio-level': {} } } },
];

/** Seconds from the start: what that costs is none of it. As in `bench/monitor`. */
const SETTLE = 4;

export async function run({ quick, say }: RunOptions): Promise<string> {
  const { rounds, length } = quick ? { rounds: 1, length: 2 } : { rounds: 3, length: 8 };
  const spent = new Map<string, number[]>();
  await onStage('chromium', camera30, async (stage) => {
    for (const { label, recording, setup } of interleaved(SHOWN, rounds) as Generator<(typeof SHOWN)[number]>) {
      await onTab(stage, devices(1280, 720, setup), async (tab) => {
        await tab.call(recording ? 'start' : 'live');
        await seconds(SETTLE);
        const time = (await taskTime(tab.page, length)) as number;
        spent.set(label, [...(spent.get(label) ?? []), time]);
        say(`${label}: ${time.toFixed(1)} ms/s`);
      });
    }
  });
  return [
    `Milliseconds of processor that tasks of the page's main thread take in each second (Chromium), over ${length} s; median (least to most). Firefox has no means to tell.`,
    table(
      ['on the page', 'times', 'ms a second'],
      SHOWN.map(({ label }) => [label, spent.get(label)!.length, spread(spent.get(label)!, 1)]),
    ),
  ].join('\n\n');
}
