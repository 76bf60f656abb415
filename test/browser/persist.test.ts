import { expect } from '@open-wc/testing';
import '../../dist/define/media-producer.js';
import '../../dist/define/stream-recorder.js';
import { live, record, tidy } from './stream-recorder-support.js';

afterEach(tidy);

describe('storage that the browser may evict', () => {
  it('is asked to persist, once a take, and the guarantee tells what came of it', async () => {
    const { storage } = navigator;
    let asked = 0;
    let granted = false;
    const persist = () => {
      asked++;
      granted = true;
      return Promise.resolve(true);
    };
    Object.assign(storage, { persist, persisted: () => Promise.resolve(granted) });
    try {
      const element = await live();
      expect(asked).to.equal(0);
      await element.start();
      expect(asked).to.equal(1);
      expect(element.guarantee!.storage).to.equal('persistent');
      expect(element.guarantee!.caveats).not.to.include('caveat.evict');
      await element.stop().catch(() => null);
      await record(element);
      expect(asked).to.equal(2);
    } finally {
      Object.assign(storage, { persist: undefined, persisted: undefined });
      for (const name of ['persist', 'persisted']) delete (storage as unknown as Record<string, unknown>)[name];
    }
  });
});
