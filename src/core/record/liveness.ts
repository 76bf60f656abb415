import { fault } from '../faults.js';
import { idbLocks, type Locks } from './idb-locks.js';
import { CHANGES, lockName } from './journal.js';

/** Whoever only waits for a writer to go holds the lock for an instant; a killed tab lets go of it a little late. */
const LOCK_WAIT = 500;

/** The locks of this origin, or what stands in for them; null where there is neither (Node). */
export const originLocks = (): Locks | null =>
  globalThis.navigator?.locks ?? (typeof indexedDB === 'undefined' ? null : idbLocks);

/** Ids of the recordings that somebody works on, in this tab or another. Waiting for one is not work (shared locks). */
export async function liveIds(locks: Pick<Locks, 'query'> | null): Promise<Set<string>> {
  const { held = [] } = (await locks?.query()) ?? {};
  const prefix = lockName('');
  const names = held.flatMap(({ name, mode }) => (name?.startsWith(prefix) && mode === 'exclusive' ? [name] : []));
  return new Set(names.map((name) => name.slice(prefix.length)));
}

/** Does the work while nobody else works on the recording. @throws OnAirError `recording-live` when somebody does */
export async function whileFree<T>(
  locks: Pick<Locks, 'request'> | null,
  id: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!locks) return work();
  const waiting = AbortSignal.timeout(LOCK_WAIT);
  let begun = false;
  const begin = () => {
    begun = true;
    return work();
  };
  try {
    return await locks.request(lockName(id), { signal: waiting }, begin);
  } catch (error) {
    if (begun || !waiting.aborted) throw error;
    throw fault('recording-live');
  }
}

/** Resolves when nobody works on the recording any more: a tab that dies tells nobody, but its lock becomes free. */
export async function whenFree(locks: Pick<Locks, 'request'>, id: string, signal: AbortSignal): Promise<void> {
  await locks.request(lockName(id), { mode: 'shared', signal }, async () => {});
}

/** Tells every store, in this page and in other tabs, that a recording has changed or is gone. */
export function announceChange(id: string): void {
  const channel = openChanges();
  channel?.postMessage({ id });
  channel?.close();
}

/** Null where a page may have no channel: an opaque origin has no storage to tell of either. */
export function openChanges(): BroadcastChannel | null {
  try {
    return new BroadcastChannel(CHANGES);
  } catch {
    return null;
  }
}
