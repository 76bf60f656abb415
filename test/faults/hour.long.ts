import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it, type TestContext } from 'node:test';
import { lacks } from '../support/browser.js';
import { assertSeeks } from '../support/conforms.js';
import { frameTimes, holesIn } from '../support/media.js';
import { Stage } from '../support/stage.js';
import { assertKept, roll, survivors, told } from '../support/survival.js';

/** Minutes of the take; the promise is for over an hour. */
const MINUTES = Number(process.env['ONAIR_LONG_MINUTES'] ?? 62);

/** Seconds by which a frame is late when it is missing: in an hour, the page that draws it stands still now and then. */
const STALL = 0.5;

/** What the stages of a take have counted, and timed (seconds). */
interface Measured {
  counters: Record<string, number>;
  histograms: Record<string, { max: number }>;
}

describe(
  `a take of ${MINUTES} minutes that ends with the kill of its browser (chromium)`,
  { skip: lacks('chromium') },
  () => {
    let stage: Stage;
    before(async () => (stage = await Stage.open('chromium')));
    afterEach(() => stage.clear());
    after(() => stage?.close());

    for (const format of ['webm', 'mp4'])
      it(`lacks at most a second, plays and seeks (${format})`, (test) => killsAfterAnHour(format, test));

    async function killsAfterAnHour(format: string, test: TestContext): Promise<void> {
      const tab = await stage.tab({
        source: 'noise',
        recorders: [{ 'recording-name': 'hour', format, 'video-bitrate': 2_500_000 }],
      });
      const { from, promises } = await roll(tab, 1);
      await tab.call('measureFrom');
      // In pieces, so that no call to the browser takes an hour.
      for (let second = 10; second <= MINUTES * 60; second += 10) await tab.call('recorded', second);
      const { counters, histograms } = await tab.call<Measured>('measured');
      const longest = Object.entries(histograms).map(([name, { max }]) => `${name} ${max.toFixed(3)}`);
      test.diagnostic(`the longest of each stage: ${longest.join(', ')}; ${JSON.stringify(counters)}`);
      const until = await stage.browser.kill();
      await stage.browser.start();

      const library = await stage.tab({ library: 'auto' });
      const began = Date.now();
      const [take, ...others] = await survivors(stage, library, { from, until, late: STALL });
      assert.ok(take && others.length === 0);
      test.diagnostic(
        `${told(take, 'killed')}; ${(take.size / 2 ** 20).toFixed(0)} MB, recovered and decoded in ${(Date.now() - began) / 1000} s`,
      );
      const gaps = holesIn(await frameTimes(take.file), STALL).map(
        ({ after, lacks }) => `${lacks.toFixed(2)} s after ${after.toFixed(0)} s`,
      );
      test.diagnostic(`holes in the picture: ${gaps.join(', ') || 'none'}`);
      assert.ok(take.duration > MINUTES * 60 - 1);
      assertKept(take, promises[0]!.lossOnCrash);
      const took = await assertSeeks(library, take.file);
      test.diagnostic(`seek to 80 % in ${took.toFixed(0)} ms`);
    }
  },
);
