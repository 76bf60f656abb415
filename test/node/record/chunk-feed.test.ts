import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ChunkFeed, sequelTypes } from '../../../src/core/record/chunk-feed.js';
import { FakeRecorder, tasks } from './fake-recorder.js';

describe('a MediaRecorder that is sliced', () => {
  const stream: { dead?: boolean } = {};
  let chunks: string[];
  let overlaps: number[];
  let ends: number;
  let failures: unknown[];
  let feed: ChunkFeed;
  const open = () =>
    new ChunkFeed({
      stream: stream as unknown as MediaStream,
      mimeType: 'video/webm',
      videoBitrate: null,
      audioBitrate: null,
      onChunk: (data, overlap) => {
        chunks.push(new TextDecoder().decode(data));
        overlaps.push(overlap);
      },
      onEnd: () => ends++,
      onFailure: (error) => failures.push(error),
    });

  beforeEach(() => {
    FakeRecorder.made = [];
    delete stream.dead;
    [chunks, overlaps, ends, failures] = [[], [], 0, []];
    Object.assign(globalThis, { MediaRecorder: FakeRecorder });
    feed = open();
    feed.start();
  });

  afterEach(async () => {
    await feed.stop();
    Reflect.deleteProperty(globalThis, 'MediaRecorder');
  });

  it('is ended by a pause, and another one goes on behind it', async () => {
    feed.pause();
    await tasks();
    assert.equal(FakeRecorder.running, 0, 'the encoder rests');
    feed.resume();
    await tasks();
    assert.equal(FakeRecorder.made.length, 2);
    assert.equal(FakeRecorder.running, 1);
    await feed.stop();
    assert.deepEqual(chunks, ['end of 0', 'end of 1']);
    assert.equal(ends, 0);
  });

  it('goes on, once, when it is resumed before it has stopped, however often', async () => {
    feed.pause();
    feed.resume();
    feed.pause();
    feed.resume();
    await tasks();
    assert.equal(FakeRecorder.running, 1);
    assert.equal(ends, 0, 'nobody takes the pause for the end of the source');
    await feed.stop();
    assert.deepEqual(chunks, ['end of 0', 'end of 1']);
  });

  it('stays paused when it is paused again before it went on', async () => {
    feed.pause();
    feed.resume();
    feed.pause();
    await tasks();
    assert.equal(FakeRecorder.running, 0);
    await feed.stop();
    assert.deepEqual(chunks, ['end of 0']);
  });

  it('counts no time while it is paused', async () => {
    feed.pause();
    const { time } = feed;
    await tasks();
    assert.equal(feed.time, time);
  });

  it('tells that its source has ended', async () => {
    FakeRecorder.made[0]!.end();
    await tasks();
    assert.equal(ends, 1);
    assert.deepEqual(chunks, ['end of 0']);
  });

  it('begins with other tracks before it has ended with those before, and tells how long it had both', async () => {
    const other = {} as MediaStream;
    const replaced = feed.replace(other);
    await tasks();
    const [first, second] = FakeRecorder.made;
    assert.equal(second!.stream, other);
    assert.equal(FakeRecorder.running, 2, 'the first one goes on until the second has given something');
    second!.slice();
    second!.slice();
    await replaced;
    assert.equal(first!.state, 'inactive');
    assert.equal(FakeRecorder.running, 1);
    await feed.stop();
    assert.deepEqual(chunks, ['end of 0', 'slice of 1', 'slice of 1', 'end of 1']);
    assert.ok(overlaps[1]! > 0 && overlaps[1]! < 5, `${overlaps[1]} s`);
    assert.deepEqual(overlaps.with(1, 0), [0, 0, 0, 0], 'told once');
    assert.equal(ends, 0);
  });

  it('hands over what a recorder had gathered that fails, also where that ends the take', async () => {
    const failure = new Error('The encoder is gone.');
    let stopped: Promise<void> | undefined;
    failures.push = (...errors) => {
      stopped = feed.stop();
      return Array.prototype.push.apply(failures, errors);
    };
    FakeRecorder.made[0]!.slice();
    FakeRecorder.made[0]!.fail(failure);
    await stopped!;
    assert.deepEqual([failures[0], chunks], [failure, ['slice of 0', 'end of 0']]);
  });

  it('tells how long it had two, also where one between them gave nothing', async () => {
    FakeRecorder.made[0]!.slice();
    void feed.replace({} as MediaStream);
    await tasks();
    FakeRecorder.made[1]!.mute = true;
    void feed.replace({} as MediaStream);
    await tasks();
    FakeRecorder.made[2]!.slice();
    await tasks(8);
    assert.deepEqual(chunks, ['slice of 0', 'end of 0', 'slice of 2']);
    assert.ok(overlaps[2]! > 0, `${overlaps[2]} s`);
  });

  it('counts the time of two at once as one', async () => {
    const replaced = feed.replace({} as MediaStream);
    await tasks();
    FakeRecorder.made[1]!.slice();
    await replaced;
    const { time } = feed;
    assert.ok(time >= 0 && time < 5);
    feed.pause();
    assert.ok(feed.time >= time);
  });

  it('ends both when it is stopped, or paused, while it has two', async () => {
    void feed.replace({} as MediaStream);
    await tasks();
    feed.pause();
    await tasks();
    assert.equal(FakeRecorder.running, 0);
    feed.resume();
    await tasks();
    assert.equal(FakeRecorder.running, 1);
    void feed.replace({} as MediaStream);
    await tasks();
    await feed.stop();
    assert.equal(FakeRecorder.running, 0);
    assert.deepEqual(chunks, ['end of 0', 'end of 1', 'end of 2', 'end of 3']);
  });

  it('takes other tracks up behind a pause, and goes on when those before have ended', async () => {
    feed.pause();
    const other = {} as MediaStream;
    await feed.replace(other);
    assert.equal(FakeRecorder.made.length, 1);
    feed.resume();
    await tasks();
    assert.equal(FakeRecorder.made[1]!.stream, other);
    FakeRecorder.made[1]!.end();
    await tasks();
    await feed.replace(stream as unknown as MediaStream);
    assert.equal(FakeRecorder.running, 1);
    await feed.stop();
    assert.deepEqual(chunks, ['end of 0', 'end of 1', 'end of 2']);
    assert.deepEqual(overlaps, [0, 0, 0]);
  });

  it('begins with a pause over that was there before it, by the tracks of then', async () => {
    await feed.stop();
    [FakeRecorder.made, chunks] = [[], []];
    feed = open();
    feed.resume();
    await tasks();
    assert.equal(FakeRecorder.running, 1);
    await feed.stop();

    feed = open();
    const other = {} as MediaStream;
    await feed.replace(other);
    feed.resume();
    feed.pause();
    feed.resume();
    await tasks();
    assert.equal(FakeRecorder.running, 1);
    assert.equal(FakeRecorder.made.at(-1)!.stream, other);
    await feed.stop();
    assert.equal(chunks.length, 2);
    assert.deepEqual([ends, failures, overlaps], [0, [], [0, 0, 0]]);
  });

  it('tells when it cannot go on', async () => {
    feed.pause();
    await tasks();
    stream.dead = true;
    feed.resume();
    await tasks();
    assert.equal(failures.length, 1);
  });
});

describe('what MediaRecorder says that it can go on by', () => {
  const told: string[] = [];
  afterEach(() => void Reflect.deleteProperty(globalThis, 'MediaRecorder'));

  it('names the codecs of the tracks that are there, and nothing where there is none', () => {
    assert.deepEqual(sequelTypes({ video: true, audio: true }), []);
    const isTypeSupported = (type: string) => told.push(type) > 0 && !type.includes('mp4a');
    Object.assign(globalThis, { MediaRecorder: { isTypeSupported } });
    assert.deepEqual(sequelTypes({ video: true, audio: true }), [
      'video/webm;codecs="vp8,opus"',
      'video/webm;codecs="vp9,opus"',
      'video/mp4;codecs="avc1.42E01F,opus"',
    ]);
    assert.ok(told.includes('video/mp4;codecs="avc1.42E01F,mp4a.40.2"'));
    assert.deepEqual(sequelTypes({ video: true, audio: false }), [
      'video/webm;codecs="vp8"',
      'video/webm;codecs="vp9"',
      'video/mp4;codecs="avc1.42E01F"',
    ]);
    assert.deepEqual(sequelTypes({ video: false, audio: true }), [
      'audio/webm;codecs="opus"',
      'audio/mp4;codecs="opus"',
    ]);
  });
});
