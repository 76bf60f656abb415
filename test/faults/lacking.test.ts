import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { strictCsp } from '../../demo/server/server.mjs';
import { decode, probe } from '../support/ffmpeg.js';
import {
  inEachBrowser,
  type Listed,
  type LogEntry,
  type PageSetup,
  type RecorderStatus,
  Stage,
  type Stopped,
} from '../support/stage.js';

/** Run in the page and in the worker: what is taken away is away everywhere. */
const WITHOUT = {
  'an origin private file system': 'delete StorageManager.prototype.getDirectory;',
  WebCodecs: `for (const name of ['VideoEncoder', 'AudioEncoder', 'MediaStreamTrackProcessor']) delete globalThis[name];`,
  'any storage': `delete StorageManager.prototype.getDirectory;
    Object.defineProperty(IDBFactory.prototype, 'open', { value() { throw new DOMException('No storage', 'SecurityError'); } });`,
};

/** There is no such thing in a worker. */
const SUSPENDED = `globalThis.AudioContext &&= class extends AudioContext {
  constructor(options) { super(options); super.suspend(); }
  get state() { return 'suspended'; }
  resume() { return new Promise(() => {}); }
};`;

const CAMERA: PageSetup = {
  source: 'devices',
  attributes: { width: 640, height: 480, 'frame-rate': 20 },
  recorders: [{ 'recording-name': 'take' }],
  library: 'off',
};

inEachBrowser('a browser that lacks something', (name) => {
  let stage: Stage;
  before(async () => (stage = await Stage.open(name)));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  interface Taken {
    take: Stopped;
    status: RecorderStatus;
    log: LogEntry[];
  }

  /** Records for `duration` seconds; the file must be whole, with its picture and its sound. */
  async function record(setup: PageSetup, duration: number, prelude = ''): Promise<Taken> {
    stage.server.workerPrelude = prelude;
    const tab = await stage.tab(setup, { prelude });
    assert.deepEqual(await tab.call('start'), ['recording'], JSON.stringify(await tab.call('log')));
    await tab.call('recorded', duration);
    const [status] = await tab.call<RecorderStatus[]>('status');
    const [take] = await tab.call<Stopped[]>('stop');
    assert.equal(take!.state, 'saved');
    const file = await stage.fetch(tab, take!);
    const { errors, frames } = await decode(file);
    assert.deepEqual(errors, []);
    assert.ok(frames > duration * 8, `${frames} frames in ${duration} s`);
    const kinds = (await probe(file)).streams.map(({ codec_type }) => codec_type).sort();
    assert.deepEqual(kinds, ['audio', 'video']);
    const log = await tab.call<LogEntry[]>('log');
    assert.deepEqual(
      log.filter(({ type }) => type === 'unhandledrejection'),
      [],
    );
    stage.server.workerPrelude = '';
    return { take: take!, status: status!, log };
  }

  it('records without an origin private file system', async () => {
    const { take } = await record(CAMERA, 1.5, WITHOUT['an origin private file system']);
    assert.ok(take.duration > 1.4);
  });

  it('records without WebCodecs, and says which engine does it', async () => {
    const { status } = await record(CAMERA, 1.5, WITHOUT['WebCodecs']);
    assert.equal(status.activeEngine, 'mediarecorder');
  });

  it('records where the policy of the page forbids workers, and says so', async () => {
    stage.server.policy = `${strictCsp}; worker-src 'none'`;
    try {
      const { log, status } = await record(CAMERA, 1.5);
      assert.ok(
        log.some(({ code, fatal }) => code === 'worker-blocked' && fatal === false),
        JSON.stringify(log),
      );
      assert.ok(status.guarantee!.caveats.includes('caveat.page'));
    } finally {
      stage.server.policy = strictCsp;
    }
  });

  if (name === 'firefox') {
    it('fails as "format-unavailable" where H.264 is asked for, which Firefox encodes with a broken header', async () => {
      const tab = await stage.tab({ ...CAMERA, recorders: [{ format: 'mp4' }] });
      assert.deepEqual(await tab.call('start'), ['failed']);
      const [status] = await tab.call<RecorderStatus[]>('status');
      assert.equal(status!.error?.code, 'format-unavailable');
    });
  } else {
    it('says that an MP4 has Opus where the policy of the page keeps the AAC encoder out', async () => {
      const { status, take } = await record({ ...CAMERA, recorders: [{ format: 'mp4' }] }, 1.5);
      assert.match(take.mimeType, /avc1.*opus/);
      assert.ok(status.guarantee!.caveats.includes('caveat.opus'), JSON.stringify(status.guarantee));
    });
  }

  it('fails as "storage-unavailable" where nothing can be stored', async () => {
    stage.server.workerPrelude = WITHOUT['any storage'];
    const tab = await stage.tab({ ...CAMERA }, { prelude: WITHOUT['any storage'] });
    assert.deepEqual(await tab.call('start'), ['failed']);
    const [status] = await tab.call<RecorderStatus[]>('status');
    assert.equal(status!.error?.code, 'storage-unavailable');
    stage.server.workerPrelude = '';
  });

  it('records the picture with a microphone that delivers nothing, and says so', async () => {
    const { log, take } = await record({ ...CAMERA, source: 'deaf' }, 5);
    assert.ok(
      log.some(({ code, fatal }) => code === 'microphone-silent' && fatal === false),
      JSON.stringify(log),
    );
    assert.ok(take.duration > 4.9);
  });

  it('records the picture with sounds that a suspended context is to mix, and says so', async () => {
    const { log, take } = await record({ ...CAMERA, source: 'choir' }, 2, SUSPENDED);
    assert.ok(
      log.some(({ code, fatal }) => code === 'audio-suspended' && fatal === false),
      JSON.stringify(log),
    );
    assert.ok(take.duration > 1.9);
  });

  it('records the picture with one sound that a suspended context is to read, and says so', async () => {
    const recorders = [{ ...CAMERA.recorders![0], engine: 'webcodecs' }];
    const withoutReadables = `delete globalThis.MediaStreamTrackProcessor; ${SUSPENDED}`;
    const { log, status, take } = await record({ ...CAMERA, recorders }, 2, withoutReadables);
    assert.equal(status.activeEngine, 'webcodecs');
    assert.ok(
      log.some(({ code, fatal }) => code === 'audio-suspended' && fatal === false),
      JSON.stringify(log),
    );
    assert.ok(take.duration > 1.9);
  });

  it('has nothing left over', async () => {
    const tab = await stage.tab({ library: 'off' });
    assert.deepEqual(await tab.call<Listed[]>('recordings'), []);
    assert.deepEqual(await tab.call('raw'), []);
  });
});
