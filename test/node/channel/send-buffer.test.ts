import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SendBuffer } from '../../../src/core/channel/send-buffer.js';
import { decode } from '../../../src/core/channel/wire.js';
import { OnAirError } from '../../../src/core/errors.js';

const code = (expected: string) => (error: unknown) => error instanceof OnAirError && error.code === expected;
const sequences = (frame: string | Uint8Array) =>
  [JSON.parse(frame as string) as { seq: number } | { seq: number }[]].flat().map(({ seq }) => seq);

describe('SendBuffer', () => {
  it('refuses at the door what is too much, by messages and by bytes, and keeps what it has', async () => {
    const few = new SendBuffer({ messages: 2 });
    void few.add('a', null);
    void few.add('b', null);
    assert.throws(() => few.add('c', null), code('buffer-full'));
    assert.equal(few.length, 2);

    const small = new SendBuffer({ bytes: 100 });
    void small.add(null, new Uint8Array(90));
    assert.throws(() => small.add(null, new Uint8Array(10)), code('buffer-full'));
    assert.equal(small.bytes, 94);
    assert.throws(() => small.add(null, new Uint8Array(101)), code('invalid-value'), 'it would never fit');
    assert.throws(() => small.add(undefined as never, null), code('invalid-value'), 'it is no JSON');
  });

  it('counts bytes as they go over the wire, of text too', () => {
    const buffer = new SendBuffer({ bytes: 100 });
    void buffer.add('é€😀', null);
    assert.equal(buffer.bytes, 2 + 2 + 3 + 4);
    assert.throws(() => buffer.add('é'.repeat(60), null), code('invalid-value'));
    assert.throws(() => buffer.add('é'.repeat(45), null), code('buffer-full'));

    const frames: (string | Uint8Array)[] = [];
    const large = new SendBuffer();
    for (let index = 0; index < 100; index++) void large.add('€'.repeat(1000), null);
    large.transmit((frame) => frames.push(frame));
    for (const frame of frames) assert.ok(Buffer.byteLength(frame as string) <= 65_536);
  });

  it('gives up the largest that was sent, and numbers anew what came behind it', async () => {
    const buffer = new SendBuffer({ messages: 4 });
    const sent: number[][] = [];
    const send = (frame: string | Uint8Array) =>
      sent.push(
        decode(typeof frame === 'string' ? frame : frame.slice().buffer)!.map((said) => (said as { seq: number }).seq),
      );
    void buffer.add('a', null);
    const large = buffer.add('b', new Uint8Array(70_000));
    void buffer.add('c', null);
    buffer.transmit(() => {});
    void buffer.add('d', new Uint8Array(90_000));
    const room = buffer.room(0);
    buffer.refuse();
    await assert.rejects(large, code('invalid-value'));
    await room;
    assert.equal(buffer.bytes, 3 + 3 + 3 + 90_000);
    buffer.transmitAgain(send);
    assert.deepEqual(sent, [[1, 2], [3]]);
    void buffer.add('e', null);
    sent.length = 0;
    buffer.transmit(send);
    assert.deepEqual(sent, [[4]]);
  });

  it('gives up what no link has had, and numbers anew what came behind it', async () => {
    const buffer = new SendBuffer({ messages: 4 });
    const sent = buffer.add('a', null);
    buffer.transmit(() => {});
    const unsent = buffer.add('b', new Uint8Array(90));
    void buffer.add('c', null);
    void buffer.add('d', null);
    const room = buffer.room(0);
    assert.equal(buffer.withdraw(sent), false, 'the other side may have it');
    assert.equal(buffer.withdraw(unsent), true);
    assert.equal(buffer.withdraw(unsent), false, 'it is gone');
    await assert.rejects(unsent, code('aborted'));
    await room;
    assert.equal(buffer.bytes, 3 + 3 + 3);
    const numbers: number[][] = [];
    buffer.transmit((frame) => numbers.push(sequences(frame)));
    assert.deepEqual(numbers, [[2, 3]]);
    void buffer.add('e', null);
    buffer.transmit((frame) => numbers.push(sequences(frame)));
    assert.deepEqual(numbers, [[2, 3], [4]]);
  });

  it('gives up none that any server takes, and of those of one size the last: the others may have arrived', async () => {
    const buffer = new SendBuffer();
    void buffer.add(null, new Uint8Array(60_000));
    buffer.transmit(() => {});
    buffer.refuse();
    assert.equal(buffer.length, 1);
    void buffer.add(null, new Uint8Array(70_010));
    const last = buffer.add('some more', new Uint8Array(70_000));
    buffer.transmit(() => {});
    buffer.refuse();
    await assert.rejects(last, code('invalid-value'));
    assert.equal(buffer.length, 2);
  });

  it('sends alone what is larger than what goes together, without what is said ahead', () => {
    const buffer = new SendBuffer();
    const frames: (string | Uint8Array)[] = [];
    void buffer.add(null, new Uint8Array(70_000));
    buffer.transmit((frame) => frames.push(frame), '{"type":"ack","received":7}');
    assert.equal(frames.length, 2);
    assert.equal(frames[0], '{"type":"ack","received":7}');
  });

  it('resolves what is acknowledged, in order, and lets in who waits for room', async () => {
    const buffer = new SendBuffer({ messages: 2 });
    const done: string[] = [];
    for (const name of ['a', 'b']) void buffer.add(name, null).then(() => done.push(name));
    void buffer.room(0).then(() => done.push('room'));
    buffer.transmit(() => {});
    buffer.acknowledge(1);
    await new Promise(setImmediate);
    assert.deepEqual(done, ['a', 'room']);
    assert.equal(buffer.length, 1);
    assert.equal(buffer.bytes, 3);
  });

  it('lets each of those who wait for room send before the next one is let in', async () => {
    const write = async (buffer: SendBuffer, bytes: number) => {
      await buffer.room(bytes);
      void buffer.add(null, new Uint8Array(bytes));
    };
    const few = new SendBuffer({ messages: 3 });
    for (const name of ['a', 'b', 'c']) void few.add(name, null);
    few.transmit(() => {});
    const writers = [write(few, 0), write(few, 0), write(few, 0)];
    few.acknowledge(1);
    await writers[0];
    assert.equal(few.length, 3);
    few.acknowledge(3);
    await Promise.all(writers);
    assert.equal(few.length, 3);

    const small = new SendBuffer({ bytes: 100 });
    const both = [write(small, 60), write(small, 60)];
    await both[0];
    small.transmit(() => {});
    small.acknowledge(1);
    await Promise.all(both);
    assert.equal(small.bytes, 64);
  });

  it('lets the next one in where one that was let in sends nothing', async () => {
    const buffer = new SendBuffer({ messages: 1 });
    void buffer.add('a', null);
    buffer.transmit(() => {});
    const rooms = [buffer.room(0), buffer.room(0)];
    buffer.acknowledge(1);
    await Promise.all(rooms);
  });

  it('refuses those who ask for more room than there is, and lets in those behind them', async () => {
    const buffer = new SendBuffer({ bytes: 100 });
    void buffer.add(null, new Uint8Array(90));
    buffer.transmit(() => {});
    const never = assert.rejects(buffer.room(101), code('invalid-value'));
    const room = buffer.room(50);
    buffer.acknowledge(1);
    await Promise.all([never, room]);
  });

  it('hands each to a link once, and all that are left to a new link', () => {
    const buffer = new SendBuffer();
    const sent: number[][] = [];
    const send = (frame: string | Uint8Array) => sent.push(sequences(frame));
    for (const name of ['a', 'b', 'c']) void buffer.add(name, null);
    buffer.transmit(send);
    void buffer.add('d', null);
    buffer.transmit(send);
    buffer.transmit(send);
    assert.deepEqual(sent, [[1, 2, 3], [4]]);
    buffer.acknowledge(2);
    void buffer.add('e', null);
    buffer.transmitAgain(send);
    assert.deepEqual(sent.slice(2), [[3, 4, 5]]);
  });

  it('puts what waits in as few frames as a server takes, with the bytes of each', () => {
    const buffer = new SendBuffer();
    const frames: (string | Uint8Array<ArrayBuffer>)[] = [];
    for (let index = 0; index < 100; index++) void buffer.add(index, new Uint8Array(index % 10).fill(index));
    void buffer.add('large', new Uint8Array(200_000));
    for (let index = 0; index < 3900; index++) void buffer.add(index, null);
    buffer.transmit((frame) => frames.push(frame), '{"type":"ack","received":7}');
    const read = frames.map((frame) => decode(typeof frame === 'string' ? frame : frame.buffer)!);
    assert.deepEqual(read[0]![0], { type: 'ack', received: 7, bytes: null });
    const messages = read.flat().slice(1) as { seq: number; data: unknown; bytes: Uint8Array | null }[];
    assert.deepEqual(
      messages.map(({ seq }) => seq),
      Array.from({ length: 4001 }, (_, index) => index + 1),
    );
    for (const { data, bytes } of messages.slice(0, 100))
      assert.deepEqual([...bytes!], Array<unknown>((data as number) % 10).fill(data));
    assert.equal(messages[100]!.bytes!.length, 200_000);
    assert.equal(messages[101]!.bytes, null);
    const sizes = frames.map((frame) => frame.length);
    assert.equal(sizes.filter((size) => size > 65_536).length, 1, 'only what is larger by itself');
    assert.ok(frames.length < 10, `${frames.length}`);
  });

  it('rejects what was sent when the session is lost, and numbers anew what was not', async () => {
    const buffer = new SendBuffer();
    const sent = buffer.add('sent', null);
    buffer.transmit(() => {});
    void buffer.add('waiting', null);
    buffer.restart();
    await assert.rejects(sent, code('session-lost'));
    const frames: string[] = [];
    buffer.transmit((frame) => frames.push(frame as string));
    assert.deepEqual(
      frames.map((frame) => JSON.parse(frame) as unknown),
      [{ type: 'message', seq: 1, data: 'waiting' }],
    );
  });

  it('copies bytes, so that the caller may use its buffer again', () => {
    const buffer = new SendBuffer();
    const samples = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
    void buffer.add(null, samples);
    samples.fill(0);
    let frame = new Uint8Array();
    buffer.transmit((given) => (frame = given as Uint8Array<ArrayBuffer>));
    const start = 4 + new DataView(frame.buffer).getUint32(0);
    assert.deepEqual([...new Float32Array(frame.slice(start).buffer)], [2, 3]);
  });
});
