import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { PageTake } from '../../../src/core/record/page-take.js';
import type { FromWorker } from '../../../src/core/record/protocol.js';
import { takeSettings } from '../../../src/core/record/settings.js';
import { FakeStream, FakeTrack } from '../producer/devices.js';
import { FakeRecorder, tasks } from './fake-recorder.js';
import { FakeWorker, SETTINGS, setPage, STARTED } from './page-stage.js';

const MB = 2 ** 20;

describe('a take on its page', () => {
  let take: PageTake;
  let told: FromWorker[];

  setPage();
  beforeEach(() => {
    told = [];
    FakeWorker.serve = (message, worker) => {
      if (message.type === 'start') worker.tell({ ...STARTED, engine: message.request.engine } as FromWorker);
    };
  });
  afterEach(() => take.close());

  function make(engine: 'mediarecorder' | 'auto'): PageTake {
    take = new PageTake({
      id: 'one',
      name: 'One',
      stream: new FakeStream([new FakeTrack('video')]).stream,
      settings: takeSettings({ ...SETTINGS, engine }),
      followed: false,
      adaptive: false,
      metrics: null,
      told: (message) => told.push(message),
      noticed: () => {},
    });
    return take;
  }

  async function start(engine: 'mediarecorder' | 'auto'): Promise<FakeWorker> {
    await make(engine).start();
    return FakeWorker.last;
  }

  it('takes no more when its worker ends it', async () => {
    const worker = await start('mediarecorder');
    assert.equal(FakeRecorder.running, 1);
    worker.tell({ type: 'state', state: 'finishing' });
    await tasks();
    assert.equal(FakeRecorder.running, 0);
    assert.deepEqual(told.at(-1), { type: 'state', state: 'finishing' });
  });

  it('counts of what is on its way what it has handed over itself, and not what encoders had written', async () => {
    const worker = await start('auto');
    worker.tell({ type: 'progress', size: 500 * MB } as FromWorker);
    worker.tell({ type: 'handed-over', mimeType: 'video/webm;codecs="vp8"' });
    await tasks();
    assert.equal(FakeRecorder.running, 1);
    const chunk = { size: 30 * MB, arrayBuffer: () => Promise.resolve({ byteLength: 30 * MB }) };
    for (let count = 0; count < 5; count++) FakeRecorder.made[0]!.slice(chunk as unknown as Blob);
    await tasks();
    assert.deepEqual(worker.types(), ['start', 'chunk', 'chunk', 'chunk', 'stop']);
    assert.deepEqual(worker.asked.at(-1), { type: 'stop', reason: 'disk-failed' });
    // There is room again, and a hole in front of what comes.
    worker.tell({ type: 'progress', size: 590 * MB } as FromWorker);
    await tasks();
    FakeRecorder.made[0]!.slice(chunk as unknown as Blob);
    await tasks();
    assert.equal(worker.asked.at(-1)!.type, 'stop');
  });

  describe('that is discarded while it starts', () => {
    for (const engine of ['auto', 'mediarecorder'] as const) {
      it(`is over as soon as its worker has removed what there is, ${engine}`, async () => {
        FakeWorker.serve = (message, worker) => {
          if (message.type !== 'discard') return;
          // It had just begun.
          worker.tell({ ...STARTED, engine: 'mediarecorder' } as FromWorker);
          worker.tell({ type: 'discarded' });
        };
        const refused = assert.rejects(make(engine).start(), { code: 'aborted' });
        await tasks(20);
        await take.discard();
        await refused;
        assert.deepEqual(FakeWorker.last.types(), ['start', 'discard']);
        assert.ok(FakeWorker.last.ended);
        assert.equal(FakeRecorder.running, 0);
      });
    }

    it('is over at once where its worker has not come yet', async () => {
      const refused = assert.rejects(make('auto').start(), { code: 'aborted' });
      await take.discard();
      await refused;
      await tasks();
      assert.deepEqual(FakeWorker.last.types(), []);
      assert.ok(FakeWorker.last.ended);
    });
  });

  describe('whose worker says nothing more', () => {
    beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
    afterEach(() => mock.timers.reset());
    const failed = () => told.filter(({ type }) => type === 'failed').length;

    for (const what of ['stop', 'discard'] as const) {
      it(`is given up after a while when it is told to ${what}`, async () => {
        const worker = await start('mediarecorder');
        await take[what]();
        mock.timers.tick(9999);
        assert.equal(failed(), 0);
        mock.timers.tick(1);
        assert.equal(failed(), 1);
        assert.ok(!worker.ended, 'its owner lets it go');
      });
    }

    it('is given up when it was to end by itself', async () => {
      const worker = await start('mediarecorder');
      worker.tell({ type: 'state', state: 'finishing' });
      await tasks();
      mock.timers.tick(10_000);
      assert.equal(failed(), 1);
    });

    it('is waited for as long as it writes or copies, and longer the more there is', async () => {
      const worker = await start('mediarecorder');
      worker.tell({ type: 'progress', size: 100e6 } as FromWorker);
      await tasks();
      await take.stop();
      const words: FromWorker[] = [
        { type: 'progress', size: 200e6 } as FromWorker,
        { type: 'state', state: 'finishing' },
        { type: 'copied', share: 0.5 },
      ];
      for (const word of words) {
        mock.timers.tick(14_000);
        worker.tell(word);
        await tasks();
      }
      // It only says what it has said before.
      for (let second = 0; second < 19; second++) {
        mock.timers.tick(1000);
        worker.tell({ type: 'progress', size: 200e6 } as FromWorker);
        worker.tell({ type: 'taken' });
        await tasks();
      }
      assert.equal(failed(), 0);
      mock.timers.tick(1000);
      assert.equal(failed(), 1);
    });

    it('is not given up once it has made its end', async () => {
      const worker = await start('mediarecorder');
      await take.stop();
      worker.tell({ type: 'finished', summary: { step: 'saved', createdAt: 0 } });
      await tasks();
      mock.timers.tick(60_000);
      assert.equal(failed(), 0);
    });
  });

  describe('whose worker throws', () => {
    beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
    afterEach(() => mock.timers.reset());
    const failed = () => told.filter(({ type }) => type === 'failed').length;

    it('has it make an end, once, and waits as long as it is at it', async () => {
      const worker = await start('mediarecorder');
      worker.throw();
      worker.throw();
      await tasks();
      assert.deepEqual(worker.types(), ['start', 'chunk', 'stop']);
      assert.deepEqual(worker.asked.at(-1), { type: 'stop', reason: 'worker-failed' });
      const end: FromWorker[] = [
        { type: 'state', state: 'finishing' },
        { type: 'copied', share: 0.5 },
      ];
      for (const message of end) {
        mock.timers.tick(9000);
        worker.tell(message);
        await tasks();
      }
      mock.timers.tick(9000);
      assert.equal(failed(), 0);
      take.close();
      mock.timers.tick(60_000);
      assert.equal(failed(), 0);
    });

    it('begins no other take in it where it throws before the first one has started', async () => {
      FakeWorker.serve = (message, worker) => {
        if (message.type === 'start') worker.throw();
      };
      await assert.rejects(start('auto'), { code: 'worker-failed' });
      assert.deepEqual(FakeWorker.last.types(), ['start']);
      assert.ok(FakeWorker.last.ended);
    });

    it('gives it up when it does not', async () => {
      const worker = await start('mediarecorder');
      worker.throw();
      await tasks();
      mock.timers.tick(9000);
      worker.tell({ type: 'progress', size: 1 } as FromWorker);
      await tasks();
      assert.equal(failed(), 0);
      mock.timers.tick(1000);
      assert.equal(failed(), 1);
      assert.ok(!worker.ended, 'its owner lets it go');
    });
  });
});
