/** dist/cdn/ is copied to a server as it is: nothing in it may ask for a package, another host or a missing file. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from './prepare.mjs';

const cdn = path.join(root, 'dist/cdn');
const faults = [];

/** Addresses that are names (of XML namespaces, of licences in comments), and are never fetched. */
const names = /^https?:\/\/(www\.w3\.org\/|mozilla\.org\/MPL)/;

const entries = ['onair.js', 'channel.js'];

/** Only parts that are loaded on demand share code; entries, workers and worklets are one file each. */
const mayImport = (file) => !entries.includes(file) && path.dirname(file) === '.';

/** Every address that the code can ask for, by walking the parsed file: a search for text would find comments too. */
function check(file) {
  const source = ts.createSourceFile(file, readFileSync(path.join(cdn, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const wants = (address, how) => {
    if (!address.startsWith('./')) faults.push(`${file}: ${how} of ${JSON.stringify(address)} is not relative`);
    else if (!existsSync(path.join(cdn, path.dirname(file), address)))
      faults.push(`${file}: ${how} of ${address}, which is not there`);
  };
  const visit = (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      if (mayImport(file)) wants(node.moduleSpecifier.text, 'import');
      else faults.push(`${file}: imports ${node.moduleSpecifier.getText()}: it is not self-contained`);
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      // An address that is known at run time only comes from the page.
      if (specifier && ts.isStringLiteralLike(specifier)) wants(specifier.text, 'import');
    }
    if (ts.isNewExpression(node) && node.expression.getText() === 'URL' && node.arguments?.[1]) {
      const [address, base] = node.arguments;
      if (base.getText() === 'import.meta.url' && ts.isStringLiteralLike(address)) wants(address.text, 'URL');
    }
    if (ts.isStringLiteralLike(node) && /^(https?:)?\/\/[^/]/.test(node.text) && !names.test(node.text))
      faults.push(`${file}: names another host: ${node.text.slice(0, 80)}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
}

const files = readdirSync(cdn, { recursive: true }).filter((file) => file.endsWith('.js'));
for (const entry of entries) if (!files.includes(entry)) faults.push(`${entry} is missing`);
// The text of a worker is the worker, which is checked itself.
for (const file of files) if (!file.endsWith('.text.js')) check(file);

for (const fault of faults) console.log(fault);
console.log(faults.length > 0 ? `not ok dist/cdn: ${faults.length} faults` : `ok dist/cdn: ${files.length} files`);
process.exitCode = faults.length > 0 ? 1 : 0;
