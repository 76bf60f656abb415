import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { lacks, type Tab } from '../support/browser.js';
import { type Guarantee, seconds, Stage } from '../support/stage.js';
import { assertKept, roll, type Survivor, survivors, told } from '../support/survival.js';

/** Seconds for which the page has been blocked when the browser is killed. */
const BLOCKED = 3;

const TAKE = { source: 'clock', recorders: [{ 'recording-name': 'take' }] };

/** Kills in the middle of a block; answers the take, and for how long the page was blocked by then. */
async function killBlocked(stage: Stage, tab: Tab): Promise<{ take: Survivor; blocked: number; promise: Guarantee }> {
  const { from } = await roll(tab, 1);
  await seconds(1);
  const [status] = await tab.call<{ guarantee: Guarantee }[]>('status');
  const began = Date.now();
  void tab.call('block', 60_000).catch(() => undefined);
  await seconds(BLOCKED);
  const until = await stage.browser.kill();
  await stage.browser.start();
  const library = await stage.tab({ library: 'auto' });
  const [take, ...others] = await survivors(stage, library, { from, until });
  assert.ok(take && others.length === 0);
  return { take, blocked: (until - began) / 1000, promise: status!.guarantee };
}

describe('a browser that is killed while the page is blocked (chromium)', { skip: lacks('chromium') }, () => {
  let stage: Stage;
  before(async () => (stage = await Stage.open('chromium')));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  it('leaves all but a second of the take, the time of the block included', async (test) => {
    const tab = await stage.tab(TAKE);
    // A clock that the page draws would stand still with it.
    await tab.page.evaluate(`{
      const generator = new MediaStreamTrackGenerator({ kind: 'video' });
      const worker = new Worker('/pages/clock.worker.js', { type: 'module' });
      worker.postMessage(generator.writable, [generator.writable]);
      const stream = new MediaStream([generator, take.sources.tone().track]);
      document.querySelector('media-producer').srcObject = stream;
    }`);
    const { take, promise } = await killBlocked(stage, tab);
    test.diagnostic(told(take, `killed after ${BLOCKED} s of a blocked page`));
    assert.equal(promise.crashWhileBlocked, 'same');
    assertKept(take, promise.lossOnCrash);
  });
});

describe('a browser that is killed while the page is blocked (firefox)', { skip: lacks('firefox') }, () => {
  let stage: Stage;
  before(async () => (stage = await Stage.open('firefox')));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  it('leaves all but a second of what was before the block, and has said so', async (test) => {
    const { take, blocked, promise } = await killBlocked(stage, await stage.tab(TAKE));
    test.diagnostic(told(take, `killed after ${blocked.toFixed(2)} s of a blocked page`));
    assert.equal(promise.engine, 'mediarecorder');
    assert.equal(promise.crashWhileBlocked, 'more');
    assert.ok(promise.caveats.includes('caveat.blocked'));
    const limit = blocked + promise.lossOnCrash;
    assert.ok(take.missing.video <= limit, `${take.missing.video} s of pictures are missing`);
  });
});
