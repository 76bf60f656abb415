import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { OnAirError } from '../../../src/core/errors.js';
import { VideoLane } from '../../../src/core/record/video-lane.js';
import { asFrame, FakeFrame, FakeVideoEncoder, forgetEncoded, frameAt, settle, useCodecFakes } from './codec-fakes.js';

const FRAME = 1 / 30;

function lane({ camera = true } = {}) {
  const told = { failures: [] as OnAirError[], full: false, packets: 0 };
  const made = new VideoLane({
    codecString: 'vp8',
    size: { width: 64, height: 48, frameRate: 30 },
    bitrate: 1e6,
    keyInterval: 2,
    camera,
    full: () => told.full,
    onPacket: () => told.packets++,
    onFailure: (error) => told.failures.push(error),
  });
  let next = 0;
  /** Frames of the source, which come 10 ms after they were made, or as late as told. */
  const take = async (frames: number, late = 0.01) => {
    for (let count = 0; count < frames; count++, next++) {
      await made.take(asFrame(frameAt(next * FRAME)), next * FRAME + late);
    }
    await settle();
  };
  const lose = (frames: number) => (next += frames);
  return { lane: made, told, take, lose };
}

const encoder = () => FakeVideoEncoder.all[FakeVideoEncoder.all.length - 1]!;

describe('the lane of pictures', () => {
  useCodecFakes();
  beforeEach(forgetEncoded);

  it('makes another encoder with the next frame, and begins it with a key frame', async () => {
    const { lane: made, take, told } = lane();
    await take(10);
    encoder().fail();
    assert.equal(FakeVideoEncoder.all.length, 1, 'nothing to encode, no encoder');
    await take(1);
    assert.equal(FakeVideoEncoder.all.length, 2);
    assert.equal(FakeVideoEncoder.encoded[10]!.key, true);
    assert.equal(told.packets, 11);
    assert.equal(made.dropped, 0);
  });

  it('outlives a pause in which its encoder is reclaimed again and again', async () => {
    const { lane: made, take, told } = lane();
    await take(10);
    for (let pauses = 0; pauses < 20; pauses++) {
      made.pause();
      encoder().fail();
      await take(30);
      made.resume();
      await take(5);
      assert.equal(FakeVideoEncoder.encoded[10 + pauses * 5]!.key, true);
    }
    assert.deepEqual(told.failures, []);
    assert.equal(made.frames, 110);
    assert.equal(told.packets, 110);
  });

  it('gives up after five encoders in a row that make nothing, and tells it once', async () => {
    const { lane: made, take, told } = lane();
    await take(10);
    FakeVideoEncoder.dead = true;
    await take(40);
    assert.equal(FakeVideoEncoder.all.length, 6);
    assert.deepEqual(
      told.failures.map(({ code, detail }) => [code, detail]),
      [['encoder-failed', 'Error: reclaimed']],
    );
    assert.equal(made.dropped, 40);
    assert.equal(FakeFrame.open.size, 0);
    made.close();
  });

  it('counts the frames that a lost encoder held', async () => {
    const { lane: made, take } = lane();
    await take(10);
    FakeVideoEncoder.stalled = true;
    await take(3);
    made.repeat(2);
    encoder().fail();
    assert.equal(made.dropped, 3, 'a picture that was shown again is no loss');
  });

  it('encodes nothing while the disk is behind, counts it, and goes on in its place', async () => {
    const { lane: made, take, told } = lane();
    await take(10);
    told.full = true;
    await take(30);
    told.full = false;
    await take(10);
    assert.equal(FakeVideoEncoder.encoded.length, 20);
    assert.equal(made.dropped, 30);
    assert.equal(made.frames, 50);
    assert.equal(FakeVideoEncoder.encoded[10]!.timestamp, Math.round((40 / 30) * 1e6));
    assert.equal(FakeFrame.open.size, 0);
  });

  it('counts frames that were given up before they could be read', async () => {
    const { lane: made, take, lose } = lane();
    await take(60);
    lose(7);
    await take(5);
    assert.equal(made.dropped, 7);
    assert.equal(made.frames, 72);
  });

  it('does not count a pause, in which the source may go on or not', async () => {
    const { lane: made, take, lose } = lane();
    await take(60);
    made.pause();
    lose(50);
    await take(20);
    lose(50);
    made.resume();
    await take(60);
    assert.equal(made.dropped, 0);
    assert.equal(made.frames, 120);
  });

  it('goes on without a gap when the source begins to count anew in a pause', async () => {
    const { lane: made, take } = lane();
    await take(60);
    made.pause();
    made.resume();
    for (let frame = 0; frame < 30; frame++) {
      await made.take(asFrame(frameAt(frame * FRAME)), 2.5 + frame * FRAME + 0.01);
    }
    await settle();
    assert.equal(FakeVideoEncoder.encoded.length, 90);
    assert.ok(Math.abs(FakeVideoEncoder.encoded[60]!.timestamp / 1e6 - 2) < 0.001);
    // What arrived at 2.51 s lies at 2 s of the take.
    assert.ok(Math.abs(made.anchor()! - 0.51) < 0.001);
    assert.equal(made.dropped, 0);
  });

  it('counts nothing of a canvas that stands still, but what was given up while its reader was held up', async () => {
    const { lane: made, take, lose } = lane({ camera: false });
    await take(60);
    lose(60);
    await take(30);
    assert.equal(made.dropped, 0);
    lose(20);
    await take(3, 0.1);
    await take(5);
    assert.equal(made.dropped, 20);
  });

  it('counts a frame that comes while another one is taken once, not again as a gap', async () => {
    const { lane: made, take, lose } = lane();
    await take(60);
    made.giveUp(asFrame(frameAt(60 * FRAME)), 60 * FRAME + 0.01);
    lose(1);
    await take(5);
    assert.equal(made.dropped, 1);
    assert.equal(FakeFrame.open.size, 0);
  });
});
