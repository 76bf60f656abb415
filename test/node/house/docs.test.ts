import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isOld, NODE } from '../../../tools/prepare.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const documents = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

/** Code is no text: what looks like a link there is none. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** Where a document points to, beside the web. */
function links(file: string): string[] {
  const text = prose(read(file));
  const found = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)];
  return found.map(([, inText, inTag]) => inText ?? inTag ?? '').filter((link) => !/^[a-z]+:/.test(link));
}

/** The anchors that a Markdown file has, as they are made of its headings. */
const anchors = (file: string): string[] =>
  read(file)
    .split('\n')
    .filter((line) => /^#+ /.test(line))
    .map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );

describe('the documents', () => {
  for (const file of documents) {
    it(`point only to what is there: ${file}`, () => {
      for (const link of links(file)) {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? file : relative(root, join(root, dirname(file), path));
        assert.ok(existsSync(join(root, target)), `${link} is not there`);
        if (anchor !== undefined && target.endsWith('.md')) {
          assert.ok(anchors(target).includes(anchor), `${target} has no heading for #${anchor}`);
        }
      }
    });
  }

  it('name tests and sources that are there', () => {
    for (const file of documents) {
      for (const [, path] of read(file).matchAll(/`((?:src|test|tools|demo)\/[\w./-]*\w)\/?`/g)) {
        assert.ok(existsSync(join(root, path!)), `${file} speaks of ${path}`);
      }
    }
  });

  it('that are packed point only to what is packed with them', () => {
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    // npm takes these along whatever the list says.
    const packed = [...files, 'package.json', 'README.md', 'LICENSE'];
    const isPacked = (file: string) => packed.some((entry) => file === entry || file.startsWith(`${entry}/`));
    assert.ok(documents.filter(isPacked).length > 15, 'documents are packed');
    for (const file of documents.filter(isPacked))
      for (const link of links(file)) {
        const [path = ''] = link.split('#');
        assert.ok(isPacked(join(dirname(file), path || basename(file))), `${file} points to ${link}`);
      }
  });

  it('show code as it is written, and not as a formatter of another language leaves it', () => {
    for (const file of documents)
      for (const [fence] of read(file).matchAll(/^```[\s\S]*?^```/gm)) assert.doesNotMatch(fence, /\{.*=""/, file);
  });

  it('ask for the Node that the tools ask for', () => {
    for (const file of ['README.md', 'CONTRIBUTING.md']) assert.match(read(file), new RegExp(`Node ${NODE} or later`));
    for (const version of ['18.20.4', '20.11.0', '20.18.3']) assert.ok(isOld(version), version);
    for (const version of ['20.19.0', '22.13.1', '24.0.0']) assert.ok(!isOld(version), version);
  });

  it('have a table of browsers with what was seen in them', () => {
    const [, table = ''] = /<!-- support:start -->([\s\S]*)<!-- support:end -->/.exec(read('README.md')) ?? [];
    const rows = table
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) =>
        line
          .split('|')
          .map((cell) => cell.trim())
          .slice(1, -1),
      );
    const [head = [], , ...body] = rows;
    const browsers = head.slice(1, -1);
    assert.deepEqual(
      browsers.map((browser) => browser.replace(/ \d+\.[\d.]+$/, '')),
      ['Chromium', 'Firefox'],
      'run: npm run support',
    );
    assert.match(head.at(-1)!, /Safari.*not tested/);
    assert.ok(body.length > 0);
    for (const [name = '', ...cells] of body) {
      assert.equal(cells.length, browsers.length + 1, name);
      for (const cell of cells.slice(0, -1)) assert.match(cell, /^[^–-]/, `${name}: something was seen`);
      assert.doesNotMatch(cells.join(), /undefined|null|NaN|\[object/, name);
    }
    assert.match(table, /Recorded on \d{4}-\d\d-\d\d /, 'when it was seen, and where');
  });
});
