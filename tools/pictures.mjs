/**
 * Takes the pictures of README.md from the demo, in the installed Chromium: `npm run pictures`. Its camera shows a
 * test card of ffmpeg's; the recordings in the list are made, and one is recovered, before the picture is taken.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureFfmpeg } from './browsers.mjs';
import { build, install, root } from './prepare.mjs';

install();
build();
const { serve } = await import('../demo/server/server.mjs');
const { DrivenBrowser } = await import('./driven-browser.mjs');

const folder = mkdtempSync(path.join(tmpdir(), 'onair-pictures-'));
const card = path.join(folder, 'card.mjpeg');
const ffmpeg = ensureFfmpeg();
if (!ffmpeg) throw new Error('No ffmpeg is on this machine, and none could be installed. FFMPEG_PATH names one.');
const source = ['-f', 'lavfi', '-i', 'smptehdbars=size=1280x720:rate=30', '-t', '2', '-q:v', '3'];
const made = spawnSync(ffmpeg, ['-v', 'error', ...source, card], { stdio: 'inherit' });
if (made.status !== 0) throw new Error('ffmpeg made no test card.');

/** Runs in the page: starts a take, and answers when it has this many seconds. */
const roll = ({ name, seconds }) => {
  const producer = document.querySelector('media-producer');
  const recorder = document.querySelector('stream-recorder');
  recorder.setAttribute('recording-name', name);
  const recorded = new Promise((resolve) => {
    const look = () => recorder.duration >= seconds && resolve();
    recorder.addEventListener('oa-progress', look);
  });
  return producer
    .start()
    .then(() => recorder.start())
    .then(() => recorded);
};
const stop = () =>
  document
    .querySelector('stream-recorder')
    .stop()
    .then(() => {});
const settled = () =>
  new Promise((resolve) => {
    const library = document.querySelector('recording-library');
    const look = () => library.recordings[0]?.state === 'recovered' && resolve();
    library.addEventListener('oa-recordingschange', look);
    look();
  });

const size = { width: 1160, height: 795, deviceScaleFactor: 2 };
const server = await serve();
const browser = await DrivenBrowser.launch('chromium', { flags: [`--use-file-for-fake-video-capture=${card}`] });
if (!browser) throw new Error('No Chromium is on this machine, and none could be installed. CHROME_PATH names one.');
try {
  let page = await browser.open(`${server.url}/`, size);
  await page.evaluate(roll, { name: 'Interview, first part', seconds: 5 });
  await page.evaluate(stop);
  await page.evaluate(roll, { name: 'Interview, second part', seconds: 8 });
  await browser.kill();
  await browser.start();
  page = await browser.open(`${server.url}/`, size);
  await page.evaluate(settled);
  await page.evaluate(roll, { name: 'Interview, third part', seconds: 7 });
  mkdirSync(path.join(root, 'docs/images'), { recursive: true });
  for (const scheme of ['light', 'dark']) {
    await page.emulateMediaFeatures([
      { name: 'prefers-color-scheme', value: scheme },
      { name: 'prefers-reduced-motion', value: 'reduce' },
    ]);
    const file = path.join(root, `docs/images/record-${scheme}.png`);
    await page.screenshot({ path: file });
    console.log(path.relative(root, file));
  }
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
