/** Whether pictures are shown when they were made, and sounds with them, by the files. */
import type { BrowserName } from '../support/browser.js';
import { frameTimes, makeFlashFilm, median, readClock, soundOffsets } from '../support/media.js';
import type { PageSetup, Stopped } from '../support/stage.js';
import { slope } from '../../bench/support/statistics.mjs';
import { onStage, onTab, type RunOptions, seconds, spread, table } from './support.js';

const RECORDERS: readonly [label: string, browser: BrowserName, recorder: Record<string, string>][] = [
  ['chromium, WebM', 'chromium', { format: 'webm' }],
  ['chromium, MP4', 'chromium', { format: 'mp4' }],
  ['chromium, MediaRecorder', 'chromium', { engine: 'mediarecorder' }],
  ['firefox, MediaRecorder', 'firefox', { engine: 'mediarecorder' }],
  ['firefox, WebM', 'firefox', { engine: 'webcodecs', format: 'webm' }],
];
const RATE = 30;

const share = (values: readonly number[], of: number) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * of)]!;
const ms = (value: number) => (value * 1000).toFixed(1);

export async function run({ quick, say }: RunOptions): Promise<string> {
  const length = quick ? 4 : 15;
  const rows: string[][] = [];
  for (const [label, browser, recorder] of RECORDERS) {
    await onStage(browser, {}, async (stage) => {
      const record = (setup: PageSetup) =>
        onTab(stage, { library: 'off', recorders: [recorder], ...setup }, async (tab) => {
          await tab.call('start');
          await seconds(length);
          const [take] = await tab.call<Stopped[]>('stop');
          return { file: await stage.fetch(tab, take!), stopped: Date.now() };
        });
      const { file, stopped } = await record({ source: 'clock', options: { rate: RATE } });
      const times = await frameTimes(file);
      const steps = times.slice(1).map((time, index) => time - times[index]!);
      const read = (await readClock(file, stopped)).flatMap(({ pts, at }) =>
        at === null ? [] : { x: pts, y: pts - at / 1000 },
      );
      const middle = median(read.map(({ y }) => y));
      const off = read.map(({ y }) => Math.abs(y - middle));

      // A film that is captured in Chromium is out of step by itself.
      if (browser === 'firefox') await makeFlashFilm(stage.server.file('flash.webm'), length + 4);
      const film = { source: 'film', options: { url: '/files/flash.webm' } };
      const flashes = await record(browser === 'firefox' ? film : { source: 'flash' });
      const offsets = await soundOffsets(flashes.file);
      rows.push([
        label,
        String(times.length),
        [share(steps, 0.5), share(steps, 0.95), Math.max(...steps)].map(ms).join(' / '),
        [share(off, 0.5), share(off, 0.95), Math.max(...off)].map(ms).join(' / '),
        ms(slope(read) * 60),
        String(offsets.length),
        spread(
          offsets.map((offset) => offset * 1000),
          0,
        ),
      ]);
      say(rows.at(-1)!.join(', '));
    });
  }
  return [
    `A canvas of 640x360 that draws the time of day ${RATE} times a second, and flashes and beeps once a second (Chromium: of a canvas and Web Audio; Firefox: of a film), ${length} s each. A picture is off by how much the moment at which the file shows it differs from the one that is drawn in it, beside the median of the take; the slope of that is the drift. Milliseconds: p50 / p95 / most.`,
    table(
      [
        'take',
        'frames',
        'between two, ms',
        'off, ms',
        'drift, ms/min',
        'flashes',
        'sound after picture, ms: median (least to most)',
      ],
      rows,
    ),
  ].join('\n\n');
}
