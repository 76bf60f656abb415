import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPromtool } from '../../tools/browsers.mjs';

const promtool = findPromtool() ?? '';

/** Where tests that read by it are skipped, why. */
export const lacksPromtool = promtool ? false : 'promtool (Debian package prometheus) is not installed';

/** Prometheus's own tool reads the text, as it is and into a database; fails where it cannot. */
export function assertPromtoolReads(text: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'onair-scraped-'));
  try {
    const older = spawnSync(promtool, ['check', 'metrics'], { input: text, encoding: 'utf8' });
    // 3 is its opinion of names, such as that of a time in milliseconds.
    assert.ok(older.status === 0 || older.status === 3, older.stderr);
    assert.doesNotMatch(older.stderr, /error while linting|parsing/);
    const file = join(folder, 'metrics.txt');
    // Reading into a database wants a time with each sample.
    writeFileSync(file, text.replace(/^(?!#)(.+)$/gm, `$1 ${Math.floor(Date.now() / 1000)}`));
    const read = spawnSync(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', file, join(folder, 'data')], {
      encoding: 'utf8',
    });
    assert.equal(read.status, 0, read.stderr);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
