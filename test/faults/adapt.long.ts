import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it, type TestContext } from 'node:test';
import { lacks, type BrowserName, type Tab } from '../support/browser.js';
import { decode, ffmpeg, packets, probe } from '../support/ffmpeg.js';
import { frameTimes, widestGap } from '../support/media.js';
import { BACK, between, isFull, journalMoves, type Move, movesOf, until } from '../support/quality.js';
import { type PageSetup, seconds, Stage, type Stopped } from '../support/stage.js';

type Counted = Record<string, number>;

/** Colours of the bars of the card, from left to right (test/pages/sources.js). */
const CARD = ['ffffff', 'bfbf00', '00bfbf', '00bf00', 'bf00bf', 'bf0000', '0000bf', '101010'];

function tell(test: TestContext, moves: readonly Move[], began: number): void {
  const told = moves.map(({ at, level, cause }) => `${((at - began) / 1000).toFixed(1)} s: ${level} (${cause})`);
  test.diagnostic(`moves: ${told.join(', ') || 'none'}`);
}

/** Sound from start to end, with nothing put in its place but for what the starved page never made (seconds). */
async function assertHeard(tab: Tab, file: string, duration: number, unmade: number): Promise<void> {
  const { worker } = await tab.call<{ worker: { silence: number } }>('counts');
  const { silence } = worker;
  assert.ok(silence <= unmade + 0.1, `${silence} s of silence in place of sound, of which ${unmade} s were never made`);
  const sound = (await packets(file)).filter(({ type }) => type === 'audio');
  const { audioSamples } = await decode(file);
  assert.ok(Math.abs(audioSamples / 48_000 - duration) < 0.2, `${audioSamples / 48_000} of ${duration} s of sound`);
  assert.ok(widestGap(sound) < 0.01, `a gap of ${widestGap(sound)} s`);
}

/**
 * What the queue of the encoder looks like to the take, for some seconds from the third second of the worker on: nearly
 * full. Nothing is given up for it.
 */
const queueOf = (length: number) => `{
  const began = performance.now();
  const { get } = Object.getOwnPropertyDescriptor(VideoEncoder.prototype, 'encodeQueueSize');
  const strained = () => performance.now() - began > 3000 && performance.now() - began < 3000 + ${length} * 1000;
  Object.defineProperty(VideoEncoder.prototype, 'encodeQueueSize', {
    get() { return strained() ? 7 : get.call(this); },
  });
}
`;

interface Case {
  name: BrowserName;
  recorder: Record<string, string>;
  floor: number;
}

const CASES: Case[] = [
  { name: 'chromium', recorder: { format: 'webm' }, floor: 0.3 },
  // The size is in the one description that an MP4 has of its pictures: there the ladder ends before it.
  { name: 'chromium', recorder: { format: 'mp4' }, floor: 0.41 },
  { name: 'firefox', recorder: { format: 'webm', engine: 'webcodecs' }, floor: 0.3 },
];

for (const { name, recorder, floor } of CASES) {
  describe(`the whole ladder, ${recorder['format']} (${name})`, { skip: lacks(name) }, () => {
    let stage: Stage;
    before(async () => (stage = await Stage.open(name)));
    afterEach(() => stage.clear());
    after(() => stage?.close());

    it('is gone down and up again, and the file is whole', async (test) => {
      stage.server.workerPrelude = queueOf(14);
      // Small, so that the machine has room for all of it.
      const options = { width: 320, height: 240 };
      const tab = await stage.tab({ source: 'card', options, recorders: [recorder], library: 'off' });
      assert.deepEqual(await tab.call('start'), ['recording']);
      const began = Date.now();
      await until(`level ${floor}`, 25, async () => (await movesOf(tab)).at(-1)?.level === floor);
      await seconds(2);
      await until('full quality', 14 + BACK, () => isFull(tab)).finally(async () =>
        tell(test, await movesOf(tab), began),
      );
      await seconds(1);
      const [take] = await tab.call<Stopped[]>('stop');
      const moves = await movesOf(tab);
      assert.deepEqual(
        (await journalMoves(stage, tab, take!)).map(({ level }) => level),
        moves.map(({ level }) => level),
      );
      assert.equal(moves.find(({ level, previous }) => level < previous)!.cause, 'encoder');
      const file = await stage.fetch(tab, take!);
      assert.deepEqual((await decode(file)).errors, []);
      const { duration, streams } = await probe(file);
      assert.ok(Math.abs(duration - take!.duration) < 0.1, `${duration} s, ${take!.duration} s told`);
      const times = await frameTimes(file);
      assert.ok(Math.abs(times.at(-1)! - duration) < 0.5);
      test.diagnostic(`${streams[0]!.codec_name}, ${times.length} frames in ${duration.toFixed(1)} s`);
      // The picture is the whole card, whatever its size.
      for (let at = 1; at < duration - 1; at += 3) {
        const bars = await ffmpeg(
          ...[
            '-ss',
            String(at),
            '-i',
            file,
            '-frames:v',
            '1',
            '-vf',
            'crop=iw:ih/2:0:ih/4,format=rgb24,scale=8:1:flags=area',
          ],
          ...['-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'],
        );
        const worst = Math.max(...[...bars].map((value, i) => Math.abs(value - Buffer.from(CARD.join(''), 'hex')[i]!)));
        assert.ok(worst < 16, `colours ${worst}/255 off at ${at} s`);
      }
      // Chromium says so of a frame that is on its way to the worker when a take ends.
      const others = tab.faults.filter((fault) => !fault.includes('garbage collected without being closed'));
      assert.deepEqual(others, []);
      await tab.close();
    });
  });
}

const ROOM: PageSetup = { source: 'room', recorders: [{ format: 'webm' }], library: 'off' };
/** Seconds of load after which a take has adapted to it, and seconds of it after that. */
const ADAPTED = 4;
const LOAD = 15;

interface Kept {
  promised: number;
  lost: number;
  moves: Move[];
}

describe('an encoder that is starved by busy processors (chromium)', { skip: lacks('chromium') }, () => {
  let stage: Stage;
  /** Workers that keep the processors busy, as many as it took to starve it. */
  let burning = 0;
  before(async () => {
    stage = await Stage.open('chromium');
    await calibrate();
  });
  afterEach(() => stage.clear());
  after(() => stage?.close());

  /** More and more busy workers, until a tenth of the frames is lost: what it takes is the machine's. */
  async function calibrate(): Promise<void> {
    const tab = await stage.tab({ ...ROOM, attributes: { quality: 'fixed' } });
    assert.deepEqual(await tab.call('start'), ['recording']);
    await tab.call('recorded', 3);
    const share = async () => {
      const { promised, lost } = await between(tab, () => seconds(3));
      return lost / promised;
    };
    do {
      burning += 4;
      await tab.call('burn', 4);
    } while ((await share()) < 0.15 && burning < 48);
    await tab.call('cool');
    await tab.call('stop');
    await stage.clear();
  }

  /** Records under load and for as long after as it takes to be as before. */
  async function starve(test: TestContext, quality: 'fixed' | 'adaptive'): Promise<Kept> {
    const tab = await stage.tab({ ...ROOM, attributes: { quality } });
    assert.deepEqual(await tab.call('start'), ['recording']);
    await tab.call('recorded', 3);
    const began = Date.now();
    const behind = await tab.call<number>('soundBehind');
    await tab.call('burn', burning);
    const adapting = await between(tab, () => seconds(ADAPTED));
    const { promised, lost } = await between(tab, () => seconds(LOAD));
    const cooled = await tab.call<number>('cool');
    const told = `${lost} of ${promised} frames lost in ${LOAD} s with ${burning} busy workers`;
    test.diagnostic(`${quality}: ${told}; in the ${ADAPTED} s before, ${adapting.lost} of ${adapting.promised}`);
    await until('full quality', BACK, () => isFull(tab)).finally(async () => tell(test, await movesOf(tab), began));
    const moves = await movesOf(tab);
    test.diagnostic(`the load was over at ${((cooled - began) / 1000).toFixed(1)} s`);
    await seconds(1);
    const [take] = await tab.call<Stopped[]>('stop');
    const file = await stage.fetch(tab, take!);
    const { errors, frames } = await decode(file);
    assert.deepEqual(errors, []);
    assert.equal(frames, (await tab.call<Counted>('counted'))['frames:taken'], 'what was taken is in the file');
    const unmade = (await tab.call<number>('soundBehind')) - behind;
    test.diagnostic(`${unmade.toFixed(2)} s of sound were not made by the page`);
    await assertHeard(tab, file, take!.duration, Math.max(0, unmade));
    await tab.close();
    return { promised, lost, moves };
  }

  it('loses frames where the quality is fixed, and no sound', async (test) => {
    const { promised, lost, moves } = await starve(test, 'fixed');
    assert.ok(lost / promised > 0.1, `${lost} of ${promised} frames lost: not starved`);
    assert.deepEqual(moves, []);
  });

  it('keeps 90 % of what is then promised, no sound is lost, and it is at full quality within 30 s', async (test) => {
    const { promised, lost, moves } = await starve(test, 'adaptive');
    assert.ok(lost <= promised * 0.1, `${lost} of ${promised} frames lost`);
    assert.ok(moves.length > 0 && moves[0]!.level < 1);
  });
});
