import { OnAirError } from '../../../src/core/errors.js';
import type { Disk, DiskFile } from '../../../src/core/record/disk.js';

/** What is thrown by a disk whose process was killed: disks throw nothing but OnAirErrors. */
export class Killed extends OnAirError {
  constructor() {
    super('disk-failed', 'Killed.');
  }
}

/** What lies on a disk: it outlives the process that used it. */
export type Contents = Map<string, Uint8Array>;

export interface MemoryDiskOptions {
  /** The process dies before this operation (counted from 0); a write is torn in the middle. Default: never. */
  dieAt?: number;
  /** Bytes by which files that match may still grow. */
  room?: { files: RegExp; bytes: number };
  lastModified?: number;
}

/** A disk in memory that counts what is done to it, and can die at any operation. Files are opened by one holder only. */
export class MemoryDisk implements Disk {
  readonly kind = 'opfs';
  operations = 0;
  readonly #contents: Contents;
  readonly #options: MemoryDiskOptions;
  readonly #held = new Set<string>();

  constructor(contents: Contents, options: MemoryDiskOptions = {}) {
    this.#contents = contents;
    this.#options = options;
  }

  names(): Promise<string[]> {
    return this.#do(() => [...this.#contents.keys()]);
  }

  open(name: string): Promise<DiskFile> {
    return this.#do(() => {
      if (this.#held.has(name)) throw new OnAirError('recording-live', `${name} is open already.`);
      this.#held.add(name);
      if (!this.#contents.has(name)) this.#contents.set(name, new Uint8Array());
      return this.#file(name);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#do(() => {
      const bytes = this.#contents.get(from);
      if (!bytes && this.#contents.has(to)) return;
      if (!bytes) throw new OnAirError('recording-missing', `There is no ${from}.`);
      if (this.#contents.has(to)) throw new OnAirError('disk-failed', `There is already a ${to}.`);
      if (this.#held.has(from)) throw new OnAirError('recording-live', `${from} is open.`);
      this.#contents.set(to, bytes);
      this.#contents.delete(from);
    });
  }

  remove(name: string): Promise<void> {
    return this.#do(() => {
      if (this.#held.has(name)) throw new OnAirError('recording-live', `${name} is open.`);
      this.#take(name, -(this.#contents.get(name)?.length ?? 0));
      this.#contents.delete(name);
    });
  }

  file(name: string, as: { name: string; type: string; lastModified?: number }): Promise<File> {
    return this.#do(() => {
      const bytes = this.#contents.get(name);
      if (!bytes) throw new OnAirError('recording-missing', `There is no ${name}.`);
      const lastModified = as.lastModified ?? this.#options.lastModified ?? 0;
      return new File([new Uint8Array(bytes)], as.name, { type: as.type, lastModified });
    });
  }

  async #do<T>(operation: () => T): Promise<T> {
    await Promise.resolve();
    this.#operate();
    return operation();
  }

  #operate(): void {
    const { dieAt = Infinity } = this.#options;
    if (this.operations++ >= dieAt) throw new Killed();
  }

  /** Takes room for a file that grows, or gives it back. */
  #take(name: string, bytes: number): void {
    const { room } = this.#options;
    if (!room?.files.test(name)) return;
    if (room.bytes < bytes) throw new OnAirError('disk-full', 'No room is left.');
    room.bytes -= bytes;
  }

  #file(name: string): DiskFile {
    const get = () => this.#contents.get(name)!;
    const write = (bytes: Uint8Array, at: number) => {
      const grown = new Uint8Array(Math.max(get().length, at + bytes.length));
      grown.set(get());
      grown.set(bytes, at);
      this.#contents.set(name, grown);
    };
    return {
      get size() {
        return get().length;
      },
      read: (into, at) => {
        this.#operate();
        const part = get().subarray(at, at + into.length);
        into.set(part);
        return part.length;
      },
      write: (bytes, at) => {
        try {
          this.#operate();
        } catch (killed) {
          if (this.operations - 1 === this.#options.dieAt) write(bytes.subarray(0, bytes.length >> 1), at);
          throw killed;
        }
        this.#take(name, Math.max(0, at + bytes.length - get().length));
        write(bytes, at);
      },
      truncate: (size) => {
        this.#operate();
        this.#take(name, size - get().length);
        const resized = new Uint8Array(size);
        resized.set(get().subarray(0, size));
        this.#contents.set(name, resized);
      },
      flush: () => this.#operate(),
      close: () => {
        this.#held.delete(name);
      },
    };
  }
}
