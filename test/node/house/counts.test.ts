import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Counts } from '../../../tools/counts.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What `npm test` counts when a test file holds this. */
function count(text: string): Counts & { said: string } {
  const folder = mkdtempSync(join(tmpdir(), 'onair-counts-'));
  try {
    const file = join(folder, 'some.test.mjs');
    const result = join(folder, 'count.json');
    writeFileSync(file, `import { describe, it, test, before } from 'node:test';\n${text}`);
    const reporter = ['--test-reporter=./tools/node-reporter.mjs', '--test-reporter-destination=stdout'];
    // A runner inside a runner would report to the outer one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { stdout } = spawnSync(process.execPath, ['--test', ...reporter, file], {
      cwd: root,
      encoding: 'utf8',
      env: { ...env, ONAIR_COUNT: result },
    });
    return { ...(JSON.parse(readFileSync(result, 'utf8')) as Counts), said: stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the counts of npm test', () => {
  it('are of tests, not of suites', () => {
    const { passed, failed, skipped } = count(
      `describe('a', () => { describe('b', () => { it('c', () => {}); it('d', () => {}); }); });`,
    );
    assert.deepEqual({ passed, failed, skipped }, { passed: 2, failed: 0, skipped: 0 });
  });

  it('count a failure once, however deep it is, and say where and why', () => {
    const { failed, failures, said } = count(
      `describe('a', () => { it('b', () => { throw new Error('because'); }); });`,
    );
    assert.equal(failed, 1);
    assert.equal(failures.length, 1);
    assert.match(failures[0]!, /some\.test\.mjs: a > b: Error: because$/);
    assert.match(said, /a > b\n.*because/);
  });

  it('count and name what was skipped', () => {
    const { skipped, skips, passed } = count(`it.skip('a', () => {}); it('b', (t) => t.skip('no ffmpeg'));`);
    assert.deepEqual({ passed, skipped }, { passed: 0, skipped: 2 });
    assert.match(skips.join('\n'), /some\.test\.mjs: a\n.*some\.test\.mjs: b \(no ffmpeg\)/);
  });

  it('count a file that dies, or whose preparation fails, as failed', () => {
    assert.equal(count(`throw new Error('dead');`).failed, 1);
    assert.ok(
      count(`describe('a', () => { before(() => { throw new Error('x'); }); it('b', () => {}); });`).failed > 0,
    );
  });

  it('count nothing for a file without tests', () => {
    assert.equal(count('').passed, 0);
  });
});
