import { fault } from '../faults.js';
import { type Disk, type DiskFile, FOLDER } from './disk.js';
import { diskError, nameTaken, recordingLive } from './disk-error.js';

/** Recordings in the origin private file system. Listing works anywhere; `open` needs a dedicated worker. */
export class OpfsDisk implements Disk {
  readonly kind = 'opfs';
  #root: FileSystemDirectoryHandle;

  /** @param root what `navigator.storage.getDirectory()` gave */
  constructor(root: FileSystemDirectoryHandle) {
    this.#root = root;
  }

  async names(): Promise<string[]> {
    const names: string[] = [];
    try {
      const folder = await this.#folder();
      if (!folder) return names;
      for await (const [name, entry] of folder.entries()) if (entry.kind === 'file') names.push(name);
    } catch (thrown) {
      throw diskError(thrown);
    }
    return names;
  }

  async open(name: string): Promise<DiskFile> {
    if (!canWriteOpfs()) throw fault('storage-unavailable');
    try {
      const folder = await this.#root.getDirectoryHandle(FOLDER, { create: true });
      const handle = await folder.getFileHandle(name, { create: true });
      return new OpfsFile(await whenFree(() => (handle as WorkerFileHandle).createSyncAccessHandle()));
    } catch (thrown) {
      throw diskError(thrown);
    }
  }

  async rename(from: string, to: string): Promise<void> {
    try {
      const folder = await this.#folder();
      const source = folder && (await find(folder, from));
      const target = folder && (await find(folder, to));
      if (!source) {
        if (target) return;
        throw fault('recording-missing');
      }
      if (source.move) {
        if (target) throw nameTaken(to);
        await whenFree(() => source.move!(to));
      } else {
        // A target beside its source is a copy that was cut off: the source goes only when the copy is whole.
        await this.#copy(from, to);
        await this.remove(from);
      }
    } catch (thrown) {
      throw diskError(thrown);
    }
  }

  async remove(name: string): Promise<void> {
    try {
      const folder = await this.#folder();
      if (folder && (await find(folder, name))) await whenFree(() => folder.removeEntry(name));
    } catch (thrown) {
      if (!isNamed(thrown, 'NotFoundError')) throw diskError(thrown);
    }
  }

  async file(name: string, as: { name: string; type: string; lastModified?: number }): Promise<File> {
    try {
      const folder = await this.#folder();
      const handle = folder && (await find(folder, name));
      if (!handle) throw fault('recording-missing');
      const stored = await handle.getFile();
      return new File([stored], as.name, { type: as.type, lastModified: as.lastModified ?? stored.lastModified });
    } catch (thrown) {
      throw diskError(thrown);
    }
  }

  #folder(): Promise<FileSystemDirectoryHandle | null> {
    return this.#root.getDirectoryHandle(FOLDER).catch(nullIfMissing);
  }

  async #copy(from: string, to: string): Promise<void> {
    const source = await this.open(from);
    try {
      const target = await this.open(to);
      try {
        await target.truncate(0);
        const piece = new Uint8Array(COPY_BYTES);
        for (let at = 0; at < source.size;) {
          const count = await source.read(piece, at);
          if (count === 0) throw diskError(null);
          await target.write(piece.subarray(0, count), at);
          at += count;
        }
        await target.flush();
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  }
}

/** Whether this thread can write to the origin private file system: sync handles are for dedicated workers only. */
export const canWriteOpfs = (): boolean =>
  typeof FileSystemFileHandle === 'function' && 'createSyncAccessHandle' in FileSystemFileHandle.prototype;

class OpfsFile implements DiskFile {
  #handle: SyncAccessHandle;
  #size: number;

  constructor(handle: SyncAccessHandle) {
    this.#handle = handle;
    this.#size = handle.getSize();
  }

  get size(): number {
    return this.#size;
  }

  read(into: Uint8Array, at: number): number {
    try {
      return this.#handle.read(into, { at });
    } catch (thrown) {
      throw diskError(thrown);
    }
  }

  write(bytes: Uint8Array, at: number): void {
    let written = 0;
    try {
      while (written < bytes.byteLength) {
        const count = this.#handle.write(written ? bytes.subarray(written) : bytes, { at: at + written });
        if (count === 0) throw fault('disk-full');
        written += count;
      }
    } catch (thrown) {
      this.#cutBack();
      // A full disk (not quota) first shows as a short write, then as an error without a telling name.
      throw written > 0 ? fault('disk-full', {}, { cause: thrown }) : diskError(thrown);
    }
    this.#size = Math.max(this.#size, at + written);
  }

  truncate(size: number): void {
    try {
      this.#handle.truncate(size);
      this.#size = size;
    } catch (thrown) {
      throw diskError(thrown);
    }
  }

  flush(): void {
    try {
      this.#handle.flush();
    } catch (thrown) {
      throw diskError(thrown);
    }
  }

  close(): void {
    this.#handle.close();
  }

  #cutBack(): void {
    try {
      this.#handle.truncate(this.#size);
    } catch {
      // The write's own error is the one to tell. What is past the end is cut off by recovery.
    }
  }
}

/** The browser lets go of a killed tab's handle a little later: tries again for up to 800 ms. */
async function whenFree<T>(action: () => Promise<T>): Promise<T> {
  for (let waited = 0, pause = 20; ; waited += pause, pause = Math.min(pause * 2, 200)) {
    try {
      return await action();
    } catch (thrown) {
      if (!isNamed(thrown, 'NoModificationAllowedError')) throw thrown;
      if (waited >= 800) throw recordingLive(thrown);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

const find = (folder: FileSystemDirectoryHandle, name: string): Promise<MovableFileHandle | null> =>
  folder.getFileHandle(name).catch(nullIfMissing);

function nullIfMissing(thrown: unknown): null {
  if (isNamed(thrown, 'NotFoundError')) return null;
  throw thrown;
}

const isNamed = (thrown: unknown, name: string): boolean => thrown instanceof DOMException && thrown.name === name;

const COPY_BYTES = 4 * 1024 * 1024;

/** Not in TypeScript's DOM library: there since Chromium 102, Firefox 111, Safari 15.2. */
interface WorkerFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<SyncAccessHandle>;
}

/** In every engine with sync handles, but not in the standard yet. */
interface MovableFileHandle extends FileSystemFileHandle {
  move?(name: string): Promise<void>;
}

interface SyncAccessHandle {
  read(into: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}
