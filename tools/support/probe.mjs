/** What a browser really does with the package: short takes with its fake camera, looked at afterwards. */
import { spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { serve, strictCsp } from '../../demo/server/server.mjs';
import { ensureFfmpeg, findFfprobe } from '../browsers.mjs';
import { DrivenBrowser } from '../driven-browser.mjs';
import { finish, play, running, shareScreen, take } from './in-page.mjs';

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Probe</title>
<script type="module" src="/dist/cdn/onair.js"></script>
<button commandfor="p" command="--start">Start</button>
<media-producer id="p"><stream-recorder></stream-recorder></media-producer>
<recording-library></recording-library></html>`;

/**
 * @param {import('../driven-browser.mjs').BrowserName} name
 * @returns {Promise<Record<string, any> | null>} null where the browser is not installed and cannot be
 */
export async function probe(name) {
  const folder = await mkdtemp(path.join(tmpdir(), 'onair-probe-'));
  const file = path.join(folder, 'take');
  let policy = strictCsp;
  const server = await serve({
    csp: () => policy,
    routes: {
      '/probe': page,
      '/put': async (request, response) => {
        await pipeline(request, createWriteStream(file));
        response.writeHead(204).end();
      },
    },
  });
  const url = `${server.url}/probe`;
  const browser = await DrivenBrowser.launch(name);
  try {
    if (!browser) return null;
    const fresh = (of = browser) => of.open(url);
    /** One take on a page of its own. @returns {Promise<any>} */
    const on = async (act, settings = {}, of = browser) => {
      const tab = await fresh(of);
      const found = await tab.evaluate(act, settings);
      await tab.close();
      return found;
    };

    const found = { version: await browser.version() };
    found.auto = await on(take, { seconds: 2 });
    found.plays = await on(play);
    for (const format of ['webm', 'mp4']) found[format] = await on(take, { seconds: 1, recorder: { format } });
    policy = `${strictCsp}; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:`;
    found.mp4WithAac = await on(take, { seconds: 1, recorder: { format: 'mp4' } });
    policy = strictCsp;
    for (const engine of ['webcodecs', 'mediarecorder'])
      found[engine] = await on(take, { seconds: 1, recorder: { engine } });
    const camera = { width: 640, height: 480, 'frame-rate': 20 };
    found.blocked = await on(take, { seconds: 1, producer: camera, block: 3, put: true });
    found.widestGap = found.blocked.code ? null : widestGap(file);
    found.hidden = await hidden(await fresh(), fresh, camera, file);
    found.screen = await screen(await fresh());
    found.commands = await commands(await fresh());

    const tab = await fresh();
    const { counted, at } = await tab.evaluate(running, { until: 3 });
    const { moment } = await browser.kill();
    await browser.start();
    const back = await on(play);
    // The counter tells what was written, and the take went on from there to the kill.
    found.kill = { counted, back, lost: Math.max(0, counted + (moment - at) / 1000 - back.duration) };
    found.private = await inPrivate(name, on);
    return found;
  } finally {
    await browser?.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether a screen can be shared and recorded; that takes a press of the button. */
async function screen(tab) {
  await tab.evaluate(() => customElements.whenDefined('media-producer').then(() => {}));
  await tab.evaluate(() => document.querySelector('media-producer').setAttribute('video', 'screen'));
  await tab.evaluate(() => document.querySelector('media-producer').setAttribute('audio', 'none'));
  const button = await tab.waitForSelector('media-producer >>> [part~="start-button"]');
  await button.click();
  const found = await tab.evaluate(shareScreen);
  await tab.close();
  return found;
}

/** Whether a button starts the producer without any script. */
async function commands(tab) {
  await tab.evaluate(() => customElements.whenDefined('media-producer').then(() => {}));
  const button = await tab.waitForSelector('button');
  await button.click();
  const started = await tab.evaluate(() => document.querySelector('media-producer').state !== 'idle');
  await tab.close();
  return started;
}

/** What is promised in a private window. */
async function inPrivate(name, on) {
  const browser = await DrivenBrowser.launch(name, { private: true });
  try {
    return await on(take, { seconds: 1 }, browser);
  } finally {
    await browser.close();
  }
}

/** Share of the frames that are kept of a take whose page is hidden for 3 s; null where that cannot be seen. */
async function hidden(tab, fresh, producer, file) {
  await tab.evaluate(running, { until: 1, producer });
  const other = await fresh();
  await other.bringToFront();
  const state = await tab.evaluate(() => document.visibilityState);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await tab.bringToFront();
  await other.close();
  await tab.evaluate(finish, { seconds: 1 });
  await tab.close();
  const times = state === 'hidden' ? frameTimes(file) : null;
  if (!times) return null;
  const steps = times.slice(1).map((time, index) => time - times[index]);
  const usual = steps.sort((a, b) => a - b)[steps.length >> 1];
  return Math.min(1, times.length / (Math.round((times.at(-1) - times[0]) / usual) + 1));
}

/** Seconds between the two neighbouring frames that are farthest apart; null without ffprobe. */
function widestGap(file) {
  const times = frameTimes(file);
  return times && Math.max(...times.slice(1).map((time, index) => time - times[index]));
}

/** Seconds at which frames are shown, in order; null without ffprobe. */
function frameTimes(file) {
  if (!ensureFfmpeg()) return null;
  const args = ['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', file];
  const { stdout } = spawnSync(findFfprobe(), args, { encoding: 'utf8' });
  const times = stdout.split('\n').map(parseFloat).filter(Number.isFinite);
  return times.sort((a, b) => a - b);
}
