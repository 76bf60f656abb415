import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AnswerStream } from '../../../src/core/channel/answer-stream.js';
import type { ChannelMessage } from '../../../src/core/channel/index.js';
import type { OnAirError } from '../../../src/core/errors.js';

const MiB = 1024 * 1024;

describe('AnswerStream', () => {
  for (const [what, part] of [
    ['bytes', { data: null, bytes: new Uint8Array(MiB) }],
    ['text', { data: 'é'.repeat(MiB / 2), bytes: null }],
  ] as const satisfies readonly (readonly [string, ChannelMessage])[])
    it(`holds 8 MiB of ${what} for a reader that is too slow, and then a fault`, async () => {
      let cancelled = 0;
      const stream = new AnswerStream(() => cancelled++);
      for (let index = 0; index < 20; index++) stream.add(part);
      assert.ok(cancelled > 0, 'the server is told to stop');
      let taken = 0;
      const read = async () => {
        while (!(await stream.next()).done) taken++;
      };
      await assert.rejects(read(), (error: OnAirError) => error.code === 'buffer-full');
      assert.equal(taken, 8);
      assert.equal((await stream.next()).done, true);
    });

  it('passes any number of bytes to a reader that keeps pace', async () => {
    const stream = new AnswerStream(() => assert.fail('nobody is too slow'));
    for (let index = 0; index < 20; index++) {
      for (let part = 0; part < 7; part++) stream.add({ data: part, bytes: new Uint8Array(MiB) });
      for (let part = 0; part < 7; part++) assert.equal((await stream.next()).value?.data, part);
    }
    stream.end(null);
    assert.equal((await stream.next()).done, true);
  });

  it('takes a part that is larger than that alone', async () => {
    const stream = new AnswerStream(() => assert.fail('it is one'));
    stream.add({ data: 'large', bytes: new Uint8Array(9 * MiB) });
    assert.equal((await stream.next()).value?.data, 'large');
  });
});
