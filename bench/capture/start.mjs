/** How soon a picture is seen, first and from the pool; what another lease costs, and a frame in FrameProcessor. */
import { launch } from '../support/browser.mjs';
import { dimRoom, HEIGHT, RATE, WIDTH } from '../support/film.mjs';
import { privateBytes, processTree } from '../support/processes.mjs';
import { table, verdicts } from '../support/report.mjs';
import { startServer } from '../support/server.mjs';
import { median, spread } from '../support/statistics.mjs';
import { interleaved, seconds } from '../support/take.mjs';

const setup = { width: WIDTH, height: HEIGHT, rate: RATE };
const ways = [
  { label: 'getUserMedia and a video', way: 'plain' },
  { label: 'onair, first', way: 'first' },
  { label: 'onair, from the pool (`keep-warm`)', way: 'pooled' },
  { label: 'onair, a second producer', way: 'shared' },
];
const LEASES = 100;
const FRAMES = 1e6;

export async function run({ quick, say }) {
  const { rounds, leaseRounds } = quick ? { rounds: 1, leaseRounds: 1 } : { rounds: 20, leaseRounds: 5 };
  const server = await startServer();
  const page = new URL('capture.html', server.page).href;
  try {
    const starts = await measureStarts(page, rounds, say);
    const leases = await measureLeases(page, leaseRounds, say);
    const frames = await measureFrames(page, quick ? 2 : 10, say);
    return report(starts, leases, frames);
  } finally {
    await server.close();
  }
}

/** Each start in a page of its own, in one browser: that the browser itself starts is none of it. */
async function measureStarts(page, rounds, say) {
  const browser = await launch('chromium', { film: dimRoom() });
  try {
    const starts = [];
    const start = async (way) => {
      const tab = await browser.open(page);
      return tab.evaluate((way, setup) => globalThis.capture.start(way, setup), way, setup);
    };
    // The first use of the camera by a browser starts its capture process.
    await start('plain');
    for (const { label, way } of interleaved(ways, rounds)) {
      const measured = { label, way, ...(await start(way)) };
      starts.push(measured);
      say(`${label}: ${measured.took.toFixed(0)} ms, ${measured.calls} calls of getUserMedia`);
    }
    return starts;
  } finally {
    await browser.close();
  }
}

/** Bytes that each lease adds to the whole browser. */
async function measureLeases(page, rounds, say) {
  const costs = [];
  for (let round = 0; round < rounds; round++) {
    const browser = await launch('chromium', { film: dimRoom() });
    try {
      const tab = await browser.open(page);
      const lease = (count) => tab.evaluate((count, setup) => globalThis.capture.lease(count, setup), count, setup);
      const settled = async () => {
        await seconds(3);
        return processTree(browser.pid).reduce((sum, { pid }) => sum + privateBytes(pid), 0);
      };
      await lease(1);
      const before = await settled();
      await lease(LEASES);
      costs.push(((await settled()) - before) / LEASES);
      say(`a lease: ${(costs.at(-1) / 1000).toFixed(1)} kB`);
    } finally {
      await browser.close();
    }
  }
  return costs;
}

/** Microseconds a frame. */
async function measureFrames(page, rounds, say) {
  const browser = await launch('chromium');
  try {
    const tab = await browser.open(page);
    const costs = [];
    for (let round = 0; round < rounds; round++)
      costs.push(await tab.evaluate((frames) => globalThis.capture.decide(frames), FRAMES));
    say(`a frame: ${median(costs).toFixed(3)} µs`);
    return costs;
  } finally {
    await browser.close();
  }
}

function report(starts, leases, frames) {
  const of = (way) => starts.filter((start) => start.way === way);
  const took = (way) => of(way).map((start) => start.took);
  const targets = [
    {
      claim: 'from the pool: first picture, of two frame intervals',
      most: 2000 / RATE,
      measured: median(took('pooled')),
      digits: 1,
      unit: 'ms',
    },
    {
      claim: 'from the pool: calls of getUserMedia',
      most: 0,
      measured: Math.max(...of('pooled').map(({ calls }) => calls)),
      digits: 0,
    },
    { claim: 'memory of one more lease', most: 100, measured: median(leases) / 1000, digits: 1, unit: 'kB' },
    { claim: 'FrameProcessor: a frame', most: 1, measured: median(frames), digits: 3, unit: 'µs' },
  ];
  const rows = ways.map(({ label, way }) => [
    label,
    of(way).length,
    spread(took(way), 0),
    spread(
      of(way).map(({ calls }) => calls),
      0,
    ),
  ]);
  return [
    verdicts(targets),
    'From the call of `start()` to the first frame that the preview shows; median (least to most).',
    table(['start', 'times', 'first picture, ms', 'calls of getUserMedia'], rows),
    `A lease, with its clones of both tracks: ${spread(
      leases.map((bytes) => bytes / 1000),
      1,
    )} kB of the whole browser's private memory, by ${LEASES} more of them. A frame in FrameProcessor: ${spread(frames, 3)} µs.`,
  ].join('\n\n');
}
