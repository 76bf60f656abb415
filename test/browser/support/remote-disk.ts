import type { DiskFile } from '../../../dist/core/record/disk.js';
import { OnAirError, type OnAirErrorCode } from '../../../dist/core/errors.js';

type As = { name: string; type: string; lastModified?: number };

export type DiskCall =
  | { do: 'mount'; kind: 'best' | 'indexeddb' }
  | { do: 'names' }
  | { do: 'rename'; from: string; to: string }
  | { do: 'remove'; name: string }
  | { do: 'file'; name: string; as: As }
  | { do: 'open'; name: string }
  | { do: 'read'; file: number; length: number; at: number }
  | { do: 'write'; file: number; bytes: Uint8Array; at: number }
  | { do: 'truncate'; file: number; size: number }
  | { do: 'flush'; file: number }
  | { do: 'close'; file: number }
  | { do: 'without move' }
  | { do: 'fail writes'; how: 'short' | 'short then full' | 'quota' | 'other' };

export interface DiskReply {
  id: number;
  value?: unknown;
  error?: string;
  cause?: string;
  /** Of the file that the call was about. */
  size: number;
}

/** A disk that works in a worker of its own: the same interface, over messages. */
export class RemoteDisk {
  kind = '';
  #worker = new Worker(new URL('./disk.worker.ts', import.meta.url), { type: 'module' });
  #calls = new Map<number, (reply: DiskReply) => void>();

  static async mount(kind: 'best' | 'indexeddb'): Promise<RemoteDisk> {
    const disk = new RemoteDisk();
    disk.#worker.onmessage = ({ data }: MessageEvent<DiskReply>) => {
      disk.#calls.get(data.id)?.(data);
      disk.#calls.delete(data.id);
    };
    disk.kind = (await disk.call({ do: 'mount', kind })).value as string;
    return disk;
  }

  async call(call: DiskCall): Promise<DiskReply> {
    const id = this.#id++;
    const reply = await new Promise<DiskReply>((resolve) => {
      this.#calls.set(id, resolve);
      this.#worker.postMessage({ ...call, id });
    });
    if (!reply.error) return reply;
    throw Object.assign(new OnAirError(reply.error as OnAirErrorCode, `${reply.error}: ${reply.cause}`), {
      size: reply.size,
    });
  }
  #id = 0;

  async names(): Promise<string[]> {
    return (await this.call({ do: 'names' })).value as string[];
  }

  async rename(from: string, to: string): Promise<void> {
    await this.call({ do: 'rename', from, to });
  }

  async remove(name: string): Promise<void> {
    await this.call({ do: 'remove', name });
  }

  async file(name: string, as: As): Promise<File> {
    return (await this.call({ do: 'file', name, as })).value as File;
  }

  async open(name: string): Promise<DiskFile> {
    const { value, size } = await this.call({ do: 'open', name });
    return new RemoteFile(this, value as number, size);
  }

  /** The end of a tab, as far as its files are concerned. */
  kill(): void {
    this.#worker.terminate();
  }
}

class RemoteFile implements DiskFile {
  #disk: RemoteDisk;
  #file: number;
  size: number;

  constructor(disk: RemoteDisk, file: number, size: number) {
    this.#disk = disk;
    this.#file = file;
    this.size = size;
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    const { value } = await this.#call({ do: 'read', file: this.#file, length: into.byteLength, at });
    into.set(value as Uint8Array);
    return (value as Uint8Array).byteLength;
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    await this.#call({ do: 'write', file: this.#file, bytes, at });
  }

  async truncate(size: number): Promise<void> {
    await this.#call({ do: 'truncate', file: this.#file, size });
  }

  async flush(): Promise<void> {
    await this.#call({ do: 'flush', file: this.#file });
  }

  async close(): Promise<void> {
    await this.#disk.call({ do: 'close', file: this.#file });
  }

  async #call(call: DiskCall): Promise<DiskReply> {
    try {
      const reply = await this.#disk.call(call);
      this.size = reply.size;
      return reply;
    } catch (thrown) {
      this.size = (thrown as { size: number }).size;
      throw thrown;
    }
  }
}
