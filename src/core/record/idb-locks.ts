import { answer } from './idb-answer.js';
import { lockName } from './journal.js';
import { allDisks } from './open-disk.js';
import { findRemains } from './remains.js';

/** As much of the browser's `LockManager` as the locks of recordings need. */
export interface Locks {
  request<T>(name: string, options: LockRequest, work: () => Promise<T>): Promise<T>;
  query(): Promise<LockManagerSnapshot>;
}

/** `shared` waits until nobody holds it. `signal` ends the waiting. */
export interface LockRequest {
  mode?: 'exclusive' | 'shared';
  signal?: AbortSignal;
}

/** Milliseconds after which a lock that is not to be had counts as held: behind others that wait nothing is heard. */
const HEARD = 250;

/**
 * Stands in for Web Locks on pages that are not secure, which have none: whoever holds a lock is connected to a database of
 * its name. Nobody can delete that meanwhile, in any tab or worker; and the browser closes the connection when its holder
 * dies, however that comes about.
 */
export const idbLocks: Locks = {
  async request(name, { mode, signal }, work) {
    signal?.throwIfAborted();
    const had = mode === 'shared' ? free(name).then(() => null) : take(name);
    const waited = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    const connection = await Promise.race([had, waited]).catch((thrown: unknown) => {
      // It may come all the same, when nobody waits for it any more.
      had.then((late) => late?.close()).catch(() => {});
      throw thrown;
    });
    try {
      return await work();
    } finally {
      connection?.close();
      if (connection) await free(name);
    }
  },

  /** What a holder that died has left behind goes with it. */
  async query() {
    const names = await lockNames();
    const held = await Promise.all(names.map(isHeld));
    return { held: names.filter((_, i) => held[i]).map((name) => ({ name, mode: 'exclusive' as const })) };
  },
};

/**
 * The locks that somebody may hold. Where the browser does not tell its databases (Firefox before 126) they are those of
 * what lies on the disks: nobody asks for others.
 */
async function lockNames(): Promise<string[]> {
  try {
    const databases = await indexedDB.databases();
    return databases.flatMap(({ name = '' }) => (name.startsWith(lockName('')) ? [name] : []));
  } catch {
    return [...(await findRemains(await allDisks())).keys()].map(lockName);
  }
}

/** Resolves when nobody holds it. */
const free = (name: string): Promise<unknown> => answer(indexedDB.deleteDatabase(name));

/** Of two that come at once both open what one of them has made: that one has the lock. */
async function take(name: string): Promise<IDBDatabase> {
  for (;;) {
    let made = false;
    const gone = free(name);
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => (made = true);
    const [connection] = await Promise.all([answer<IDBDatabase>(request), gone]);
    if (made) return connection;
    connection.close();
  }
}

function isHeld(name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onblocked = () => resolve(true);
    answer(request).then(() => resolve(false), reject);
    setTimeout(resolve, HEARD, true);
  });
}
