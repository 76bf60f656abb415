/** What a page downloads before the first take. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { bench } from '../support/folders.mjs';
import { table } from '../support/report.mjs';
import { budgets } from '../support/sizes.mjs';

export function run({ say }) {
  const own = budgets();
  say(`${own.length} bundles measured`);
  const rows = own.map(({ name, size, budget }) => [name, size.toFixed(2), budget, size <= budget ? 'yes' : 'no']);
  const peer = (name, file) => {
    const size = gzipSync(readFileSync(path.join(bench, 'node_modules', file)), { level: 9 }).length;
    return [name, (size / 1000).toFixed(2), '–', '–'];
  };
  rows.push(peer('RecordRTC, minified', 'recordrtc/RecordRTC.min.js'));
  rows.push(peer('ts-ebml, minified, which RecordRTC needs for files that can be seeked', 'ts-ebml/dist/EBML.min.js'));
  return `Kilobytes (1000 bytes), gzip -9.\n\n${table(['what', 'kB', 'at most', 'met'], rows)}`;
}
