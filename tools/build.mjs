/**
 * Builds dist/. tsc and Rollup write to a folder of their own, and only files that differ are then put in place: a
 * page that is being served never sees half a build, and files of deleted sources do not stay behind.
 *
 * An error does not stop the build: what can be built is put in place, and the build fails at its end.
 *
 *     node tools/build.mjs                what `npm run build` is
 *     node tools/build.mjs --unchecked    the same files, for who checks their types anyway
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { install, root } from './prepare.mjs';

// `npm pack` and `npm run build` come here first in a fresh clone, where Rollup is not installed yet.
install();
const { rollup } = await import('rollup');

const dist = path.join(root, 'dist');
const staging = path.join(root, '.cache', `build-${process.pid}`);

/** Says whether there were no type errors; the files are written either way. */
function compile() {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', 'tsconfig.json', '--outDir', staging];
  if (process.argv.includes('--unchecked')) args.push('--noCheck');
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

/** Every file under `folder`, relative to it. */
function filesOf(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

/** Comments and the white space of stylesheets, which no minifier of scripts touches; no string of ours holds any. */
function trimStyles() {
  const trim = (text) =>
    text
      .replace(/\/\*.*?\*\//gs, '')
      .replace(/\s+/g, ' ')
      .replace(/ ?([{};,>]) ?/g, '$1')
      .replaceAll(': ', ':')
      .replaceAll(';}', '}')
      .trim();
  for (const file of filesOf(staging).filter((name) => name.endsWith('styles.js'))) {
    const whole = path.join(staging, file);
    const code = readFileSync(whole, 'utf8');
    writeFileSync(
      whole,
      code.replace(/css `([^`]*)`/g, (_, text) => `css\`${trim(text)}\``),
    );
  }
}

/** TypeScript writes what applies decorators into every file that has any; ours is in one, and shorter. */
function shareDecorate() {
  const shared = 'components/shared/decorators.js';
  for (const file of filesOf(staging).filter((name) => name.endsWith('.js'))) {
    const whole = path.join(staging, file);
    const from = path.posix.relative(path.posix.dirname(file.split(path.sep).join('/')), shared);
    const code = readFileSync(whole, 'utf8');
    const short = code.replace(/^var __decorate = .*?^};$/ms, `import { decorate as __decorate } from '${from}';`);
    if (short !== code) writeFileSync(whole, short);
  }
}

function putInPlace() {
  rmSync(described);
  const fresh = new Set(filesOf(staging));
  for (const file of fresh) {
    const from = path.join(staging, file);
    const to = path.join(dist, file);
    if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) continue;
    mkdirSync(path.dirname(to), { recursive: true });
    renameSync(from, to);
  }
  for (const file of filesOf(dist)) if (!fresh.has(file)) rmSync(path.join(dist, file), { force: true });
  writeFileSync(path.join(root, '.cache', 'built'), `${new Date().toISOString()}\n`);
}

/** The packages that code in a bundle comes from. */
function packagesIn(chunk) {
  const names = Object.entries(chunk.modules)
    .filter(([, { renderedLength }]) => renderedLength > 0)
    .map(([id]) => /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(id)?.[1]?.replace('\\', '/'));
  return [...new Set(names)].filter((name) => name !== undefined).sort();
}

const kept = path.join(root, '.cache/bundles');

/** Tells apart whatever a bundle can be made from: the compiled files that it may import, and the tools. */
function keyOf(input) {
  const own = typeof input === 'string' ? [path.relative(root, input)] : [];
  const modules = filesOf(staging)
    .filter((file) => file.endsWith('.js') && (own.length === 0 || file.startsWith(`core${path.sep}`)))
    .map((file) => path.relative(root, path.join(staging, file)));
  const hash = createHash('sha256');
  for (const file of ['rollup.config.mjs', 'tools/build.mjs', 'package-lock.json', ...own, ...modules.sort()])
    hash.update(file.replace(path.relative(root, staging), '')).update(readFileSync(path.join(root, file)));
  return hash.digest('hex');
}

/** In one step, so that another build never reads half of it. */
function keep(file, made) {
  const whole = `${file}.${process.pid}`;
  writeFileSync(whole, JSON.stringify(made));
  renameSync(whole, file);
}

/** @returns {Promise<{ files: Record<string, string>, packages: Record<string, string[]> }>} */
async function make({ output, ...input }) {
  const build = await rollup(input);
  const { output: made } = await build.generate(output);
  await build.close();
  const files = {};
  const packages = {};
  for (const file of made) {
    files[file.fileName] = file.type === 'chunk' ? file.code : file.source;
    if (file.type === 'chunk') packages[file.fileName] = packagesIn(file);
  }
  return { files, packages };
}

/**
 * Bundles what Rollup is configured for; says and returns whether all went well. A bundle whose sources have not changed
 * is not made again: minifying the muxer takes most of a build's time.
 */
async function bundle() {
  process.env.ONAIR_OUT = path.relative(root, staging);
  const { default: configs } = await import('../rollup.config.mjs');
  mkdirSync(kept, { recursive: true });
  // Before the first bundle is written: off-page files are bundled in place.
  const keys = configs.map(({ input }) => path.join(kept, `${keyOf(input)}.json`));
  // All at once: while one is minified, by other threads, the next is put together. None reads what another makes.
  const bundles = await Promise.allSettled(
    configs.map(async (config, index) =>
      existsSync(keys[index]) ? JSON.parse(readFileSync(keys[index], 'utf8')) : make(config),
    ),
  );
  /** @type {Record<string, string[]>} For `tools/licences.mjs`. */
  const bundled = {};
  let well = true;
  for (const [index, { output }] of configs.entries()) {
    const folder = output.dir ?? path.dirname(output.file);
    const { value: made, reason } = bundles[index];
    if (!made) {
      well = false;
      console.error(`${output.file ?? output.dir}: ${reason.message}`);
      continue;
    }
    if (!existsSync(keys[index])) keep(keys[index], made);
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(made.files)) writeFileSync(path.join(folder, name), text);
    for (const [name, packages] of Object.entries(made.packages))
      bundled[path.relative(staging, path.join(folder, name)).split(path.sep).join('/')] = packages;
  }
  for (const file of readdirSync(kept).map((name) => path.join(kept, name)))
    if (file.endsWith('.json') && !keys.includes(file)) rmSync(file, { force: true });
  writeFileSync(path.join(root, '.cache/bundled.json'), JSON.stringify(bundled));
  return well;
}

/** `cdn/` is a folder that can be copied to a server as it is. */
function copyToCdn(folder) {
  if (!existsSync(path.join(staging, folder))) return;
  cpSync(path.join(staging, folder), path.join(staging, 'cdn', folder), {
    recursive: true,
    filter: (file) => !file.endsWith('.d.ts'),
  });
}

process.chdir(root);
mkdirSync(staging, { recursive: true });
// `sideEffects` of the package speaks of dist/; without its like here, Rollup would drop what registers the tags.
const described = path.join(staging, 'package.json');
writeFileSync(described, JSON.stringify({ type: 'module', sideEffects: ['./define/*.js'] }));
try {
  const typed = compile();
  trimStyles();
  shareDecorate();
  const bundled = await bundle();
  copyToCdn('workers');
  copyToCdn('worklets');
  putInPlace();
  process.exitCode = typed && bundled ? 0 : 1;
} finally {
  rmSync(staging, { recursive: true, force: true });
}
