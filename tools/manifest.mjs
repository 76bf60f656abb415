/**
 * Writes custom-elements.json, vscode.html-custom-data.json, docs/elements.md and docs/errors.md from the sources; all are
 * checked in.
 * With `--check` writes nothing and fails when they are not fresh, or not what editors and catalogues can use.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cli } from '@custom-elements-manifest/analyzer/cli.js';
import { validateCem } from '@wc-toolkit/cem-validator';
import { generateVsCodeCustomElementData } from 'custom-element-vs-code-integration';
import { none, write } from './counts.mjs';
import { root } from './prepare.mjs';
import { elementsReference, errorsReference } from './reference.mjs';
import { exportsOf } from './sources.mjs';

const manifestFile = 'custom-elements.json';
const editorFile = 'vscode.html-custom-data.json';
const referenceFile = 'docs/elements.md';
const errorsFile = 'docs/errors.md';

async function generate() {
  const argv = ['analyze', '--config', 'custom-elements-manifest.config.mjs'];
  const manifest = await cli({ argv, cwd: root, noWrite: true });
  return {
    [manifestFile]: `${JSON.stringify(manifest, null, 2)}\n`,
    [editorFile]: editorData(manifest),
    [referenceFile]: await elementsReference(manifest),
    [errorsFile]: await errorsReference(),
  };
}

/** The generator can only write files. */
function editorData(manifest) {
  const outdir = mkdtempSync(path.join(tmpdir(), 'onair-manifest-'));
  try {
    generateVsCodeCustomElementData(manifest, { outdir, htmlFileName: editorFile, cssFileName: null, hideLogs: true });
    return `${JSON.stringify(JSON.parse(readFileSync(path.join(outdir, editorFile), 'utf8')), null, 2)}\n`;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

process.chdir(root);
const fresh = await generate();
const counts = none();

function check(name, fault) {
  counts[fault ? 'failed' : 'passed']++;
  console.log(fault ? `not ok ${name}: ${fault}` : `ok ${name}`);
}

if (process.argv.includes('--check')) {
  for (const [file, text] of Object.entries(fresh)) {
    let there = '';
    try {
      there = readFileSync(file, 'utf8');
    } catch {
      // A missing file is as good as an old one.
    }
    check(`${file} is fresh`, there.replaceAll('\r\n', '\n') === text ? null : 'run npm run manifest');
  }
} else for (const [file, text] of Object.entries(fresh)) writeFileSync(file, text);

try {
  const manifest = JSON.parse(fresh[manifestFile]);
  // Every type that the manifest names must be one that the package exports from its entry; the validator looks for it
  // in the element's own module only.
  const exported = exportsOf('index.ts').map(({ name }) => ({ kind: 'js', name, declaration: { name } }));
  for (const module of manifest.modules) module.exports.push(...exported);
  const rules = { packageJson: { main: 'off', module: 'off' } };
  await validateCem(manifest, { packageJsonPath: './package.json', cemFileName: manifestFile, rules });
  check(`${manifestFile} is valid`, null);
} catch (error) {
  check(`${manifestFile} is valid`, error instanceof Error ? error.message : String(error));
}
if (process.env.ONAIR_COUNT) write(process.env.ONAIR_COUNT, counts);
process.exitCode = counts.failed > 0 ? 1 : 0;
