import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import type { Tab } from '../support/browser.js';
import { decode } from '../support/ffmpeg.js';
import { BACK, between, isFull, journalMoves, movesOf, until } from '../support/quality.js';
import { inEachBrowser, type PageSetup, seconds, Stage, type Stopped } from '../support/stage.js';

/** Small, so that the machine has room for all of it. */
const CARD: PageSetup = {
  source: 'card',
  options: { width: 320, height: 240 },
  recorders: [{ format: 'webm', engine: 'webcodecs' }],
  library: 'off',
};

/**
 * An encoder that, from the third second of the worker on and for so many seconds, can do seven tenths of the bits that it
 * was made for: asked for more, its queue is full at every other two looks, and frames are given up.
 */
const overtaxed = (length: number) => `{
  const began = performance.now();
  const { prototype } = VideoEncoder;
  const { configure } = prototype;
  const { get } = Object.getOwnPropertyDescriptor(prototype, 'encodeQueueSize');
  prototype.configure = function (config) {
    configure.call(this, config);
    this.full ??= config.bitrate;
    this.asked = config.bitrate;
  };
  const strained = () => performance.now() - began > 3000 && performance.now() - began < 3000 + ${length} * 1000;
  Object.defineProperty(prototype, 'encodeQueueSize', {
    get() { return strained() && this.asked > 0.7 * this.full ? 7 + (((this.looks = (this.looks ?? 0) + 1) >> 1) & 1) : get.call(this); },
  });
}
`;

/** A machine whose battery is nearly empty, until it is plugged in. */
const BATTERY = `
  const battery = Object.assign(new EventTarget(), { charging: false, level: 0.1 });
  navigator.getBattery = async () => battery;
  globalThis.plugIn = () => {
    battery.charging = true;
    battery.dispatchEvent(new Event('chargingchange'));
  };
`;

inEachBrowser('the quality of a take', (name) => {
  let stage: Stage;
  before(async () => (stage = await Stage.open(name)));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  async function begin(quality: string, prelude = ''): Promise<Tab> {
    const tab = await stage.tab({ ...CARD, attributes: { quality } }, { prelude });
    assert.deepEqual(await tab.call('start'), ['recording']);
    return tab;
  }

  /** Stops, and holds what the page was told against the journal; answers the causes of the moves. */
  async function end(tab: Tab): Promise<string[]> {
    const [take] = await tab.call<Stopped[]>('stop');
    const moves = (await movesOf(tab)).filter(({ cause }) => cause !== 'end');
    const told = moves.map(({ level, cause }) => ({ level, cause }));
    assert.deepEqual(await journalMoves(stage, tab, take!), told);
    assert.deepEqual((await decode(await stage.fetch(tab, take!))).errors, []);
    return moves.map(({ cause }) => cause);
  }

  it('goes down where the encoder is asked for more than it can do, loses no more frames then, and comes back', async (test) => {
    stage.server.workerPrelude = overtaxed(12);
    const tab = await begin('adaptive');
    await until('a move down', 20, async () => !(await isFull(tab)));
    const [first] = await movesOf(tab);
    assert.ok(first!.level < first!.previous);
    assert.ok(['encoder', 'drops'].includes(first!.cause), first!.cause);
    await until('what it can do', 5, async () => (await movesOf(tab)).at(-1)!.level <= 0.7);
    // What was given up before is counted once a second.
    await seconds(1.2);
    const { promised, lost, missed } = await between(tab, () => seconds(3));
    test.diagnostic(`${lost} of ${promised} frames lost, of which ${missed} never arrived`);
    assert.ok(promised > 20 && lost - missed <= promised * 0.1, `${lost - missed} of ${promised} frames lost`);
    await until('full quality', 12 + BACK, () => isFull(tab));
    const causes = await end(tab);
    assert.ok(causes.includes('ease'), causes.join());
  });

  it('stays, and frames are lost, where it is fixed', async (test) => {
    stage.server.workerPrelude = overtaxed(60);
    const tab = await begin('fixed', BATTERY);
    await until('frames lost', 20, async () => (await between(tab, () => seconds(1.2))).lost > 5);
    const { promised, lost } = await between(tab, () => seconds(4));
    test.diagnostic(`${lost} of ${promised} frames lost`);
    assert.ok(lost > promised * 0.2, `${lost} of ${promised} frames lost`);
    assert.deepEqual(await end(tab), []);
    assert.deepEqual(await movesOf(tab), []);
  });

  it('follows what only the page can tell: a battery that is nearly empty, until it is charged', async () => {
    const tab = await begin('adaptive', BATTERY);
    await until('where the battery leads', 20, async () => (await movesOf(tab)).at(-1)?.level === 0.512);
    await seconds(2.5);
    const low = (await movesOf(tab)).filter(({ cause }) => cause === 'battery').map(({ level }) => level);
    assert.equal(low.at(-1), 0.512);
    assert.equal(Math.min(...low), 0.512, 'and no further');
    await tab.page.evaluate(() => (globalThis as unknown as { plugIn(): void }).plugIn());
    await until('full quality', BACK, () => isFull(tab));
    assert.equal((await end(tab)).at(-1), 'ease');
  });
});
