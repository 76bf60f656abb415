/**
 * The two engines in Firefox, where no frame reaches a worker without the page: frames that the page reads and a worker
 * encodes, against MediaRecorder. The numbers decide which one is the default there.
 */
import { packets } from '../../test/support/ffmpeg.ts';
import { missingFrames } from '../../test/support/media.ts';
import { launch } from '../support/browser.mjs';
import { cpuSeconds } from '../support/processes.mjs';
import { table } from '../support/report.mjs';
import { startServer } from '../support/server.mjs';
import { spread } from '../support/statistics.mjs';
import { interleaved, seconds } from '../support/take.mjs';

const RATE = 30;
const sizes = [
  { width: 640, height: 480, videoBitrate: 1e6 },
  { width: 1280, height: 720, videoBitrate: 2.5e6 },
];
const engines = [
  { engine: 'webcodecs', contender: 'onair' },
  { engine: 'mediarecorder', contender: 'onair fallback' },
];
/** What happens to the page in the middle of a take. */
const scenes = {
  'left alone': () => seconds(3),
  'blocked for 3 s': ({ tab }) => tab.evaluate(() => globalThis.take.block(3000)),
  'hidden for 3 s': async ({ tab, browser }) => {
    const other = await browser.newPage();
    await other.bringToFront();
    const hidden = await tab.evaluate(() => document.visibilityState);
    await seconds(3);
    await tab.bringToFront();
    await other.close();
    if (hidden !== 'hidden') throw new Error('This browser does not hide a tab that is behind another.');
  },
};

export async function run({ quick, say }) {
  const { rounds, around } = quick ? { rounds: 1, around: 2 } : { rounds: 5, around: 4 };
  const setups = sizes.flatMap((size) =>
    Object.keys(scenes).flatMap((scene) => engines.map((engine) => ({ ...size, scene, ...engine }))),
  );
  const server = await startServer();
  const takes = [];
  try {
    for (const setup of interleaved(setups, rounds)) {
      const take = { ...setup, ...(await record(server, setup, around)) };
      takes.push(take);
      say(
        `${takes.length} of ${rounds * setups.length}: ${setup.height}p, ${setup.scene}, ${setup.engine}: ${take.kept} of ${take.expected} frames`,
      );
    }
  } finally {
    await server.close();
  }
  return report(setups, takes);
}

async function record(server, { contender, width, height, videoBitrate, scene }, around) {
  const browser = await launch('firefox');
  try {
    const tab = await browser.open(server.page);
    const setup = { width, height, rate: RATE, format: 'webm', videoBitrate };
    await tab.evaluate((name, setup) => globalThis.take.open(name, setup), contender, setup);
    await tab.evaluate(() => globalThis.take.start());
    const [began, before] = [performance.now(), cpuSeconds(browser.pid)];
    await seconds(around);
    await scenes[scene]({ tab, browser });
    await seconds(around);
    const cores = (cpuSeconds(browser.pid) - before) / ((performance.now() - began) / 1000);
    await tab.evaluate(() => globalThis.take.stop());
    await tab.evaluate(() => globalThis.take.send('take.webm'));
    const times = (await packets(server.file('take.webm')))
      .filter(({ type }) => type === 'video')
      .map(({ pts }) => pts);
    const { expected, missing } = missingFrames(times, RATE);
    const gap = Math.max(...times.slice(1).map((time, index) => time - times[index]));
    return { cores, expected, kept: expected - missing, gap };
  } finally {
    await browser.close();
  }
}

function report(setups, takes) {
  const rows = setups.map((setup) => {
    const list = takes.filter((take) => ['height', 'scene', 'engine'].every((key) => take[key] === setup[key]));
    return [
      `${setup.width}x${setup.height}, ${setup.scene}`,
      setup.engine,
      list.length,
      spread(
        list.map(({ kept, expected }) => (kept / expected) * 100),
        1,
      ),
      spread(list.map(({ gap }) => gap)),
      spread(list.map(({ cores }) => cores)),
    ];
  });
  const columns = ['picture and page', 'engine', 'takes', 'frames kept, %', 'widest gap, s', 'cores busy'];
  return `Median (least to most). A frame is kept when it is in the file; ${RATE} a second are there to be kept.\n\n${table(columns, rows)}`;
}
