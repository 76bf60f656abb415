/** What a page downloads, gzip, against its budget. Only what is loaded at once is counted, not what waits for need. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { rollup } from 'rollup';
import { root } from './prepare.mjs';

const kB = 1000;
const dist = (file) => path.join(root, 'dist', file);

const budgets = [
  {
    // The promise of the README: what is loaded before the first take.
    name: 'media-producer and stream-recorder, with Lit',
    budget: 20 * kB,
    code: () => bundle(['define/media-producer.js', 'define/stream-recorder.js']),
  },
  { name: 'workers/record.worker.js', budget: 100 * kB, code: () => readFileSync(dist('workers/record.worker.js')) },
  { name: 'cdn/onair.js', budget: 30 * kB, code: () => readFileSync(dist('cdn/onair.js')) },
];

/** What a bundler makes of these files of dist/; what they import dynamically stays outside. */
async function bundle(files) {
  const entry = '\0entry';
  const build = await rollup({
    input: entry,
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? files.map((file) => `import ${JSON.stringify(dist(file))};`).join('\n') : null),
        resolveDynamicImport: (specifier) => ({ id: String(specifier), external: true }),
      },
      nodeResolve({ browser: true, exportConditions: ['production'] }),
      terser({ module: true }),
    ],
    onwarn: () => {},
  });
  const { output } = await build.generate({ format: 'es' });
  return output.map((chunk) => chunk.code).join('');
}

let over = 0;
for (const { name, budget, code } of budgets) {
  const size = gzipSync(await code(), { level: 9 }).length;
  const room = budget - size;
  if (room < 0) over++;
  const figures = `${(size / kB).toFixed(2)} kB of ${budget / kB} kB`;
  const left = `${room < 0 ? 'over by' : 'head-room'} ${(Math.abs(room) / kB).toFixed(2)} kB`;
  console.log(`${room < 0 ? 'not ok' : 'ok'} ${name}: ${figures} gzip, ${left}`);
}
process.exitCode = over > 0 ? 1 : 0;
