import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';

/** The folder that tsc has written to. `tools/build.mjs` builds beside dist/ and swaps files in when they are whole. */
const out = process.env.ONAIR_OUT ?? 'dist';

/** Licences of what is bundled stay in the files; all other comments go. */
const minify = () => terser({ format: { comments: /@license|@preserve|^!/ }, module: true });

/** Two kinds of file run outside a page: a worker has `.worker.js` at its end, an AudioWorklet `.worklet.js`. */
const offPage = ['worker', 'worklet'].flatMap((kind) => {
  const folder = path.join(out, `${kind}s`);
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith(`.${kind}.js`))
        .map((file) => path.join(folder, file))
    : [];
});

/** Bundles one off-page file in place: no import is left in it, and bundling it twice changes nothing. */
const offPageBundle = (input) => ({
  input,
  output: { file: input, format: 'es', inlineDynamicImports: true },
  plugins: [
    nodeResolve({ browser: true }),
    minify(),
    ...(input.endsWith('.worklet.js') ? [atLeast(4097)] : []),
    textModule(),
  ],
  onwarn: refuse,
});

/**
 * Vite turns assets of up to 4096 bytes into data: URLs (`assetsInlineLimit`), and a worklet from a data: URL is refused
 * under `script-src 'self'`.
 */
function atLeast(bytes) {
  return {
    name: 'at-least',
    renderChunk(code) {
      const missing = bytes - Buffer.byteLength(code);
      return missing > 0 ? { code: `${code.trimEnd()}//${'.'.repeat(missing)}\n`, map: null } : null;
    },
  };
}

/** Writes `<file>.text.js` beside a bundle: the same code as a string, for the Blob rung of the loading ladder. */
function textModule() {
  return {
    name: 'text-module',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        const name = chunk.fileName.replace(/\.js$/, '.text');
        this.emitFile({
          type: 'asset',
          fileName: `${name}.js`,
          source: `export default ${JSON.stringify(chunk.code)};\n`,
        });
        this.emitFile({
          type: 'asset',
          fileName: `${name}.d.ts`,
          source: 'declare const text: string;\nexport default text;\n',
        });
      }
    },
  };
}

/** A bundle for use by a script tag: what it loads on demand lies in the same folder, under its own name. */
const cdnBundle = (input, file) => ({
  input,
  output: { file: path.join(out, 'cdn', file), format: 'es', inlineDynamicImports: true },
  plugins: [nodeResolve({ browser: true }), partsOnDemand(), minify()],
  onwarn: refuse,
});

/**
 * Points at the copies of workers and worklets in `cdn/`, and leaves every dynamic import of our own a request for
 * a file there. Such a part is self-contained: one that shared code with onair.js would import it back, and a page that
 * loads `onair.js?v=2` would run everything twice.
 */
function partsOnDemand() {
  return {
    name: 'parts-on-demand',
    transform(code) {
      return { code: code.replace(/(['"])(?:\.\.?\/)+(workers|worklets)\//g, '$1./$2/'), map: null };
    },
    resolveDynamicImport(specifier) {
      if (typeof specifier !== 'string' || !specifier.startsWith('.')) return null;
      const id = /^\.\/work(er|let)s\//.test(specifier) ? specifier : `./${path.posix.basename(specifier)}`;
      return { id, external: 'absolute' };
    },
  };
}

/** A warning of a bundler is a fault of the package. */
function refuse(warning) {
  // How a dependency is written inside is its own business; that it is missing, or not found, is ours.
  const places = warning.ids ?? [warning.id ?? ''];
  if (!warning.code?.startsWith('UNRESOLVED') && places.every((id) => id.includes('node_modules'))) return;
  throw Object.assign(new Error(warning.message), warning);
}

const cdnEntry = path.join(out, 'define/index.js');
/** Loaded on demand by the CDN bundle; `tools/check-cdn.mjs` fails when one is missing. */
const cdnParts = ['core/record/serve-record.js'].map((file) => path.join(out, file)).filter(existsSync);

export default [
  ...offPage.map(offPageBundle),
  ...(existsSync(cdnEntry) ? [cdnBundle(cdnEntry, 'onair.js')] : []),
  ...(existsSync(cdnEntry) ? cdnParts.map((part) => cdnBundle(part, path.basename(part))) : []),
];
