/**
 * Runs test files with Node's own runner, in the order in which they are named: its command line sorts them, and a long
 * one that begins last is waited for alone.
 *
 *     node --import tsx tools/node-tests.mjs --at-once=2 --timeout=300 a.test.ts b.test.ts     timeout in seconds, for a file
 *     node --import tsx tools/node-tests.mjs --together a.test.ts b.test.ts                    in one process, and its browsers
 *     node --enable-source-maps tools/node-tests.mjs --compiled a.test.ts b.test.ts            without tsx, where they are many
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from 'node:test';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import reporter from './node-reporter.mjs';
import { root } from './prepare.mjs';

const { values, positionals: named } = parseArgs({
  options: {
    'at-once': { type: 'string', default: '1' },
    timeout: { type: 'string' },
    together: { type: 'boolean' },
    compiled: { type: 'boolean' },
  },
  allowPositionals: true,
});

/** A file that imports all of them, and keeps browsers from one to the next. */
function inOne(files) {
  const quoted = (file) => JSON.stringify(pathToFileURL(path.resolve(file)).href);
  const file = path.join(root, '.cache/together.mjs');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(
    file,
    `import { after } from 'node:test';
import { keepBrowsers } from ${quoted(path.join(root, 'test/support/browser.ts'))};
${files.map((one) => `import ${quoted(one)};\n`).join('')}
after(keepBrowsers());
`,
  );
  return [file];
}

/** Loaded only where it is needed: it loads esbuild. */
const compiled = async () => (await import('./compile-tests.mjs')).compileTests(named);

const tests = run({
  files: values.together ? inOne(named) : values.compiled ? await compiled() : named,
  concurrency: Number(values['at-once']),
  ...(values.timeout ? { timeout: Number(values.timeout) * 1000 } : {}),
});
tests.on('test:fail', () => (process.exitCode = 1));
tests.compose(reporter).pipe(process.stdout);
