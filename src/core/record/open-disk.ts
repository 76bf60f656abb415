import { fault } from '../faults.js';
import { type Disk, FOLDER } from './disk.js';
import { canWriteOpfs, OpfsDisk } from './opfs-disk.js';

/**
 * The best disk that this thread can write to: the origin private file system in a worker, IndexedDB elsewhere or where
 * the former is refused (Firefox's private windows throw SecurityError). To list recordings use `allDisks`.
 *
 * @param kind only this one, as when a recording that lies on it is to be repaired
 * @throws OnAirError `storage-unavailable` when it cannot be had
 */
export async function openDisk(kind?: Disk['kind']): Promise<Disk> {
  const opfs = kind !== 'indexeddb' && canWriteOpfs() ? await mountOpfs() : null;
  if (opfs) return opfs;
  if (kind === 'opfs') throw fault('storage-unavailable');
  return mountIdb();
}

/**
 * Every disk that may hold recordings, in any thread: a take written in a worker lies on one, a take written in the
 * page on the other. Makes no database where none was ever needed.
 * @throws OnAirError `storage-unavailable` when there is none
 */
export async function allDisks(): Promise<Disk[]> {
  const opfs = await mountOpfs();
  if (!opfs) return [await mountIdb()];
  if ((await idbDiskExists()) === false) return [opfs];
  const idb = await mountIdb().catch(() => null);
  return idb ? [opfs, idb] : [opfs];
}

async function mountOpfs(): Promise<Disk | null> {
  try {
    return new OpfsDisk(await navigator.storage.getDirectory());
  } catch {
    return null;
  }
}

/** Most browsers never need it: it is loaded by those that do. */
async function mountIdb(): Promise<Disk> {
  const part = await import('./idb-disk.js').catch((cause: unknown) => {
    throw fault('storage-unavailable', {}, { cause });
  });
  return part.IdbDisk.mount();
}

/** Whether recordings were ever kept in IndexedDB; null where the browser does not tell without making a database. */
async function idbDiskExists(): Promise<boolean | null> {
  if (typeof indexedDB === 'undefined') return false;
  if (!indexedDB.databases) return null;
  try {
    return (await indexedDB.databases()).some(({ name }) => name === FOLDER);
  } catch {
    return false;
  }
}
