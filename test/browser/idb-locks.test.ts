import { expect } from '@open-wc/testing';
import { idbLocks } from '../../dist/core/record/idb-locks.js';
import { lockName } from '../../dist/core/record/journal.js';
import { allDisks } from '../../dist/core/record/open-disk.js';
import { recoverRecording } from '../../dist/core/record/recover.js';
import { RecordingStore } from '../../dist/core/record/recording-store.js';
import { plant, wipe } from './recordings-support.js';

describe('locks without Web Locks', () => {
  let name: string;
  beforeEach(() => (name = lockName(crypto.randomUUID())));

  const held = async () => (await idbLocks.query()).held!.map((lock) => lock.name);
  const databases = async () => (await indexedDB.databases()).filter((one) => one.name === name);

  /** Holds it until the answered function is called. */
  function hold(): Promise<() => Promise<void>> {
    return new Promise((resolve, reject) => {
      const over = idbLocks.request(
        name,
        {},
        () => new Promise<void>((release) => resolve(async () => (release(), over))),
      );
      over.catch(reject);
    });
  }

  it('are held by one at a time, however many come at once, and leave nothing behind', async () => {
    let holders = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++holders);
      await databases();
      holders--;
      return 'done';
    };
    const all = await Promise.all(Array.from({ length: 8 }, () => idbLocks.request(name, {}, work)));
    expect(all).to.deep.equal(Array(8).fill('done'));
    expect(most).to.equal(1);
    expect(await databases()).to.deep.equal([]);
  });

  it('are told as long as they are held', async () => {
    const release = await hold();
    expect(await held()).to.deep.equal([name]);
    expect(await held(), 'asked again, behind the one before').to.deep.equal([name]);
    await release();
    expect(await held()).to.deep.equal([]);
  });

  it('are waited for as long as their signal says, and not taken afterwards', async () => {
    const release = await hold();
    let worked = false;
    const work = async () => void (worked = true);
    const refused = await idbLocks
      .request(name, { signal: AbortSignal.timeout(100) }, work)
      .catch((error: DOMException) => error.name);
    expect(refused).to.equal('TimeoutError');
    await release();
    await (
      await hold()
    )();
    expect(worked).to.equal(false);
  });

  it('let those who only wait go at once, and hold nobody up', async () => {
    const release = await hold();
    const waiting = [1, 2].map(() => idbLocks.request(name, { mode: 'shared' }, async () => held()));
    await release();
    expect(await Promise.all(waiting)).to.deep.equal([[], []]);
  });

  it('are given back when the work fails', async () => {
    const failed = await idbLocks.request(name, {}, () => Promise.reject(new Error('no'))).catch(String);
    expect(failed).to.equal('Error: no');
    expect(await held()).to.deep.equal([]);
  });

  it('are given back when their holder dies', async () => {
    const code = `
      import { idbLocks } from '${new URL('../../dist/core/record/idb-locks.js', import.meta.url).href}';
      void idbLocks.request('${name}', {}, () => (postMessage('held'), new Promise(() => {})));`;
    const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
    const worker = new Worker(url, { type: 'module' });
    await new Promise((resolve) => (worker.onmessage = resolve));
    expect(await held()).to.deep.equal([name]);
    worker.terminate();
    await (
      await hold()
    )();
    expect(await databases()).to.deep.equal([]);
    URL.revokeObjectURL(url);
  });

  describe('in a browser that does not tell its databases', () => {
    let store: RecordingStore;
    let id: string;
    before(() => Object.defineProperty(indexedDB, 'databases', { value: undefined, configurable: true }));
    after(() => Reflect.deleteProperty(indexedDB, 'databases'));
    beforeEach(async () => {
      await wipe();
      id = await plant({ media: 'media' });
      name = lockName(id);
      store = new RecordingStore({ locks: idbLocks });
    });
    afterEach(() => {
      store.destroy();
      return wipe();
    });

    const states = async () => (await store.refresh()).map(({ state }) => state);
    const codeOf = (work: Promise<unknown>) => work.then(String, ({ code }: { code: string }) => code);

    it('keep what somebody writes from being recovered and removed', async () => {
      const release = await hold();
      expect(await held()).to.deep.equal([name]);
      expect(await states()).to.deep.equal(['recording']);
      const [disk] = await allDisks();
      expect(await codeOf(recoverRecording(disk!, id, { locks: idbLocks }))).to.equal('recording-live');
      expect(await codeOf(store.remove(id))).to.equal('recording-live');
      await release();
      expect(await held()).to.deep.equal([]);
      expect(await states()).to.deep.equal(['interrupted']);
    });

    it('are known where it refuses to tell them, too', async () => {
      const refusing = () => Promise.reject(new DOMException('no', 'UnknownError'));
      Object.defineProperty(indexedDB, 'databases', { value: refusing, configurable: true });
      const release = await hold();
      expect(await states()).to.deep.equal(['recording']);
      await release();
    });
  });
});
