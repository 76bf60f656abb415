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

  async function start(engine: 'mediarecorder' | 'auto'): Promise<FakeWorker> {
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
    await take.start();
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
