/**
 * Writes THIRD-PARTY.md: whose code the built files contain, as the last build saw it. With `--check` writes nothing and
 * fails when the file is not fresh, or when a licence is one that we have not thought about.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './prepare.mjs';

const file = path.join(root, 'THIRD-PARTY.md');

/** What each licence asks of those who pass the built files on. */
const terms = {
  'BSD-3-Clause': 'Keep the copyright notice and the text below with copies.',
  'Apache-2.0': 'Keep the copyright notice and the text below with copies.',
  MIT: 'Keep the copyright notice and the text below with copies.',
  'MPL-2.0':
    'The files of this package stay under the MPL 2.0 inside the bundle, unchanged but for bundling and minifying; the rest of the bundle does not fall under it. Those who pass the bundle on tell where the source is: here.',
};

const read = (name) => readFileSync(path.join(root, name), 'utf8');
const bundled = JSON.parse(read('.cache/bundled.json'));
const names = [...new Set(Object.values(bundled).flat())].sort();

const about = (name) => {
  const { version, license, repository, homepage } = JSON.parse(read(`node_modules/${name}/package.json`));
  const source = (repository?.url ?? repository ?? homepage).replace(/^git\+/, '').replace(/\.git$/, '');
  const files = Object.keys(bundled).filter((bundle) => bundled[bundle].includes(name));
  const [text] = readdirSync(path.join(root, 'node_modules', name)).filter((file) =>
    /^LICEN[CS]E(\.\w+)?$/i.test(file),
  );
  return { name, version, license, source, files, text: read(`node_modules/${name}/${text}`).trim() };
};

const packages = names.map(about);
const unknown = packages.filter(({ license }) => !(license in terms));
for (const { name, license } of unknown) console.log(`not ok ${name} is under ${license}: see tools/licences.mjs`);

const section = ({ name, version, license, source, files }) =>
  [
    `## ${name} ${version}`,
    '',
    `- Licence: ${license}. ${terms[license]}`,
    `- Source: <${source}>, and \`npm pack ${name}@${version}\``,
    `- In: ${files.map((bundle) => `\`dist/${bundle}\``).join(', ')}`,
  ].join('\n');

// The MPL asks for a pointer to its text, the others for the text itself.
const texts = new Map();
for (const { name, license, text } of packages)
  if (license !== 'MPL-2.0') texts.set(text, [...(texts.get(text) ?? []), name]);

const page = `# Third-party code

onair-elements is under the MIT licence (\`LICENSE\`). Some of its built files contain code of others. The modules in
\`dist/\` that are not named here contain none; they import it. \`dist/cdn/workers/\` holds copies of \`dist/workers/\`, and
a \`.text.js\` file holds the text of the file that it is named after.

${packages.map(section).join('\n\n')}

The text of the MPL 2.0 is at <https://mozilla.org/MPL/2.0/>.

# Licence texts

${[...texts].map(([text, owners]) => `${owners.join(', ')}:\n\n\`\`\`text\n${text}\n\`\`\``).join('\n\n')}
`;

let fresh = true;
if (process.argv.includes('--check')) {
  try {
    fresh = read('THIRD-PARTY.md').replaceAll('\r\n', '\n') === page;
  } catch {
    fresh = false;
  }
  console.log(fresh ? `ok THIRD-PARTY.md: ${names.join(', ')}` : 'not ok THIRD-PARTY.md: run npm run licences');
} else writeFileSync(file, page);
process.exitCode = fresh && unknown.length === 0 ? 0 : 1;
