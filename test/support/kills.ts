import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { assertSeeks, DURATION } from './conforms.js';
import { probe } from './ffmpeg.js';
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

  // What lies on disk before anything of ours has touched it, for whoever looks into a failure.
  const witness = await stage.tab({});
  await witness.call('raw');
  assert.equal(await witness.call('begun'), recorders.length);

  const library = await stage.tab({ library: 'auto' });
  const found = await survivors(stage, library, { from, until }, tracks);
  assert.equal(found.length, recorders.length);
  for (const survivor of found) test.diagnostic(told(survivor, `killed ${moment.toFixed(2)} s after the first bytes`));
  for (const survivor of found) {
    assertKept(survivor, promiseOf(survivor.name));
    const { duration } = await probe(survivor.file);
    assert.ok(Math.abs(duration - survivor.duration) <= DURATION, `${duration} s, ${survivor.duration} s listed`);
    if (tracks?.includes('video') !== false) await assertSeeks(library, survivor.file);
  }

  function promiseOf(name: string): number {
    const of = recorders.findIndex((recorder) => recorder['recording-name'] === name);
    return promises[of]!.lossOnCrash;
  }
}
