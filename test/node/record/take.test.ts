import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { OnAirError } from '../../../src/core/errors.js';
import { Metrics } from '../../../src/core/metrics/index.js';
import { ChunkEngine } from '../../../src/core/record/chunk-engine.js';
import { CodecEngine } from '../../../src/core/record/codec-engine.js';
import type { Disk, DiskFile } from '../../../src/core/record/disk.js';
import type { EngineHost } from '../../../src/core/record/engine.js';
import { guaranteeFor } from '../../../src/core/record/guarantee.js';
import { readJournalOf } from '../../../src/core/record/journal-file.js';
import { neverBegun } from '../../../src/core/record/journal.js';
import type { FromWorker, TakeRequest } from '../../../src/core/record/protocol.js';
import { RecordingStore } from '../../../src/core/record/recording-store.js';
import { recoverRecording } from '../../../src/core/record/recover.js';
import { Take } from '../../../src/core/record/take.js';
import { TakeFiles } from '../../../src/core/record/take-files.js';
import type { TakeWriter } from '../../../src/core/record/take-writer.js';
import { decode, ffmpeg, lacksFfmpeg, probe } from '../../support/ffmpeg.js';
import { makeSource, onDisk } from '../../support/fixtures.js';
import { type Contents, MemoryDisk, type MemoryDiskOptions } from '../recordings/memory-disk.js';

const ID = '6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b';

const REQUEST: TakeRequest = {
  id: ID,
  name: 'Talk',
  collection: '',
  engine: 'mediarecorder',
  format: 'webm',
  preferred: ['webm'],
  mimeType: 'video/webm',
  video: null,
  audio: null,
  followed: false,
  videoBitrate: null,
  audioBitrate: null,
  maxDuration: null,
  flushBytes: 4 * 2 ** 20,
  flushInterval: 1,
  trials: {},
  aacEncoder: null,
  adaptive: true,
  maxLatency: 0.4,
  dropThreshold: 0.1,
  latencyMode: 'realtime',
  hardwareAcceleration: 'no-preference',
  keyInterval: null,
  sequels: [],
};

/** Tells what is done to the files of a disk, in order. */
function watched(disk: Disk, events: string[]): Disk {
  const file = (name: string, inner: DiskFile): DiskFile => ({
    get size() {
      return inner.size;
    },
    read: (into, at) => inner.read(into, at),
    write: (bytes, at) => {
      const step = /"step":"(\w+)"/.exec(new TextDecoder().decode(bytes))?.[1];
      if (name.endsWith('.journal') && step) events.push(step);
      return inner.write(bytes, at);
    },
    truncate: (size) => inner.truncate(size),
    flush: () => {
      if (name.endsWith('.recording')) events.push('flush');
      return inner.flush();
    },
    close: () => inner.close(),
  });
  return {
    kind: disk.kind,
    names: () => disk.names(),
    open: async (name) => file(name, await disk.open(name)),
    rename: (from, to) => disk.rename(from, to),
    remove: (name) => disk.remove(name),
    file: (name, as) => disk.file(name, as),
  };
}

interface Played {
  take: Take;
  told: FromWorker[];
  contents: Contents;
  events: string[];
  room: NonNullable<MemoryDiskOptions['room']>;
  types(): string[];
}

/** A take by the engine that needs no browser, on a disk in memory. */
async function play(bytes = Infinity, request = REQUEST): Promise<Played> {
  const contents: Contents = new Map();
  const events: string[] = [];
  const told: FromWorker[] = [];
  const room = { files: /./, bytes };
  const disk = watched(new MemoryDisk(contents, { room }), events);
  const take = new Take(disk, request, (message) => told.push(message));
  await take.start();
  return { take, told, contents, events, room, types: () => told.map(({ type }) => type) };
}

const skip = lacksFfmpeg();

describe('a take', { skip }, () => {
  /** What MediaRecorder would have handed over. */
  let media: Uint8Array;
  const browser = Object.getOwnPropertyDescriptor(globalThis, 'navigator');

  before(async () => {
    // Node has no storage of this kind; it is asked all the same.
    const storage = { getDirectory: () => Promise.reject(new Error()), estimate: () => Promise.resolve({}) };
    Object.defineProperty(globalThis, 'navigator', { value: { storage }, configurable: true, writable: true });
    const source = await makeSource({ seconds: 2, size: '160x120', rate: 10, bitrate: '200k' });
    media = await onDisk(source, 'mkv', (path) => ffmpeg('-i', path, '-c', 'copy', '-f', 'webm', '-live', '1', '-'));
  });
  after(() => {
    if (browser) Object.defineProperty(globalThis, 'navigator', browser);
    else delete (globalThis as { navigator?: unknown }).navigator;
  });
  afterEach(() => mock.restoreAll());

  const feed = (take: Take): void => take.chunk(media.slice().buffer, 0);

  async function assertKept({ contents, told }: Played, reason: string | null): Promise<void> {
    const end = told.at(-1)!;
    assert.equal(end.type, 'finished', JSON.stringify(end));
    const summary = (await readJournalOf(new MemoryDisk(contents), ID))!;
    assert.deepEqual([summary.step, summary.reason ?? null], ['saved', reason]);
    assert.deepEqual([...contents.keys()].sort(), [`${ID}.journal`, `${ID}.webm`]);
    await onDisk(contents.get(`${ID}.webm`)!, 'webm', async (path) => {
      const { errors, frames } = await decode(path);
      assert.deepEqual([errors, frames], [[], 20]);
    });
  }

  /** Pauses and goes on until one of the two needs room that the disk has not; answers when the take is over. */
  async function untilRefused({ take, room, told, types }: Played, refused: 'pause' | 'resume'): Promise<void> {
    const over = () => ['finished', 'failed'].includes(types().at(-1)!);
    for (let round = 0; round < 500; round++) {
      for (const act of ['pause', 'resume'] as const) {
        room.bytes = act === refused ? 0 : Infinity;
        await take[act]();
        const state = act === 'pause' ? 'paused' : 'recording';
        if (stateOf(told) === state) continue;
        while (!over()) await new Promise(setImmediate);
        return;
      }
    }
    assert.fail('nothing was refused');
  }

  const stateOf = (told: FromWorker[]): string | undefined =>
    told.flatMap((message) => (message.type === 'state' ? [message.state] : [])).at(-1);

  it('announces each step before it is taken', async () => {
    const acts: string[] = [];
    for (const act of ['start', 'pause', 'resume', 'stop', 'abort'] as const) {
      const original = ChunkEngine.prototype[act] as (this: ChunkEngine) => unknown;
      mock.method(ChunkEngine.prototype, act, function (this: ChunkEngine) {
        acts.push(`${played.events.filter((event) => event !== 'flush').at(-1)}, then ${act}`);
        return original.call(this);
      });
    }
    const played = { events: [] as string[] };
    const disk = watched(new MemoryDisk(new Map()), played.events);
    const take = new Take(disk, REQUEST, () => {});
    await take.start();
    feed(take);
    await take.pause();
    await take.resume();
    await take.discard();
    assert.deepEqual(acts, [
      'recording, then start',
      'paused, then pause',
      'recording, then resume',
      'discarding, then abort',
    ]);
  });

  it('is finished whole, and on the device before it waits in a pause', async () => {
    const played = await play();
    const { take, events } = played;
    feed(take);
    await new Promise(setImmediate);
    await take.pause();
    assert.deepEqual(events.slice(-2), ['paused', 'flush']);
    await take.resume();
    await take.stop();
    await assertKept(played, null);
  });

  it('tells each move to another quality, and notes it in the journal, which reads as it did', async () => {
    const played = await play();
    const { take, told, contents } = played;
    feed(take);
    await new Promise(setImmediate);
    await take.pause();
    const quality = { level: 0.64, bitrate: 0.64, frameRate: 1, size: 1 };
    take.moved({ quality, previous: 1, cause: 'disk' });
    await new Promise(setImmediate);
    const lines = new TextDecoder().decode(contents.get(`${ID}.journal`)).split('\n');
    const line = JSON.parse(lines.find((text) => text.includes('quality'))!) as Record<string, unknown>;
    assert.deepEqual([line['level'], line['cause']], [0.64, 'disk']);
    const summary = (await readJournalOf(new MemoryDisk(contents), ID))!;
    assert.equal(summary.step, 'paused', 'no step of the take');
    assert.ok(!('level' in summary) && summary.duration === undefined);
    assert.deepEqual(
      told.find(({ type }) => type === 'quality'),
      { type: 'quality', quality, previous: 1, cause: 'disk' },
    );
    await take.stop();
    await assertKept(played, null);
    const counted = told.flatMap((message) => (message.type === 'progress' ? [message.metrics.counters] : []));
    const sum = (name: string) => counted.reduce((total, counters) => total + (counters[name] ?? 0), 0);
    assert.equal(sum('quality:down'), 1);
    assert.equal(sum('bytes:written'), media.length);
  });

  it('counts the seconds that it records, without pauses, and shows what it times while it is asked to', async () => {
    let clock = 0;
    mock.method(performance, 'now', () => clock * 1000);
    const shown = mock.method(performance, 'measure', () => {});
    const played = await play();
    const { take, told } = played;
    feed(take);
    await new Promise(setImmediate);
    assert.equal(shown.mock.callCount(), 0);
    take.time(true, true);
    clock = 4;
    await take.pause();
    assert.equal(shown.mock.calls[0]!.arguments[0], 'onair disk:write');
    take.time(true, false);
    const { length } = shown.mock.calls;
    clock = 100;
    await take.resume();
    clock = 103;
    await take.stop();
    assert.equal(shown.mock.callCount(), length);
    mock.restoreAll();
    await assertKept(played, null);
    const drained = told.flatMap((message) => (message.type === 'progress' ? [message.metrics] : []));
    const sum = (name: string) => drained.reduce((total, { counters }) => total + (counters[name] ?? 0), 0);
    assert.deepEqual([sum('record:seconds'), sum('frames:seconds')], [7, 0], 'MediaRecorder counts no frames');
    const levels = new Metrics();
    drained.forEach((added) => levels.merge(added));
    const { histograms } = levels.snapshot();
    assert.ok(histograms['queue:disk']!.max <= media.length);
    assert.ok(histograms['headroom:disk']!.min > 100, 'seconds of so small a picture');
    assert.ok(histograms['disk:write']!.count > 0);
  });

  it('times nothing while it is not asked to, and counts all the same', async () => {
    const { take, told } = await play();
    take.time(false, false);
    feed(take);
    await new Promise(setImmediate);
    await take.pause();
    take.time(true, false);
    await take.resume();
    await take.stop();
    const drained = told.flatMap((message) => (message.type === 'progress' ? [message.metrics] : []));
    const [first] = drained.filter(({ counters }) => counters['bytes:written']);
    assert.equal(first!.counters['bytes:written'], media.length);
    assert.deepEqual(first!.histograms, {});
    assert.ok(
      drained.some(({ histograms }) => (histograms['queue:disk']?.count ?? 0) > 0),
      'once it is asked to',
    );
  });

  it('is heard of every few seconds while it records, also where nothing comes, and not in a pause', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      const { take, told, types } = await play();
      feed(take);
      await new Promise(setImmediate);
      const heard = () => types().filter((type) => type === 'progress').length;
      const passed = (looks: number) => {
        const before = heard();
        for (let look = 0; look < looks; look++) mock.timers.tick(1250);
        return heard() - before;
      };
      assert.equal(passed(1), 0, 'it was heard of a moment ago');
      assert.equal(passed(10), 10);
      const last = told.at(-1) as Extract<FromWorker, { type: 'progress' }>;
      assert.ok(last.metrics.counters['record:seconds']! >= 0 && last.duration > 0);
      await take.pause();
      assert.equal(passed(10), 0);
      await take.resume();
      assert.equal(passed(10), 10);
      await take.stop();
      assert.equal(passed(10), 0, 'it is over');
    } finally {
      mock.timers.reset();
    }
  });

  for (const pauses of [false, true])
    it(`has never begun before its first chunk, ${pauses ? 'in a pause, too' : 'and has with it'}`, async () => {
      const { take, contents } = await play();
      const journal = async () => (await readJournalOf(new MemoryDisk(contents), ID))!;
      if (pauses) await take.pause();
      assert.ok(neverBegun(await journal(), contents.get(`${ID}.recording`)!.length));
      feed(take);
      await new Promise(setImmediate);
      const { step, format, mimeType } = await journal();
      assert.deepEqual([step, format, mimeType], [pauses ? 'paused' : 'recording', 'webm', REQUEST.mimeType]);
      assert.ok(!neverBegun(await journal(), 0), 'it is empty no more');
      await take.discard();
    });

  it('is discarded while it is being opened, and nothing of it is left', async () => {
    const contents: Contents = new Map();
    const told: FromWorker[] = [];
    const take = new Take(new MemoryDisk(contents), REQUEST, (message) => told.push(message));
    const started = take.start();
    await take.discard();
    await started;
    assert.deepEqual(
      told.map(({ type }) => type),
      ['discarded'],
    );
    assert.equal(contents.size, 0);
  });

  it('that cannot be removed when it is discarded is no recording, and is swept by the next listing', async () => {
    class Stuck extends MemoryDisk {
      #stuck = true;
      override async remove(name: string): Promise<void> {
        if (this.#stuck && name === `${ID}.recording`) {
          this.#stuck = false;
          throw new OnAirError('disk-failed', 'Busy.');
        }
        await super.remove(name);
      }
    }
    const contents: Contents = new Map();
    const told: FromWorker[] = [];
    const disk = new Stuck(contents);
    const take = new Take(disk, REQUEST, (message) => told.push(message));
    await take.start();
    feed(take);
    await new Promise(setImmediate);
    await take.discard();
    assert.equal(told.at(-1)!.type, 'discarded');
    assert.deepEqual([...contents.keys()].sort(), [`${ID}.journal`, `${ID}.recording`]);
    const store = new RecordingStore({ disks: () => Promise.resolve([disk]), locks: null, channel: null });
    assert.deepEqual(await store.refresh(), []);
    assert.equal(contents.size, 0);
    store.destroy();
  });

  it('sets room aside for the copy that gives it its duration, and gives it back', async () => {
    const { take, contents } = await play();
    feed(take);
    await new Promise(setImmediate);
    const [recording, room] = ['recording', 'remux'].map((part) => contents.get(`${ID}.${part}`)!.length);
    assert.ok(room! > recording! && recording === media.length);
    await take.discard();
    assert.deepEqual([...contents.keys()], []);
  });

  for (const step of ['repairing', 'renaming', 'saved'])
    it(`takes no chunk that comes late, when it is ${step} already`, async () => {
      const played = await play(Infinity, { ...REQUEST, maxDuration: 1 });
      const { take, events, types } = played;
      events.push = (event) => {
        if (event === step) take.chunk(new ArrayBuffer(2 ** 20), 0);
        return 0;
      };
      feed(take);
      while (!['finished', 'failed'].includes(types().at(-1)!)) await new Promise(setImmediate);
      await assertKept(played, null);
    });

  it('ends whole when the disk has no room for the line of a pause', async () => {
    const played = await play();
    feed(played.take);
    await new Promise(setImmediate);
    await untilRefused(played, 'pause');
    await assertKept(played, 'disk-full');
    assert.ok(!played.types().includes('failed'));
  });

  it('ends whole when the disk has no room for the line that it goes on', async () => {
    const played = await play();
    feed(played.take);
    await new Promise(setImmediate);
    await untilRefused(played, 'resume');
    await assertKept(played, 'disk-full');
  });

  it('ends whole, with its duration, when the disk is full from one moment to the next', async () => {
    const played = await play();
    feed(played.take);
    await new Promise(setImmediate);
    played.room.bytes = 0;
    await played.take.stop();
    await assertKept(played, null);
  });

  it('sets none aside for an MP4, which is finished where it lies, until a pause makes two recordings of it', async () => {
    const part = await readFile(new URL('../../fixtures/mediarecorder-chromium-avc-opus.mp4', import.meta.url));
    const { take, told, contents, room } = await play(Infinity, { ...REQUEST, format: 'mp4', mimeType: 'video/mp4' });
    const feedPart = async () => {
      take.chunk(new Uint8Array(part).buffer, 0);
      await new Promise(setImmediate);
    };
    await take.pause();
    await take.resume();
    await feedPart();
    assert.ok(!contents.has(`${ID}.remux`), 'nothing was in front of that pause');
    await take.pause();
    await take.resume();
    await feedPart();
    assert.ok(contents.get(`${ID}.remux`)!.length > 2 * part.length);
    room.bytes = 0;
    await take.stop();
    const end = told.at(-1)!;
    assert.ok(end.type === 'finished', JSON.stringify(end));
    assert.deepEqual([end.summary.step, end.summary.reason ?? null], ['saved', null]);
    assert.deepEqual([...contents.keys()].sort(), [`${ID}.journal`, `${ID}.mp4`]);
    await onDisk(contents.get(`${ID}.mp4`)!, 'mp4', async (path) => {
      assert.deepEqual((await decode(path)).errors, []);
      assert.ok(Math.abs((await probe(path)).duration - 10) < 0.5, `${(await probe(path)).duration} s`);
    });
  });

  it('sets it aside, too, for an MP4 whose second recording begins when the first has ended', async () => {
    const part = await readFile(new URL('../../fixtures/mediarecorder-chromium-avc-opus.mp4', import.meta.url));
    const { take, contents } = await play(Infinity, { ...REQUEST, format: 'mp4', mimeType: 'video/mp4' });
    for (const [from, to] of [
      [0, 3000],
      [3000, part.length],
    ] as const) {
      take.chunk(new Uint8Array(part.subarray(from, to)).buffer, 0);
      await new Promise(setImmediate);
    }
    assert.ok(!contents.has(`${ID}.remux`), 'there is one only');
    take.chunk(new Uint8Array(part).buffer, 0);
    await new Promise(setImmediate);
    assert.ok(contents.get(`${ID}.remux`)!.length > 2 * part.length);
    await take.discard();
  });

  it('counts the copy of an MP4 against the quota only then, and ends with the first of them where it has no room', async () => {
    const part = await readFile(new URL('../../fixtures/mediarecorder-chromium-avc-opus.mp4', import.meta.url));
    let contents: Contents = new Map();
    const estimate = () => {
      const usage = [...contents.values()].reduce((sum, { length }) => sum + length, 0);
      return Promise.resolve({ quota: 2.5 * part.length, usage });
    };
    mock.method(navigator.storage, 'estimate', estimate);
    const played = await play(Infinity, { ...REQUEST, format: 'mp4', mimeType: 'video/mp4' });
    const { take, told, types } = played;
    contents = played.contents;
    const feedPart = async () => {
      take.chunk(new Uint8Array(part).buffer, 0);
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    };
    await feedPart();
    assert.ok(!types().includes('finishing') && told.at(-1)!.type !== 'finished');
    await take.pause();
    await take.resume();
    await feedPart();
    while (!['finished', 'failed'].includes(types().at(-1)!)) await new Promise(setImmediate);
    const end = told.at(-1)!;
    assert.ok(end.type === 'finished', JSON.stringify(end));
    assert.deepEqual([end.summary.step, end.summary.reason ?? null], ['saved', 'disk-full']);
    assert.deepEqual([...contents.keys()].sort(), [`${ID}.journal`, `${ID}.mp4`]);
    await onDisk(contents.get(`${ID}.mp4`)!, 'mp4', async (path) => {
      assert.deepEqual((await decode(path)).errors, []);
      assert.ok(Math.abs((await probe(path)).duration - 5) < 0.3, `${(await probe(path)).duration} s`);
    });
  });

  for (const [bytes, kept] of [
    [100, false],
    [200_000, true],
  ] as const)
    it(`${kept ? 'keeps' : 'leaves nothing of'} ${bytes} bytes that nobody can read`, async () => {
      const { take, told, contents } = await play();
      take.chunk(new ArrayBuffer(bytes), 0);
      await take.stop();
      const end = told.at(-1)!;
      if (kept) {
        assert.equal(end.type === 'finished' && end.summary.step, 'damaged');
        assert.equal(contents.get(`${ID}.recording`)!.length, bytes);
        assert.deepEqual([...contents.keys()].sort(), [`${ID}.journal`, `${ID}.recording`]);
      } else {
        assert.deepEqual(end, { type: 'failed', code: 'no-media', detail: '' });
        assert.equal(contents.size, 0);
      }
    });

  it('tells that the disk is full where it takes nothing at all', async () => {
    const { take, told, contents, room } = await play();
    Object.assign(room, { files: /recording$/, bytes: 0 });
    feed(take);
    while (told.at(-1)!.type !== 'failed') await new Promise(setImmediate);
    assert.equal((told.at(-1) as { code: string }).code, 'disk-full');
    assert.equal(contents.size, 0);
  });

  for (const reason of [undefined, 'encoder-failed'] as const)
    it(`leaves nothing where nothing had come, and tells ${reason ?? 'that'}`, async () => {
      const { take, told, contents } = await play();
      await take.stop(reason);
      assert.deepEqual(told.at(-1), { type: 'failed', code: reason ?? 'no-media', detail: '' });
      assert.equal(contents.size, 0);
    });

  describe('whose encoders cannot be kept alive', () => {
    const SEQUEL = 'video/webm;codecs="vp8"';
    const gone = () => new OnAirError('encoder-failed', 'Gone.');
    let acts: string[];
    let sequel: string | null;
    /** What the encoders have written, and whether they fail before the take has begun. */
    let written: Uint8Array;
    let early: boolean;

    beforeEach(() => {
      acts = [];
      sequel = SEQUEL;
      written = media.slice();
      early = false;
      mock.method(CodecEngine.prototype, 'start', async function (this: CodecEngine) {
        const { writer, host } = this as unknown as { writer: TakeWriter; host: EngineHost };
        await writer.append(written);
        if (early) host.fail(gone());
        return { format: 'webm', mimeType: SEQUEL, head: Math.min(100, written.length), compromises: [] };
      });
      mock.method(CodecEngine.prototype, 'stop', async () => {
        acts.push('stop');
        return true;
      });
      mock.getter(CodecEngine.prototype, 'duration', () => 2);
      mock.getter(CodecEngine.prototype, 'counts', () => ({ frames: 20, framesDropped: 1, silence: 0.5 }));
      mock.getter(CodecEngine.prototype, 'sequel', () => sequel);
      mock.getter(CodecEngine.prototype, 'empty', () => written.length < media.length);
    });

    async function fail(begun = (_played: Played) => {}): Promise<Played> {
      const played = await play(Infinity, { ...REQUEST, engine: 'webcodecs' });
      begun(played);
      const { events } = played;
      events.push = (...given) => acts.push(...given);
      // Sound and picture may both fail.
      for (let count = early ? 2 : 0; count < 2; count++) played.take.fail(gone());
      while (!['handed-over', 'finished', 'failed'].includes(played.types().at(-1)!)) await new Promise(setImmediate);
      return played;
    }

    it('is handed over to MediaRecorder once, announced before, and one file in the end', async () => {
      const { take, told, contents, types } = await fail();
      assert.deepEqual(acts, ['recording', 'stop']);
      assert.deepEqual(told.at(-1), { type: 'handed-over', mimeType: SEQUEL });
      assert.equal(types().filter((type) => type === 'handed-over').length, 1);
      const halfway = (await readJournalOf(new MemoryDisk(contents), ID))!;
      assert.deepEqual([halfway.step, halfway.engine, halfway.mimeType], ['recording', 'mediarecorder', SEQUEL]);
      feed(take);
      await new Promise(setImmediate);
      await take.stop();
      const end = told.at(-1)!;
      assert.equal(end.type, 'finished', JSON.stringify(end));
      const progress = told.flatMap((message) => (message.type === 'progress' ? [message] : [])).at(-1)!;
      assert.ok(Math.abs(progress.duration - 4) < 0.2, `${progress.duration} s`);
      assert.deepEqual([progress.frames, progress.framesDropped, progress.silence], [20, null, 0.5]);
      const summary = (await readJournalOf(new MemoryDisk(contents), ID))!;
      assert.deepEqual([summary.step, summary.reason ?? null], ['saved', null]);
      assert.ok(Math.abs(summary.duration! - 4) < 0.2, `${summary.duration} s`);
      assert.deepEqual([...contents.keys()].sort(), [`${ID}.journal`, `${ID}.webm`]);
      await onDisk(contents.get(`${ID}.webm`)!, 'webm', async (path) => {
        const { errors, frames } = await decode(path);
        assert.deepEqual([errors, frames], [[], 40]);
      });
    });

    it('is handed over when it has begun, where they fail before that', async () => {
      early = true;
      const played = await fail();
      assert.deepEqual(
        played.types().filter((type) => type === 'started' || type === 'handed-over'),
        ['started', 'handed-over'],
      );
      assert.deepEqual(acts.slice(-1), ['stop']);
      await played.take.stop('encoder-failed');
      await assertKept(played, 'encoder-failed');
    });

    it('begins its file anew with what MediaRecorder writes, where nothing had come out of them', async () => {
      written = media.slice(0, 100);
      const played = await fail();
      assert.equal(played.contents.get(`${ID}.recording`)!.length, 0);
      assert.deepEqual(acts, ['recording', 'stop', 'anew'], 'which is announced, too');
      feed(played.take);
      await new Promise(setImmediate);
      const said = (await readJournalOf(new MemoryDisk(played.contents), ID))!;
      assert.deepEqual([said.step, said.format, said.mimeType], ['recording', 'webm', SEQUEL]);
      await played.take.stop();
      const { told, contents } = played;
      const progress = told.flatMap((message) => (message.type === 'progress' ? [message] : [])).at(-1)!;
      assert.ok(Math.abs(progress.duration - 2) < 0.2, `${progress.duration} s`);
      assert.equal(progress.frames, 20, 'what came and was lost is told');
      const summary = (await readJournalOf(new MemoryDisk(contents), ID))!;
      assert.ok(Math.abs(summary.duration! - 2) < 0.2, `${summary.duration} s`);
      await assertKept(played, null);
    });

    it('has never begun where it dies before MediaRecorder has written anything, and is kept when it dies later', async () => {
      written = media.slice(0, 100);
      const dead: [when: string, contents: Contents][] = [];
      const die = (when: string) =>
        dead.push([when, new Map(Array.from(contents, ([name, bytes]) => [name, bytes.slice()]))]);
      let contents: Contents = new Map();
      const empty = TakeFiles.prototype.empty;
      mock.method(TakeFiles.prototype, 'empty', async function (this: TakeFiles) {
        die('before it is emptied');
        await empty.call(this);
        die('before it is told to be empty');
      });
      const take = await fail((played) => (contents = played.contents)).then((played) => played.take);
      die('before the first chunk');
      for (const [when, files] of dead) {
        const disk = new MemoryDisk(files);
        const { step } = await recoverRecording(disk, ID, { locks: null });
        assert.deepEqual([step, await disk.names()], ['discarding', []], when);
      }
      feed(take);
      await new Promise(setImmediate);
      die('behind it');
      await take.discard();
      const { step, duration } = await recoverRecording(new MemoryDisk(dead.at(-1)![1]), ID, { locks: null });
      assert.equal(step, 'recovered');
      assert.ok(Math.abs(duration! - 2) < 0.2, `${duration} s`);
    });

    it('is kept as it is when MediaRecorder cannot go on either', async () => {
      const played = await fail();
      await played.take.stop('encoder-failed');
      await assertKept(played, 'encoder-failed');
    });

    it('ends whole where MediaRecorder writes nothing that could follow', async () => {
      sequel = null;
      const played = await fail();
      await assertKept(played, 'encoder-failed');
      assert.ok(!played.types().includes('handed-over'));
    });
  });

  for (const [name, abort] of [
    ['throws', () => Promise.reject(new Error('no'))],
    [
      'throws at once',
      () => {
        throw new Error('no');
      },
    ],
    ['never ends', () => new Promise<void>(() => {})],
  ] as [string, () => Promise<void>][]) {
    describe(`whose engine, when it is given up, ${name}`, () => {
      beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
      afterEach(() => mock.timers.reset());

      /** Lets what is due happen, and then time go by. */
      async function pass(done: Promise<unknown>): Promise<void> {
        let over = false;
        void done.finally(() => (over = true));
        while (!over) {
          await new Promise(setImmediate);
          mock.timers.tick(1000);
        }
      }

      it('tells that it has failed', async () => {
        const played = await play();
        feed(played.take);
        mock.method(ChunkEngine.prototype, 'stop', () => Promise.reject(new OnAirError('disk-failed', 'Broken.')));
        mock.method(ChunkEngine.prototype, 'abort', abort);
        await pass(played.take.stop());
        assert.deepEqual(played.told.at(-1), { type: 'failed', code: 'disk-failed', detail: '' });
      });

      it('is discarded', async () => {
        const played = await play();
        feed(played.take);
        mock.method(ChunkEngine.prototype, 'abort', abort);
        await pass(played.take.discard());
        assert.equal(played.types().at(-1), 'discarded');
        assert.equal(played.contents.size, 0);
      });
    });
  }
});

describe('what is promised', () => {
  const NOW = {
    engine: 'webcodecs',
    format: 'webm',
    storage: null,
    compromises: [],
    latency: 1,
    offPage: true,
    inWorker: true,
  } as const;

  it('of a loss of power is what a crash costs and what waits for a flush', () => {
    assert.equal(guaranteeFor(NOW).lossOnPowerCut, 2);
    assert.equal(guaranteeFor({ ...NOW, latency: 5 }).lossOnPowerCut, 6);
  });

  it('of a crash is more while the page is blocked, where the media go through the page', () => {
    const of = (given: Partial<Parameters<typeof guaranteeFor>[0]>) => guaranteeFor({ ...NOW, ...given });
    assert.equal(of({}).crashWhileBlocked, 'same');
    assert.ok(!of({}).caveats.includes('caveat.blocked'));
    for (const given of [{ engine: 'mediarecorder' }, { offPage: false }, { inWorker: false }] as const) {
      assert.equal(of(given).crashWhileBlocked, 'more');
    }
    assert.equal(of({ engine: 'mediarecorder' }).caveats[0], 'caveat.blocked');
  });
});
