/**
 * Measures the pipeline of this package by itself, in real browsers with fake devices, and prints tables.
 *
 *     npm run test:perf:stream               one of them; package.json lists them
 *     npm run test:frames:drops -- --quick   a short run to see that it works
 *     npm run test:perf:core -- --write      writes what was measured into docs/benchmarks.md
 *     node tools/perf.mjs                    all of them
 */
import { register } from 'tsx/esm/api';
import { runEach } from '../bench/support/runner.mjs';
import { versions } from '../bench/support/versions.mjs';
import { build, install } from './prepare.mjs';

/** Minutes that each takes on two cores. */
const measures = {
  'perf/stream': 2,
  'perf/workers': 2,
  'perf/memory': 3,
  'perf/network': 4,
  'perf/core': 1,
  'perf/render': 3,
  'frames/timing': 2,
  'frames/drops': 3,
  'frames/buffer': 2,
  'frames/quality': 2,
};

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const wanted = args.filter((arg) => !arg.startsWith('--'));
const unknown = wanted.filter((name) => !(name in measures));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${Object.keys(measures).join(', ')}.`);
  process.exit(1);
}

install();
build();
// What the tests use is TypeScript.
register();

await runEach(
  Object.keys(measures)
    .filter((name) => wanted.length === 0 || wanted.includes(name))
    .map((name) => ({
      name,
      command: `npm run test:${name.replace('/', ':')}`,
      minutes: measures[name],
      load: () => import(`../test/perf/${name.replace('/', '-')}.ts`),
    })),
  { versions: versions(), quick, write: args.includes('--write') && !quick },
);
