/**
 * `npm run tour`: the main job on the real page, in an installed Chromium with its fake camera. Records, kills the whole
 * browser, starts it again, plays and seeks what came back; then crashes the tab by the page's own button. Prints what it
 * saw; the pictures are in tour/.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build, install, root } from './prepare.mjs';

install();
build();
const { serve } = await import('../demo/server/server.mjs');
const { DrivenBrowser } = await import('./driven-browser.mjs');

const folder = path.join(root, 'tour');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const say = (text) => console.log(text);
const s = (seconds) => `${seconds.toFixed(2)} s`;
let pictures = 0;

/** @param {import('puppeteer-core').Page} page */
async function picture(page, name) {
  const file = path.join(folder, `${++pictures}-${name}.png`);
  await page.screenshot({ path: file });
  say(`   picture: ${path.relative(root, file)}`);
}

/** Presses a button by its name, as a person finds it. */
async function press(page, name) {
  const button = await page.waitForSelector(`::-p-aria([name="${name}"][role="button"])`);
  await button.click();
}

/** Resolves with the media time (s) when the recorder has recorded that much. */
const recorded = (page, least) =>
  page.evaluate((least) => {
    const recorder = document.querySelector('stream-recorder');
    return new Promise((resolve, reject) => {
      const look = () => {
        if (recorder.state === 'failed') reject(recorder.error);
        else if (recorder.state === 'recording' && recorder.duration >= least) resolve(recorder.duration);
      };
      recorder.addEventListener('oa-statechange', look);
      recorder.addEventListener('oa-progress', look);
      look();
    });
  }, least);

/** What the library makes of what it found; `took` is seconds since the page was asked for. */
const recovered = (page) =>
  page.evaluate(() => {
    const library = document.querySelector('recording-library');
    const done = () => {
      const [newest] = library.recordings;
      if (newest?.state === 'damaged') throw new Error('The recording is damaged.');
      return newest?.state === 'recovered' ? newest : null;
    };
    return new Promise((resolve, reject) => {
      const look = () => {
        try {
          const recording = done();
          if (!recording) return;
          const { duration, size, mimeType } = recording;
          resolve({ duration, size, mimeType, took: performance.now() / 1000 });
        } catch (error) {
          reject(error);
        }
      };
      library.addEventListener('oa-recordingschange', look);
      look();
    });
  });

/** The player that the library has opened; it lies in its shadow root. */
const player = (page, act) =>
  page.evaluate(async (act) => {
    const find = () => document.querySelector('recording-library').shadowRoot.querySelector('video');
    while (!find()) await new Promise(requestAnimationFrame);
    const video = find();
    const heard = (type) =>
      new Promise((resolve, reject) => {
        video.addEventListener(type, resolve, { once: true });
        video.addEventListener('error', () => reject(video.error), { once: true });
      });
    if (act === 'play') {
      while (video.currentTime < 0.5) await heard('timeupdate');
    } else {
      const start = performance.now();
      video.pause();
      video.currentTime = video.duration * 0.8;
      await heard('seeked');
      return { at: video.currentTime, took: (performance.now() - start) / 1000, duration: video.duration };
    }
    return { at: video.currentTime, took: 0, duration: video.duration };
  }, act);

/** The counter (s) at the moment it moves: it does so once a second, and is old in between. */
const counter = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const recorder = document.querySelector('stream-recorder');
        recorder.addEventListener('oa-progress', () => resolve(recorder.duration), { once: true });
      }),
  );

async function record(page, least) {
  await press(page, 'Turn on camera and microphone');
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const producer = document.querySelector('media-producer');
        const look = () => producer.state === 'live' && resolve();
        producer.addEventListener('oa-statechange', look);
        look();
      }),
  );
  await press(page, 'Record');
  await recorded(page, least);
  return page.evaluate(() => {
    const { activeEngine, activeFormat, guarantee, size, duration } = document.querySelector('stream-recorder');
    return { activeEngine, activeFormat, guarantee, size, duration };
  });
}

const server = await serve();
const browser = await DrivenBrowser.launch('chromium');
if (!browser) throw new Error('No Chromium is on this machine, and none could be installed. CHROME_PATH names one.');

try {
  say(`Tour with ${await browser.version()} at ${server.url}/`);

  say('\n1. The page, before anything is allowed');
  let page = await browser.open(`${server.url}/`);
  await picture(page, 'start');

  say('\n2. Camera and microphone are on, and a take runs');
  const take = await record(page, 5);
  const { guarantee } = take;
  say(
    `   ${s(take.duration)}, ${(take.size / 1000).toFixed(0)} kB on disk, ${take.activeFormat} by ${take.activeEngine}`,
  );
  say(
    `   promised: a crash costs at most ${guarantee.lossOnCrash} s; frames of a blocked page are ${guarantee.blockedPage}`,
  );
  await picture(page, 'recording');

  say('\n3. The whole browser is killed (SIGKILL)');
  const before = await counter(page);
  const { processes } = await browser.kill();
  say(`   ${processes} processes ended; the counter stood at ${s(before)}`);

  say('\n4. It is started again, and the page opened');
  await browser.start();
  page = await browser.open(`${server.url}/`);
  const back = await recovered(page);
  say(`   ${s(back.duration)} are back, ${(back.size / 1000).toFixed(0)} kB, ${back.mimeType}`);
  say(
    `   ${s(back.took)} after the page was asked for, ${s(Math.max(0, before - back.duration))} less than the counter`,
  );
  await picture(page, 'recovered');
  if (back.duration < before - guarantee.lossOnCrash) throw new Error('More is missing than was promised.');

  say('\n5. It plays and seeks');
  await press(
    page,
    `Play ${await page.evaluate(() => document.querySelector('recording-library').recordings[0].name)}`,
  );
  const playing = await player(page, 'play');
  say(`   plays: ${s(playing.at)} of ${s(playing.duration)}`);
  const sought = await player(page, 'seek');
  say(`   seek to ${s(sought.at)} (80 %): ${(sought.took * 1000).toFixed(0)} ms`);
  await page.evaluate(() => document.querySelector('recording-library').scrollIntoView({ block: 'center' }));
  await picture(page, 'played');
  await page.close();

  say('\n6. The tab crashes itself, by the button of the page');
  page = await browser.open(`${server.url}/`);
  await record(page, 3);
  const counted = await counter(page);
  const crashed = new Promise((resolve) => page.once('error', resolve));
  // Nobody is left to say that it was pressed.
  press(page, 'Crash me').catch(() => {});
  await crashed;
  say(`   the process of the tab is gone; the counter stood at ${s(counted)}`);
  page = await browser.open(`${server.url}/`);
  const again = await recovered(page);
  say(`   ${s(again.duration)} are back, ${s(again.took)} after the page was asked for`);
  say(`   the page says: ${await page.evaluate(() => document.querySelector('#verdict').textContent)}`);
  await picture(page, 'crashed-and-recovered');

  say(`\nAll of it worked. Pictures: ${path.relative(process.cwd(), folder) || '.'}${path.sep}`);
} catch (error) {
  say(`\nThe tour ended early: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  await server.close();
}
