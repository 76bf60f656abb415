/** What it costs a page to be watched: `<perf-meter>` beside stats.js and stats-gl. */
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle } from '../../tools/bundle.mjs';
import { launch } from '../support/browser.mjs';
import { bench, root } from '../support/folders.mjs';
import { allocated, taskTime } from '../support/main-thread.mjs';
import { table, verdicts } from '../support/report.mjs';
import { startServer } from '../support/server.mjs';
import { median, spread } from '../support/statistics.mjs';
import { interleaved, seconds } from '../support/take.mjs';

/** Files that are downloaded at once, and those that come when a meter is seen; not what draws charts or exports. */
const METER = ['define/perf-meter.js', 'components/perf-meter/meter.js', 'core/monitor/vitals.js'].map((file) =>
  path.join(root, 'dist', file),
);
const peer = (file) => [path.join(bench, 'node_modules', file)];

const contenders = [
  { name: 'nothing', label: 'nothing' },
  { name: 'compact', label: '`<perf-meter>`', most: 1.5, files: METER, take: 'export * from' },
  { name: 'full', label: '`<perf-meter view="full">`', most: 4, files: METER, take: 'export * from' },
  { name: 'stats.js', label: 'stats.js', files: peer('stats.js/build/stats.min.js') },
  { name: 'stats-gl', label: 'stats-gl', files: peer('stats-gl/dist/main.js'), take: 'export * from' },
];
/** Seconds from the start of the take: what that costs is none of it. */
const SETTLE = 4;

export async function run({ quick, say }) {
  const { rounds, time, sampled } = quick ? { rounds: 1, time: 3, sampled: 2 } : { rounds: 5, time: 10, sampled: 3 };
  // One peer styles by attributes.
  const server = await startServer({ csp: null });
  const page = new URL('monitor.html', server.page).href;
  const costs = Object.fromEntries(contenders.map(({ name }) => [name, { tasks: [], bytes: [] }]));
  try {
    for (const { name, label } of interleaved(contenders, rounds)) {
      const { tasks, bytes } = costs[name];
      const browser = await launch('chromium');
      try {
        const tab = await browser.open(page);
        await tab.evaluate((name) => globalThis.open(name), name);
        await seconds(SETTLE);
        tasks.push(await taskTime(tab, time));
        bytes.push(await allocated(tab, sampled));
      } finally {
        await browser.close();
      }
      say(`${label}: ${tasks.at(-1).toFixed(2)} ms/s, ${(bytes.at(-1) / 1000).toFixed(1)} kB/s`);
    }
  } finally {
    await server.close();
  }
  const sizes = Object.fromEntries(await Promise.all(contenders.map(async (one) => [one.name, await sizeOf(one)])));
  return report(costs, sizes, { time, sampled });
}

async function sizeOf({ files, take = 'import' }) {
  if (!files) return null;
  return gzipSync(await bundle(files, { take }), { level: 9 }).length;
}

function report(costs, sizes, { time, sampled }) {
  /** Beyond what the page does without a contender, round by round. */
  const above = (name, what) => costs[name][what].map((value, round) => value - costs.nothing[what][round]);
  const targets = contenders
    .filter(({ most }) => most)
    .map(({ name, label, most }) => ({
      claim: `${label}: main thread a second`,
      most,
      measured: median(above(name, 'tasks')),
      unit: 'ms',
    }));
  const kB = (values) => values.map((bytes) => bytes / 1000);
  const rows = contenders
    .slice(1)
    .map(({ name, label }) => [
      label,
      costs[name].tasks.length,
      spread(above(name, 'tasks')),
      spread(kB(above(name, 'bytes')), 1),
      (sizes[name] / 1000).toFixed(1),
    ]);
  return [
    verdicts(targets),
    `A take of 640x480 of which nothing is shown, and one contender, each in a fresh browser (Chromium): milliseconds of processor that tasks of the main thread take in each second, over ${time} s, and kB that JavaScript allocates in each second, over ${sampled} s. Both beyond the same page without a contender, of the same round, which took ${spread(costs.nothing.tasks)} ms and ${spread(kB(costs.nothing.bytes), 1)} kB; median (least to most). Size in kB, gzip -9, with Lit.`,
    table(['on the page', 'times', 'ms a second', 'kB a second', 'kB to download'], rows),
  ].join('\n\n');
}
