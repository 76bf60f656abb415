/** A take of a minute whose browser is killed: how long it takes to make a whole file of what is on disk. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { launch } from '../support/browser.mjs';
import { dimRoom } from '../support/film.mjs';
import { cache } from '../support/folders.mjs';
import { killTree } from '../support/processes.mjs';
import { table } from '../support/report.mjs';
import { startServer } from '../support/server.mjs';
import { spread } from '../support/statistics.mjs';
import { openTake, seconds } from '../support/take.mjs';

/** Well above what the package takes for 720p30, so that there is something to read. */
const BITRATE = 12e6;

const contenders = [
  { label: 'onair, WebM', contender: 'onair', format: 'webm' },
  { label: 'onair, MP4', contender: 'onair', format: 'mp4' },
  { label: 'onair, fallback', contender: 'onair fallback', format: 'webm' },
];

export async function run({ quick, say }) {
  const { length, rounds } = quick ? { length: 8, rounds: 2 } : { length: 60, rounds: 7 };
  const server = await startServer();
  const recoveries = [];
  try {
    for (const setup of contenders) {
      const profile = await crashed(server.page, setup, length);
      say(`${setup.label}: killed after ${length} s`);
      try {
        // Every recovery meets the same crash: a recovered file cannot be recovered again.
        for (let round = 0; round < rounds; round++) {
          const recovery = { ...setup, ...(await recoverCopy(server.page, profile)) };
          recoveries.push(recovery);
          say(
            `${setup.label}: ${recovery.state}, ${recovery.duration.toFixed(1)} s of media, ${recovery.inWorker.toFixed(0)} ms in the worker`,
          );
        }
      } finally {
        rmSync(profile, { recursive: true, force: true });
      }
    }
  } finally {
    await server.close();
  }
  return report(recoveries);
}

/** A profile in which a take was cut off. */
async function crashed(page, setup, length) {
  const profile = mkdtempSync(path.join(cache, 'crashed-'));
  const take = await openTake(page, { ...setup, film: dimRoom(), videoBitrate: BITRATE, profile });
  try {
    await take.start();
    await seconds(length);
  } finally {
    await killTree(take.browser.pid);
  }
  return profile;
}

async function recoverCopy(page, original) {
  const profile = mkdtempSync(path.join(cache, 'copy-'));
  // The lock of the process that was killed is not part of what it left.
  cpSync(original, profile, { recursive: true, filter: (file) => !path.basename(file).startsWith('Singleton') });
  const browser = await launch('chromium', { profile });
  try {
    const tab = await browser.open(page);
    return await tab.evaluate(() => globalThis.take.recover());
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

function report(recoveries) {
  const rows = contenders.map(({ label }) => {
    const list = recoveries.filter((recovery) => recovery.label === label);
    const figures = (pick, digits) => spread(list.map(pick), digits);
    return [
      label,
      list.length,
      [...new Set(list.map(({ state }) => state))].join(', '),
      figures(({ size }) => size / 1e6, 1),
      figures(({ duration }) => duration, 1),
      figures(({ inWorker }) => inWorker, 0),
      figures(({ took }) => took, 0),
      figures(({ seek }) => seek, 0),
    ];
  });
  const columns = [
    'recorder',
    'recoveries',
    'outcome',
    'MB',
    's of media',
    'ms in the worker',
    'ms for the page',
    'jump to 80 %, ms',
  ];
  return `Median (least to most).\n\n${table(columns, rows)}`;
}
