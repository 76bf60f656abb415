/**
 * Takes pictures of every mode, scale and orientation of `<audio-level>`, light, dark and in forced colours, to be looked
 * at: `npm run pictures:meters`. They are of the installed Chromium, and lie in .cache/meters/.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { build, install, root } from './prepare.mjs';

install();
build();
const { serve } = await import('../demo/server/server.mjs');
const { DrivenBrowser } = await import('./driven-browser.mjs');

const folder = path.join(root, '.cache/meters');
const THEMES = {
  light: { 'prefers-color-scheme': 'light' },
  dark: { 'prefers-color-scheme': 'dark' },
  'forced-colors': { 'prefers-color-scheme': 'dark', 'forced-colors': 'active' },
};
const SHOWN = [
  { mode: 'peak', target: -9 },
  { mode: 'rms' },
  { mode: 'loudness', scale: 'ebu9' },
  { mode: 'loudness', scale: 'ebu18', unit: 'lu' },
  { mode: 'loudness', scale: 'dbfs' },
];
const METERS = ['horizontal', 'vertical'].flatMap((orientation) => SHOWN.map((one) => ({ ...one, orientation })));

/** Runs in the page: nothing but these meters is on it. */
const place = (meters) => {
  const main = document.createElement('main');
  Object.assign(main.style, {
    alignItems: 'start',
    display: 'grid',
    gap: '1rem',
    gridTemplateColumns: 'repeat(2, minmax(0, 1fr))',
  });
  for (const attributes of meters) {
    const meter = document.createElement('audio-level');
    for (const [name, value] of Object.entries(attributes)) meter.setAttribute(name, value);
    const title = document.createElement('h2');
    title.textContent = Object.values(attributes).join(', ');
    const card = document.createElement('section');
    card.className = 'card';
    card.append(title, meter);
    main.append(card);
  }
  document.body.replaceChildren(main);
};

/**
 * Runs in the page: a sound that was louder three seconds ago, so that marks stand before bars and on them. Loudness is
 * above the target then; of the peaks, one is too high. Resolves when that is drawn.
 */
const play = async () => {
  const meters = [...document.querySelectorAll('audio-level')];
  const context = new AudioContext();
  await context.resume();
  const decibels = (level) => 10 ** (level / 20);
  const sound = (...levels) => {
    const merger = new ChannelMergerNode(context, { numberOfInputs: levels.length });
    levels.forEach((level, channel) => {
      const gain = new GainNode(context, { gain: decibels(level) });
      gain.gain.setValueAtTime(decibels(level - 8), context.currentTime + 3.5);
      const oscillator = new OscillatorNode(context, { frequency: 997 });
      oscillator.connect(gain).connect(merger, 0, channel);
      oscillator.start();
    });
    return merger;
  };
  const loudness = sound(-18, -18);
  const samples = sound(-0.5, -14);
  for (const meter of meters) {
    meter.connectNode(meter.mode === 'loudness' ? loudness : samples);
    meter.reset();
  }
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  while (context.currentTime < 4.5 || meters.some(({ levels }) => levels === null)) await frame();
};

const server = await serve();
const browser = await DrivenBrowser.launch('chromium');
if (!browser) throw new Error('No Chromium is on this machine, and none could be installed. CHROME_PATH names one.');
try {
  mkdirSync(folder, { recursive: true });
  const page = await browser.open(`${server.url}/audio.html`);
  // What is out of sight is not drawn.
  await page.setViewport({ width: 1280, height: 1840, deviceScaleFactor: 2 });
  await page.evaluate(place, METERS);
  const client = await page.createCDPSession();
  for (const [theme, wanted] of Object.entries(THEMES)) {
    const features = Object.entries(wanted).map(([name, value]) => ({ name, value }));
    await client.send('Emulation.setEmulatedMedia', { features });
    await page.evaluate(play);
    const file = path.join(folder, `${theme}.png`);
    await page.screenshot({ path: file });
    console.log(path.relative(root, file));
  }
} finally {
  await browser.close();
  await server.close();
}
