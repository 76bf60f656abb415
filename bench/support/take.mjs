/** One take by one contender, in a browser of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { launch } from './browser.mjs';
import { HEIGHT, RATE, WIDTH } from './film.mjs';
import { mimeType } from './server.mjs';

/**
 * @param {string} page address of pages/take.html
 * @param {{ contender: string, film?: string, format?: 'webm' | 'mp4', codec?: 'vp8' | 'vp9', videoBitrate: number, quality?: 'adaptive' | 'fixed', profile?: string }} setup
 */
export async function openTake(page, { contender, film, format = 'webm', codec, videoBitrate, quality, profile }) {
  const browser = await launch('chromium', { film, profile });
  try {
    const tab = await browser.open(page);
    const picture = { width: WIDTH, height: HEIGHT, rate: RATE };
    const setup = { ...picture, format, videoBitrate, quality, mimeType: mimeType(format, codec) };
    await tab.evaluate((name, setup) => globalThis.take.open(name, setup), contender, setup);
    return {
      browser,
      start: () => startPatiently(() => tab.evaluate(() => globalThis.take.start())),
      /** Bytes recorded so far. @returns {Promise<number>} */
      bytes: () => tab.evaluate(() => globalThis.take.bytes()),
      stop: () => tab.evaluate(() => globalThis.take.stop()),
      seek: (fraction) => tab.evaluate((fraction) => globalThis.take.seek(fraction), fraction),
      /** Any other function of the page. */
      call: (name, ...given) => tab.evaluate((name, given) => globalThis.take[name](...given), name, given),
      /** Hands the file to the server, under this name. */
      send: (name) => tab.evaluate((name) => globalThis.take.send(name), name),
      close: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/**
 * On a busy machine a codec's trial may fail, and with one codec the take is refused. What is measured is not the start:
 * it is asked for again, and a machine that is that busy is told of.
 */
async function startPatiently(start) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === 10) throw error;
      console.warn(`   The take was refused, and is started again: ${error.message.split('\n')[0]}`);
    }
  }
}

/** Contenders in turn, each round beginning with the next one, so that none has the warmest or the quietest machine. */
export function* interleaved(contenders, rounds) {
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < contenders.length; place++) yield contenders[(round + place) % contenders.length];
  }
}

export const seconds = (count) => sleep(count * 1000);
