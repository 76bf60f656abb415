import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { JournalFile, readJournalOf } from '../../../src/core/record/journal-file.js';
import { type Contents, MemoryDisk } from './memory-disk.js';

const ID = '6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b';
const NAME = `${ID}.journal`;

async function write(contents: Contents, ...steps: ('open' | 'recording' | 'saved')[]): Promise<void> {
  const journal = await JournalFile.open(new MemoryDisk(contents), ID);
  for (const step of steps) await journal.append({ step });
  await journal.close();
}

const textOf = (contents: Contents): string => Buffer.from(contents.get(NAME)!).toString();

describe('a journal', () => {
  test('grows by a line for each step, over any number of holders', async () => {
    const contents: Contents = new Map();
    await write(contents, 'open', 'recording');
    await write(contents, 'saved');
    assert.equal(textOf(contents).trim().split('\n').length, 3);
    const summary = (await readJournalOf(new MemoryDisk(contents), ID))!;
    assert.equal(summary.step, 'saved');
    assert.ok(Math.abs(summary.createdAt - Date.now()) < 60_000);
  });

  test('goes on after a torn line with a line of its own', async () => {
    const contents: Contents = new Map([[NAME, Buffer.from('{"step":"open","at":5,"name":"A"}\n{"step":"reco')]]);
    await write(contents, 'saved');
    const summary = (await readJournalOf(new MemoryDisk(contents), ID))!;
    assert.deepEqual([summary.step, summary.name, summary.createdAt], ['saved', 'A', 5]);
  });

  test('tells for how long two recorders ran at once, and passes over what tells it wrongly', async () => {
    const text = [
      '{"step":"recording","at":5,"overlaps":{"7":1}}',
      '{"step":"overlap","at":6,"from":1000,"seconds":0.25}',
      '{"step":"overlap","at":6,"from":"2000","seconds":0.25}',
      '{"step":"overlap","at":6,"from":3000}',
      '{"step":"overlap","at":6,"from":3000,"seconds":-1}',
      '{"step":"overlap","at":7,"from":4000,"seconds":0.5}',
    ].join('\n');
    const summary = (await readJournalOf(new MemoryDisk(new Map([[NAME, Buffer.from(text)]])), ID))!;
    assert.equal(summary.step, 'recording');
    assert.deepEqual(
      [...summary.overlaps!],
      [
        [1000, 0.25],
        [4000, 0.5],
      ],
    );
    assert.deepEqual(Object.keys(summary).sort(), ['createdAt', 'id', 'overlaps', 'step']);
  });

  test('keeps lines whole and in order when they are asked for at once', async () => {
    const contents: Contents = new Map();
    const journal = await JournalFile.open(new MemoryDisk(contents), ID);
    await Promise.all(Array.from({ length: 50 }, (_, size) => journal.append({ step: 'recording', at: size, size })));
    await journal.close();
    const sizes = textOf(contents)
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { size: number }).size);
    assert.deepEqual(
      sizes,
      Array.from({ length: 50 }, (_, size) => size),
    );
  });

  test('is flushed before the step it announces may be taken', async () => {
    const disk = new MemoryDisk(new Map());
    const journal = await JournalFile.open(disk, ID);
    await journal.append({ step: 'open' });
    const before = disk.operations;
    await journal.append({ step: 'recording' });
    assert.equal(disk.operations - before, 2, 'a write and a flush');
  });

  test('has room on a full disk for the lines that end a take, also those of its recovery', async () => {
    const contents: Contents = new Map();
    const room = { files: /./, bytes: 5000 };
    const disk = new MemoryDisk(contents, { room });
    const journal = await JournalFile.open(disk, ID);
    await journal.append({ step: 'open', name: 'x'.repeat(200) });
    for (let pauses = 0; ; pauses++) {
      const refused = await journal.append({ step: 'paused' }).then(
        () => false,
        () => true,
      );
      if (refused) break;
      assert.ok(pauses < 200, 'a pause is refused while there is room for an end');
    }
    assert.ok(room.bytes < 1000);
    const line = {
      to: `${ID}.webm`,
      mimeType: 'video/webm;codecs="vp09.00.31.08,opus"',
      duration: 1,
      size: 1,
    } as const;
    for (const step of ['finishing', 'renaming', 'saved'] as const) await journal.append({ step, ...line });
    await journal.close();
    const again = await JournalFile.open(disk, ID);
    for (const step of ['repairing', 'renaming', 'recovered'] as const) await again.append({ step, ...line });
    await again.close();
    assert.equal((await readJournalOf(disk, ID))!.step, 'recovered');
  });

  test('is read and goes on wherever its last line was torn, blank lines or not', async () => {
    const whole: Contents = new Map();
    await write(whole, 'open', 'recording', 'saved');
    const text = textOf(whole).trimEnd();
    const torn = text.lastIndexOf('{');
    for (let cut = torn; cut <= text.length; cut++) {
      for (const blank of ['', '\n', '\n'.repeat(5000)]) {
        const contents: Contents = new Map([[NAME, Buffer.from(text.slice(0, cut) + blank)]]);
        await write(contents, 'open');
        const steps = [...textOf(contents).matchAll(/^\{.*"step":"(\w+)".*\}$/gm)].map(([, step]) => step);
        const expected = ['open', 'recording', ...(cut === text.length ? ['saved'] : []), 'open'];
        assert.deepEqual(steps, expected, `cut at ${cut - torn}, ${blank.length} blank`);
      }
    }
  });

  test('that is missing or says nothing is null', async () => {
    assert.equal(await readJournalOf(new MemoryDisk(new Map()), ID), null);
    for (const text of ['', '\n\n', 'garbage', '{"step":"gone","at":1}\n', '{"step":"open"}\n']) {
      assert.equal(await readJournalOf(new MemoryDisk(new Map([[NAME, Buffer.from(text)]])), ID), null, text);
    }
  });

  test('is not believed where it makes no sense', async () => {
    const line = {
      step: 'saved',
      at: 1,
      id: 'other',
      name: {},
      duration: -3,
      size: '9',
      to: '../../x',
      format: 'avi',
      engine: 'x',
    };
    const contents: Contents = new Map([[NAME, Buffer.from(`${JSON.stringify(line)}\n`)]]);
    assert.deepEqual(await readJournalOf(new MemoryDisk(contents), ID), { step: 'saved', createdAt: 1, id: ID });
  });
});
