/**
 * Runs the benches and writes what they measured into docs/benchmarks.md.
 *
 *     npm run bench                           all of them
 *     npm run bench record                    those of a folder
 *     npm run bench record/cpu firefox        some of them
 *     npm run bench -- record/cpu --quick     a short run to see that it works; nothing is written
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { register } from 'tsx/esm/api';
import { ensureChromium, ensureFfmpeg, ensureFirefox, machine } from '../tools/browsers.mjs';
import { build, install } from '../tools/prepare.mjs';
import { bench, root } from './support/folders.mjs';
import { writeSection } from './support/report.mjs';

/** Minutes that each takes on two cores; how many it took stands at the head of what it writes. */
const benches = {
  'record/takes': 25,
  'record/cpu': 20,
  'record/recovery': 5,
  'record/kill': 10,
  'record/size': 1,
  'firefox/engines': 20,
  'capture/start': 5,
  'audio/cost': 10,
  'audio/accuracy': 5,
  'capture/load': 20,
  'channel/echo': 10,
};
const document = path.join(root, 'docs/benchmarks.md');

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const wanted = args.filter((arg) => !arg.startsWith('--'));
const chosen = Object.keys(benches).filter(
  (name) => wanted.length === 0 || wanted.some((one) => [name, ...name.split('/')].includes(one)),
);
if (chosen.length === 0) {
  console.error(`There is no such bench. There are: ${Object.keys(benches).join(', ')}.`);
  process.exit(1);
}

install();
if (!process.env.ONAIR_DIST) build();
installPeers();
// Faults and files are met with what the tests use, which is TypeScript.
register();

let failed = 0;
for (const name of chosen) {
  console.log(`\n## ${name} (${quick ? 'quick: the figures mean nothing' : `about ${benches[name]} min`})\n`);
  const began = performance.now();
  const load = os.loadavg()[0].toFixed(1);
  try {
    const { run } = await import(`./${name}.mjs`);
    const text = await run({ quick, say: (line) => console.log(`   ${line}`) });
    const minutes = Math.ceil((performance.now() - began) / 60_000);
    const when = new Date().toISOString().slice(0, 10);
    const head = `${when}, \`npm run bench ${name}\`, ${minutes} min, load at its start ${load}. ${machine()}. ${versions()}.`;
    console.log(`\n${head}\n\n${text}\n`);
    if (!quick) writeSection(document, name, `${head}\n\n${text}`);
  } catch (error) {
    failed++;
    console.error(`${name} failed: ${error.stack}`);
  }
}
if (!quick && failed < chosen.length) console.log(`Written to ${path.relative(process.cwd(), document)}.`);
process.exitCode = failed > 0 ? 1 : 0;

/** The peers have a lock file of their own, so that nobody else has to install them. */
function installPeers() {
  const { dependencies } = JSON.parse(readFileSync(path.join(bench, 'package.json'), 'utf8'));
  if (Object.keys(dependencies).every((name) => existsSync(path.join(bench, 'node_modules', name)))) return;
  console.log('Installing the peers.');
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const { status } = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: bench, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: bench, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error('npm ci failed: see above.');
}

function versions() {
  const version = (folder) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).version;
  const says = (program, ...args) =>
    program
      ? spawnSync(program, args, { encoding: 'utf8' })
          .stdout.split('\n')[0]
          .replace(/( built on| Copyright).*/, '')
          .trim()
      : 'none';
  return [
    `onair-elements ${version(root)}`,
    `RecordRTC ${version(path.join(bench, 'node_modules/recordrtc'))}`,
    `ts-ebml ${version(path.join(bench, 'node_modules/ts-ebml'))}`,
    `web-audio-peak-meter ${version(path.join(bench, 'node_modules/web-audio-peak-meter'))}`,
    says(ensureChromium(), '--version'),
    says(ensureFirefox(), '--version'),
    says(ensureFfmpeg(), '-version'),
  ].join(', ');
}
