import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { OnAirError } from '../../../src/core/errors.js';
import {
  encodeEntry,
  type JournalEntry,
  type JournalNote,
  type JournalStep,
  readJournal,
} from '../../../src/core/record/journal.js';
import { recoverRecording, type RecoverOptions } from '../../../src/core/record/recover.js';
import { decode, ffmpeg, lacksFfmpeg, probe } from '../../support/ffmpeg.js';
import { makeSource, onDisk, record, replay } from '../../support/fixtures.js';
import { type Contents, Killed, MemoryDisk, type MemoryDiskOptions } from './memory-disk.js';

const skip = lacksFfmpeg();

const ID = '6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b';
const NOW = Date.UTC(2026, 2, 9, 12);
const JOURNAL = `${ID}.journal`;
const RECORDING = `${ID}.recording`;

const OPENED: JournalEntry = {
  step: 'open',
  at: NOW,
  v: 1,
  id: ID,
  name: 'Interview',
  collection: 'desk',
  engine: 'webcodecs',
};
const BEGUN: JournalEntry = { step: 'recording', at: NOW, format: 'webm', mimeType: 'video/webm' };

const lines = (...entries: JournalEntry<JournalStep | JournalNote>[]): Uint8Array =>
  Buffer.concat(entries.map((entry) => encodeEntry(entry)));

/** Everything in a take's folder: its files by extension. */
const folder = (files: Record<string, Uint8Array>): Contents =>
  new Map(Object.entries(files).map(([part, bytes]) => [`${ID}.${part}`, bytes.slice()]));

const copyOf = (contents: Contents): Contents => new Map([...contents].map(([name, bytes]) => [name, bytes.slice()]));

/** Names beside the journal. */
const media = (contents: Contents): string[] => [...contents.keys()].filter((name) => name !== JOURNAL);

const stepsIn = (contents: Contents): string[] =>
  [
    ...Buffer.from(contents.get(JOURNAL)!)
      .toString()
      .matchAll(/"step":"(\w+)"/g),
  ].map((match) => match[1]!);

function recover(contents: Contents, disk: MemoryDiskOptions = {}, options: RecoverOptions = {}) {
  const settings = { now: () => NOW, locks: null, room: () => Promise.resolve(null), ...options };
  return recoverRecording(new MemoryDisk(contents, disk), ID, settings);
}

/** Runs it, dies at each operation in turn, runs it again, and expects the outcome of an undisturbed run each time. */
async function expectSameAtEveryKill(before: Contents): Promise<{ after: Contents; kills: number }> {
  const after = copyOf(before);
  const whole = new MemoryDisk(after);
  const options = { now: () => NOW, locks: null, room: () => Promise.resolve(null) };
  const expected = await recoverRecording(whole, ID, options);
  for (let kill = 0; kill < whole.operations; kill++) {
    const contents = copyOf(before);
    await assert.rejects(recover(contents, { dieAt: kill }), Killed, `dies at operation ${kill}`);
    const left = [...contents.keys()].length;
    // What has been removed altogether cannot be recovered, and need not be.
    if (left === 0 && expected.step === 'discarding') continue;
    const { step, duration, size, name, collection } = await recover(contents);
    const label = `killed at operation ${kill} of ${whole.operations}`;
    assert.deepEqual(
      [step, duration, size, name, collection],
      [expected.step, expected.duration, expected.size, expected.name, expected.collection],
      label,
    );
    assert.deepEqual(media(contents), media(after), label);
    for (const file of media(after)) assert.equal(Buffer.compare(contents.get(file)!, after.get(file)!), 0, label);
  }
  return { after, kills: whole.operations };
}

async function expectPlays(contents: Contents, name: string, duration: number): Promise<void> {
  await onDisk(contents.get(name)!, name.split('.')[1]!, async (path) => {
    assert.deepEqual((await decode(path)).errors, []);
    assert.ok(Math.abs((await probe(path)).duration - duration) <= 0.05);
  });
}

describe('recovery of a take whose writer was killed', { skip }, () => {
  let webm: Uint8Array;
  let mp4: Uint8Array;
  /** As MediaRecorder writes: no room for duration and index. */
  let stream: Uint8Array;
  /** The same, before it was cut off. */
  let ended: Uint8Array;

  before(async () => {
    const small = { seconds: 2, size: '160x120', rate: 10, bitrate: '200k' };
    const cut = async (format: 'webm' | 'mp4', minimum?: number) => {
      const source = await makeSource({ ...small, ...(format === 'mp4' ? { video: 'avc', audio: 'aac' } : {}) });
      const { writes } = await record(source, { format, ...(minimum === undefined ? {} : { minimum }) });
      return replay(writes, Math.floor(writes.length * 0.8), 7);
    };
    [webm, mp4] = [await cut('webm'), await cut('mp4', 0.4)];
    const source = await makeSource(small);
    ended = await onDisk(source, 'mkv', (path) => ffmpeg('-i', path, '-c', 'copy', '-f', 'webm', '-live', '1', '-'));
    stream = ended.subarray(0, Math.floor(ended.length * 0.9));
  });

  test('ends under its final name, with duration, whenever recovery itself is killed', async () => {
    const { after, kills } = await expectSameAtEveryKill(folder({ journal: lines(OPENED, BEGUN), recording: webm }));
    assert.ok(kills > 15);
    assert.deepEqual(media(after), [`${ID}.webm`]);
    const summary = readJournal(Buffer.from(after.get(JOURNAL)!).toString())!;
    assert.equal(summary.step, 'recovered');
    assert.deepEqual(stepsIn(after).slice(-3), ['repairing', 'renaming', 'recovered']);
    assert.equal(summary.size, after.get(`${ID}.webm`)!.length);
    assert.ok(summary.duration! > 0.8 && summary.duration! < 2.1, String(summary.duration));
    await expectPlays(after, `${ID}.webm`, summary.duration!);
  });

  test('the same for MP4', async () => {
    const begun = { ...BEGUN, format: 'mp4', mimeType: 'video/mp4' } as const;
    const { after } = await expectSameAtEveryKill(folder({ journal: lines(OPENED, begun), recording: mp4 }));
    assert.deepEqual(media(after), [`${ID}.mp4`]);
    await expectPlays(after, `${ID}.mp4`, readJournal(Buffer.from(after.get(JOURNAL)!).toString())!.duration!);
  });

  test('a file without room for an index is copied, and the original goes only when the copy is in place', async () => {
    const { after, kills } = await expectSameAtEveryKill(folder({ journal: lines(OPENED, BEGUN), recording: stream }));
    assert.ok(kills > 30);
    assert.deepEqual(media(after), [`${ID}.webm`]);
    await expectPlays(after, `${ID}.webm`, readJournal(Buffer.from(after.get(JOURNAL)!).toString())!.duration!);
  });

  test('of two recorders that ran at once each second is kept once, as far as the journal tells', async () => {
    const twice = Buffer.concat([ended, stream]);
    const journal = lines(OPENED, BEGUN, { step: 'overlap', at: NOW, from: ended.length, seconds: 0.5 });
    const { after } = await expectSameAtEveryKill(folder({ journal, recording: twice }));
    const without = folder({ journal: lines(OPENED, BEGUN), recording: twice });
    const [known, unknown] = [readJournal(Buffer.from(after.get(JOURNAL)!).toString())!, await recover(without)];
    assert.ok(Math.abs(unknown.duration! - known.duration! - 0.5) < 0.1, `${unknown.duration} ${known.duration}`);
    await expectPlays(after, `${ID}.webm`, known.duration!);
  });

  test('where there is no room for a copy the original is kept and finished as it is', async () => {
    for (const [label, disk, options] of [
      ['estimated', {}, { room: () => Promise.resolve(1000) }],
      ['met while copying', { room: { files: /remux$/, bytes: 2000 } }, {}],
    ] as [string, MemoryDiskOptions, RecoverOptions][]) {
      const contents = folder({ journal: lines(OPENED, BEGUN), recording: stream });
      const summary = await recover(contents, disk, options);
      assert.deepEqual([summary.step, summary.reason], ['recovered', 'disk-full'], label);
      assert.deepEqual(media(contents), [`${ID}.webm`], label);
    }
  });

  test('where there is no room at all the recording is finished, without an index', async () => {
    for (const [format, recording] of [
      ['webm', webm],
      ['mp4', mp4],
    ] as const) {
      // The lines that end a take have a place in its journal.
      const journal = Buffer.concat([lines(OPENED, { ...BEGUN, format }), new Uint8Array(2048).fill(0x0a)]);
      const contents = folder({ journal, recording });
      const summary = await recover(contents, { room: { files: /./, bytes: 0 } });
      assert.deepEqual([summary.step, summary.reason], ['recovered', 'disk-full'], format);
      assert.deepEqual(media(contents), [`${ID}.${format}`]);
      await expectPlays(contents, `${ID}.${format}`, summary.duration!);
    }
  });

  test('a rename that was announced is finished', async () => {
    const finish = async (recording: Uint8Array) => {
      const contents = folder({ journal: lines(OPENED, BEGUN), recording });
      await recover(contents);
      return contents.get(`${ID}.webm`)!;
    };
    const [whole, copied] = [await finish(webm), await finish(stream)];
    const renaming: JournalEntry = { step: 'renaming', at: NOW, to: `${ID}.webm` };
    for (const [label, result, files] of [
      ['not begun', whole, { recording: whole }],
      ['done', whole, { webm: whole }],
      ['made by copying, cut off', whole, { recording: whole, webm: whole.subarray(0, 5000) }],
      ['of a copy, not begun', copied, { recording: stream, remux: copied }],
      ['of a copy, original still there', copied, { recording: stream, webm: copied }],
    ] as [string, Uint8Array, Record<string, Uint8Array>][]) {
      const { after } = await expectSameAtEveryKill(folder({ journal: lines(OPENED, BEGUN, renaming), ...files }));
      assert.deepEqual(media(after), [`${ID}.webm`], label);
      assert.equal(Buffer.compare(after.get(`${ID}.webm`)!, result), 0, label);
    }
  });

  test('a copy that has its last name is kept where there is no room to make it again', async () => {
    const before = folder({ journal: lines(OPENED, BEGUN), recording: stream });
    // Killed when the copy had its name, before the original was removed.
    class Dying extends MemoryDisk {
      override async remove(name: string): Promise<void> {
        if (name === RECORDING) throw new Killed();
        await super.remove(name);
      }
    }
    const options = { now: () => NOW, locks: null, room: () => Promise.resolve(null) };
    await assert.rejects(recoverRecording(new Dying(before), ID, options), Killed);
    assert.deepEqual(media(before).sort(), [RECORDING, `${ID}.webm`]);
    const contents = copyOf(before);
    const summary = await recover(contents, {}, { room: () => Promise.resolve(0) });
    assert.deepEqual([summary.step, summary.reason ?? null], ['recovered', null]);
    assert.deepEqual(media(contents), [`${ID}.webm`]);
    assert.equal(Buffer.compare(contents.get(`${ID}.webm`)!, before.get(`${ID}.webm`)!), 0);
    await expectPlays(contents, `${ID}.webm`, summary.duration!);
    await expectSameAtEveryKill(before);
  });

  test('where there is no room for a copy, what begins behind an empty part waits for it', async () => {
    const head = ended.subarray(0, Buffer.from(ended).indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75])));
    const recording = Buffer.concat([head, ended]);
    const contents = folder({ journal: lines(OPENED, BEGUN), recording });
    await assert.rejects(recover(contents, {}, { room: () => Promise.resolve(0) }), { code: 'disk-full' });
    assert.equal(Buffer.compare(contents.get(RECORDING)!, recording), 0);
    const { step, duration } = await recover(contents);
    assert.equal(step, 'recovered');
    await expectPlays(contents, `${ID}.webm`, duration!);
  });

  test('a copy that was not announced is no use and is made again', async () => {
    const files = { journal: lines(OPENED, BEGUN), recording: stream };
    const [fresh, contents] = [folder(files), folder({ ...files, remux: webm.subarray(0, 900) })];
    await recover(fresh);
    assert.equal((await recover(contents)).step, 'recovered');
    assert.deepEqual(media(contents), [`${ID}.webm`]);
    assert.equal(Buffer.compare(contents.get(`${ID}.webm`)!, fresh.get(`${ID}.webm`)!), 0);
  });

  describe('for whose copy room was set aside', () => {
    const files = (recording: Uint8Array) => ({
      journal: lines(OPENED, BEGUN),
      recording,
      remux: new Uint8Array(recording.length + 2 ** 20),
    });

    test('it is copied into that, whenever recovery itself is killed', async () => {
      const fresh = folder({ journal: lines(OPENED, BEGUN), recording: stream });
      await recover(fresh);
      const { after } = await expectSameAtEveryKill(folder(files(stream)));
      assert.equal(Buffer.compare(after.get(`${ID}.webm`)!, fresh.get(`${ID}.webm`)!), 0);
    });

    test('it is copied although somebody else takes all that is given back', async () => {
      const room = { files: /./, bytes: 2 ** 16 };
      class Shared extends MemoryDisk {
        override async remove(name: string): Promise<void> {
          await super.remove(name);
          room.bytes = 0;
        }
      }
      const contents = folder(files(stream));
      const left = () => Promise.resolve(room.bytes);
      const options = { now: () => NOW, locks: null, room: left };
      const { step, reason, duration } = await recoverRecording(new Shared(contents, { room }), ID, options);
      assert.deepEqual([step, reason ?? null], ['recovered', null]);
      assert.deepEqual(media(contents), [`${ID}.webm`]);
      await expectPlays(contents, `${ID}.webm`, duration!);
    });

    test('it is finished in place where no copy has to be made, and the room is never taken for one', async () => {
      const { after } = await expectSameAtEveryKill(folder(files(webm)));
      assert.deepEqual(media(after), [`${ID}.webm`]);
      const duration = readJournal(Buffer.from(after.get(JOURNAL)!).toString())!.duration!;
      assert.ok(duration > 0.8, `${duration} s`);
      await expectPlays(after, `${ID}.webm`, duration);
    });

    test('it is kept as it is where nothing can be read, and the room is given back', async () => {
      const contents = folder(files(new Uint8Array(5000).fill(7)));
      assert.equal((await recover(contents)).step, 'damaged');
      assert.deepEqual(media(contents), [RECORDING]);
    });
  });

  test('a finished recording is left alone', async () => {
    const contents = folder({ journal: lines(OPENED, BEGUN), recording: webm });
    await recover(contents);
    const whole = copyOf(contents);
    assert.equal((await recover(contents)).step, 'recovered');
    assert.deepEqual(contents, whole);
  });

  test('a take that was being discarded is discarded', async () => {
    const discarding: JournalEntry = { step: 'discarding', at: NOW };
    const { after } = await expectSameAtEveryKill(
      folder({ journal: lines(OPENED, BEGUN, discarding), recording: webm }),
    );
    assert.equal(after.size, 0);
  });

  for (const [label, journal] of [
    ['missing', {}],
    ['garbage', { journal: Buffer.from('\0\0\0{"step":"rec') }],
    ['empty', { journal: new Uint8Array() }],
    [
      'nonsense',
      { journal: lines({ step: 'recording', at: NOW, name: 7, size: -1, to: '../x', format: 'exe' } as never) },
    ],
  ] as [string, Record<string, Uint8Array>][]) {
    test(`a journal that is ${label} costs nothing but what it said`, async () => {
      const contents = folder({ ...journal, recording: webm });
      const summary = await recover(contents, { lastModified: NOW });
      assert.equal(summary.step, 'recovered');
      assert.deepEqual([summary.id, summary.createdAt], [ID, NOW]);
      const again = readJournal(Buffer.from(contents.get(JOURNAL)!).toString())!;
      assert.deepEqual([again.step, again.createdAt, again.duration], ['recovered', NOW, summary.duration]);
      if (label !== 'nonsense') {
        assert.match(again.name!, /^2026-03-0[89] \d\d\.\d\d\.\d\d$/);
        assert.equal(again.collection, '');
      }
      assert.deepEqual(media(contents), [`${ID}.webm`]);
      await expectSameAtEveryKill(folder({ ...journal, recording: webm }));
    });
  }

  test('a file that holds no media is kept and called damaged', async () => {
    for (const [label, bytes] of [
      ['zero bytes', new Uint8Array()],
      ['noise', new Uint8Array(5000).map((_, i) => (i * 73) % 251)],
      ['header only', webm.subarray(0, 60)],
    ] as [string, Uint8Array][]) {
      const contents = folder({ journal: lines(OPENED, BEGUN), recording: bytes });
      const { step, reason } = await recover(contents);
      assert.deepEqual([step, reason], ['damaged', 'recording-damaged'], label);
      assert.equal(Buffer.compare(contents.get(RECORDING)!, bytes), 0, label);
      assert.equal((await recover(contents)).step, 'damaged', `${label}, again`);
    }
  });

  test('an empty take is no recording: its remains are removed', async () => {
    const steps = (['recording', 'paused', 'finishing'] as const).map((step): JournalEntry => ({ step, at: NOW }));
    for (const files of [{}, { recording: new Uint8Array() }]) {
      for (const count of [0, 1, 2, 3]) {
        const journal = lines(OPENED, ...steps.slice(0, count));
        const { after } = await expectSameAtEveryKill(folder({ journal, ...files }));
        assert.equal(after.size, 0);
      }
    }
  });

  test('what is not there is missing', async () => {
    await assert.rejects(recover(new Map()), (error: OnAirError) => error.code === 'recording-missing');
  });

  test('a recording whose lock is held is live and is not touched', async () => {
    const contents = folder({ journal: lines(OPENED, BEGUN), recording: webm });
    const held = copyOf(contents);
    const locks = {
      request: (_name: string, { signal }: LockOptions) =>
        new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason as DOMException))),
    } as unknown as LockManager;
    const awake = setInterval(() => {}, 1000); // Node does not wait for AbortSignal.timeout.
    await assert.rejects(recover(contents, {}, { locks }), (error: OnAirError) => error.code === 'recording-live');
    clearInterval(awake);
    assert.deepEqual(contents, held);
  });
});
