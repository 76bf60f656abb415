/** Ends a browser the way the system's memory killer, or an impatient person, does. */
import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

/**
 * SIGKILL to every process of one profile, and to nothing else: those that name its folder on their command line, and
 * what descends from them. Resolves when they are gone.
 * @param {string} profile path of the folder of the profile
 * @param {number} [root] the browser's own process, which goes first
 * @returns {Promise<{ processes: number, moment: number }>} how many there were, and when (milliseconds since the epoch)
 *   the first one was ended
 */
export async function killProfile(profile, root) {
  const ended = new Set();
  let pids = await processesOf(profile, root);
  const moment = Date.now();
  while (pids.length > 0) {
    for (const pid of pids) {
      ended.add(pid);
      end(pid);
    }
    pids = await processesOf(profile, root);
  }
  return { processes: ended.size, moment };
}

function end(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}

/** @returns {Promise<number[]>} the browser's process first */
async function processesOf(profile, root) {
  const alive = await listProcesses();
  const parents = new Map(alive.map(({ pid, parent }) => [pid, parent]));
  const named = alive.filter(({ pid, command }) => pid === root || (pid !== process.pid && command.includes(profile)));
  const ours = new Set(named.map(({ pid }) => pid));
  const descends = (pid) => {
    const passed = new Set();
    for (let at = pid; at > 1 && !passed.has(at); at = parents.get(at) ?? 0) {
      if (ours.has(at)) return true;
      passed.add(at);
    }
    return false;
  };
  return alive
    .map(({ pid }) => pid)
    .filter((pid) => pid !== process.pid && descends(pid))
    .sort((a, b) => Number(b === root) - Number(a === root));
}

/** @returns {Promise<{ pid: number, parent: number, command: string }[]>} without those that are dead already */
async function listProcesses() {
  if (process.platform === 'linux') return listProc();
  if (process.platform === 'win32') return listWindows();
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid=,stat=,command='], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid && !state.startsWith('Z') ? [{ pid: Number(pid), parent: Number(parent), command }] : [];
  });
}

/** Read from /proc: `ps` is not on every machine, and takes longer than some of the moments that tests aim at. */
async function listProc() {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [stat, command] = await Promise.all([
        readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''),
        readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      ]);
      // The name in brackets may hold spaces: fields are counted after it.
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return { pid, parent: Number(parent), command, dead: !state || state === 'Z' };
    }),
  );
  return found.filter(({ dead }) => !dead);
}

function listWindows() {
  const query =
    'Get-CimInstance Win32_Process | Select-Object ProcessId, ParentProcessId, CommandLine | ConvertTo-Json -Compress';
  const { stdout } = spawnSync('powershell', ['-NoProfile', '-Command', query], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout).map(({ ProcessId, ParentProcessId, CommandLine }) => ({
    pid: ProcessId,
    parent: ParentProcessId,
    command: CommandLine ?? '',
  }));
}
