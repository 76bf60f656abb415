/**
 * `npm test`: everything that must hold, on a machine with Node and npm only. Goes on after a step that fails, and ends
 * with one line of true counts.
 *
 *     npm test                    all steps
 *     npm test -- node browser    the named ones
 *     npm test -- --no-skips      fails where something was skipped, as it does in CI
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ensureChromium, ensureFfmpeg, ensureFirefox, ensurePromtool } from './browsers.mjs';
import { add, lastLine, none, read, sentence } from './counts.mjs';
import { install, root } from './prepare.mjs';

/** @typedef {{ name: string, args: string[] | null, minutes: number, beside?: boolean }} Step `beside`: two of these at a time. */

const bin = (file, ...args) => [path.join(root, 'node_modules', file), ...args];

/** The files under `folder` whose names end so; Node 20 expands no patterns itself. */
function testsIn(folder, ending) {
  const base = path.join(root, folder);
  if (!existsSync(base)) return [];
  return readdirSync(base, { recursive: true })
    .filter((file) => file.endsWith(ending))
    .map((file) => path.posix.join(folder, file.split(path.sep).join('/')))
    .sort();
}

/** Long ones, which are begun first, so that none of them is waited for alone. */
const LONG = ['crash', 'lifecycle', 'transitions', 'kill', 'lacking'];

const isLong = (file) => LONG.includes(path.basename(file).split('.')[0]);

/** Null, and so no step, when there is nothing to run. @param {string[]} files @param {string[]} flags those of tools/node-tests.mjs */
function nodeTests(files, ...flags) {
  const ordered = [...files.filter(isLong), ...files.filter((file) => !isLong(file))];
  return files.length > 0 ? ['--import', 'tsx', 'tools/node-tests.mjs', ...flags, ...ordered] : null;
}

const faults = testsIn('test/faults', '.test.ts');
/** They count frames, or tasks that are too long: whatever runs beside them is in what they measure. */
const timed = ['test/faults/page.test.ts'];

// Tests that measure time have the machine for themselves; most of the others wait for the media's own. A test that hangs
// fails by its name, before its step does.
const quick = ['--timeout=300'];
const waiting = ['--timeout=900', '--at-once=1'];
const alone = ['--timeout=900'];

/** @type {Step[]} */
const steps = [
  { name: 'build', args: ['tools/build.mjs'], minutes: 5 },
  {
    name: 'browser',
    args: testsIn('test/browser', '.test.ts').length > 0 ? bin('@web/test-runner/dist/bin.js') : null,
    minutes: 30,
    beside: true,
  },
  // The longest ones first, so that what is short fills up where there is room.
  { name: 'node', args: nodeTests(testsIn('test/node', '.test.ts'), ...quick), minutes: 10, beside: true },
  { name: 'types', args: bin('typescript/bin/tsc', '-p', 'tsconfig.test.json'), minutes: 5, beside: true },
  { name: 'lint', args: bin('eslint/bin/eslint.js', '.'), minutes: 5, beside: true },
  {
    name: 'format',
    args: bin('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'),
    minutes: 5,
    beside: true,
  },
  { name: 'manifest', args: ['tools/manifest.mjs', '--check'], minutes: 5, beside: true },
  { name: 'package', args: ['tools/check-package.mjs'], minutes: 5, beside: true },
  { name: 'cdn', args: ['tools/check-cdn.mjs'], minutes: 5, beside: true },
  { name: 'licences', args: ['tools/licences.mjs', '--check'], minutes: 5, beside: true },
  { name: 'size', args: ['tools/size.mjs'], minutes: 5, beside: true },
  {
    name: 'faults',
    args: nodeTests(
      faults.filter((file) => !timed.includes(file)),
      ...waiting,
    ),
    minutes: 30,
  },
  {
    name: 'page',
    args: nodeTests(
      faults.filter((file) => timed.includes(file)),
      ...alone,
    ),
    minutes: 30,
  },
  { name: 'conformance', args: nodeTests(testsIn('test/conformance', '.test.ts'), ...alone), minutes: 30 },
];

/** Runs of an hour and more; by `npm run test:long` only. @type {Step[]} */
const longSteps = [{ name: 'long', args: nodeTests(testsIn('test', '.long.ts')), minutes: 300 }];

/** Runs one step in a Node of its own; answers its counts and, where two run at a time, what it printed. @param {Step} step */
async function run({ name, args, minutes, beside }) {
  const file = path.join(root, '.cache', `count-${name}.json`);
  rmSync(file, { force: true });
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', beside ? 'pipe' : 'inherit', beside ? 'pipe' : 'inherit'],
    env: { ...process.env, ONAIR_COUNT: file },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (printed += data));
  const late = setTimeout(() => {
    console.log(`${name} took more than ${minutes} min and was ended.`);
    child.kill('SIGKILL');
  }, minutes * 60_000);
  const status = await new Promise((resolve) => {
    child.on('close', resolve);
    child.on('error', () => resolve(1));
  });
  clearTimeout(late);
  const counted = read(file);
  const counts = counted ?? none();
  if (!counted && status === 0) counts.passed = 1;
  // What ended badly without a test that failed is a failure too.
  if (status !== 0 && counts.failed === 0) {
    counts.failed = 1;
    counts.failures.push(`${name} ended with ${status ?? 'a signal'}`);
  }
  // What moves the cursor of a terminal is no text.
  return { counts, printed: stripVTControlCharacters(printed) };
}

/** Steps that play in browsers and look at what was recorded. */
const inBrowsers = ['faults', 'page', 'conformance', 'long'];

/** A missing program is no failure: the tests that need it are skipped, and named. */
function provide(chosen) {
  const needed = (...steps) => chosen.some(({ name }) => steps.includes(name));
  const provided = [
    ...(needed('browser', ...inBrowsers)
      ? [
          ['Chromium', ensureChromium()],
          ['Firefox', ensureFirefox()],
        ]
      : []),
    ...(needed('node', ...inBrowsers) ? [['ffmpeg', ensureFfmpeg()]] : []),
    ...(needed('node') ? [['promtool', ensurePromtool()]] : []),
  ];
  for (const [name, found] of provided)
    if (!found) console.log(`${name} is not on this machine and could not be installed.`);
}

const flag = '--no-skips';
const noSkips = process.argv.includes(flag);
const names = process.argv.slice(2).filter((name) => name !== flag);
const unknown = names.filter((name) => ![...steps, ...longSteps].some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(
    `No such step: ${unknown.join(', ')}. Steps: ${[...steps, ...longSteps].map((s) => s.name).join(', ')}.`,
  );
  process.exit(2);
}
const chosen = names.length > 0 ? [...steps, ...longSteps].filter(({ name }) => names.includes(name)) : steps;

mkdirSync(path.join(root, '.cache'), { recursive: true });
install();
provide(chosen);

const total = none();
const started = performance.now();
const times = [];
/** @param {Step} step */
async function take(step) {
  if (!step.beside) console.log(`\n${step.name}`);
  const since = performance.now();
  const { counts, printed } = await run(step);
  if (step.beside) console.log(`\n${step.name}\n${printed.trimEnd()}`);
  add(total, counts);
  times.push(
    `${counts.failed > 0 ? 'not ok' : '    ok'} ${seconds(since).padStart(8)}  ${step.name}: ${sentence(counts)}`,
  );
  console.log(times.at(-1));
}

const queue = chosen.filter(({ args }) => args);
/** @param {boolean} beside takes steps from the queue for as long as they may run beside others */
async function work(beside) {
  while (queue.length > 0 && Boolean(queue[0].beside) === beside) await take(queue.shift());
}
while (queue.length > 0) {
  await Promise.all([work(true), work(true)]);
  await work(false);
}

console.log(`\n${times.join('\n')}\n       ${seconds(started).padStart(8)}  in all`);
for (const failure of total.failures) console.log(`failed: ${failure}`);
for (const skip of total.skips) console.log(`skipped: ${skip}`);
if (total.skipped > 0) console.log(`${total.skipped} skipped${noSkips ? ', where nothing may be' : ''}`);
console.log(lastLine(total));
process.exitCode = total.failed > 0 || (noSkips && total.skipped > 0) ? 1 : 0;

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
