/** How soon and how steadily the preview shows what a camera gives. */
import { BROWSERS, camera30, devices, onStage, onTab, type RunOptions, spread, table } from './support.js';

interface Start {
  live: number;
  shown: number;
}

const SIZES = [
  [640, 480],
  [1280, 720],
] as const;

const milliseconds = (values: readonly number[]) =>
  spread(
    values.map((value) => value * 1000),
    0,
  );

export async function run({ quick, say }: RunOptions): Promise<string> {
  const { rounds, watched } = quick ? { rounds: 1, watched: 2 } : { rounds: 5, watched: 5 };
  const rows: string[][] = [];
  for (const browser of BROWSERS) {
    await onStage(browser, browser === 'chromium' ? camera30 : {}, async (stage) => {
      for (const [width, height] of SIZES) {
        const starts: Start[] = [];
        const again: Start[] = [];
        const rates: number[] = [];
        const gaps: number[] = [];
        // The first use of a camera starts the browser's own service for it.
        for (let round = quick ? 0 : -1; round < rounds; round++) {
          const setup = devices(width, height, { recorders: [], attributes: { 'keep-warm': 60 } });
          await onTab(stage, setup, async (tab) => {
            const first = await tab.call<Start>('timedStart');
            const times = await tab.call<number[]>('presented', watched);
            await tab.call('stopProducer');
            const second = await tab.call<Start>('timedStart');
            if (round < 0) return;
            starts.push(first);
            again.push(second);
            const steps = times.slice(1).map((time, index) => time - times[index]!);
            rates.push(steps.length / (times.at(-1)! - times[0]!));
            gaps.push(Math.max(...steps));
          });
        }
        const live = starts.map((start) => start.live);
        rows.push([
          `${browser}, ${width}x${height}`,
          String(starts.length),
          milliseconds(live),
          milliseconds(starts.map(({ shown }) => shown)),
          milliseconds(again.map(({ shown }) => shown)),
          spread(rates, 1),
          milliseconds(gaps),
        ]);
        say(rows.at(-1)!.join(', '));
      }
    });
  }
  return [
    `From \`start()\` to live and to the first picture of the preview, first and out of the pool; then the pictures that it presents in ${watched} s. Each start in a fresh page of one browser, after one that is not counted. Median (least to most).`,
    table(
      ['camera', 'starts', 'live, ms', 'first picture, ms', 'from the pool, ms', 'pictures/s', 'widest gap, ms'],
      rows,
    ),
  ].join('\n\n');
}
