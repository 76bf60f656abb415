import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pump } from '../../../src/core/record/pump.js';

class Value {
  closed = false;
  constructor(readonly number: number) {}
  close(): void {
    this.closed = true;
  }
}

/** A pump over five values that fails with some of them. */
function pump(fails: (number: number) => boolean) {
  const values = [1, 2, 3, 4, 5].map((number) => new Value(number));
  const told = { handled: [] as number[], thrown: [] as unknown[], ended: 0 };
  let feed!: ReadableStreamDefaultController<Value>;
  const stream = new ReadableStream<Value>({ start: (controller) => void (feed = controller) });
  const made = new Pump(stream, {
    each: async ({ number }) => {
      if (fails(number)) throw new Error(`${number}`);
      told.handled.push(number);
    },
    onFailure: (thrown) => told.thrown.push(thrown),
    onEnd: () => told.ended++,
  });
  for (const value of values) feed.enqueue(value);
  return { pump: made, feed, values, told };
}

describe('the pump', () => {
  it('closes a value that cannot be handled, tells why, and goes on with the next', async () => {
    const { pump: made, feed, values, told } = pump((number) => number === 2 || number === 3);
    feed.close();
    await made.done;
    assert.deepEqual(told.handled, [1, 4, 5]);
    assert.deepEqual(told.thrown.map(String), ['Error: 2', 'Error: 3']);
    assert.deepEqual(
      values.map(({ closed }) => closed),
      [false, true, true, false, false],
    );
    assert.equal(told.ended, 1);
  });

  it('is not ended by failures, and can be stopped after them', async () => {
    const { pump: made, told } = pump(() => true);
    while (told.thrown.length < 5) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(told.ended, 0);
    await made.stop();
    await made.done;
    assert.equal(told.ended, 0, 'who stops it need not be told');
  });

  it('takes a stream that breaks for one that is over', async () => {
    const { pump: made, feed, told } = pump(() => false);
    feed.error(new Error('gone'));
    await made.done;
    assert.equal(told.ended, 1);
  });
});
