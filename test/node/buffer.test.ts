import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteQueue, CircularBuffer, ReplayBuffer, type ReplayPacket } from '../../src/core/buffer/index.js';

describe('CircularBuffer', () => {
  it('answers what it evicted', () => {
    const buffer = new CircularBuffer<number>(3);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((n) => buffer.push(n)),
      [undefined, undefined, undefined, 1, 2],
    );
    assert.deepEqual([...buffer], [3, 4, 5]);
  });

  it('is read from both ends', () => {
    const buffer = new CircularBuffer<number>(3);
    for (const n of [1, 2, 3, 4]) buffer.push(n);
    assert.deepEqual(
      [buffer.at(0), buffer.at(2), buffer.at(-1), buffer.at(3), buffer.at(-4)],
      [2, 4, 4, undefined, undefined],
    );
  });

  it('keeps order when items are taken out and put in', () => {
    const buffer = new CircularBuffer<number>(2);
    buffer.push(1);
    buffer.push(2);
    assert.equal(buffer.shift(), 1);
    assert.equal(buffer.push(3), undefined);
    assert.equal(buffer.push(4), 2);
    assert.deepEqual(buffer.clear(), [3, 4]);
    assert.equal(buffer.length, 0);
    assert.equal(buffer.shift(), undefined);
    buffer.push(5);
    assert.deepEqual([...buffer], [5]);
  });

  it('refuses a capacity that is no whole number above 0', () => {
    for (const capacity of [0, -1, 1.5, NaN, Infinity]) assert.throws(() => new CircularBuffer(capacity), RangeError);
  });
});

describe('ByteQueue', () => {
  const bytes = (length: number) => new Uint8Array(length);

  it('refuses the newest when items or bytes are used up', () => {
    const queue = new ByteQueue<Uint8Array>({ items: 2, bytes: 10 });
    assert.deepEqual(
      [4, 7, 6, 0].map((n) => queue.push(bytes(n))),
      [true, false, true, false],
    );
    assert.equal(queue.bytes, 10);
    assert.equal(queue.length, 2);
    assert.equal(queue.shift()!.byteLength, 4);
    assert.equal(queue.push(bytes(4)), true);
  });

  it('lets the oldest go when asked to, and tells each of them', () => {
    const evicted: number[] = [];
    const queue = new ByteQueue<number>({
      bytes: 10,
      sizeOf: (n) => n,
      drop: 'oldest',
      onevict: (n) => evicted.push(n),
    });
    for (const n of [3, 4, 2, 8]) assert.equal(queue.push(n), true);
    assert.deepEqual(evicted, [3, 4]);
    assert.deepEqual([...queue], [2, 8]);
  });

  it('refuses an item that alone is over the limit, and evicts nothing for it', () => {
    const queue = new ByteQueue<number>({ bytes: 10, sizeOf: (n) => n, drop: 'oldest', onevict: () => assert.fail() });
    queue.push(5);
    assert.equal(queue.push(11), false);
    assert.deepEqual([...queue], [5]);
  });

  it('keeps count over many turns', () => {
    const queue = new ByteQueue<number>({ sizeOf: (n) => n });
    let next = 0;
    let expected = 0;
    for (let turn = 0; turn < 1000; turn++) {
      for (let i = 0; i < turn % 5; i++) queue.push(next++);
      for (let i = 0; i < turn % 4 && queue.length; i++) {
        assert.equal(queue.peek(), expected);
        assert.equal(queue.shift(), expected++);
      }
    }
    assert.equal(queue.length, next - expected);
    assert.equal(
      queue.bytes,
      [...queue].reduce((a, b) => a + b, 0),
    );
    assert.equal(queue.clear().length, next - expected);
    assert.deepEqual([queue.length, queue.bytes, queue.peek(), queue.shift()], [0, 0, undefined, undefined]);
  });
});

describe('ReplayBuffer', () => {
  const video = (timestamp: number, key = false, byteLength = 100): ReplayPacket => ({
    kind: 'video',
    timestamp,
    duration: 0.1,
    key,
    byteLength,
  });
  const audio = (timestamp: number): ReplayPacket => ({
    kind: 'audio',
    timestamp,
    duration: 0.02,
    key: true,
    byteLength: 10,
  });

  /** Video at 10 fps with a key frame each second, audio each 20 ms and ahead of the video by `lead`. */
  function play(buffer: ReplayBuffer<ReplayPacket>, seconds: number, lead = 0): void {
    for (let tick = 0; tick < seconds * 50; tick++) {
      buffer.push(audio(tick / 50 + lead));
      if (tick % 5 === 0) buffer.push(video(tick / 50, tick % 50 === 0));
    }
  }

  it('keeps the asked duration, from a key frame on, and at most one group of pictures more', () => {
    const buffer = new ReplayBuffer({ duration: 5, bytes: 1e6 });
    for (const seconds of [6, 7.5, 9.9]) {
      buffer.clear();
      play(buffer, seconds);
      const packets = buffer.packets();
      assert.equal(packets.find(({ kind }) => kind === 'video')!.key, true);
      assert.ok(buffer.duration >= 5 && buffer.duration < 6, `${buffer.duration}`);
    }
  });

  it('gives both kinds in the order of time, and no audio from before the key frame', () => {
    const buffer = new ReplayBuffer({ duration: 2, bytes: 1e6 });
    play(buffer, 5, 0.3);
    const times = buffer.packets().map(({ timestamp }) => timestamp);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    const start = buffer.packets().find(({ kind }) => kind === 'video')!.timestamp;
    assert.ok(times[0]! >= start && times[0]! < start + 0.02);
  });

  it('keeps audio that came before the key frame it belongs to', () => {
    const buffer = new ReplayBuffer({ duration: 1, bytes: 1e6 });
    play(buffer, 4, 0.5);
    const [start] = buffer.packets();
    const audible = buffer.packets().filter(({ kind }) => kind === 'audio');
    assert.ok(audible[0]!.timestamp - start!.timestamp < 0.02);
  });

  it('stays within its bytes by letting the oldest groups go', () => {
    const buffer = new ReplayBuffer({ duration: 60, bytes: 4000 });
    play(buffer, 20);
    assert.ok(buffer.bytes <= 4000);
    assert.equal(buffer.packets().find(({ kind }) => kind === 'video')!.key, true);
    assert.ok(buffer.duration >= 1);
  });

  it('starts over with the next key frame when one group alone is too large', () => {
    const buffer = new ReplayBuffer({ duration: 5, bytes: 350 });
    buffer.push(video(0, true));
    for (const t of [0.1, 0.2, 0.3, 0.4]) buffer.push(video(t));
    assert.deepEqual(buffer.packets(), []);
    assert.equal(buffer.bytes, 0);
    buffer.push(video(0.5, true));
    buffer.push(video(0.6));
    assert.deepEqual(
      buffer.packets().map(({ timestamp }) => timestamp),
      [0.5, 0.6],
    );
  });

  it('passes over pictures before the first key frame', () => {
    const buffer = new ReplayBuffer({ duration: 5, bytes: 1000 });
    buffer.push(video(0));
    assert.deepEqual(buffer.packets(), []);
    assert.equal(buffer.duration, 0);
  });

  it('works for audio alone', () => {
    const buffer = new ReplayBuffer({ duration: 1, bytes: 1e6 });
    for (let tick = 0; tick < 500; tick++) buffer.push(audio(tick / 50));
    assert.ok(Math.abs(buffer.duration - 1) < 0.021, `${buffer.duration}`);
    assert.equal(buffer.packets().length, Math.round(buffer.duration * 50));
  });
});
