import { originLocks } from './liveness.js';

/**
 * Takes a lock until the answered function is called. The browser gives it back when the holder dies, however that
 * comes about, which is why it is the sign of life of a recording.
 *
 * The answered function resolves when everybody can see that the lock is free: who is told of the end of a take reads
 * its file at once, and a recording whose lock is held would count as live.
 *
 * Waits for as long as somebody else holds it; of a recording that is new nobody does.
 */
export function holdLock(name: string): Promise<() => Promise<void>> {
  const locks = originLocks();
  if (!locks) return Promise.resolve(() => Promise.resolve());
  return new Promise((resolve, reject) => {
    const until = () =>
      new Promise<void>((release) => {
        resolve(async () => {
          release();
          await held;
          // Asked on the same way as the release went, and so answered after it.
          await locks.query();
        });
      });
    const held = locks.request(name, {}, until);
    held.catch(reject);
  });
}
