import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { MediaProducer } from '../../../src/core/producer/index.js';
import { LADDER } from '../../../src/core/quality/index.js';
import { ChunkEngine } from '../../../src/core/record/chunk-engine.js';
import type { FromWorker, ToWorker } from '../../../src/core/record/protocol.js';
import { StreamRecorder, type RecorderState } from '../../../src/core/record/stream-recorder.js';
import { Take } from '../../../src/core/record/take.js';
import { FakeStream, FakeTrack } from '../producer/devices.js';
import { type Contents, MemoryDisk } from '../recordings/memory-disk.js';
import { FakeRecorder, tasks } from './fake-recorder.js';
import { FakeWorker, SETTINGS, setPage } from './page-stage.js';

const given = () => new FakeStream([new FakeTrack('video')]).stream;

describe('a take as its recorder runs it', () => {
  let producer: MediaProducer;
  let recorder: StreamRecorder;
  let take: Take | null;
  let told: string[];
  let contents: Contents;

  /** What the writer does, on a disk in memory. */
  function write(message: ToWorker, worker: FakeWorker): void {
    if (message.type === 'start') {
      const tell = (answer: FromWorker) => {
        if (answer.type === 'state') told.push(answer.state);
        worker.tell(answer);
      };
      take = new Take(new MemoryDisk(contents), message.request, tell);
      void take.start();
    } else if (message.type === 'chunk') take?.chunk(message.data, message.overlap);
    else if (message.type === 'stop') void take?.stop(message.reason);
    else if (message.type === 'pause' || message.type === 'resume' || message.type === 'discard')
      void take?.[message.type]();
  }

  setPage();
  beforeEach(() => {
    [take, told] = [null, []];
    contents = new Map();
    FakeWorker.serve = write;
    producer = new MediaProducer();
    producer.use(given());
    recorder = new StreamRecorder({ ...SETTINGS, engine: 'mediarecorder' });
    recorder.source = producer;
  });
  afterEach(async () => {
    await recorder.discard();
    producer.stop();
  });

  /** Once every message has been heard, both ways. */
  async function settled(state: RecorderState['state']): Promise<void> {
    while (recorder.state === 'starting') await tasks(1);
    await tasks(20);
    assert.deepEqual([recorder.state, told.at(-1)], [state, state]);
    assert.equal(FakeRecorder.running, state === 'recording' ? 1 : 0);
  }

  it('follows its producer through a pause that is over before it is heard of', async () => {
    await recorder.start();
    producer.pause();
    producer.resume();
    await settled('recording');
    producer.pause();
    await settled('paused');
    producer.resume();
    producer.pause();
    await settled('paused');
    producer.resume();
    await settled('recording');
  });

  it('is paused, or goes on, as it was told last', async () => {
    await recorder.start();
    recorder.pause();
    recorder.resume();
    await settled('recording');
    recorder.pause();
    recorder.pause();
    await settled('paused');
    recorder.resume();
    recorder.pause();
    await settled('paused');
    recorder.resume();
    await settled('recording');
  });

  it('is paused by whoever pauses it, and goes on when both go on', async () => {
    await recorder.start();
    producer.pause();
    recorder.resume();
    await settled('paused');
    recorder.pause();
    producer.resume();
    await settled('paused');
    recorder.resume();
    await settled('recording');
  });

  it('keeps to what it was told while it was starting', async () => {
    void recorder.start();
    recorder.pause();
    await settled('paused');
    recorder.resume();
    await settled('recording');
    await recorder.discard();

    void recorder.start();
    recorder.pause();
    recorder.resume();
    await settled('recording');
    await recorder.discard();

    void recorder.start();
    producer.pause();
    await settled('paused');
    producer.resume();
    await settled('recording');
  });

  describe('that is starting, and does not come to it', () => {
    beforeEach(() => mock.method(ChunkEngine.prototype, 'start', () => new Promise(() => {})));
    afterEach(() => mock.restoreAll());

    it('is over in a moment when it is discarded, and nothing of it is left', async () => {
      const refused = assert.rejects(recorder.start(), { code: 'aborted' });
      const stopped = assert.rejects(recorder.stop(), { code: 'aborted' });
      while (contents.size < 2) await tasks(1);
      await recorder.discard();
      await Promise.all([refused, stopped]);
      assert.deepEqual([recorder.state, recorder.store.get().error, contents.size], ['idle', null, 0]);
      mock.restoreAll();
      await recorder.start();
      await settled('recording');
    });

    it('is given up for good by a listener, which may start the next take at once', async () => {
      const { settings } = recorder;
      recorder.settings = { ...settings, engine: 'webcodecs', format: 'mp4' };
      FakeWorker.serve = (message, worker) => {
        if (message.type === 'start') worker.tell({ type: 'unavailable', code: 'format-unavailable', detail: '' });
      };
      let again: Promise<void> | undefined;
      const unfollow = recorder.store.subscribe(({ state }) => {
        if (state !== 'failed') return;
        mock.restoreAll();
        FakeWorker.serve = write;
        recorder.settings = settings;
        again = recorder.start();
      });
      await assert.rejects(recorder.start(), { code: 'format-unavailable' });
      unfollow();
      await again!;
      await settled('recording');
    });

    it('is over at once when nothing of it has begun', async () => {
      const refused = assert.rejects(recorder.start(), { code: 'aborted' });
      await recorder.discard();
      await refused;
      assert.deepEqual([recorder.state, contents.size], ['idle', 0]);
    });
  });

  it('fails when its worker says nothing any more, and what is on disk stays', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      await recorder.start();
      await settled('recording');
      FakeWorker.serve = () => {};
      const refused = assert.rejects(recorder.stop(), { code: 'worker-failed' });
      await tasks(20);
      mock.timers.tick(10_000);
      await refused;
      assert.equal(recorder.state, 'failed');
      assert.ok(FakeWorker.last.ended);
    } finally {
      mock.timers.reset();
    }
    assert.ok(contents.size > 0);
    await take!.discard();
  });

  it('ends when its producer is given another stream', async () => {
    await recorder.start();
    producer.use(given());
    await tasks(20);
    assert.deepEqual(
      FakeWorker.last.types().filter((type) => type !== 'chunk'),
      ['start', 'stop'],
    );
    assert.equal(FakeRecorder.running, 0);
  });

  it('shows the fault that holds still when another is over', async () => {
    await recorder.start();
    const shown = () => recorder.store.get().error?.code ?? null;
    const { last } = FakeWorker;
    last.tell({ type: 'notice', code: 'audio-suspended' });
    last.tell({ type: 'notice', code: 'microphone-silent' });
    await tasks();
    assert.equal(shown(), 'microphone-silent');
    last.tell({ type: 'notice-over', code: 'microphone-silent' });
    await tasks();
    assert.equal(shown(), 'audio-suspended');
    last.tell({ type: 'notice', code: 'microphone-silent' });
    last.tell({ type: 'notice-over', code: 'audio-suspended' });
    await tasks();
    assert.equal(shown(), 'microphone-silent');
    last.tell({ type: 'notice-over', code: 'microphone-silent' });
    await tasks();
    assert.equal(shown(), null);
  });

  it('tells its producer what quality was lowered for, also when that goes up again', async () => {
    await recorder.start();
    const told = () => {
      const { move, loweredFor } = producer.store.get();
      return [move?.quality.level, move?.cause, loweredFor];
    };
    assert.deepEqual(told(), [undefined, undefined, undefined]);
    for (const [step, previous, cause] of [
      [3, 1, 'disk'],
      [2, LADDER[3]!.level, 'ease'],
    ] as const) {
      FakeWorker.last.tell({ type: 'quality', quality: LADDER[step]!, previous, cause });
      await tasks();
      assert.deepEqual(told(), [LADDER[step]!.level, cause, 'disk']);
    }
  });

  it('counts takes that are saved and that fail, and how long they take to begin; none that is given up', async () => {
    // It brings what counts.
    await import('../../../src/core/producer/open-session.js');
    await tasks(20);
    const { metrics } = producer;
    const counted = () => {
      const counts = metrics!.counts();
      const named = (name: string) => counts[name] ?? 0;
      return [named('succeeded:record'), named('failed:record'), named('error:disk-full')];
    };
    await recorder.start();
    FakeRecorder.made.at(-1)!.slice();
    await settled('recording');
    await recorder.discard();
    assert.deepEqual(counted(), [0, 0, 0], 'given up');
    await recorder.start();
    await settled('recording');
    FakeWorker.last.tell({ type: 'failed', code: 'disk-full', detail: '' });
    await take!.discard();
    await tasks(20);
    assert.deepEqual([recorder.state, ...counted()], ['failed', 0, 1, 1]);
    assert.equal(metrics!.snapshot().histograms['latency:record']!.count, 2);
  });
});
