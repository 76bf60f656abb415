/** What the processes of a browser use, read from /proc (Linux only). */
import { readFileSync, readdirSync } from 'node:fs';

/** Clock ticks a second in /proc/<pid>/stat: 100 on every Linux that Node runs on (`getconf CLK_TCK`). */
const TICKS = 100;

/**
 * @typedef {object} Process
 * @property {number} pid
 * @property {string} type `browser`, or what its `--type` says: `renderer`, `gpu-process`, `utility`, ...
 * @property {number} cpu seconds of user and system time since it began
 */

/** A process and everything that descends from it. @param {number} root @returns {Process[]} */
export function processTree(root) {
  const all = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = read(`/proc/${entry}/stat`);
    // The name in brackets may hold spaces: fields are counted after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields.length < 15) continue;
    const cpu = (Number(fields[11]) + Number(fields[12])) / TICKS;
    all.set(Number(entry), { parent: Number(fields[1]), cpu });
  }
  const ours = new Set([root]);
  for (let size = 0; size !== ours.size;) {
    size = ours.size;
    for (const [pid, { parent }] of all) if (ours.has(parent)) ours.add(pid);
  }
  return [...ours]
    .filter((pid) => all.has(pid))
    .map((pid) => ({ pid, type: typeOf(pid, root), cpu: all.get(pid).cpu }));
}

/** CPU seconds that all processes of a browser have used. @param {number} root */
export const cpuSeconds = (root) => processTree(root).reduce((sum, { cpu }) => sum + cpu, 0);

/**
 * Bytes that a process has written and shares with nobody; 0 for one that is gone.
 *
 * Clean pages are left out: they are the browser's own program, 54 MB of it, and count as private or as shared by
 * whether another browser happens to run on the machine.
 * @param {number} pid
 */
export function privateBytes(pid) {
  const kilobytes = [
    ...read(`/proc/${pid}/smaps_rollup`).matchAll(/^(?:Private_(?:Dirty|Hugetlb)|Swap):\s+(\d+) kB/gm),
  ];
  return kilobytes.reduce((sum, [, count]) => sum + Number(count), 0) * 1024;
}

function typeOf(pid, root) {
  if (pid === root) return 'browser';
  return /--type=([\w-]+)/.exec(read(`/proc/${pid}/cmdline`))?.[1] ?? 'other';
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** SIGKILL to a process and everything that descends from it; resolves when they are gone. @param {number} root */
export async function killTree(root) {
  // Those that are orphaned meanwhile are no longer in the tree, but were in it.
  const known = new Set();
  for (;;) {
    for (const { pid } of processTree(root)) known.add(pid);
    const alive = [...known].filter((pid) => !/\) [ZX] /.test(read(`/proc/${pid}/stat`) || ') X '));
    if (alive.length === 0) return;
    for (const pid of alive) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself meanwhile.
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
