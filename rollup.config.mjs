import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';

/** The folder that tsc has written to. `tools/build.mjs` builds beside dist/ and swaps files in when they are whole. */
const out = process.env.ONAIR_OUT ?? 'dist';

/** Licences of what is bundled stay in the files; all other comments go. */
const minify = () => terser({ format: { comments: /@license|@preserve|^!/ }, module: true, compress: { passes: 2 } });

/**
 * Files that run outside a page, by the end of their names: a worker is `.worker.js`, an AudioWorklet `.worklet.js`; what
 * a worker imports on demand is a `.part.js` beside it.
 */
const offPage = ['workers', 'worklets'].flatMap((folder) =>
  existsSync(path.join(out, folder))
    ? readdirSync(path.join(out, folder))
        .filter((file) => /\.(worker|worklet|part)\.js$/.test(file))
        .map((file) => path.join(out, folder, file))
    : [],
);

/** Bundles one off-page file in place: no import is left in it, and bundling it twice changes nothing. */
const offPageBundle = (input) => ({
  input,
  output: { file: input, format: 'es', inlineDynamicImports: true },
  plugins: [
    nodeResolve({ browser: true }),
    minify(),
    ...(input.endsWith('.worklet.js') ? [atLeast(4097)] : []),
    // A part is fetched from beside the worker and never started from a Blob.
    ...(input.endsWith('.part.js') ? [] : [textModule()]),
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

/**
 * The bundle for use by a script tag: one file, and beside it what it loads on demand. Those parts use the code that
 * onair.js holds by importing it back, so that there is one of everything; names of parts and of what they import stay
 * as they are, so that files of two neighbouring versions in a cache still fit.
 */
const cdnBundle = (input) => ({
  input: { onair: input },
  output: {
    dir: path.join(out, 'cdn'),
    format: 'es',
    entryFileNames: '[name].js',
    // A part that is a folder's index is named after the folder.
    chunkFileNames: ({ name, facadeModuleId }) =>
      name === 'index' && facadeModuleId ? `${path.basename(path.dirname(facadeModuleId))}.js` : '[name].js',
    minifyInternalExports: false,
    intro: ({ isEntry }) => (isEntry ? whereThereIsNoPage : ''),
  },
  preserveEntrySignatures: 'allow-extension',
  plugins: [nodeResolve({ browser: true }), besideBundle(), minify()],
  onwarn: refuse,
});

/** Lit's build for browsers asks for these two when it is imported, which a server that renders pages may do. */
const whereThereIsNoPage = `
const HTMLElement = globalThis.HTMLElement ?? class {};
const document = globalThis.document ?? { createTreeWalker() {} };
`;

/** Points at the copies of workers and worklets in `cdn/`; their texts stay files of their own. */
function besideBundle() {
  return {
    name: 'beside-bundle',
    transform(code) {
      return { code: code.replace(/(['"])(?:\.\.?\/)+(workers|worklets)\//g, '$1./$2/'), map: null };
    },
    resolveDynamicImport(specifier) {
      const isText = typeof specifier === 'string' && /^\.\/work(er|let)s\//.test(specifier);
      return isText ? { id: specifier, external: 'absolute' } : null;
    },
  };
}

/** A warning of a bundler is a fault of the package. */
function refuse(warning) {
  // What tsc writes for a decorator asks for a `this` that a module has not, and does without.
  if (warning.code === 'THIS_IS_UNDEFINED') return;
  // How a dependency is written inside is its own business; that it is missing, or not found, is ours.
  const places = warning.ids ?? [warning.id ?? ''];
  if (!warning.code?.startsWith('UNRESOLVED') && places.every((id) => id.includes('node_modules'))) return;
  throw Object.assign(new Error(warning.message), warning);
}

/** Sockets are of use without any element, and so a script tag gets them in a file of their own. */
const channelBundle = (input) => ({
  input,
  output: { file: path.join(out, 'cdn/channel.js'), format: 'es', inlineDynamicImports: true },
  plugins: [nodeResolve({ browser: true }), minify()],
  onwarn: refuse,
});

const cdnEntry = path.join(out, 'define/index.js');
const channelEntry = path.join(out, 'core/channel/index.js');

export default [
  ...offPage.map(offPageBundle),
  ...(existsSync(cdnEntry) ? [cdnBundle(cdnEntry)] : []),
  ...(existsSync(channelEntry) ? [channelBundle(channelEntry)] : []),
];
