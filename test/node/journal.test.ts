import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  encodeEntry,
  fileNames,
  type JournalEntry,
  lockName,
  neverBegun,
  parseFileName,
  readJournal,
} from '../../src/core/record/journal.js';

const ID = '0b5c9d3e-7f1a-4b2c-8d3e-9f4a5b6c7d8e';

const text = (...entries: JournalEntry[]): string =>
  entries.map((entry) => new TextDecoder().decode(encodeEntry(entry))).join('');

const opened: JournalEntry = {
  v: 1,
  step: 'open',
  at: 1000,
  id: ID,
  name: 'Talk',
  collection: '',
  engine: 'webcodecs',
  format: 'webm',
};

describe('a journal', () => {
  it('is one line of JSON for each entry', () => {
    assert.equal(text(opened, { step: 'paused', at: 2000 }).split('\n').length, 3);
    assert.equal(text({ step: 'open', at: 1, name: 'two\nlines' }).split('\n').length, 2);
  });

  it('reads back what was written', () => {
    assert.deepEqual(readJournal(text(opened)), {
      step: 'open',
      createdAt: 1000,
      id: ID,
      name: 'Talk',
      collection: '',
      engine: 'webcodecs',
      format: 'webm',
    });
  });

  it('lets a later line win, and was created when its first line was written', () => {
    const summary = readJournal(
      text(opened, { step: 'recording', at: 1100 }, { step: 'saved', at: 9000, name: 'Lecture', duration: 7.5 }),
    )!;
    assert.equal(summary.step, 'saved');
    assert.equal(summary.createdAt, 1000);
    assert.equal(summary.name, 'Lecture');
    assert.equal(summary.duration, 7.5);
    assert.equal(summary.format, 'webm');
  });

  it('tells a take of which no media were ever written, by what its engine has written before', () => {
    const known = (...lines: Partial<JournalEntry>[]) =>
      readJournal(text(...lines.map((line) => ({ step: 'recording', at: 1, ...line }) as JournalEntry)));
    const begun = known({ engine: 'webcodecs' }, { format: 'webm', head: 40 });
    const sizes = [0, 39, 40, 41];
    const never = (journal: ReturnType<typeof known>) => sizes.filter((size) => neverBegun(journal, size));
    assert.deepEqual(never(null), []);
    assert.deepEqual(never(readJournal(text(opened))), [0]);
    assert.deepEqual(never(known({ engine: 'webcodecs' })), [0]);
    assert.deepEqual(never(begun), [39, 40], 'what is empty now has lost its head');
    assert.deepEqual(never({ ...begun!, step: 'paused' }), [39, 40]);
    assert.deepEqual(never({ ...begun!, step: 'repairing' }), []);
    assert.deepEqual(never({ ...begun!, engine: 'mediarecorder' }), [0, 39, 40], 'it is being emptied');
    const anew = readJournal(`${text({ ...begun!, at: 1 })}{"step":"anew","at":2}\n`);
    assert.deepEqual([anew!.format, never(anew)], [undefined, [0]]);
  });

  it('passes over a torn last line, wherever it is torn', () => {
    const whole = text(opened);
    const last = text({ step: 'finishing', at: 2000 });
    for (let cut = 0; cut < last.length - 1; cut++) {
      assert.equal(readJournal(whole + last.slice(0, cut))!.step, 'open', `torn at ${cut}`);
    }
    assert.equal(readJournal(whole + last.slice(0, -1))!.step, 'finishing');
  });

  it('reads on after a torn line that another one follows', () => {
    const summary = readJournal(`${text(opened)}{"step":"recor\n${text({ step: 'repairing', at: 3000 })}`)!;
    assert.equal(summary.step, 'repairing');
    assert.equal(summary.name, 'Talk');
  });

  it('passes over garbage', () => {
    const garbage = [
      '\u0000\u0000\u0000',
      '[]',
      'null',
      '42',
      '"open"',
      '{}',
      '{"step":"open"}',
      '{"step":"dancing","at":1}',
      '{"step":"open","at":"soon"}',
      '{"step":"open","at":null}',
      '{"step":"open","at":1e17}',
      '{"step":"open","at":-8640000000000001}',
    ];
    assert.equal(readJournal(garbage.join('\n')), null);
    assert.equal(readJournal([...garbage, text(opened), ...garbage].join('\n'))!.name, 'Talk');
  });

  it('is null when there is nothing to read', () => {
    assert.equal(readJournal(''), null);
    assert.equal(readJournal('\n\n'), null);
  });

  it('takes Windows line ends', () => {
    assert.equal(readJournal(text(opened).replace('\n', '\r\n'))!.name, 'Talk');
  });

  it('keeps fields that a later version adds', () => {
    const summary = readJournal(`{"v":2,"step":"open","at":5,"id":"${ID}","mood":"calm"}\n`) as unknown as Record<
      string,
      unknown
    >;
    assert.equal(summary.mood, 'calm');
    assert.equal(summary.step, 'open');
    assert.ok(!('v' in summary) && !('at' in summary));
  });
});

describe('file names', () => {
  it('tell id and part', () => {
    for (const [name, part] of [
      [fileNames.journal(ID), 'journal'],
      [fileNames.recording(ID), 'recording'],
      [fileNames.remux(ID), 'remux'],
      [fileNames.saved(ID, 'webm'), 'webm'],
      [fileNames.saved(ID, 'mp4'), 'mp4'],
    ] as const) {
      assert.deepEqual(parseFileName(name), { id: ID, part });
    }
  });

  it('that are not provably ours are left alone', () => {
    for (const name of [
      '',
      'holiday.webm',
      `${ID}`,
      `${ID}.crswap`,
      `${ID}.webm.crswap`,
      `x${ID}.webm`,
      `${ID.toUpperCase()}.webm`,
      '0b5c9d3e-7f1a-1b2c-8d3e-9f4a5b6c7d8e.webm',
      `../${ID}.webm`,
      `${ID}.webm\n`,
    ]) {
      assert.equal(parseFileName(name), null, JSON.stringify(name));
    }
  });

  it('of random ids are ours', () => {
    for (let i = 0; i < 100; i++) assert.ok(parseFileName(fileNames.journal(crypto.randomUUID())));
  });

  it('give each recording a lock of its own', () => {
    assert.notEqual(lockName('a'), lockName('b'));
  });
});
