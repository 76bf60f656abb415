/** Types and lint of everything, over one program: to make it takes longer than to look at it, and both look at all of it. */
import { ESLint } from 'eslint';
import path from 'node:path';
import ts from 'typescript';
import { none, write } from './counts.mjs';
import { root } from './prepare.mjs';

process.chdir(root);
const counts = none();

function check(name, faults, text) {
  counts[faults > 0 ? 'failed' : 'passed']++;
  console.log(`${faults > 0 ? 'not ok' : 'ok'} ${name}`);
  if (text) console.log(text);
}

const file = path.join(root, 'tsconfig.test.json');
const { fileNames, options, errors } = ts.getParsedCommandLineOfConfigFile(
  file,
  {},
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  },
);
const program = ts.createProgram(fileNames, options);
const diagnostics = [...errors, ...ts.getPreEmitDiagnostics(program)];
const told = ts.formatDiagnostics(diagnostics, {
  getCurrentDirectory: () => root,
  getCanonicalFileName: (name) => name,
  getNewLine: () => '\n',
});
check('types', diagnostics.length, told);

const eslint = new ESLint({
  cwd: root,
  overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions: { programs: [program] } } },
});
const results = await eslint.lintFiles(['.']);
const faults = results.reduce((sum, { errorCount, fatalErrorCount }) => sum + errorCount + fatalErrorCount, 0);
check('lint', faults, (await eslint.loadFormatter('stylish')).format(results));

if (process.env.ONAIR_COUNT) write(process.env.ONAIR_COUNT, counts);
process.exitCode = counts.failed > 0 ? 1 : 0;
