import { expect } from '@open-wc/testing';
import { OnAirError } from '../../dist/core/errors.js';
import { type Disk, type DiskFile, FOLDER } from '../../dist/core/record/disk.js';
import { IdbDisk } from '../../dist/core/record/idb-disk.js';
import { allDisks, openDisk } from '../../dist/core/record/open-disk.js';
import { OpfsDisk } from '../../dist/core/record/opfs-disk.js';
import { RemoteDisk } from './support/remote-disk.js';

type AnyDisk = Disk | RemoteDisk;
const TYPE = { name: 'take.webm', type: 'video/webm' };

/** Bytes that tell where they come from. */
function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0, state = seed; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

async function contents(file: DiskFile): Promise<Uint8Array> {
  const into = new Uint8Array(file.size);
  expect(await file.read(into, 0)).to.equal(file.size);
  return into;
}

const bytesOf = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());

/** Chai compares large arrays element by element and prints them. */
function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  expect(actual.byteLength).to.equal(expected.byteLength);
  expect(
    actual.findIndex((byte, i) => byte !== expected[i]),
    'first byte that differs',
  ).to.equal(-1);
}

async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (thrown) {
    expect(thrown).to.be.instanceOf(OnAirError);
    return (thrown as OnAirError).code;
  }
  return 'nothing thrown';
}

async function wipe(): Promise<void> {
  for (const disk of [await IdbDisk.mount(), new OpfsDisk(await navigator.storage.getDirectory())]) {
    for (const name of await disk.names()) await disk.remove(name);
  }
}

for (const [where, mount, kind] of [
  ['the file system, in a worker', () => RemoteDisk.mount('best'), 'opfs'],
  ['IndexedDB, in a worker', () => RemoteDisk.mount('indexeddb'), 'indexeddb'],
  ['IndexedDB, in the page', () => openDisk(), 'indexeddb'],
] as const) {
  describe(`a disk of recordings: ${where}`, () => {
    let disk: AnyDisk;
    let other: AnyDisk;

    before(async () => {
      await wipe();
      disk = await mount();
      other = await mount();
    });

    after(() => {
      for (const each of [disk, other]) if (each instanceof RemoteDisk) each.kill();
    });

    afterEach(async () => {
      for (const name of await disk.names()) await disk.remove(name);
    });

    it('is of the kind that belongs here', () => {
      expect(disk.kind).to.equal(kind);
    });

    it('lists nothing at first, then what was made, then what is left', async () => {
      expect(await disk.names()).to.deep.equal([]);
      for (const name of ['b', 'a']) await (await disk.open(name)).close();
      expect((await other.names()).sort()).to.deep.equal(['a', 'b']);
      await disk.remove('a');
      expect(await other.names()).to.deep.equal(['b']);
    });

    it('gives back what was written, in any order and across any border', async () => {
      const expected = new Uint8Array(900_000);
      const file = await disk.open('take');
      let end = 0;
      for (const [at, length] of [
        [0, 10],
        [10, 262_134],
        [262_144, 262_144],
        [524_288, 100],
        [5, 20],
        [262_140, 8],
        [100_000, 500_000],
        [899_000, 1000],
        [524_388, 3],
        [700_000, 0],
      ] as const) {
        const bytes = pattern(length, at + 1);
        await file.write(bytes, at);
        expected.set(bytes, at);
        end = Math.max(end, at + length);
        expect(file.size).to.equal(end);
      }
      await file.flush();
      expectSame(await contents(file), expected);
      const piece = new Uint8Array(1000);
      expect(await file.read(piece, 262_000)).to.equal(1000);
      expectSame(piece, expected.subarray(262_000, 263_000));
      await file.close();

      expectSame(await bytesOf(await disk.file('take', TYPE)), expected);
      const again = await other.open('take');
      expect(again.size).to.equal(900_000);
      expectSame(await contents(again), expected);
      await again.close();
    });

    it('reads what is there at the end, and nothing after it', async () => {
      const file = await disk.open('take');
      await file.write(pattern(100), 0);
      expect(await file.read(new Uint8Array(50), 80)).to.equal(20);
      expect(await file.read(new Uint8Array(50), 100)).to.equal(0);
      expect(await file.read(new Uint8Array(50), 500_000)).to.equal(0);
      await file.close();
    });

    it('takes many small writes that nobody waits for, in their order', async () => {
      const file = await disk.open('take');
      const expected = pattern(300 * 1500);
      const writes: unknown[] = [];
      for (let i = 0; i < 300; i++) writes.push(file.write(expected.subarray(i * 1500, (i + 1) * 1500), i * 1500));
      await Promise.all(writes);
      expectSame(await contents(file), expected);
      await file.close();
    });

    it('does not mind that the bytes are used again as soon as write has returned', async () => {
      if (disk instanceof RemoteDisk) return; // a message is a copy anyway
      const file = await disk.open('take');
      const bytes = pattern(1000);
      const written = file.write(bytes, 0);
      bytes.fill(0);
      await written;
      expectSame(await contents(file), pattern(1000));
      await file.close();
    });

    it('cuts and grows; what grows is zeros, also where bytes were before', async () => {
      const file = await disk.open('take');
      const bytes = pattern(600_000);
      await file.write(bytes, 0);
      await file.truncate(300_000);
      expect(file.size).to.equal(300_000);
      await file.truncate(590_000);
      const expected = new Uint8Array(590_000);
      expected.set(bytes.subarray(0, 300_000));
      expectSame(await contents(file), expected);
      await file.truncate(262_144);
      await file.write(pattern(5, 9), 400_000);
      const holed = new Uint8Array(400_005);
      holed.set(bytes.subarray(0, 262_144));
      holed.set(pattern(5, 9), 400_000);
      expectSame(await contents(file), holed);
      await file.truncate(0);
      expect(file.size).to.equal(0);
      await file.close();
      expect((await disk.file('take', TYPE)).size).to.equal(0);
    });

    it('gives a File with the asked name and type, as long as the holes in it', async () => {
      const file = await disk.open('take');
      await file.write(pattern(10), 0);
      await file.write(pattern(10), 1_000_000);
      await file.close();
      const made = await disk.file('take', { ...TYPE, lastModified: 1234567 });
      expect([made.name, made.type, made.size, made.lastModified]).to.deep.equal([
        'take.webm',
        'video/webm',
        1_000_010,
        1234567,
      ]);
      expectSame(await bytesOf(made.slice(1_000_000)), pattern(10));
      expectSame(await bytesOf(made.slice(0, 12)), new Uint8Array([...pattern(10), 0, 0]));
      expect(await codeOf(() => disk.file('nobody', TYPE))).to.equal('recording-missing');
    });

    it('lets one holder have a file at a time', async () => {
      const file = await disk.open('take');
      await file.write(pattern(100), 0);
      expect(await codeOf(() => other.open('take'))).to.equal('recording-live');
      expect(await codeOf(() => other.remove('take'))).to.equal('recording-live');
      expect(await codeOf(() => other.rename('take', 'gone'))).to.equal('recording-live');
      expectSame(await contents(file), pattern(100));
      await file.close();
      const next = await other.open('take');
      expect(next.size).to.equal(100);
      await next.close();
    });

    it('waits a moment for a holder that is about to let go', async () => {
      const file = await disk.open('take');
      const waiting = other.open('take');
      await file.close();
      await (await waiting).close();
    });

    it('keeps what was written, and lets go of the file, when the worker is killed', async () => {
      if (!(disk instanceof RemoteDisk)) return;
      const doomed = await RemoteDisk.mount(kind === 'opfs' ? 'best' : 'indexeddb');
      const file = await doomed.open('take');
      await file.write(pattern(300_000), 0);
      await file.write(pattern(1000, 7), 300_000);
      doomed.kill();
      const found = await other.open('take');
      const expected = new Uint8Array(301_000);
      expected.set(pattern(300_000));
      expected.set(pattern(1000, 7), 300_000);
      expectSame(await contents(found), expected);
      await found.close();
    });

    it('renames, and does not mind being asked again', async () => {
      const file = await disk.open('from');
      await file.write(pattern(300_000), 0);
      await file.close();
      await disk.rename('from', 'to');
      await other.rename('from', 'to');
      expect(await disk.names()).to.deep.equal(['to']);
      expectSame(await bytesOf(await disk.file('to', TYPE)), pattern(300_000));
    });

    it('never buries a file by renaming another', async () => {
      for (const [name, seed] of [
        ['one', 1],
        ['two', 2],
      ] as const) {
        const file = await disk.open(name);
        await file.write(pattern(50, seed), 0);
        await file.close();
      }
      expect(await codeOf(() => disk.rename('one', 'two'))).to.equal('disk-failed');
      expectSame(await bytesOf(await disk.file('one', TYPE)), pattern(50, 1));
      expectSame(await bytesOf(await disk.file('two', TYPE)), pattern(50, 2));
    });

    it('says when what it should rename was never there, and lets what is missing be removed', async () => {
      expect(await codeOf(() => disk.rename('nobody', 'somebody'))).to.equal('recording-missing');
      await disk.remove('nobody');
      expect(await disk.names()).to.deep.equal([]);
    });

    it('closes twice, and takes nothing afterwards', async () => {
      const file = await disk.open('take');
      await file.close();
      await file.close();
      expect(await codeOf(() => file.write(pattern(1), 0))).to.match(/disk-failed|invalid-state/);
      expect((await disk.file('take', TYPE)).size).to.equal(0);
    });
  });
}

describe('a file system without room', () => {
  for (const [how, code] of [
    ['short then full', 'disk-full'],
    ['quota', 'disk-full'],
    ['other', 'disk-failed'],
  ] as const) {
    it(`answers ${code} and leaves the file as long as it was (${how})`, async () => {
      await wipe();
      const disk = await RemoteDisk.mount('best');
      const file = await disk.open('take');
      await file.write(pattern(2000), 0);
      await disk.call({ do: 'fail writes', how });
      expect(await codeOf(() => file.write(pattern(5000, 2), 2000))).to.equal(code);
      expect(file.size).to.equal(2000);
      expectSame(await contents(file), pattern(2000));
      await file.close();
      expect((await disk.file('take', TYPE)).size).to.equal(2000);
      disk.kill();
    });
  }

  it('goes on after a short write that was only short', async () => {
    await wipe();
    const disk = await RemoteDisk.mount('best');
    const file = await disk.open('take');
    await disk.call({ do: 'fail writes', how: 'short' });
    await file.write(pattern(5500), 0);
    expectSame(await contents(file), pattern(5500));
    await file.close();
    disk.kill();
  });

  it('renames by copying where files cannot be moved, also after a copy that was cut off', async () => {
    await wipe();
    const disk = await RemoteDisk.mount('best');
    await disk.call({ do: 'without move' });
    for (const [name, length] of [
      ['from', 9_000_000],
      ['to', 100],
    ] as const) {
      const file = await disk.open(name);
      await file.write(pattern(length), 0);
      await file.close();
    }
    await disk.rename('from', 'to');
    await disk.rename('from', 'to');
    expect(await disk.names()).to.deep.equal(['to']);
    expectSame(await bytesOf(await disk.file('to', TYPE)), pattern(9_000_000));
    disk.kill();
  });
});

describe('a database', () => {
  const { transaction } = IDBDatabase.prototype;
  afterEach(() => (IDBDatabase.prototype.transaction = transaction));

  it('brings full blocks to the device as it takes them, and what is left of the last one when it is flushed', async () => {
    await wipe();
    const file = await (await IdbDisk.mount()).open('take');
    const asked: (string | undefined)[] = [];
    IDBDatabase.prototype.transaction = function (names, mode, options) {
      if (mode === 'readwrite') asked.push(options?.durability);
      return transaction.call(this, names, mode, options);
    };
    await file.write(pattern(1000), 0);
    await file.write(pattern(300_000), 1000);
    await file.write(pattern(1000), 301_000);
    await file.flush();
    expect(asked).to.deep.equal(['relaxed', 'strict', 'relaxed', 'strict']);
    await file.close();
  });
});

describe('a database without room', () => {
  const put = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, 'put')!;
  afterEach(() => Object.defineProperty(IDBObjectStore.prototype, 'put', put));

  function refuse(name: string): void {
    Object.defineProperty(IDBObjectStore.prototype, 'put', {
      ...put,
      value(this: IDBObjectStore): never {
        throw new DOMException('No room', name);
      },
    });
  }

  for (const [name, code] of [
    ['QuotaExceededError', 'disk-full'],
    ['UnknownError', 'disk-failed'],
  ] as const) {
    it(`answers ${code} and is again what was last committed`, async () => {
      await wipe();
      const disk = await IdbDisk.mount();
      const file = await disk.open('take');
      await file.write(pattern(300_000), 0);
      refuse(name);
      const writes = [file.write(pattern(1000, 2), 299_500), file.write(pattern(1000, 3), 300_500), file.truncate(5)];
      for (const write of writes) expect(await codeOf(() => write)).to.equal(code);
      expect(file.size).to.equal(300_000);
      Object.defineProperty(IDBObjectStore.prototype, 'put', put);
      expectSame(await contents(file), pattern(300_000));
      await file.write(pattern(10, 4), 300_000);
      await file.close();
      expectSame(
        await bytesOf((await disk.file('take', TYPE)).slice(299_000)),
        new Uint8Array([...pattern(300_000).subarray(299_000), ...pattern(10, 4)]),
      );
    });
  }
});

describe('where recordings are looked for', () => {
  const getDirectory = Object.getOwnPropertyDescriptor(StorageManager.prototype, 'getDirectory')!;
  const open = Object.getOwnPropertyDescriptor(IDBFactory.prototype, 'open')!;
  afterEach(() => {
    Object.defineProperty(StorageManager.prototype, 'getDirectory', getDirectory);
    Object.defineProperty(IDBFactory.prototype, 'open', open);
  });

  const refuseFileSystem = () =>
    Object.defineProperty(StorageManager.prototype, 'getDirectory', {
      ...getDirectory,
      value: () => Promise.reject(new DOMException('Private window', 'SecurityError')),
    });

  const refuseDatabase = () =>
    Object.defineProperty(IDBFactory.prototype, 'open', {
      ...open,
      value() {
        throw new DOMException('Blocked', 'SecurityError');
      },
    });

  const deleteDatabase = () =>
    new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase(FOLDER);
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error!);
    });

  it('finds what a worker wrote to the file system and what a page wrote to the database', async () => {
    await wipe();
    const worker = await RemoteDisk.mount('best');
    await (await worker.open('by-worker')).close();
    await (await (await openDisk()).open('by-page')).close();
    const found = await Promise.all((await allDisks()).map(async (disk) => [disk.kind, await disk.names()]));
    expect(found).to.deep.equal([
      ['opfs', ['by-worker']],
      ['indexeddb', ['by-page']],
    ]);
    worker.kill();
  });

  it('makes no database where none was needed', async () => {
    await deleteDatabase();
    expect((await allDisks()).map(({ kind }) => kind)).to.deep.equal(['opfs']);
    expect((await indexedDB.databases()).map(({ name }) => name)).not.to.include(FOLDER);
  });

  it('is the database where the file system is refused', async () => {
    refuseFileSystem();
    expect((await openDisk()).kind).to.equal('indexeddb');
    expect((await allDisks()).map(({ kind }) => kind)).to.deep.equal(['indexeddb']);
  });

  it('is the file system alone where the database is refused', async () => {
    refuseDatabase();
    expect((await allDisks()).map(({ kind }) => kind)).to.deep.equal(['opfs']);
  });

  it('is nowhere where both are refused', async () => {
    refuseFileSystem();
    refuseDatabase();
    expect(await codeOf(openDisk)).to.equal('storage-unavailable');
    expect(await codeOf(allDisks)).to.equal('storage-unavailable');
  });

  it('is not written by a page through the file system', async () => {
    const disk = new OpfsDisk(await navigator.storage.getDirectory());
    expect(await codeOf(() => disk.open('take'))).to.equal('storage-unavailable');
    expect(await disk.names()).not.to.include('take');
  });

  it('outlives the deletion of site data while the page is open', async () => {
    const disk = await IdbDisk.mount();
    await deleteDatabase();
    expect(await disk.names()).to.deep.equal([]);
    await (await disk.open('take')).close();
    expect(await disk.names()).to.deep.equal(['take']);
    await disk.remove('take');
  });
});
