import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { type BrowserName, type Tab } from '../support/browser.js';
import { inEachBrowser, type Listed, Stage, seconds } from '../support/stage.js';
import { assertKept, BOTH_FORMATS, roll, survivors, told } from '../support/survival.js';

const FAULTS: [BrowserName, string, (tab: Tab) => Promise<unknown>][] = [
  ['chromium', 'crashes', (tab) => tab.crash()],
  ['chromium', 'is reloaded', (tab) => tab.reload()],
  ['firefox', 'is reloaded', (tab) => tab.reload()],
];

inEachBrowser('a tab that goes in the middle of a take', (name) => {
  let stage: Stage;
  before(async () => (stage = await Stage.open(name)));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  for (const [browser, what, happen] of FAULTS) {
    if (browser !== name) continue;
    it(`keeps all but a second of the take when it ${what}`, async (test) => {
      const recorders = name === 'chromium' ? BOTH_FORMATS : [{ 'recording-name': 'auto' }];
      const tab = await stage.tab({ source: 'clock', recorders });
      const { from, promises } = await roll(tab, recorders.length);
      await seconds(1.7);
      const until = Date.now();
      await happen(tab);
      const library = await stage.tab({ library: 'auto' });
      const found = await survivors(stage, library, { from, until });
      assert.equal(found.length, recorders.length);
      for (const survivor of found) {
        test.diagnostic(told(survivor, `the tab ${what}`));
        assertKept(survivor, promises[0]!.lossOnCrash);
      }
    });
  }

  it('leaves a take alone that runs in another tab, and lists it as recording', async () => {
    const small = { source: 'devices', attributes: { width: 320, height: 240 } };
    const first = await stage.tab({ ...small, recorders: [{ 'recording-name': 'first' }] });
    await roll(first, 1);
    const second = await stage.tab({
      ...small,
      recorders: [{ 'recording-name': 'second' }],
      library: 'auto',
    });
    await roll(second, 1);
    const listed = await second.call<Listed[]>('recordings');
    assert.deepEqual(listed.map(({ name, state }) => `${name} ${state}`).sort(), [
      'first recording',
      'second recording',
    ]);
    const live = listed.find(({ name }) => name === 'first')!;
    assert.equal(await second.call('recover', live.id), 'recording-live');
    assert.equal(await second.call('removal', live.id), 'recording-live');
    for (const tab of [first, second]) {
      const [take] = await tab.call<Listed[]>('stop');
      assert.equal(take!.state, 'saved');
    }
    const after = await second.call<Listed[]>('recordings');
    assert.deepEqual(
      after.map(({ state }) => state),
      ['saved', 'saved'],
    );
  });
});
