import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { seconds, type Stage } from './stage.js';
import { assertKept, BOTH_FORMATS, roll, survivors, told } from './survival.js';

/** One kill of the whole browser, and what is found after it. */
export async function killsAt(stage: Stage, moment: number, test: TestContext): Promise<void> {
  const recorders = stage.browser.name === 'chromium' ? BOTH_FORMATS : [{ 'recording-name': 'auto' }];
  const tab = await stage.tab({ source: 'clock', recorders });
  const promises = await roll(tab, recorders.length);
  await seconds(moment);
  const killed = await stage.browser.kill();
  await stage.browser.start();

  // What lies on disk before anything of ours has touched it, for whoever looks into a failure.
  const witness = await stage.tab({});
  const onDisk = await witness.call<{ name: string; size: number }[]>('raw');
  assert.equal(onDisk.filter(({ name }) => name.endsWith('.recording')).length, recorders.length);

  const library = await stage.tab({ library: 'auto' });
  const found = await survivors(stage, library, killed);
  assert.equal(found.length, recorders.length);
  for (const survivor of found) test.diagnostic(told(survivor, `killed ${moment.toFixed(2)} s after the first bytes`));
  for (const survivor of found) assertKept(survivor, promiseOf(survivor.name));

  function promiseOf(name: string): number {
    const of = recorders.findIndex((recorder) => recorder['recording-name'] === name);
    return promises[of]!.guarantee!.lossOnCrash;
  }
}
