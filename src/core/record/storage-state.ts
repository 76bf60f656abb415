import { FOLDER } from './disk.js';
import { fileNames } from './journal.js';

/** What the browser tells of this origin's storage. Sizes are bytes. */
export interface StorageState {
  /** What this origin takes. */
  readonly used: number;
  /** What it may take in all. */
  readonly quota: number;
  /** What is left of that. */
  readonly left: number;
  /** Whether the browser keeps it until it is removed; else it may evict it when the disk runs full. */
  readonly persisted: boolean;
  /** Whether it is gone with the window, as in private windows; null when it cannot be told. See `probeMemoryOnly`. */
  readonly memoryOnly: boolean | null;
}

/** Null where the browser does not tell (no StorageManager, insecure context). */
export async function readStorageState(): Promise<StorageState | null> {
  try {
    const [{ usage, quota }, persisted, memoryOnly] = await Promise.all([
      navigator.storage.estimate(),
      navigator.storage.persisted(),
      known ?? probeMemoryOnly(),
    ]);
    if (usage === undefined || quota === undefined) return null;
    return Object.freeze({ used: usage, quota, left: Math.max(0, quota - usage), persisted, memoryOnly });
  } catch {
    return null;
  }
}

/** The question that is put, and the takes that wait for its answer. */
let question: Promise<void> | null = null;
const waiting = new Set<(granted: boolean) => void>();

/**
 * Asks the browser to keep recordings until they are removed; answers whether it will. Chromium decides by itself,
 * Firefox asks the person, one question at a time: a take does not wait for the answer.
 *
 * @param signal Gives up, with no for an answer. A question that nobody answers would hold whoever asked it for ever.
 */
export function askToPersist(signal: AbortSignal): Promise<boolean> {
  question ??= persist().then(answer);
  return new Promise((resolve) => {
    waiting.add(resolve);
    signal.addEventListener('abort', () => {
      waiting.delete(resolve);
      resolve(false);
    });
  });
}

async function persist(): Promise<boolean> {
  return (await navigator.storage?.persist().catch(() => false)) ?? false;
}

function answer(granted: boolean): void {
  for (const resolve of waiting) resolve(granted);
  waiting.clear();
  question = null;
}

let known: boolean | null = null;

/** Lets the page know what a worker's `probeMemoryOnly` has found; it stays so as long as the page lives. */
export function tellMemoryOnly(memoryOnly: boolean | null): void {
  known = memoryOnly ?? known;
}

/**
 * Whether files are kept in memory only; null when it cannot be told. Leaves nothing behind.
 *
 * No browser says it, and quota and `persisted()` are the same in both kinds of window (measured: Chromium 156, Firefox
 * 153). What differs:
 * - Firefox refuses the file system of its private windows with a SecurityError, and keeps IndexedDB in memory.
 * - Chromium serves a sync access handle of a private window by calls to another process, where an ordinary one reads
 *   its file itself (`FileSystemAccessIncognitoFileDelegate` in its source). `getSize()` takes 110 to 430 µs there,
 *   0.6 to 1.4 µs otherwise, on a disk as well as on a RAM disk. A value that is copied within the process takes 1 µs
 *   then, and tells how fast the machine is. Such handles exist in dedicated workers only: a page gets null.
 */
export async function probeMemoryOnly(): Promise<boolean | null> {
  let root: FileSystemDirectoryHandle;
  try {
    root = await navigator.storage.getDirectory();
  } catch (error) {
    return error instanceof DOMException && error.name === 'SecurityError' && hasDatabase() ? true : null;
  }
  if (navigator.userAgent.includes('Firefox/')) return false;
  // Elsewhere nothing is known of how long a call takes.
  if (!('userAgentData' in navigator) || !('createSyncAccessHandle' in FileSystemFileHandle.prototype)) return null;
  try {
    return await callsAnotherProcess(root);
  } catch {
    return null;
  }
}

/** A clock may tick every 100 µs only. */
const CALLS = 100;
/** Copies in the time of a call, from where on that is one to another process: half-way in orders of magnitude. */
const COPIES = 10;

async function callsAnotherProcess(root: FileSystemDirectoryHandle): Promise<boolean> {
  // A journal without media is what every list of recordings sweeps, should this be killed half-way.
  const name = fileNames.journal(crypto.randomUUID());
  const folder = await root.getDirectoryHandle(FOLDER, { create: true });
  const file = (await folder.getFileHandle(name, { create: true })) as FileSystemFileHandle & {
    createSyncAccessHandle(): Promise<{ getSize(): number; close(): void }>;
  };
  try {
    const handle = await file.createSyncAccessHandle();
    try {
      return timeOf(CALLS, () => handle.getSize()) > timeOf(CALLS * COPIES, () => structuredClone(0));
    } finally {
      handle.close();
    }
  } finally {
    await folder.removeEntry(name).catch(() => {}); // Swept already.
  }
}

/** Of the least disturbed of three batches: other work on the machine only adds. */
function timeOf(count: number, call: () => void): number {
  const batches = [1, 2, 3].map(() => {
    const start = performance.now();
    for (let i = 0; i < count; i++) call();
    return performance.now() - start;
  });
  return Math.min(...batches);
}

const hasDatabase = (): boolean => {
  try {
    return typeof indexedDB === 'object' && indexedDB !== null;
  } catch {
    return false;
  }
};
