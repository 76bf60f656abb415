/**
 * `npm test`: everything that must hold, on a machine with Node and npm only. Goes on after a step that fails, and ends
 * with one line of true counts.
 *
 *     npm test                    all steps
 *     npm test -- node browser    the named ones
 *     npm test -- --no-skips      fails where something was skipped, as it does in CI
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ensureChromium, ensureFfmpeg, ensureFirefox, ensurePromtool } from './browsers.mjs';
import { add, lastLine, none, read, sentence } from './counts.mjs';
import { install, root } from './prepare.mjs';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string[] | null} args what Node is started with; null where there is nothing to run
 * @property {number} minutes after which it is ended
 * @property {boolean} [behind] computes, and nobody waits for it: it gets what those leave that come after it in the list
 * @property {boolean} [alone] measures time: nothing runs behind it
 */

const flag = '--no-skips';
const noSkips = process.argv.includes(flag);
const names = process.argv.slice(2).filter((name) => name !== flag);
const runs = (name) => names.length === 0 || names.includes(name);

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

/** Null, and so no step, when there is nothing to run. @param {string[]} files @param {string[]} flags those of tools/node-tests.mjs */
function nodeTests(files, ...flags) {
  const how = flags.includes('--compiled') ? ['--enable-source-maps'] : ['--import', 'tsx'];
  return files.length > 0 ? [...how, 'tools/node-tests.mjs', ...flags, ...files] : null;
}

const faults = testsIn('test/faults', '.test.ts');
const conformance = testsIn('test/conformance', '.test.ts');
/** They measure when what comes, count frames, or tasks that are too long: whatever runs beside them is in what they measure. */
const timed = ['test/faults/devices.test.ts', 'test/faults/page.test.ts', 'test/conformance/files.test.ts'];
/** They play in one browser at a time, and so two of them take no more of a machine than one of the others. */
const single = ['test/faults/encoders.test.ts', 'test/faults/storage.test.ts', 'test/faults/blocked-kill.test.ts'];

const isTimed = (file) => timed.includes(file);
const isSingle = (file) => single.includes(file);

// Most tests wait for the media's own time. A file that hangs fails by its name, before its step does.
const quick = ['--timeout=300', '--compiled'];
const waiting = ['--timeout=900'];
const together = ['--timeout=1500', '--together'];

/** @type {Step[]} */
const steps = [
  // They read what is written by hand only.
  {
    name: 'format',
    args: bin('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'),
    minutes: 15,
    behind: true,
  },
  { name: 'manifest', args: ['tools/manifest.mjs', '--check'], minutes: 15, behind: true },
  // `code` checks the types of what is compiled, too, while others wait for media.
  { name: 'build', args: ['tools/build.mjs', ...(runs('code') ? ['--unchecked'] : [])], minutes: 5 },
  { name: 'code', args: ['tools/check-code.mjs'], minutes: 15, behind: true },
  { name: 'package', args: ['tools/check-package.mjs'], minutes: 15, behind: true },
  { name: 'cdn', args: ['tools/check-cdn.mjs'], minutes: 15, behind: true },
  { name: 'licences', args: ['tools/licences.mjs', '--check'], minutes: 15, behind: true },
  { name: 'size', args: ['tools/size.mjs'], minutes: 15, behind: true },
  { name: 'node', args: nodeTests(testsIn('test/node', '.test.ts'), ...quick), minutes: 20, behind: true },
  {
    name: 'browser',
    args: testsIn('test/browser', '.test.ts').length > 0 ? bin('@web/test-runner/dist/bin.js') : null,
    minutes: 30,
  },
  {
    name: 'faults',
    args: nodeTests(
      faults.filter((file) => !isTimed(file) && !isSingle(file)),
      ...together,
    ),
    minutes: 30,
  },
  { name: 'single', args: nodeTests(faults.filter(isSingle), ...waiting, '--at-once=2'), minutes: 30 },
  {
    name: 'conformance',
    args: nodeTests(
      conformance.filter((file) => !isTimed(file)),
      ...waiting,
    ),
    minutes: 30,
  },
  { name: 'timed', args: nodeTests([...faults, ...conformance].filter(isTimed), ...waiting), minutes: 30, alone: true },
];

/** Runs of an hour and more; by `npm run test:long` only. @type {Step[]} */
const longSteps = [{ name: 'long', args: nodeTests(testsIn('test', '.long.ts')), minutes: 300 }];

const isLinux = process.platform === 'linux';

/**
 * Lets a process have what others leave. Linux may share a machine among sessions before it does among what is in them, and
 * each browser is one of its own: so is this process then, which a terminal's Ctrl-C does not reach.
 */
function stepBack(child) {
  const { PRIORITY_LOW } = constants.priority;
  try {
    setPriority(child.pid, PRIORITY_LOW);
    if (isLinux) writeFileSync(`/proc/${child.pid}/autogroup`, String(PRIORITY_LOW));
  } catch {
    // Then it has its share.
  }
  if (!isLinux) return;
  const end = () => {
    process.kill(-child.pid);
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, end);
  child.once('close', () => ['SIGINT', 'SIGTERM'].forEach((signal) => process.off(signal, end)));
}

/** Runs one step in a Node of its own; answers its counts and, where it runs behind others, what it printed. @param {Step} step */
async function run({ name, args, minutes, behind }) {
  const file = path.join(root, '.cache', `count-${name}.json`);
  rmSync(file, { force: true });
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', behind ? 'pipe' : 'inherit', behind ? 'pipe' : 'inherit'],
    detached: behind && isLinux,
    env: { ...process.env, ONAIR_COUNT: file },
  });
  if (behind) stepBack(child);
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
const inBrowsers = ['faults', 'single', 'conformance', 'timed', 'long'];

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

const unknown = names.filter((name) => ![...steps, ...longSteps].some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(
    `No such step: ${unknown.join(', ')}. Steps: ${[...steps, ...longSteps].map((s) => s.name).join(', ')}.`,
  );
  process.exit(2);
}
const chosen = [...steps, ...(names.length > 0 ? longSteps : [])].filter(({ name }) => runs(name));

mkdirSync(path.join(root, '.cache'), { recursive: true });
install();
provide(chosen);

const total = none();
const started = performance.now();
const times = [];
/** @param {Step} step */
async function take(step) {
  if (!step.behind) console.log(`\n${step.name}`);
  const since = performance.now();
  const { counts, printed } = await run(step);
  if (step.behind) console.log(`\n${step.name}\n${printed.trimEnd()}`);
  add(total, counts);
  times.push(
    `${counts.failed > 0 ? 'not ok' : '    ok'} ${seconds(since).padStart(8)}  ${step.name}: ${sentence(counts)}`,
  );
  console.log(times.at(-1));
}

/** Those that run behind others, one after the other. */
let behind = Promise.resolve();
for (const step of chosen.filter(({ args }) => args)) {
  if (step.behind) {
    behind = behind.then(() => take(step));
    continue;
  }
  if (step.alone) await behind;
  await take(step);
}
await behind;

console.log(`\n${times.join('\n')}\n       ${seconds(started).padStart(8)}  in all`);
for (const failure of total.failures) console.log(`failed: ${failure}`);
for (const skip of total.skips) console.log(`skipped: ${skip}`);
if (total.skipped > 0) console.log(`${total.skipped} skipped${noSkips ? ', where nothing may be' : ''}`);
console.log(lastLine(total));
process.exitCode = total.failed > 0 || (noSkips && total.skipped > 0) ? 1 : 0;

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
