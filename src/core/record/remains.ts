import type { Disk } from './disk.js';
import { fileNames, parseFileName } from './journal.js';

/** The files of one recording, as they lie on a disk. */
export interface Remains {
  readonly id: string;
  readonly disk: Disk;
  /** Names of the files, all of them ours. */
  readonly names: ReadonlySet<string>;
}

/** Finds the files of every recording. Names that are not provably ours are passed over. */
export async function findRemains(disks: readonly Disk[]): Promise<Map<string, Remains>> {
  const found = new Map<string, Remains & { names: Set<string> }>();
  for (const disk of disks) {
    for (const name of await disk.names()) {
      const id = parseFileName(name)?.id;
      if (id === undefined) continue;
      const known = found.get(id);
      if (!known) found.set(id, { id, disk, names: new Set([name]) });
      else if (known.disk === disk) known.names.add(name);
    }
  }
  return found;
}

/** The disk that a recording lies on; null when none has a file of it. */
export async function diskOf(disks: readonly Disk[], id: string): Promise<Disk | null> {
  return (await findRemains(disks)).get(id)?.disk ?? null;
}

/**
 * The file that holds the media. While a copy is made the original is the one to read; a finished file stands alone.
 * Null when there is none.
 */
export function mediaName({ id, names }: Remains): string | null {
  const order = [fileNames.recording(id), fileNames.saved(id, 'webm'), fileNames.saved(id, 'mp4'), fileNames.remux(id)];
  return order.find((name) => names.has(name)) ?? null;
}

/** Whether the media bear the name that they get when they are done. */
export const isFinished = (media: string): boolean => ['webm', 'mp4'].includes(parseFileName(media)?.part ?? '');

/** Removes the files of a recording. Whoever calls holds its lock. */
export async function removeRemains({ id, disk, names }: Remains): Promise<void> {
  const order = [fileNames.remux(id), fileNames.recording(id), fileNames.saved(id, 'webm'), fileNames.saved(id, 'mp4')];
  // The journal goes last: without it the media would look like somebody's lost recording.
  for (const name of [...order, fileNames.journal(id)]) if (names.has(name)) await disk.remove(name);
}
