import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { lacks, type Tab } from '../support/browser.js';
import { type Listed, Stage, seconds } from '../support/stage.js';
import { assertKept, roll, survivors, told } from '../support/survival.js';

const TAKE = { source: 'clock', recorders: [{ 'recording-name': 'take', format: 'webm' }] };

describe('a browser that is killed at a step of the take', { skip: lacks('chromium') }, () => {
  let stage: Stage;
  before(async () => (stage = await Stage.open('chromium')));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  /** Kills once the step is in the journal; answers when that was. */
  async function killWhenHeld(provoke: () => Promise<unknown>): Promise<number> {
    const held = stage.server.held();
    await provoke();
    const { at } = await held;
    await stage.browser.kill();
    stage.server.workerPrelude = '';
    await stage.browser.start();
    return at;
  }

  const open = (step: string): Promise<Tab> => {
    stage.server.workerPrelude = stage.server.holdAt(step);
    return stage.tab(TAKE);
  };

  it('leaves nothing of a take that was only opened', async () => {
    const tab = await open('open');
    await tab.call('live');
    await killWhenHeld(() => tab.call('starting'));
    const library = await stage.tab({ library: 'auto' });
    assert.deepEqual(await library.call<Listed[]>('settled'), []);
    assert.deepEqual(await library.call('raw'), []);
    assert.deepEqual(library.faults, []);
  });

  it('keeps what there is of a take that had just begun', async () => {
    const tab = await open('recording');
    await tab.call('live');
    await killWhenHeld(() => tab.call('starting'));
    const library = await stage.tab({ library: 'auto' });
    const [take] = await library.call<Listed[]>('settled');
    // Not a byte of media was written: what is kept says so.
    if (take) assert.equal(take.state, 'damaged');
    assert.deepEqual(library.faults, []);
  });

  const provocations: Record<string, (tab: Tab) => Promise<unknown>> = {
    paused: (tab) => tab.call('pausing'),
    finishing: (tab) => tab.call('stopping'),
    renaming: (tab) => tab.call('stopping'),
  };
  for (const [step, provoke] of Object.entries(provocations)) {
    it(`loses at most a second of a take that is ${step}`, async (test) => {
      const tab = await open(step);
      const [promise] = await roll(tab, 1);
      await seconds(1.5);
      const at = await killWhenHeld(() => provoke(tab));
      const library = await stage.tab({ library: 'auto' });
      const [take, ...others] = await survivors(stage, library, at);
      assert.ok(take && others.length === 0);
      test.diagnostic(told(take, `killed at ${step}`));
      assertKept(take, promise!.guarantee!.lossOnCrash);
    });
  }

  for (const step of ['repairing', 'renaming']) {
    it(`recovers what was killed again while its recovery was ${step}`, async (test) => {
      const tab = await stage.tab(TAKE);
      const [promise] = await roll(tab, 1);
      await seconds(1);
      const killed = await stage.browser.kill();
      await stage.browser.start();

      stage.server.workerPrelude = stage.server.holdAt(step);
      const first = await stage.tab({ library: 'auto' });
      await killWhenHeld(() => first.call('ready'));
      const second = await stage.tab({ library: 'auto' });
      const [take, ...others] = await survivors(stage, second, killed);
      assert.ok(take && others.length === 0);
      test.diagnostic(told(take, `killed twice, then at ${step}`));
      assertKept(take, promise!.guarantee!.lossOnCrash);
    });
  }
});
