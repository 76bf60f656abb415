/**
 * Builds dist/. tsc and Rollup write to a folder of their own, and only files that differ are then put in place: a
 * page that is being served never sees half a build, and files of deleted sources do not stay behind.
 *
 * An error does not stop the build: what can be built is put in place, and the build fails at its end.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
const staging = path.join(root, '.cache', `build-${process.pid}`);

/** Says whether there were no type errors; the files are written either way. */
function compile() {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '-p', 'tsconfig.json', '--outDir', staging];
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

/** Every file under `folder`, relative to it. */
function filesOf(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
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

/** Bundles what Rollup is configured for; says and returns whether all went well. */
async function bundle() {
  process.env.ONAIR_OUT = path.relative(root, staging);
  const { default: configs } = await import('../rollup.config.mjs');
  /** @type {Record<string, string[]>} For `tools/licences.mjs`. */
  const bundled = {};
  let well = true;
  for (const { output, ...input } of configs) {
    try {
      const build = await rollup(input);
      const { output: made } = await build.write(output);
      for (const chunk of made) {
        if (chunk.type !== 'chunk') continue;
        const folder = output.dir ?? path.dirname(output.file);
        const name = path.relative(staging, path.join(folder, chunk.fileName));
        bundled[name.split(path.sep).join('/')] = packagesIn(chunk);
      }
      await build.close();
    } catch (error) {
      well = false;
      console.error(`${output.file ?? output.dir}: ${error.message}`);
    }
  }
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
  const bundled = await bundle();
  copyToCdn('workers');
  copyToCdn('worklets');
  putInPlace();
  process.exitCode = typed && bundled ? 0 : 1;
} finally {
  rmSync(staging, { recursive: true, force: true });
}
