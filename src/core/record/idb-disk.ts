import { fault } from '../faults.js';
import { type Disk, type DiskFile, FOLDER } from './disk.js';
import { diskError, nameTaken } from './disk-error.js';
import { answer } from './idb-answer.js';
import { blockRange, BLOCKS, FILES, type FileRow, IdbFile, done } from './idb-file.js';

/**
 * Recordings in IndexedDB, for where there is no origin private file system or no worker. A name points at a file's
 * row, the row's id at its blocks: renaming changes one row whatever the size. Everything that was written and
 * awaited is there after a kill.
 */
export class IdbDisk implements Disk {
  readonly kind = 'indexeddb';
  #connection: Promise<IDBDatabase> | null = null;

  /** @throws OnAirError `storage-unavailable` when the browser gives this page no database */
  static async mount(): Promise<IdbDisk> {
    const disk = new IdbDisk();
    await disk.#database();
    return disk;
  }

  names(): Promise<string[]> {
    return this.#try(async (database) => {
      const files = database.transaction(FILES).objectStore(FILES);
      return (await answer<FileRow[]>(files.getAll())).map((file) => file.name);
    });
  }

  async open(name: string): Promise<DiskFile> {
    const release = await lock(name);
    try {
      return await this.#try(async (database) => {
        const transaction = database.transaction(FILES, 'readwrite');
        const files = transaction.objectStore(FILES);
        let row = await find(files, name);
        if (!row) {
          const fresh = { name, size: 0 };
          row = { ...fresh, id: await answer<number>(files.add(fresh)) };
        }
        await done(transaction);
        return new IdbFile(database, row, release);
      });
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  rename(from: string, to: string): Promise<void> {
    return this.#alone(from, async (database) => {
      const transaction = database.transaction(FILES, 'readwrite', { durability: 'strict' });
      const files = transaction.objectStore(FILES);
      const [source, target] = await Promise.all([find(files, from), find(files, to)]);
      if (source && target) throw nameTaken(to);
      if (!source && !target) throw fault('recording-missing');
      if (source) files.put({ ...source, name: to });
      await done(transaction);
    });
  }

  remove(name: string): Promise<void> {
    return this.#alone(name, async (database) => {
      const transaction = database.transaction([FILES, BLOCKS], 'readwrite');
      const files = transaction.objectStore(FILES);
      const row = await find(files, name);
      if (row) {
        files.delete(row.id);
        transaction.objectStore(BLOCKS).delete(blockRange(row.id));
      }
      await done(transaction);
    });
  }

  file(name: string, as: { name: string; type: string; lastModified?: number }): Promise<File> {
    return this.#try(async (database) => {
      const transaction = database.transaction([FILES, BLOCKS]);
      const row = await find(transaction.objectStore(FILES), name);
      if (!row) throw fault('recording-missing');
      const parts = await IdbFile.parts(transaction.objectStore(BLOCKS), row);
      const modified = as.lastModified === undefined ? {} : { lastModified: as.lastModified };
      return new File(parts, as.name, { type: as.type, ...modified });
    });
  }

  /** Runs while nobody holds the file. */
  async #alone(name: string, action: (database: IDBDatabase) => Promise<void>): Promise<void> {
    const release = await lock(name);
    try {
      await this.#try(action);
    } finally {
      release();
    }
  }

  async #try<T>(action: (database: IDBDatabase) => Promise<T>): Promise<T> {
    const database = await this.#database();
    try {
      return await action(database);
    } catch (thrown) {
      throw diskError(thrown);
    }
  }

  #database(): Promise<IDBDatabase> {
    const forget = () => (this.#connection = null);
    return (this.#connection ??= connect(forget).catch((thrown: unknown) => {
      forget();
      throw fault('storage-unavailable', {}, { cause: thrown });
    }));
  }
}

/** @param closed called when the connection is no longer of use: the browser closed it, or its data are being deleted */
async function connect(closed: () => void): Promise<IDBDatabase> {
  const request = indexedDB.open(FOLDER, 1);
  request.onupgradeneeded = () => {
    request.result
      .createObjectStore(FILES, { keyPath: 'id', autoIncrement: true })
      .createIndex('name', 'name', { unique: true });
    request.result.createObjectStore(BLOCKS);
  };
  const database = await answer<IDBDatabase>(request);
  database.onclose = closed;
  database.onversionchange = () => {
    closed();
    database.close();
  };
  return database;
}

const find = (files: IDBObjectStore, name: string): Promise<FileRow | undefined> =>
  answer(files.index('name').get(name));

/** Files held by this thread, for where there are no Web Locks: the recording's lock keeps the others off. */
const held = new Set<string>();

/**
 * Takes a file for this holder alone; the answer lets go of it. A killed tab's lock is released by the browser a little
 * later, so it is waited for, up to 800 ms.
 */
async function lock(name: string): Promise<() => void> {
  if (typeof navigator === 'undefined' || !navigator.locks) {
    if (held.has(name)) throw fault('recording-live');
    held.add(name);
    return () => held.delete(name);
  }
  const waiting = AbortSignal.timeout(800);
  return new Promise((resolve, reject) => {
    const until = () => new Promise<void>((release) => resolve(release));
    navigator.locks
      .request(`${FOLDER}/disk/${name}`, { signal: waiting }, until)
      .catch((cause: unknown) =>
        reject(fault(waiting.aborted ? 'recording-live' : 'storage-unavailable', {}, { cause })),
      );
  });
}
