/** Compiles test files, and what they import of this house, once for all: tsx does it anew in the process of each. */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './prepare.mjs';

const outdir = path.join(root, '.cache/tests');

/** What is compiled still finds the files that lie beside its source. */
const whereItWas = {
  name: 'where-it-was',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.(ts|mjs|js)$/ }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href)),
      loader: file.endsWith('.ts') ? 'ts' : 'js',
    })),
};

/** Answers where the compiled files lie, in the same order. @param {string[]} files @returns {Promise<string[]>} */
export async function compileTests(files) {
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints: files,
    outbase: root,
    outdir,
    bundle: true,
    // What two files import is one module for both, as it was.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    // Only a build makes them.
    external: ['*.text.js'],
    // `sideEffects` of the package speaks of dist/.
    ignoreAnnotations: true,
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    plugins: [whereItWas],
    logLevel: 'warning',
  });
  return files.map((file) => path.join(outdir, path.relative(root, path.resolve(file)).replace(/\.ts$/, '.js')));
}
