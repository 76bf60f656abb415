import { fault } from '../messages.js';

/**
 * Takes a Web Lock until the answered function is called. The browser gives it back when the holder dies, however that
 * comes about, which is why it is the sign of life of a recording.
 *
 * Pages that are not secure contexts have no locks (and no camera, and no file system); there nothing is held.
 * @throws OnAirError `recording-live` when somebody else holds it
 */
export function holdLock(name: string): Promise<() => void> {
  const { locks } = navigator;
  if (!locks) return Promise.resolve(() => {});
  return new Promise((resolve, reject) => {
    locks
      .request(name, { ifAvailable: true }, (lock) => {
        if (!lock) throw fault('recording-live');
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}
