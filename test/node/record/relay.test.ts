import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Relay } from '../../../src/core/record/relay.js';
import { settle } from './codec-fakes.js';

class Value {
  closed = false;
  constructor(readonly name: string) {}
  close(): void {
    this.closed = true;
  }
}

function source() {
  let feed!: ReadableStreamDefaultController<Value>;
  let cancelled = false;
  const stream = new ReadableStream<Value>({
    start: (controller) => void (feed = controller),
    cancel: () => void (cancelled = true),
  });
  return {
    stream,
    give: (name: string) => feed.enqueue(new Value(name)),
    end: () => feed.close(),
    get cancelled() {
      return cancelled;
    },
  };
}

function relay() {
  const told: string[] = [];
  let wait = Promise.resolve();
  const first = source();
  const made = new Relay<Value>(first.stream, {
    each: async ({ name }) => {
      await wait;
      told.push(name);
    },
    onFailure: (thrown) => told.push(String(thrown)),
    onEnd: () => told.push('end'),
    onTurn: () => told.push('turn'),
  });
  const hold = () => {
    let open!: () => void;
    wait = new Promise((resolve) => (open = resolve));
    return open;
  };
  return { relay: made, first, told, hold };
}

describe('a relay of sources', () => {
  it('reads the one before until the next delivers, and lets it go then', async () => {
    const { relay: made, first, told } = relay();
    const second = source();
    first.give('a1');
    await settle();
    made.follow(second.stream, false);
    first.give('a2');
    await settle();
    assert.deepEqual(told, ['a1', 'a2']);
    assert.equal(first.cancelled, false);
    second.give('b1');
    second.give('b2');
    await settle();
    assert.deepEqual(told, ['a1', 'a2', 'turn', 'b1', 'b2']);
    assert.equal(first.cancelled, true);
  });

  it('handles what is under way of the one before first', async () => {
    const { relay: made, first, told, hold } = relay();
    const second = source();
    const open = hold();
    first.give('a1');
    await settle();
    made.follow(second.stream, false);
    second.give('b1');
    await settle();
    assert.deepEqual(told, []);
    open();
    await settle();
    assert.deepEqual(told, ['a1', 'turn', 'b1']);
  });

  it('is not over when the one before ends while the next is waited for, but when the next does', async () => {
    const { relay: made, first, told } = relay();
    const second = source();
    made.follow(second.stream, false);
    first.end();
    await settle();
    assert.deepEqual(told, []);
    second.give('b1');
    second.end();
    await settle();
    assert.deepEqual(told, ['turn', 'b1', 'end']);
  });

  it('turns at once where it is told to, and back again', async () => {
    const { relay: made, first, told } = relay();
    const [second, third] = [source(), source()];
    made.follow(second.stream, true);
    await settle();
    assert.deepEqual(told, ['turn']);
    assert.equal(first.cancelled, true);
    made.follow(third.stream, false);
    second.give('b1');
    third.give('c1');
    await settle();
    assert.deepEqual(told.toSorted(), ['b1', 'c1', 'turn', 'turn']);
  });

  it('forgets one that never delivered when yet another is to follow', async () => {
    const { relay: made, told } = relay();
    const [second, third] = [source(), source()];
    made.follow(second.stream, false);
    made.follow(third.stream, false);
    third.give('c1');
    await settle();
    assert.equal(second.cancelled, true);
    assert.deepEqual(told, ['turn', 'c1']);
  });

  it('stops all that it reads', async () => {
    const { relay: made, first, told } = relay();
    const second = source();
    made.follow(second.stream, false);
    await made.stop();
    await made.done;
    assert.deepEqual([first.cancelled, second.cancelled], [true, true]);
    assert.deepEqual(told, []);
  });
});
