import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { PageTake } from '../../../src/core/record/page-take.js';
import type { FromWorker } from '../../../src/core/record/protocol.js';
import { takeSettings } from '../../../src/core/record/settings.js';
import { FakeStream, FakeTrack } from '../producer/devices.js';
import { FakeRecorder, tasks } from './fake-recorder.js';
import { FakeWorker, SETTINGS, setPage, STARTED } from './page-stage.js';

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
});
