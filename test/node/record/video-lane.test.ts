import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { USUAL_WAY } from '../../../src/core/encode/index.js';
import type { OnAirError } from '../../../src/core/errors.js';
import { Metrics } from '../../../src/core/metrics/index.js';
import { videoLane } from '../../../src/core/record/codec-lanes.js';
import { VideoLane } from '../../../src/core/record/video-lane.js';
import { asFrame, FakeFrame, FakeVideoEncoder, forgetEncoded, frameAt, settle, useCodecFakes } from './codec-fakes.js';

const FRAME = 1 / 30;

function lane({ camera = true } = {}) {
  const told = { failures: [] as OnAirError[], full: false, keyDue: false, written: 0, packets: 0 };
  const metrics = new Metrics();
  const made = new VideoLane({
    codecString: 'vp8',
    way: USUAL_WAY,
    maxLatency: 0.4,
    metrics,
    size: { width: 64, height: 48, frameRate: 30 },
    bitrate: 1e6,
    keyInterval: 2,
    camera,
    full: () => told.full,
    keyDue: () => told.keyDue,
    written: () => told.written,
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
  return { lane: made, told, take, lose, metrics };
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

  it('makes key frames half a second apart while that is wanted', async () => {
    const { take, told } = lane();
    const keys = () => FakeVideoEncoder.encoded.flatMap(({ key }, index) => (key ? [index] : []));
    await take(10);
    told.keyDue = true;
    await take(30);
    told.keyDue = false;
    await take(50);
    assert.deepEqual(keys(), [0, 15, 30]);
    await take(10);
    assert.deepEqual(keys(), [0, 15, 30, 90]);
  });

  it('outlives a pause in which its encoder is reclaimed again and again', async (t) => {
    let minutes = 0;
    t.mock.method(performance, 'now', () => minutes * 60_000);
    const { lane: made, take, told } = lane();
    await take(10);
    for (let pauses = 0; pauses < 20; pauses++) {
      made.timeline.pause();
      // Browsers wait a minute before they take one back.
      minutes++;
      encoder().fail(Object.assign(new Error('idle'), { name: 'QuotaExceededError' }));
      await take(30);
      made.resume(0);
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
    await made.repeat(2);
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

  it('gives no two pictures times that a file in milliseconds cannot tell apart', async () => {
    const { lane: made, take } = lane();
    await take(10);
    await made.repeat(2);
    await made.take(asFrame(frameAt(2.0004)), 2.0104);
    await made.take(asFrame(frameAt(2.0337)), 2.0437);
    await settle();
    assert.deepEqual(
      FakeVideoEncoder.encoded.slice(10).map(({ timestamp }) => timestamp),
      [2_000_000, 2_033_700],
    );
    assert.deepEqual([made.frames, made.dropped], [12, 1], 'one came too late for its place');
    await made.take(asFrame(frameAt(2.0341)), 2.0441);
    assert.deepEqual([made.frames, made.dropped], [13, 1], 'a canvas may give a moment twice');
    assert.equal(FakeFrame.open.size, 0);
  });

  it('does not count a pause, in which the source may go on or not', async () => {
    const { lane: made, take, lose } = lane();
    await take(60);
    made.timeline.pause();
    lose(50);
    await take(20);
    lose(50);
    made.resume(0);
    await take(60);
    assert.equal(made.dropped, 0);
    assert.equal(made.frames, 120);
  });

  it('goes on without a gap when the source begins to count anew in a pause', async () => {
    const { lane: made, take } = lane();
    await take(60);
    made.timeline.pause();
    made.resume(0);
    for (let frame = 0; frame < 30; frame++) {
      await made.take(asFrame(frameAt(frame * FRAME)), 2.5 + frame * FRAME + 0.01);
    }
    await settle();
    assert.equal(FakeVideoEncoder.encoded.length, 90);
    assert.ok(Math.abs(FakeVideoEncoder.encoded[60]!.timestamp / 1e6 - 2) < 0.001);
    // What arrived at 2.51 s lies at 2 s of the take.
    assert.ok(Math.abs(made.timeline.anchor()! - 0.51) < 0.001);
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

  it('leaves frames out to keep a lower rate, and counts none of them as lost', async () => {
    const { lane: made, take, lose } = lane();
    await take(60);
    made.quality = { level: 0.41, bitrate: 0.41, frameRate: 0.64, size: 1 };
    const before = FakeVideoEncoder.encoded.length;
    await take(300);
    const taken = FakeVideoEncoder.encoded.length - before;
    assert.ok(Math.abs(taken - 300 * 0.64) <= 2, `${taken} of 300`);
    assert.equal(made.dropped, 0);
    assert.equal(made.frames, 360);
    // Of a gap, only what would have been taken is a loss.
    lose(10);
    await take(30);
    assert.equal(made.dropped, 6);
    assert.equal(made.frames, 400);
    made.quality = { level: 1, bitrate: 1, frameRate: 1, size: 1 };
    const then = FakeVideoEncoder.encoded.length;
    await take(30);
    assert.equal(FakeVideoEncoder.encoded.length - then, 30);
    assert.equal(FakeFrame.open.size, 0);
  });

  it('takes shares of the rate that the source really has', async () => {
    const { lane: made, told } = lane();
    const at = (frame: number) => made.take(asFrame(frameAt(frame / 20)), frame / 20 + 0.01);
    for (let frame = 0; frame < 60; frame++) await at(frame);
    made.quality = { level: 0.512, bitrate: 0.512, frameRate: 0.8, size: 1 };
    for (let frame = 60; frame < 160; frame++) await at(frame);
    await settle();
    assert.ok(Math.abs(told.packets - 60 - 80) <= 2, `${told.packets - 60} of 100`);
  });

  it('encodes at a smaller size from a key frame on', async () => {
    const { lane: made, take } = lane();
    await take(10);
    made.quality = { level: 0.328, bitrate: 0.328, frameRate: 1, size: 0.8 };
    await take(10);
    const { configs } = encoder();
    assert.equal(FakeVideoEncoder.all.length, 1);
    assert.deepEqual([configs[1]!['width'], configs[1]!['height'], configs[1]!['bitrate']], [52, 38, 328_000]);
    assert.deepEqual(
      FakeVideoEncoder.encoded.flatMap(({ key }, index) => (key ? [index] : [])),
      [0, 10],
    );
  });

  it('gives frames up by what the encoder has waiting, and by how old that is, and tells the cause', async () => {
    const { lane: made, take, metrics } = lane();
    await take(10);
    FakeVideoEncoder.stalled = true;
    await take(1);
    const count = (cause: string) => metrics.counter(`frames:dropped:${cause}`).value;
    encoder().encodeQueueSize = 8;
    await take(3);
    assert.deepEqual([count('queue'), count('late')], [3, 0]);
    encoder().encodeQueueSize = 2;
    // The clock of arrival stands where the frames are; what is inside was given long before.
    const frame = frameAt(20 * FRAME);
    await made.take(asFrame(frame), performance.now() / 1000 + 0.5);
    assert.deepEqual([count('queue'), count('late')], [3, 1]);
    encoder().encodeQueueSize = 1;
    await made.take(asFrame(frameAt(21 * FRAME)), performance.now() / 1000 + 0.6);
    assert.deepEqual([count('queue'), count('late'), made.dropped], [3, 1, 4], 'an idle encoder is never kept waiting');
    assert.equal(FakeFrame.open.size, 0);
  });

  it('tells what the disk has cost apart from what the encoder has', async () => {
    const { lane: made, take, told, metrics } = lane();
    await take(10);
    told.full = true;
    await take(4);
    told.full = false;
    await take(10);
    const count = (cause: string) => metrics.counter(`frames:dropped:${cause}`).value;
    assert.deepEqual([count('disk'), count('queue'), count('late'), count('source')], [4, 0, 0, 0]);
    assert.deepEqual([made.dropped, made.counts.givenUp], [4, 4]);
  });

  it("counts frames that never came while a write held up who takes them as the disk's", async () => {
    const { lane: made, take, lose, told, metrics } = lane();
    const lost = () => {
      const { counters } = metrics.state();
      return [counters['frames:dropped:disk'], counters['frames:dropped:source'], made.frames];
    };
    await take(40);
    told.written += 0.5;
    await take(1, 0.5); // what was on its way when the write began
    lose(14);
    await take(10);
    assert.deepEqual(lost(), [14, 0, 65]);
    lose(14);
    await take(10);
    assert.deepEqual(lost(), [14, 14, 89], 'no write, no excuse');
  });

  it('charges to the disk what fills the gap, and not what was written while frames were late for another reason', async () => {
    const { take, lose, told, metrics } = lane();
    const lost = () => {
      const { counters } = metrics.state();
      return [counters['frames:dropped:disk'], counters['frames:dropped:source']];
    };
    await take(60);
    let late = 0.05;
    /** Each frame is later than the one before, as where a page that reads them is blocked; meanwhile a twentieth of the time is written. */
    const takeLate = async (frames: number) => {
      for (let frame = 0; frame < frames; frame++) {
        told.written += 0.05 * FRAME;
        await take(1, (late += 0.002));
      }
    };
    await takeLate(90);
    lose(1);
    await takeLate(15);
    assert.deepEqual(lost(), [0, 1], 'no write fell into the gap');
    told.written += 1.2 * FRAME;
    lose(1);
    await takeLate(15);
    assert.deepEqual(lost(), [1, 1], 'one has filled it');
  });

  it('reads no clock for the way of a frame that nobody times', async (t) => {
    const read = t.mock.method(performance, 'now');
    let [packets, reads] = [0, 0];
    const mux = {
      addVideo(_packet: unknown, _meta: unknown, taken: () => void) {
        const before = read.mock.callCount();
        taken();
        reads += read.mock.callCount() - before;
        packets++;
      },
    };
    const host = { metrics: new Metrics({ enabled: false }), media() {} };
    const needs = { host, mux, writer: { busy: 0 }, request: { maxLatency: 0.4, video: null } };
    const made = videoLane(
      { codec: 'vp8', codecString: 'vp8', way: USUAL_WAY, bitrate: 1e6 },
      { width: 64, height: 48, frameRate: 30 },
      'webm',
      needs as unknown as Parameters<typeof videoLane>[3],
    );
    const take = async (first: number) => {
      for (let frame = first; frame < first + 10; frame++)
        await made.take(asFrame(frameAt(frame * FRAME)), frame * FRAME);
      await settle();
    };
    await take(0);
    assert.deepEqual([packets, reads], [10, 0]);
    host.metrics.enabled = true;
    await take(10);
    assert.deepEqual([packets, host.metrics.histogram('frame:total').state().count], [20, 10]);
  });

  it('counts frames that never came as made by the source, and not as arrived', async () => {
    const { lane: made, take, lose, metrics } = lane();
    await take(60);
    lose(10);
    await take(30);
    const { counters } = metrics.state();
    assert.deepEqual([counters['frames:captured'], counters['frames:dropped:source'], made.frames], [90, 10, 100]);
    assert.equal(counters['frames:dropped:rate'], 0);
  });

  it('counts a frame that comes while another one is taken once, not again as a gap', async () => {
    const { lane: made, take, lose } = lane();
    await take(60);
    await made.take(asFrame(frameAt(60 * FRAME)), 60 * FRAME + 0.01, true);
    lose(1);
    await take(5);
    assert.equal(made.dropped, 1);
    assert.equal(FakeFrame.open.size, 0);
  });

  it('counts frames that whoever reads the source gave up, once, and none of a pause', async () => {
    const { lane: made, take, lose, metrics } = lane();
    await take(60);
    lose(10);
    made.giveUp(10);
    await take(30);
    made.timeline.pause();
    made.giveUp(10);
    const { counters } = metrics.state();
    assert.deepEqual([counters['frames:captured'], counters['frames:dropped:queue'], made.frames], [100, 10, 100]);
    assert.equal(made.dropped, 10);
  });
});
