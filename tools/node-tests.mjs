/**
 * Runs test files with Node's own runner, in the order in which they are named: its command line sorts them, and a long
 * one that begins last is waited for alone.
 *
 *     node --import tsx tools/node-tests.mjs --at-once=2 --timeout=300 a.test.ts b.test.ts     timeout in seconds, for a test
 */
import { run } from 'node:test';
import { parseArgs } from 'node:util';
import reporter from './node-reporter.mjs';

const { values, positionals: files } = parseArgs({
  options: { 'at-once': { type: 'string', default: '1' }, timeout: { type: 'string' } },
  allowPositionals: true,
});

const tests = run({
  files,
  concurrency: Number(values['at-once']),
  ...(values.timeout ? { timeout: Number(values.timeout) * 1000 } : {}),
});
tests.on('test:fail', () => (process.exitCode = 1));
tests.compose(reporter).pipe(process.stdout);
