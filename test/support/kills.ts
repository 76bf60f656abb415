import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { assertSeeks, DURATION } from './conforms.js';
import { type PageSetup, seconds, type Stage } from './stage.js';
import { assertKept, BOTH_FORMATS, roll, survivors, told, type Track } from './survival.js';

/** What runs when a browser is killed. */
export interface Victim {
  recorders: readonly Record<string, string>[];
  /** What is recorded; default a picture with a clock in it, and a sound. */
  source?: Pick<PageSetup, 'source' | 'options'>;
  tracks?: readonly Track[];
  /** Run in the page and in the worker. */
  prelude?: string;
  /** The policy of the page. */
  policy?: string;
}

/** What the browser takes by itself, in all formats that it has. */
export const byItself = (stage: Stage): Victim => ({
  recorders: stage.browser.name === 'chromium' ? BOTH_FORMATS : [{ 'recording-name': 'auto' }],
});

/** One kill of the whole browser, and what is found after it. */
export async function killsAt(
  stage: Stage,
  moment: number,
  test: TestContext,
  victim = byItself(stage),
): Promise<void> {
  const { recorders, source = { source: 'clock' }, tracks, prelude = '', policy } = victim;
  stage.server.workerPrelude = prelude;
  if (policy !== undefined) stage.server.policy = policy;
  const tab = await stage.tab({ ...source, recorders: [...recorders] }, { prelude });
  const { from, promises } = await roll(tab, recorders.length);
  await seconds(moment);
  const until = await stage.browser.kill();
  await stage.browser.start();
  stage.server.forget();

  const library = await stage.browser.tab(stage.server.page('record.html'));
  // Before anything of ours has touched what lies on disk.
  assert.equal(await library.call('begun'), recorders.length);
  await library.call('open', { library: 'auto' });
  const found = await survivors(stage, library, { from, until }, tracks);
  assert.equal(found.length, recorders.length);
  for (const survivor of found) test.diagnostic(told(survivor, `killed ${moment.toFixed(2)} s after the first bytes`));
  for (const survivor of found) {
    assertKept(survivor, promiseOf(survivor.name));
    const { lasts, duration } = survivor;
    assert.ok(Math.abs(lasts - duration) <= DURATION, `${lasts} s, ${duration} s listed`);
    if (tracks?.includes('video') !== false) await assertSeeks(library, survivor.file);
  }

  function promiseOf(name: string): number {
    const of = recorders.findIndex((recorder) => recorder['recording-name'] === name);
    return promises[of]!.lossOnCrash;
  }
}
