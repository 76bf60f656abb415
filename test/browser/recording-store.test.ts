import { expect } from '@open-wc/testing';
import { OnAirError } from '../../dist/core/errors.js';
import { CHANGES, fileNames } from '../../dist/core/record/journal.js';
import { allDisks } from '../../dist/core/record/open-disk.js';
import type { Recording } from '../../dist/core/record/recording.js';
import {
  announceChange,
  readRecording,
  RecordingStore,
  type RecordingStoreOptions,
} from '../../dist/core/record/recording-store.js';
import {
  cutOff,
  holdLock,
  makeTake,
  names,
  plant,
  plantSaved,
  seekNearEnd,
  wipe,
  write,
} from './recordings-support.js';
import { waitUntil } from './wait.js';

const stores: RecordingStore[] = [];

function open(options: RecordingStoreOptions = {}): RecordingStore {
  const store = new RecordingStore(options);
  stores.push(store);
  return store;
}

const stateOf = (store: RecordingStore, id: string): string | undefined =>
  store.store.get().recordings.find((recording) => recording.id === id)?.state;

async function codeOf(action: Promise<unknown>): Promise<string> {
  const error = await action.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).to.be.instanceOf(OnAirError);
  return (error as OnAirError).code;
}

describe('the store of recordings', () => {
  let take: Blob;
  let seconds: number;
  before(async () => ({ media: take, seconds } = await makeTake()));
  beforeEach(wipe);
  afterEach(async () => {
    for (const store of stores.splice(0)) store.destroy();
    await wipe();
  });

  it('lists nothing where nothing was recorded', async () => {
    const store = open();
    expect(store.store.get().loaded).to.equal(false);
    expect(await store.refresh()).to.deep.equal([]);
    expect(store.store.get()).to.include({ loaded: true, recovering: null });
  });

  it('tells what a recording is, newest first, in frozen snapshots', async () => {
    const old = await plantSaved(take, { name: 'Old', at: Date.UTC(2025, 0, 1) });
    const id = await plantSaved(take, { name: 'New', last: { duration: 1.2, size: take.size, reason: 'disk-full' } });
    const list = await open().refresh();
    expect(list.map((recording) => recording.id)).to.deep.equal([id, old]);
    const { file: _file, download: _download, remove: _remove, createdAt, ...told } = list[0]!;
    expect(told).to.deep.equal({
      id,
      name: 'New',
      collection: '',
      state: 'saved',
      mimeType: 'video/webm',
      size: take.size,
      duration: 1.2,
      engine: 'mediarecorder',
      reason: 'disk-full',
    });
    expect(createdAt.getUTCFullYear()).to.equal(2026);
    expect(Object.isFrozen(list) && Object.isFrozen(list[0])).to.equal(true);
  });

  it('answers with the same objects while nothing has changed', async () => {
    const saved = await plantSaved(take);
    await plant({ media: take });
    const store = open();
    const first = await store.refresh();
    expect(await store.refresh()).to.equal(first);
    // Whoever has finished it tells so, which may be after it was read.
    const channel = new BroadcastChannel(CHANGES);
    const heard = new Promise((resolve) => (channel.onmessage = resolve));
    announceChange(saved);
    await heard;
    channel.close();
    expect(await store.refresh()).to.equal(first);
    expect(await store.refresh()).to.equal(first);
    await plantSaved(take);
    const second = await store.refresh();
    expect(second).to.have.length(3);
    expect(first.every((recording) => second.includes(recording))).to.equal(true);
  });

  it('recovers an interrupted take: it plays, tells its duration and seeks', async () => {
    const id = await plant({ name: 'Lost and found', media: cutOff(take) });
    const store = open();
    await store.refresh();
    expect(stateOf(store, id)).to.equal('interrupted');
    const recording = await store.recover(id);
    expect(recording).to.include({ state: 'recovered', name: 'Lost and found', reason: null });
    expect(recording.duration).to.be.within(0.3, seconds);
    expect(recording).to.equal(store.store.get().recordings[0]);
    expect(await names(id)).to.deep.equal([fileNames.journal(id), fileNames.saved(id, 'webm')]);
    const file = await recording.file();
    expect(file.size).to.equal(recording.size);
    const { duration, at } = await seekNearEnd(file);
    expect(duration).to.be.closeTo(recording.duration, 0.05);
    expect(at).to.be.closeTo(duration * 0.8, 0.1);
  });

  it('recovers any number of them, one after the other, and each for itself', async () => {
    const good = [await plant({ media: cutOff(take) }), await plant({ media: take, steps: null })];
    const broken = await plant({ media: 'not a film' });
    const live = await plant({ media: take });
    const release = await holdLock(live);
    const store = open();
    const told: string[] = [];
    const results = await store.recoverAll(({ id }) => told.push(id));
    expect(results.map(({ id }) => id)).to.have.members([...good, broken]);
    expect(told).to.have.members([...good, broken]);
    for (const id of good) expect(stateOf(store, id)).to.equal('recovered');
    expect(stateOf(store, broken)).to.equal('damaged');
    expect(stateOf(store, live)).to.equal('recording');
    expect(await names(live)).to.deep.equal([fileNames.journal(live), fileNames.recording(live)]);
    expect(await store.recoverAll()).to.deep.equal([]);
    release();
  });

  it('keeps a file that holds no media, and says so', async () => {
    const id = await plant({ name: 'Noise', media: 'x'.repeat(5000) });
    const store = open();
    const recording = await store.recover(id);
    expect(recording).to.include({ state: 'damaged', reason: 'recording-damaged', size: 5000 });
    expect(await (await recording.file()).text()).to.equal('x'.repeat(5000));
  });

  it('does not touch what is live, and notices when its writer is gone', async () => {
    const id = await plant({ media: take });
    const release = await holdLock(id);
    const store = open();
    const [recording] = await store.refresh();
    expect(recording).to.include({ id, state: 'recording', duration: 0 });
    expect(await codeOf(recording!.file())).to.equal('recording-live');
    expect(await codeOf(store.remove(id))).to.equal('recording-live');
    expect(await codeOf(store.recover(id))).to.equal('recording-live');
    expect(await names(id)).to.have.length(2);
    release();
    await waitUntil(() => stateOf(store, id) === 'interrupted', 'nobody said so, but the lock is free');
    expect((await store.recover(id)).state).to.equal('recovered');
  });

  it('lets one of two recover, and both know', async () => {
    const id = await plant({ media: cutOff(take) });
    const [a, b] = [open(), open()];
    await Promise.all([a.refresh(), b.refresh()]);
    const results = await Promise.all([a.recover(id), b.recover(id)].map((one) => one.then(() => 'done', String)));
    expect(results).to.include('done');
    await waitUntil(() => stateOf(a, id) === 'recovered' && stateOf(b, id) === 'recovered');
    expect(await names(id)).to.have.length(2);
  });

  it('removes media and journal, and every other store hears of it', async () => {
    const [gone, kept] = [await plantSaved(take), await plantSaved(take)];
    const [a, b] = [open(), open()];
    await Promise.all([a.refresh(), b.refresh()]);
    await a.remove(gone);
    expect(await names(gone)).to.deep.equal([]);
    const idsIn = (store: RecordingStore) => store.store.get().recordings.map(({ id }) => id);
    expect(idsIn(a)).to.deep.equal([kept]);
    await waitUntil(() => idsIn(b).length === 1);
    await b.store.get().recordings[0]!.remove();
    await waitUntil(() => idsIn(a).length === 0 && idsIn(b).length === 0);
    expect(await codeOf(a.remove(kept))).to.equal('recording-missing');
  });

  it('hears of what another tab has made', async () => {
    const store = open();
    await store.refresh();
    const id = await plantSaved(take);
    announceChange(id);
    await waitUntil(() => stateOf(store, id) === 'saved');
  });

  it('answers a burst of changes with few readings, which never overlap', async () => {
    let [readings, running, most] = [0, 0, 0];
    const store = open({
      disks: async () => {
        readings++;
        most = Math.max(most, ++running);
        const disks = await allDisks();
        running--;
        return disks;
      },
    });
    const id = await plantSaved(take);
    const channel = new BroadcastChannel(CHANGES);
    for (let i = 0; i < 50; i++) channel.postMessage({ id: crypto.randomUUID() });
    channel.postMessage({ id });
    await waitUntil(() => stateOf(store, id) === 'saved');
    channel.close();
    expect(most).to.equal(1);
    expect(readings).to.be.lessThan(12);
  });

  it('keeps collections apart', async () => {
    const mine = await plant({ collection: 'desk', media: cutOff(take) });
    const other = await plant({ collection: 'roof', media: cutOff(take) });
    const none = await plant({ media: cutOff(take) });
    const savedOfOther = await plantSaved(take, { collection: 'roof' });
    const emptyOfOther = await plant({ collection: 'roof', steps: ['open'], part: null });
    const desk = open({ collection: 'desk' });
    expect((await desk.refresh()).map(({ id }) => id)).to.deep.equal([mine]);
    await desk.recoverAll();
    for (const id of [other, savedOfOther]) {
      const before = await names(id);
      expect(await codeOf(desk.get(id))).to.equal('recording-missing');
      expect(await codeOf(desk.recover(id))).to.equal('recording-missing');
      expect(await codeOf(desk.remove(id))).to.equal('recording-missing');
      expect(await names(id)).to.deep.equal(before);
    }
    expect(desk.store.get().recovering).to.equal(null);
    expect((await readRecording(other)).state, 'it is not repaired').to.equal('interrupted');
    expect(await names(emptyOfOther)).to.have.length(1);
    expect((await open({ collection: '' }).refresh()).map(({ id }) => id)).to.deep.equal([none]);
    expect((await open().refresh()).map(({ id }) => id)).to.have.members([mine, other, savedOfOther, none]);
  });

  it('lists what has lost its journal, and sweeps only what is provably left over', async () => {
    const orphan = await plant({ steps: null, media: cutOff(take) });
    const half = await plant({ media: cutOff(take) });
    await write(fileNames.remux(half), 'half a copy');
    const swept = [
      await plant({ steps: ['open'], part: null }),
      await plant({ steps: ['open'], media: '' }),
      await plant({ steps: ['open', 'saved'], part: null }),
      await plant({ steps: ['open', 'recording', 'discarding'], media: take }),
    ];
    const live = await plant({ steps: ['open'], part: null });
    const release = await holdLock(live);
    const foreign = ['notes.txt', `${half}.recording.crswap`, `${half}.bak`, 'recording', '1234.webm'];
    for (const name of foreign) await write(name, 'not ours');
    const store = open();
    const list = await store.refresh();
    expect(list.map(({ id }) => id)).to.have.members([orphan, half, live]);
    expect(stateOf(store, orphan)).to.equal('interrupted');
    expect(stateOf(store, live)).to.equal('recording');
    for (const id of swept) expect(await names(id), id).to.deep.equal([]);
    expect(await names()).to.include.members([...foreign, fileNames.remux(half)]);
    await store.recoverAll();
    expect(await names(half)).to.include.members([fileNames.journal(half), fileNames.saved(half, 'webm')]);
    expect(await names(half)).to.not.include(fileNames.remux(half));
    expect(await names()).to.include.members(foreign);
    const { name, collection, state } = await store.get(orphan);
    expect({ collection, state }).to.deep.equal({ collection: '', state: 'recovered' });
    expect(name).to.match(/^\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d$/);
    release();
  });

  it('gives the file a safe name and its type, and downloads it under that name', async () => {
    const id = await plantSaved(take, {
      name: 'a/b: \u202e"con"',
      last: { size: take.size, mimeType: 'video/webm; codecs="vp8"' },
    });
    const recording = await readRecording(id);
    const file = await recording.file();
    expect(file).to.include({ name: 'a-b- -con-.webm', type: 'video/webm; codecs="vp8"', size: take.size });
    const clicked = new Promise<HTMLAnchorElement>((resolve) => {
      const stop = (event: Event) => {
        event.preventDefault();
        resolve(event.target as HTMLAnchorElement);
      };
      addEventListener('click', stop, { once: true, capture: true });
    });
    await recording.download();
    const link = await clicked;
    expect(link.download).to.equal('a-b- -con-.webm');
    expect(link.isConnected).to.equal(false);
    expect((await (await fetch(link.href)).blob()).size).to.equal(take.size);
  });

  it('says what is not there, and hears nothing after its end', async () => {
    const store = open();
    expect(await codeOf(store.get(crypto.randomUUID()))).to.equal('recording-missing');
    expect(await codeOf(readRecording(crypto.randomUUID()))).to.equal('recording-missing');
    expect(await codeOf(store.recover(crypto.randomUUID()))).to.equal('recording-missing');
    store.destroy();
    const heard: (readonly Recording[])[] = [];
    store.store.subscribe(({ recordings }) => heard.push(recordings));
    announceChange(await plantSaved(take));
    await open().refresh();
    expect(heard).to.deep.equal([]);
  });
});
