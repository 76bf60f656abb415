/** What `npm start`, `npm test` and the tour need first: dependencies installed and dist/ built. Plain Node. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** What ESLint needs; the package itself is content with less. */
export const NODE = '20.19';

/** Whether a version of Node is older than that. */
export function isOld(version) {
  const [major, minor] = version.split('.').map(Number);
  const [least, within] = NODE.split('.').map(Number);
  return major < least || (major === least && minor < within);
}

/** Runs `npm ci` when something that package-lock.json names is not there, or is there in another version. */
export function install() {
  if (isOld(process.versions.node)) {
    console.error(`This needs Node ${NODE} or later, and is run by ${process.version}.`);
    process.exit(1);
  }
  if (isInstalled()) return;
  console.log('Installing dependencies.');
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // Under `npm run` the path of npm is known; elsewhere it is looked up, which on Windows takes a shell.
  const npm = process.env.npm_execpath;
  const { status } = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error('npm ci failed: see above.');
}

function isInstalled() {
  const installed = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const there = packagesOf(installed);
  return Object.entries(packagesOf(path.join(root, 'package-lock.json'))).every(
    // What is optional may be for another system.
    ([name, { version, optional, peer }]) => name === '' || optional || peer || there[name]?.version === version,
  );
}

/** Builds dist/ when a source is newer than the last build. */
export function build() {
  if (!isStale()) return;
  console.log('Building.');
  const { status } = spawnSync(process.execPath, [path.join(root, 'tools/build.mjs')], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('The build failed: see above.');
}

function isStale() {
  const built = path.join(root, '.cache/built');
  if (!existsSync(built) || !existsSync(path.join(root, 'dist'))) return true;
  const since = statSync(built).mtimeMs;
  const sources = readdirSync(path.join(root, 'src'), { recursive: true }).map((file) => path.join('src', file));
  return [...sources, 'rollup.config.mjs', 'tools/build.mjs', 'tsconfig.json', 'package-lock.json'].some(
    (file) => statSync(path.join(root, file)).mtimeMs > since,
  );
}
