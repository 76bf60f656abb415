import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DATA, elementsReference, errorsReference } from '../../../tools/reference.mjs';
import { codes, exportsOf, interfaceOf, sentencesOf } from '../../../tools/sources.mjs';

/** What is made of comments and tables of the sources, held against the sources themselves. */

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const inOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

interface Told {
  element: string;
  name: string;
  type: string;
  description: string;
}

/** Every `@attr` of an element's class. */
const attributes: Told[] = readdirSync(join(root, 'src/components'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => {
    const text = read(join('src/components', file));
    const element = /^ \* @element (\S+)/m.exec(text)?.[1] ?? '';
    const tags = text.matchAll(/^ \* @attr \{(.+)\} ([a-z-]+) - ([\s\S]+?)(?=\n \* @|\n \*\n|\n \*\/)/gm);
    return [...tags].map(([, type = '', name = '', description = '']) => ({
      element,
      name,
      type,
      description: inOneLine(description.replace(/\n \*/g, '')),
    }));
  });

/** The rows of the tables of a text, cell by cell. */
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| -/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
    .map((cells) => cells.map((cell) => cell.replaceAll('\\|', '|').trim()));

const reference = read('docs/elements.md');
const sectionOf = (heading: string, text = reference): string =>
  text.split(/^(?=##+ )/m).filter((part) => part.startsWith(heading))[0] ?? '';
const ofElement = (tag: string): string =>
  reference.split(/^(?=## )/m).find((part) => part.startsWith(`## \`<${tag}>`)) ?? '';

describe('docs/elements.md', () => {
  it('is the one of custom-elements.json', async () => {
    const manifest = JSON.parse(read('custom-elements.json')) as Parameters<typeof elementsReference>[0];
    assert.equal(reference, await elementsReference(manifest), 'run: npm run manifest');
  });

  it('tells of each attribute what its class says', () => {
    assert.ok(attributes.length > 60, 'attributes are found');
    for (const { element, name, type, description } of attributes) {
      const row = rowsOf(ofElement(element)).find(([cell]) => cell === `\`${name}\``);
      assert.ok(row, `${element}: ${name}`);
      assert.equal(row[2], `\`${type}\``, `${element}: ${name}`);
      assert.equal(row[4], description, `${element}: ${name}`);
    }
  });

  it('has no row without a description, and none twice', () => {
    for (const part of reference.split(/^(?=##+ )/m)) {
      const [, ...rows] = rowsOf(part);
      for (const row of rows) assert.notEqual(row.at(-1), '', `${part.split('\n')[0]}: ${row[0]}`);
      const names = rows.map(([name]) => name);
      assert.deepEqual(names, [...new Set(names)]);
    }
  });

  it('tells what methods throw', () => {
    assert.match(ofElement('recording-library'), /^\| `recover\(id\)` .*`recording-missing`/m);
    assert.match(ofElement('perf-meter'), /^\| `toOpenMetrics\(\)` .*Throws OnAirError `worker-failed`\./m);
  });

  it('tells of the colour of text on buttons that have the accent', () => {
    const folder = 'src/components';
    for (const element of new Set(attributes.map((attribute) => attribute.element))) {
      const texts = readdirSync(join(root, folder, element)).map((file) => read(join(folder, element, file)));
      if (texts.some((text) => /button( \$\{.*)? ?'?primary/.test(text)))
        assert.match(ofElement(element), /`--oa-color-on-accent`/, element);
    }
  });

  for (const name of DATA) {
    it(`has all members of ${name}`, () => {
      const { members } = interfaceOf(name);
      assert.ok(members.length > 0, name);
      const told = rowsOf(sectionOf(`### \`${name}\``)).map(([cell]) => cell);
      for (const member of members) assert.ok(told.includes(`\`${member.name}\``), member.name);
    });
  }
});

describe('what editors show', () => {
  it('offers the values of each attribute that has a choice', () => {
    const { tags } = JSON.parse(read('vscode.html-custom-data.json')) as {
      tags: { name: string; attributes: { name: string; description: string; values: { name: string }[] }[] }[];
    };
    const choices = attributes.filter(({ type }) => type.includes('|'));
    assert.ok(choices.length > 15, 'choices are found');
    for (const { element, name, type, description } of choices) {
      const attribute = tags.find((tag) => tag.name === element)?.attributes.find((one) => one.name === name);
      assert.deepEqual(
        attribute?.values.map((value) => value.name),
        type.split('|').map((value) => value.replaceAll("'", '')),
        `${element}: ${name}`,
      );
      assert.equal(attribute?.description, description);
    }
  });
});

describe('docs/errors.md', () => {
  const errors = read('docs/errors.md');

  it('is made of the sources', async () => {
    assert.equal(errors, await errorsReference(), 'run: npm run manifest');
  });

  it('has every code, with what it means and what is said', () => {
    const listed = [...read('src/core/errors.ts').matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(([, code]) => code!);
    assert.deepEqual(
      codes().map(({ code }) => code),
      listed,
    );
    for (const code of listed) {
      const [, meaning, says] = rowsOf(errors).find(([cell]) => cell === `\`${code}\``) ?? [];
      assert.ok(meaning && says, code);
    }
  });

  it('has every caveat', () => {
    const listed = [...read('src/core/record/guarantee.ts').matchAll(/'(caveat\.[a-z]+)'(?= \||;)/g)].map(
      ([, key]) => key!,
    );
    assert.ok(listed.length >= 7, 'caveats are found');
    for (const caveat of listed) assert.ok(errors.includes(`\`${caveat}\``), caveat);
  });
});

describe('docs/accessibility.md', () => {
  it('names every file that has sentences', () => {
    const known = new Set(codes().map(({ code }) => code));
    const isKey = (key: string) => known.has(key) || /^[a-z-]+(\.[a-zA-Z-]+)+$/.test(key);
    const tables = sentencesOf(isKey).filter(({ inTable }) => inTable);
    const files = new Set(tables.map(({ file }) => `src/${file}`));
    assert.ok(files.size > 10, 'tables are found');
    const named = rowsOf(sectionOf('## Languages', read('docs/accessibility.md'))).flatMap(([, , cell = '']) => {
      // What comes after the first lies beside it.
      const [first = '', ...beside] = [...cell.matchAll(/`([^`]+)`/g)].map(([, path]) => path!);
      return [first, ...beside.map((file) => join(dirname(first), file))];
    });
    for (const file of files) assert.ok(named.includes(file), file);
  });
});

describe('onair-elements/core', () => {
  it('exports only values that a document names', () => {
    const docs = readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'));
    const code = ['README.md', ...docs.map((file) => `docs/${file}`)]
      .flatMap((file) => [...read(file).matchAll(/^```[\s\S]*?^```|`[^`\n]+`/gm)])
      .map(([text]) => text)
      .join('\n');
    const values = exportsOf('core/index.ts').filter(({ isValue }) => isValue);
    assert.ok(values.length > 30, 'values are found');
    for (const { name } of values) assert.ok(new RegExp(`\\b${name}\\b`).test(code), name);
  });
});
