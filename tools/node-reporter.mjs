/** A reporter for node:test: one line per test file, failures in full, and true counts of tests (suites are none). */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { inspect } from 'node:util';
import { add, inShort, indent, none, sentence, write } from './counts.mjs';

/** @param {AsyncIterable<import('node:test/reporters').TestEvent>} source */
export default async function* nodeReporter(source) {
  const total = none();
  /** @type {Map<string, { counts: import('./counts.mjs').Counts, took: number, failures: string[], said: string[] }>} */
  const files = new Map();
  /** Names of the tests that are open, by depth. */
  const open = [];
  let printed = null;

  for await (const { type, data } of source) {
    if (type === 'test:stderr' || type === 'test:stdout') entry(data.file).said.push(data.message);
    if (type === 'test:start') open.splice(data.nesting, Infinity, data.name);
    if (type !== 'test:pass' && type !== 'test:fail') continue;

    const isSuite = data.details?.type === 'suite';
    // A suite lies where `describe` was called, which may be in a helper; what is in it was told before.
    const file = isSuite && printed !== null ? printed : sourceOf(data);
    if (printed !== null && printed !== file) yield report(printed);
    printed = file;
    const { counts, failures } = entry(file);
    // By what was measured where it ran: what is told here comes file by file, in order.
    if (data.nesting === 0) entry(file).took += data.details.duration_ms / 1000;
    const name = [...open.slice(0, data.nesting), data.name].join(' > ');
    // The run of a file is told as a test only when it has none, or dies: neither is a pass.
    const isFile = data.nesting === 0 && path.resolve(data.name) === path.resolve(data.file ?? data.name);
    if (data.skip !== undefined && data.skip !== false) {
      counts.skipped++;
      const why = typeof data.skip === 'string' && data.skip ? ` (${data.skip})` : '';
      counts.skips.push(`${path.relative('', file)}: ${name}${why}`);
    } else if (type === 'test:fail') {
      const error = data.details.error;
      // A suite or test that fails because of what is in it has been counted there.
      if (error?.failureType === 'subtestsFailed') continue;
      counts.failed++;
      const why = inspect(error?.cause ?? error);
      failures.push(`${name}\n${why}`);
      counts.failures.push(inShort(`${path.relative('', file)}: ${name}`, why));
    } else if (!isSuite && !isFile) counts.passed++;
  }
  if (printed !== null) yield report(printed);
  // What was said by a process of several files is of none of them.
  if (total.failed > 0) for (const { said } of files.values()) if (said.length > 0) yield `${indent(said.join(''))}\n`;
  if (process.env.ONAIR_COUNT) write(process.env.ONAIR_COUNT, total);

  function entry(file) {
    const known = files.get(file);
    if (known) return known;
    const fresh = { counts: none(), took: 0, failures: [], said: [] };
    files.set(file, fresh);
    return fresh;
  }

  function report(file) {
    const { counts, failures, said, took } = entry(file);
    files.delete(file);
    add(total, counts);
    const lines = [
      `${counts.failed > 0 ? 'not ok' : 'ok'} ${path.relative('', file)}: ${sentence(counts)} (${took.toFixed(1)} s)`,
    ];
    lines.push(...failures.map(indent));
    if (counts.failed > 0) lines.push(indent(said.join('')).trimEnd());
    return `${lines.join('\n')}\n`;
  }
}

/** @type {Map<string, SourceMap | null>} */
const maps = new Map();

/** The file in which a test was written, where what runs was compiled from it. */
function sourceOf({ name, file = name, line, column }) {
  const map = `${file}.map`;
  if (!maps.has(file)) maps.set(file, existsSync(map) ? new SourceMap(JSON.parse(readFileSync(map, 'utf8'))) : null);
  const source = maps.get(file)?.findEntry(line - 1, column - 1).originalSource;
  return source ? path.resolve(path.dirname(file), source) : file;
}
