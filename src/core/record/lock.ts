import { fault } from '../faults.js';

/**
 * Takes a Web Lock until the answered function is called. The browser gives it back when the holder dies, however that
 * comes about, which is why it is the sign of life of a recording.
 *
 * The answered function resolves when everybody can see that the lock is free: who is told of the end of a take reads
 * its file at once, and a recording whose lock is held would count as live.
 *
 * Pages that are not secure contexts have no locks (and no camera, and no file system); there nothing is held.
 * @throws OnAirError `recording-live` when somebody else holds it
 */
export function holdLock(name: string): Promise<() => Promise<void>> {
  const { locks } = navigator;
  if (!locks) return Promise.resolve(() => Promise.resolve());
  return new Promise((resolve, reject) => {
    const held: Promise<void> = locks.request(name, { ifAvailable: true }, (lock) => {
      if (!lock) throw fault('recording-live');
      return new Promise<void>((release) => {
        resolve(async () => {
          release();
          await held;
          // Asked on the same way as the release went, and so answered after it.
          await locks.query();
        });
      });
    });
    held.catch(reject);
  });
}
