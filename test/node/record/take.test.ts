import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { OnAirError } from '../../../src/core/errors.js';
import { ChunkEngine } from '../../../src/core/record/chunk-engine.js';
import type { Disk, DiskFile } from '../../../src/core/record/disk.js';
import { guaranteeFor } from '../../../src/core/record/guarantee.js';
import { readJournalOf } from '../../../src/core/record/journal-file.js';
import type { FromWorker, TakeRequest } from '../../../src/core/record/protocol.js';
import { Take } from '../../../src/core/record/take.js';
import { decode, ffmpeg, lacksFfmpeg } from '../../support/ffmpeg.js';
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
  videoBitrate: null,
  audioBitrate: null,
  maxDuration: null,
  flushBytes: 4 * 2 ** 20,
  flushInterval: 1,
  trials: {},
  aacEncoder: null,
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
async function play(bytes = Infinity): Promise<Played> {
  const contents: Contents = new Map();
  const events: string[] = [];
  const told: FromWorker[] = [];
  const room = { files: /./, bytes };
  const disk = watched(new MemoryDisk(contents, { room }), events);
  const take = new Take(disk, REQUEST, (message) => told.push(message));
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

  const feed = (take: Take): void => take.chunk(media.slice().buffer);

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

  it('ends whole when the disk is full from one moment to the next', async () => {
    const played = await play();
    feed(played.take);
    await new Promise(setImmediate);
    played.room.bytes = 0;
    await played.take.stop();
    await assertKept(played, 'disk-full');
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
    disk: 'opfs',
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
