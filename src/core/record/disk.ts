/**
 * Where recordings lie. One folder of flat names per origin; two kinds of disk stand behind the same interface:
 * the origin private file system, and IndexedDB where the former, or a worker, is not to be had.
 */
export interface Disk {
  readonly kind: 'opfs' | 'indexeddb';
  /** The names of all files in the folder. Empty when nothing was ever recorded. */
  names(): Promise<string[]>;
  /**
   * Opens a file for reading and writing, for this holder alone, and creates it where it is missing.
   * @throws OnAirError `recording-live` when another holder does not let go in time (800 ms: a handle of a killed tab
   *   is released a little after it); `disk-full`, `disk-failed`, `storage-unavailable`.
   */
  open(name: string): Promise<DiskFile>;
  /** Renames a file; the target must not exist. Nothing happens when `from` is missing and `to` exists (repeatable). */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file; nothing happens when it is missing. */
  remove(name: string): Promise<void>;
  /** A File that reads from disk on demand (the bytes are not loaded). @throws OnAirError `recording-missing` */
  file(name: string, as: { name: string; type: string; lastModified?: number }): Promise<File>;
}

/** A random-access file. Offsets and sizes are bytes. */
export interface DiskFile {
  readonly size: number;
  /** Reads into `into` from `at`; answers how many bytes there were. */
  read(into: Uint8Array, at: number): number | Promise<number>;
  /** Writes all of `bytes` at `at`. @throws OnAirError `disk-full` or `disk-failed`; the file is then as long as it was. */
  write(bytes: Uint8Array, at: number): void | Promise<void>;
  truncate(size: number): void | Promise<void>;
  /** Hands everything to the storage device, so that it outlives a loss of power and not only of the process. */
  flush(): void | Promise<void>;
  close(): void | Promise<void>;
}

/** The folder in the origin private file system, and the name of the database. */
export const FOLDER = 'onair-elements';
