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
import path from 'node:path';
import { register } from 'tsx/esm/api';
import { build, install } from '../tools/prepare.mjs';
import { bench } from './support/folders.mjs';
import { runEach } from './support/runner.mjs';
import { versionOf, versions } from './support/versions.mjs';

/** Minutes that each takes on two cores. */
const benches = {
  'record/takes': 25,
  'record/cpu': 20,
  'record/recovery': 5,
  'record/open': 15,
  'record/kill': 10,
  'record/size': 1,
  'firefox/engines': 20,
  'capture/start': 5,
  'audio/cost': 10,
  'audio/accuracy': 5,
  'capture/load': 20,
  'monitor/cost': 10,
  'channel/echo': 10,
  'live/conformance': 12,
  'live/connect': 30,
  'live/glass': 7,
  'live/sessions': 15,
};

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

await runEach(
  chosen.map((name) => ({
    name,
    command: `npm run bench ${name}`,
    minutes: benches[name],
    load: () => import(`./${name}.mjs`),
  })),
  { versions: versions(peers().map((name) => `${name} ${versionOf(folderOf(name))}`)), quick, write: !quick },
);

/** The peers have a lock file of their own, so that nobody else has to install them. */
function installPeers() {
  const { dependencies, devDependencies } = manifest();
  if (Object.keys({ ...dependencies, ...devDependencies }).every((name) => existsSync(folderOf(name)))) return;
  console.log('Installing the peers.');
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const { status } = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: bench, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: bench, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error('npm ci failed: see above.');
}

function peers() {
  return Object.keys(manifest().dependencies);
}

function manifest() {
  return JSON.parse(readFileSync(path.join(bench, 'package.json'), 'utf8'));
}

function folderOf(peer) {
  return path.join(bench, 'node_modules', peer);
}
