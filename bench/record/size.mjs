/** What a page downloads before the first take. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { bench, root } from '../support/folders.mjs';
import { table } from '../support/report.mjs';

/** `run size` is where the budgets are; its lines are what is shown. */
export function run({ say }) {
  const { stdout } = spawnSync(process.execPath, [path.join(root, 'tools/size.mjs')], { cwd: root, encoding: 'utf8' });
  const lines = [...stdout.matchAll(/^(not ok|ok) (.+): ([\d.]+) kB of ([\d.]+) kB/gm)];
  if (lines.length === 0) throw new Error(`tools/size.mjs told no size: ${stdout}`);
  say(`${lines.length} bundles measured`);
  const rows = lines.map(([, ok, name, size, budget]) => [name, size, budget, ok === 'ok' ? 'yes' : 'no']);
  const peer = (name, file) => {
    const size = gzipSync(readFileSync(path.join(bench, 'node_modules', file)), { level: 9 }).length;
    return [name, (size / 1000).toFixed(2), '–', '–'];
  };
  rows.push(peer('RecordRTC, minified', 'recordrtc/RecordRTC.min.js'));
  rows.push(peer('ts-ebml, minified, which RecordRTC needs for files that can be seeked', 'ts-ebml/dist/EBML.min.js'));
  return `Kilobytes (1000 bytes), gzip -9.\n\n${table(['what', 'kB', 'at most', 'met'], rows)}`;
}
