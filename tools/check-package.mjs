/** Packs the package as npm would and lets publint and are-the-types-wrong look at it; neither needs the network. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root } from './prepare.mjs';
import { none, write } from './counts.mjs';

const folder = path.join(root, '.cache/pack');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const node = (...args) => spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
const counts = none();

function check(name, { status, stdout, stderr }) {
  const well = status === 0;
  counts[well ? 'passed' : 'failed']++;
  console.log(`${well ? 'ok' : 'not ok'} ${name}`);
  if (!well) console.log(`${stdout}\n${stderr}`.trim());
  return well;
}

// Without scripts: `prepack` would build again what has just been built.
const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
const npm = process.env.npm_execpath;
const packed = npm
  ? node(npm, ...pack)
  : spawnSync('npm', pack, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
if (check('npm pack', packed)) {
  const tarball = path.join(folder, readdirSync(folder)[0]);
  check('publint', node('node_modules/publint/src/cli.js', 'run', tarball, '--strict'));
  const attw = 'node_modules/@arethetypeswrong/cli/dist/index.js';
  check('are the types wrong', node(attw, tarball, '--profile', 'esm-only', '--no-definitely-typed', '--no-color'));
}
if (process.env.ONAIR_COUNT) write(process.env.ONAIR_COUNT, counts);
process.exitCode = counts.failed > 0 ? 1 : 0;
