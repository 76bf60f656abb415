import type { Disk, DiskFile } from '../../../dist/core/record/disk.js';
import { IdbDisk } from '../../../dist/core/record/idb-disk.js';
import { openDisk } from '../../../dist/core/record/open-disk.js';
import type { DiskCall, DiskReply } from './remote-disk.js';

// Carries out what remote-disk.ts is asked, in a worker, where the real writer works too.

let disk: Disk;
const files = new Map<number, DiskFile>();
let opened = 0;

async function carryOut(call: DiskCall): Promise<unknown> {
  switch (call.do) {
    case 'mount':
      disk = call.kind === 'best' ? await openDisk() : await IdbDisk.mount();
      return disk.kind;
    case 'names':
      return disk.names();
    case 'rename':
      return disk.rename(call.from, call.to);
    case 'remove':
      return disk.remove(call.name);
    case 'file':
      return disk.file(call.name, call.as);
    case 'open':
      files.set(++opened, await disk.open(call.name));
      return opened;
    case 'read': {
      const into = new Uint8Array(call.length);
      return into.slice(0, await files.get(call.file)!.read(into, call.at));
    }
    case 'write':
      return files.get(call.file)!.write(call.bytes, call.at);
    case 'truncate':
      return files.get(call.file)!.truncate(call.size);
    case 'flush':
      return files.get(call.file)!.flush();
    case 'close':
      return files.get(call.file)!.close();
    case 'without move':
      for (const { prototype } of [FileSystemFileHandle, FileSystemHandle]) Reflect.deleteProperty(prototype, 'move');
      return;
    case 'fail writes':
      failWrites(call.how);
      return;
  }
}

interface SyncHandle {
  write: (this: SyncHandle, bytes: Uint8Array, options: { at: number }) => number;
}

/** Makes the platform's own writing fail as a full disk does; the code under test is not touched. */
function failWrites(how: 'short' | 'short then full' | 'quota' | 'other'): void {
  const { prototype } = (globalThis as unknown as { FileSystemSyncAccessHandle: { prototype: SyncHandle } })
    .FileSystemSyncAccessHandle;
  const write = prototype.write;
  let budget = how === 'short' ? Infinity : 3000;
  prototype.write = function (bytes, options) {
    if (how === 'quota') throw new DOMException('No room', 'QuotaExceededError');
    if (how === 'other') throw new DOMException('Broken', 'InvalidStateError');
    const count = write.call(this, bytes.subarray(0, Math.min(1000, budget)), options);
    budget -= count;
    return count;
  };
}

onmessage = async ({ data }: MessageEvent<DiskCall & { id: number }>) => {
  let reply: DiskReply;
  try {
    const value = await carryOut(data);
    const size = 'file' in data ? files.get(data.file)!.size : 0;
    reply = { id: data.id, value, size: data.do === 'open' ? files.get(opened)!.size : size };
  } catch (thrown) {
    const { code = String(thrown), cause } = thrown as { code?: string; cause?: unknown };
    const size = 'file' in data ? files.get(data.file)!.size : 0;
    reply = { id: data.id, error: code, cause: String(cause), size };
  }
  postMessage(reply);
};
