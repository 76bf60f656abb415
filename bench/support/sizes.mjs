/** What a page downloads of this package. `tools/size.mjs` is where the budgets are; its lines are what is shown. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root } from './folders.mjs';

/** In kilobytes (1000 bytes), gzip -9. @returns {{ name: string, size: number, budget: number }[]} */
export function budgets() {
  const { stdout } = spawnSync(process.execPath, [path.join(root, 'tools/size.mjs')], { cwd: root, encoding: 'utf8' });
  const lines = [...stdout.matchAll(/^(?:not ok|ok) (.+): ([\d.]+) kB of ([\d.]+) kB/gm)];
  if (lines.length === 0) throw new Error(`tools/size.mjs told no size: ${stdout}`);
  return lines.map(([, name, size, budget]) => ({ name, size: Number(size), budget: Number(budget) }));
}
