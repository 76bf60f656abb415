import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { OnAirError } from '../../../src/core/errors.js';
import { FRAME_PATH, Metrics } from '../../../src/core/metrics/index.js';
import type { QualityMove } from '../../../src/core/record/adapt.js';
import { CodecEngine } from '../../../src/core/record/codec-engine.js';
import type { AudioInput, PcmMessage, TakeRequest, VideoInput } from '../../../src/core/record/protocol.js';
import { TakeWriter } from '../../../src/core/record/take-writer.js';
import {
  asFrame,
  FakeAudioEncoder,
  FakeEncoder,
  FakeFrame,
  FakeVideoEncoder,
  forgetEncoded,
  frameAt,
  RATE,
  settle,
  useCodecFakes,
} from './codec-fakes.js';

const FRAME = 1 / 30;
const BLOCK = 480;
/** Seconds that picture and sound take to the engine when nothing holds them up. */
const WAY = 0.012;

interface Delivery {
  /** Seconds that a frame made at this time takes to the engine. */
  frameTakes?: (made: number) => number;
  frames?: boolean;
  sound?: 'counted' | 'zeros' | 'none';
}

/** A camera and a microphone on one clock, and the engine that records them. */
class Studio {
  now = 0;
  /** Seconds by which the clocks of the engine and of the camera are ahead of that. */
  readonly ahead = { engine: 0, camera: 0 };
  /** When a frame was made, by what its camera says. */
  readonly #truth = new Map<number, number>();
  readonly told = {
    ended: 0,
    failed: [] as unknown[],
    notices: [] as string[],
    moves: [] as QualityMove[],
  };
  unseen = 0;
  /** Bytes in the file. */
  written = 0;
  readonly metrics = new Metrics();
  readonly engine: CodecEngine;
  readonly video: ReadableStreamDefaultController<VideoFrame> | null = null;
  /** Called with every frame before it is delivered. */
  prepare: (frame: FakeFrame) => void = () => {};
  /** Called with every moment that passes. */
  tick: () => void = () => {};
  /** Bytes of sound that came and were told to have been taken. */
  readonly sound = { came: 0, taken: 0 };
  #port = {
    onmessage: null as ((event: { data: PcmMessage }) => void) | null,
    postMessage: (bytes: number) => (this.sound.taken += bytes),
    close: () => {},
  };
  #deliver: (frame: FakeFrame) => void = (frame) => this.video!.enqueue(asFrame(frame));
  #frames = 0;
  #blocks = 0;

  constructor({
    picture = true,
    sound = true,
    camera = true,
    adaptive = true,
    sequels = [] as string[],
    via = 'readable' as VideoInput['via'],
  } = {}) {
    mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
    // A mock would keep each of its calls, with where it came from.
    performance.now = () => (this.now + this.ahead.engine) * 1000;
    let video: VideoInput | null = null;
    if (picture) {
      const readable = new ReadableStream<VideoFrame>({ start: (feed) => void Object.assign(this, { video: feed }) });
      const kind = { frameRate: 30, camera };
      if (via === 'messages') {
        video = { via, ...kind };
        this.#deliver = (frame) => this.engine.frame(asFrame(frame));
      } else if (via === 'track') {
        const track = { readable } as unknown as MediaStreamTrack;
        video = { via, track, ...kind };
      } else video = { via, readable, ...kind };
    }
    const audio = sound ? ({ via: 'port', port: this.#port } as unknown as AudioInput) : null;
    const trial = { ok: true, codecString: 'vp8', speed: 1000 };
    const request = {
      format: 'webm',
      video,
      audio,
      videoBitrate: null,
      audioBitrate: null,
      trials: { 'vp9 64x48@30': { ...trial, ok: false }, 'vp8 64x48@30': trial, 'opus,48000,1,64000': trial },
      aacEncoder: null,
      adaptive,
      maxLatency: 0.4,
      dropThreshold: 0.1,
      latencyMode: 'realtime',
      hardwareAcceleration: 'no-preference',
      keyInterval: null,
      sequels,
    } as unknown as TakeRequest;
    const writer = new TakeWriter(
      {
        size: 0,
        read: () => 0,
        write: (bytes, at) => void (this.written = Math.max(this.written, at + bytes.byteLength)),
        truncate: () => {},
        flush: () => {},
        close: () => {},
      },
      { flushBytes: 4 * 2 ** 20, flushInterval: 1 },
    );
    this.engine = new CodecEngine(request, writer, {
      metrics: this.metrics,
      media: () => {},
      moved: (move) => this.told.moves.push(move),
      ended: () => this.told.ended++,
      unseen: () => this.unseen++,
      replaced: () => {},
      overlapped: () => Promise.resolve(),
      grows: () => Promise.resolve(),
      fail: (thrown) => this.told.failed.push(thrown),
      notice: (code) => this.told.notices.push(code),
      noticeOver: (code) => this.told.notices.push(`${code} over`),
    });
  }

  async start(delivery: Delivery = {}): Promise<this> {
    const started = this.engine.start();
    await this.run(0.1, delivery);
    await started;
    return this;
  }

  /** Lets time pass until then, and delivers what is made meanwhile in the order in which it arrives. */
  async run(until: number, { frameTakes = () => WAY, frames = true, sound = 'counted' }: Delivery = {}): Promise<void> {
    const events: { at: number; happen: () => void }[] = [];
    for (; this.#frames * FRAME + WAY < until; this.#frames++) {
      const made = this.#frames * FRAME;
      if (!frames || !this.video) continue;
      const frame = frameAt(made + this.ahead.camera);
      this.#truth.set(frame.made!, made);
      this.prepare(frame);
      events.push({ at: made + frameTakes(made), happen: () => this.#deliver(frame) });
    }
    for (; ((this.#blocks + 1) * BLOCK) / RATE + WAY < until; this.#blocks++) {
      if (sound === 'none') continue;
      const first = this.#blocks * BLOCK;
      // The value of a sample tells where it is from.
      const plane = Float32Array.from({ length: BLOCK }, (_, index) => (sound === 'zeros' ? 0 : first + index + 1));
      const data = { planes: [plane], sampleRate: RATE };
      events.push({ at: (first + BLOCK) / RATE + WAY, happen: () => this.#hand(data) });
    }
    for (let at = this.now + 0.05; at < until; at += 0.05) events.push({ at, happen: () => {} });
    for (const { at, happen } of events.sort((a, b) => a.at - b.at)) {
      await this.#pass(at);
      happen();
      await settle();
    }
    await this.#pass(until);
  }

  #hand(data: PcmMessage): void {
    this.sound.came += BLOCK * 4;
    this.#port.onmessage?.({ data });
  }

  async #pass(until: number): Promise<void> {
    const passed = Math.max(0, Math.round((until - this.now) * 1000));
    this.now = Math.max(this.now, until);
    this.tick();
    mock.timers.tick(passed);
    await settle();
  }

  /** Seconds by which sound is behind the frame that was made with it, for each frame from then on. */
  offsets(from: number): number[] {
    return FakeVideoEncoder.encoded
      .map(({ made, timestamp }) => ({ made: made === null ? NaN : this.#truth.get(made)!, timestamp }))
      .filter(({ made }) => made >= from)
      .map(({ made, timestamp }) => {
        const index = FakeAudioEncoder.samples.indexOf(Math.round(made * RATE) + 1);
        return index < 0 ? NaN : index / RATE - timestamp / 1e6;
      });
  }
}

const worst = (offsets: number[]): number => Math.max(...offsets.map(Math.abs));

describe('the engine of WebCodecs', () => {
  useCodecFakes();
  beforeEach(forgetEncoded);
  afterEach(() => Reflect.deleteProperty(performance, 'now'));
  afterEach(() => mock.timers.reset());

  it('lays sound beside the pictures', async () => {
    const studio = await new Studio().start();
    await studio.run(4);
    assert.equal(await studio.engine.stop(), true);
    const offsets = studio.offsets(0.5);
    assert.ok(offsets.length > 100);
    assert.ok(worst(offsets) < 0.005, `${worst(offsets)} s`);
    assert.equal(FakeFrame.open.size, 0);
  });

  for (const via of ['track', 'messages'] as const) {
    it(`does so with pictures that come by ${via}, and tells each block of sound that was taken`, async () => {
      Object.assign(globalThis, {
        MediaStreamTrackProcessor: class {
          readonly readable: unknown;
          constructor({ track }: { track: { readable: unknown } }) {
            this.readable = track.readable;
          }
        },
      });
      const studio = await new Studio({ via }).start();
      await studio.run(4);
      assert.ok(studio.sound.came > 3 * RATE);
      assert.equal(studio.sound.taken, studio.sound.came);
      assert.equal(await studio.engine.stop(), true);
      assert.ok(studio.offsets(0.5).length > 100);
      assert.ok(worst(studio.offsets(0.5)) < 0.005, `${worst(studio.offsets(0.5))} s`);
      assert.equal(FakeFrame.open.size, 0);
      delete (globalThis as Record<string, unknown>)['MediaStreamTrackProcessor'];
    });
  }

  it('gives a camera its buffer back while it waits for the second frame, which may not come without', async () => {
    const studio = new Studio();
    const given: FakeFrame[] = [];
    studio.prepare = (frame) => given.push(frame);
    const started = studio.engine.start();
    await studio.run(0.04);
    await started;
    assert.equal(given.length, 1);
    assert.ok(!FakeFrame.open.has(given[0]!));
    await studio.run(2, { frames: false });
    assert.equal(await studio.engine.stop(), true);
    assert.ok(FakeVideoEncoder.encoded.length > 0, 'the picture is in the file all the same');
    assert.equal(FakeFrame.open.size, 0);
  });

  const pauses = [
    ['goes on', 4, true],
    ['is off', 4, false],
    ['is off for a moment', 1, false],
  ] as const;
  for (const [source, seconds, goesOn] of pauses) {
    it(`lays it there again after a pause in which the source ${source}, when the first frame is late`, async () => {
      const studio = await new Studio().start();
      await studio.run(3);
      studio.engine.pause();
      const end = 3 + seconds;
      await studio.run(end, goesOn ? {} : { frames: false, sound: 'none' });
      studio.engine.resume();
      // The first frames wait for each other; the others come as they did before.
      await studio.run(end + 3, { frameTakes: (made) => Math.max(WAY, end + 0.2 - made) });
      assert.equal(await studio.engine.stop(), true);
      const offsets = studio.offsets(end);
      assert.ok(offsets.length > 80);
      assert.ok(worst(offsets) < 0.02, `${worst(offsets)} s`);
    });
  }

  for (const [how, from, to] of [
    ['begins anew', 600, 0],
    // No two frames bear the same time.
    ['begins anew in the first seconds', 2 + FRAME / 2, 0],
    ['is set forward', 0, 600],
  ] as const) {
    it(`goes on without a gap when the clock of its pictures ${how}`, async () => {
      const studio = new Studio({ camera: false });
      studio.ahead.camera = from;
      await studio.start();
      await studio.run(3);
      studio.ahead.camera = to;
      await studio.run(8);
      assert.equal(await studio.engine.stop(), true);
      const times = FakeVideoEncoder.encoded.map(({ timestamp }) => timestamp / 1e6);
      const gaps = times.slice(1).map((time, index) => time - times[index]!);
      assert.ok(Math.min(...gaps) > 0 && Math.max(...gaps) < 2 * FRAME, `${Math.max(...gaps)} s`);
      const { frames, framesDropped, silence } = studio.engine.counts;
      assert.deepEqual([times.length, framesDropped, silence], [frames, 0, 0]);
      assert.ok(worst(studio.offsets(0.5)) < 0.02, `${worst(studio.offsets(0.5))} s`);
      assert.equal(FakeFrame.open.size, 0);
    });
  }

  for (const [what, camera] of [
    ['and so did the clock of the camera', 0],
    ['while the clock of the camera went on', 60],
  ] as const) {
    for (const off of [0, 2]) {
      it(`leaves out what the machine slept through, ${what}; devices are off for ${off} s more`, async () => {
        const studio = await new Studio().start();
        await studio.run(3);
        Object.assign(studio.ahead, { engine: 60, camera });
        if (off > 0) await studio.run(3 + off, { frames: false, sound: 'none' });
        await studio.run(3.6 + off);
        const { duration } = studio.engine;
        assert.ok(duration < 3.8 + off, `${duration} s`);
        await studio.run(7 + off);
        assert.equal(await studio.engine.stop(), true);
        assert.ok(Math.abs(studio.engine.duration - 7 - off) < 0.8, `${studio.engine.duration} s`);
        assert.ok(FakeAudioEncoder.samples.length < (7.2 + off) * RATE);
        assert.equal(studio.engine.counts.framesDropped, 0);
        assert.ok(worst(studio.offsets(3.1 + off)) < 0.02, `${worst(studio.offsets(3.1 + off))} s`);
      });
    }
  }

  it('loses no sound of a moment between two pauses', async () => {
    const studio = await new Studio().start();
    await studio.run(2);
    for (const from of [3, 4, 5]) {
      studio.engine.pause();
      await studio.run(from);
      studio.engine.resume();
      await studio.run(from + 0.3);
    }
    await studio.engine.stop();
    const offsets = studio.offsets(3);
    assert.ok(offsets.length > 20);
    assert.equal(offsets.filter(Number.isNaN).length, 0);
    assert.ok(worst(offsets) < 0.02, `${worst(offsets)} s`);
  });

  it('keeps the sound when the picture stands still after a pause, and lays it beside what moves later', async () => {
    const studio = await new Studio({ camera: false }).start();
    await studio.run(3);
    studio.engine.pause();
    await studio.run(7, { frames: false });
    studio.engine.resume();
    await studio.run(20, { frames: false });
    await studio.run(24);
    await studio.engine.stop();
    const kept = FakeAudioEncoder.samples.filter((sample) => sample > 7.1 * RATE).length / RATE;
    assert.ok(kept > 16.7, `${kept} s of 17`);
    const offsets = studio.offsets(20);
    assert.ok(worst(offsets) < 0.02, `${worst(offsets)} s`);
    assert.equal(studio.engine.counts.framesDropped, 0);
  });

  it('keeps the sound when the picture stands still after its first frames', async () => {
    const studio = await new Studio({ camera: false }).start();
    await studio.run(4, { frames: false });
    assert.ok(studio.engine.duration > 2.5, `${studio.engine.duration} s`);
    await studio.engine.stop();
  });

  describe('of a source that stands still', () => {
    /** What was shown again, in the order of the take. */
    const repeated = (from = 0) =>
      FakeVideoEncoder.encoded.filter(({ made, timestamp }) => made === null && timestamp >= from * 1e6);
    /** What the source showed last. */
    let last = NaN;
    const follow = (studio: Studio) => (studio.prepare = ({ shows }) => (last = shows));
    const shown = (from = 0) => [...new Set(repeated(from).map(({ shows }) => shows))];

    it('shows what that showed last, however soon after the picture before', async () => {
      const studio = new Studio({ camera: false });
      follow(studio);
      await studio.start();
      await studio.run(2.1);
      await studio.run(4, { frames: false });
      assert.ok(repeated().length > 2);
      assert.deepEqual(shown(), [last]);
      await studio.engine.stop();
      assert.equal(FakeFrame.open.size, 0);
    });

    it('shows it also where it was given up when it came', async () => {
      const studio = await new Studio({ camera: false, via: 'messages' }).start();
      await studio.run(2);
      for (const made of [2.01, 2.02, 2.03]) studio.engine.frame(asFrame(frameAt(made)));
      await studio.run(4, { frames: false });
      assert.ok(studio.engine.counts.framesDropped! > 0);
      assert.deepEqual(shown(), [2.03]);
      await studio.engine.stop();
      assert.equal(FakeFrame.open.size, 0);
    });

    it('shows what came in a pause', async () => {
      const studio = new Studio({ camera: false });
      follow(studio);
      await studio.start();
      await studio.run(2);
      await studio.run(3, { frames: false });
      studio.engine.pause();
      const { duration } = studio.engine;
      await studio.run(4);
      await studio.run(5, { frames: false });
      studio.engine.resume();
      await studio.run(7, { frames: false });
      assert.ok(last > 3.9);
      assert.deepEqual(shown(duration + 0.01), [last]);
      await studio.engine.stop();
      assert.equal(FakeFrame.open.size, 0);
    });

    it('shows what was there before a pause where that was black', async () => {
      const studio = new Studio({ camera: false });
      follow(studio);
      await studio.start();
      await studio.run(2);
      const before = last;
      studio.engine.pause();
      const { duration } = studio.engine;
      await studio.run(4);
      studio.engine.sighted();
      studio.engine.resume();
      await studio.run(6, { frames: false });
      assert.ok(last > before);
      assert.deepEqual(shown(duration), [before]);
      // What came behind that was no longer black.
      studio.engine.pause();
      const again = studio.engine.duration;
      await studio.run(7);
      studio.engine.sighted();
      await studio.run(8);
      await studio.run(9, { frames: false });
      studio.engine.resume();
      await studio.run(11, { frames: false });
      assert.deepEqual(shown(again + 0.01), [last]);
      await studio.engine.stop();
      assert.equal(FakeFrame.open.size, 0);
    });

    it('loses no sound at the end of a pause', async () => {
      for (const [still, later] of [
        [0.4, 2],
        [1.9, 2],
        [1.9, 0.4],
      ] as const) {
        forgetEncoded();
        const studio = await new Studio({ camera: false }).start();
        await studio.run(2);
        await studio.run(2 + still, { frames: false });
        studio.engine.pause();
        await studio.run(6, { frames: false });
        studio.engine.resume();
        await studio.run(6 + later, { frames: false });
        await studio.run(10);
        await studio.engine.stop();
        const { samples } = FakeAudioEncoder;
        const first = samples.find((sample) => sample > 5.5 * RATE)!;
        assert.ok(first / RATE < 6.02, `the first that is heard is of ${first / RATE} s`);
        const length = 2 + still + 4;
        assert.ok(Math.abs(samples.length / RATE - length) < 0.1, `${samples.length / RATE} s of ${length}`);
        assert.ok(worst(studio.offsets(8)) < 0.03, `${worst(studio.offsets(8))} s`);
        mock.timers.reset();
      }
    });

    it('leaves a pause out that came before its first picture was taken', async () => {
      const studio = new Studio({ camera: false });
      const started = studio.engine.start();
      await studio.run(0.04);
      await started;
      studio.engine.pause();
      await studio.run(20, { frames: false });
      studio.engine.resume();
      await studio.run(23, { frames: false });
      await studio.engine.stop();
      assert.ok(Math.abs(studio.engine.duration - 3) < 0.6, `${studio.engine.duration} s`);
      assert.ok(studio.engine.counts.silence < 0.6, `${studio.engine.counts.silence} s of silence`);
      assert.deepEqual([...new Set(FakeVideoEncoder.encoded.map(({ shows }) => shows))], [0]);
      assert.equal(FakeFrame.open.size, 0);
    });
  });

  it('keeps a sound that came for a moment only, and ends with it', async () => {
    const studio = await new Studio().start();
    await studio.run(0.3);
    await studio.run(3, { sound: 'none' });
    studio.engine.pause();
    studio.engine.resume();
    await studio.run(4, { sound: 'none' });
    assert.equal(await studio.engine.stop(), true);
    const { silence } = studio.engine.counts;
    assert.ok(Math.abs(silence - 3.7) < 0.2, `${silence} s of silence`);
    assert.ok(FakeAudioEncoder.samples.includes(Math.round(0.2 * RATE)));
  });

  it('fails as an encoder does when the silence that stands in for a sound cannot be made', async () => {
    const studio = await new Studio().start();
    await studio.run(2);
    const { AudioData } = globalThis;
    globalThis.AudioData = class {
      constructor() {
        throw new RangeError('There is no memory.');
      }
    } as unknown as typeof AudioData;
    try {
      await studio.run(4, { sound: 'none' });
    } finally {
      globalThis.AudioData = AudioData;
    }
    assert.equal((studio.told.failed[0] as OnAirError).code, 'encoder-failed');
    assert.equal(await studio.engine.stop(), true);
  });

  it('asks for a picture that does not come, and begins with it', async () => {
    const studio = new Studio({ camera: false });
    const started = studio.engine.start();
    await studio.run(1.4, { frames: false });
    assert.equal(studio.unseen, 0);
    await studio.run(3.2, { frames: false });
    assert.equal(studio.unseen, 2);
    await studio.run(6);
    assert.match((await started).mimeType, /vp8/);
    assert.equal(studio.unseen, 2);
    await studio.engine.stop();
  });

  it('goes on after frames that cannot be taken, and counts them', async () => {
    const studio = await new Studio().start();
    await studio.run(2);
    studio.prepare = (frame) => (frame.broken = new Error('lost device'));
    await studio.run(2.5);
    studio.prepare = () => {};
    await studio.run(4);
    assert.equal(await studio.engine.stop(), true);
    assert.deepEqual(studio.told, { ended: 0, failed: [], notices: [], moves: [] });
    assert.equal(studio.engine.counts.framesDropped, 15);
    assert.ok(studio.engine.duration > 3.8);
    assert.equal(FakeFrame.open.size, 0);
  });

  it('ends the take, once, when no frame can be taken for a second; what was taken is whole', async () => {
    const studio = await new Studio().start();
    await studio.run(2);
    studio.prepare = (frame) => (frame.broken = new Error('lost device'));
    await studio.run(5);
    assert.equal(studio.told.failed.length, 1);
    const error = OnAirError.from(studio.told.failed[0], 'no-media', '');
    assert.deepEqual([error.code, error.detail], ['encoder-failed', 'Error: lost device']);
    assert.equal(studio.told.ended, 0);
    assert.equal(await studio.engine.stop(), true);
    assert.equal(FakeFrame.open.size, 0);
  });

  it('can be given up whatever its frames do', async () => {
    const studio = await new Studio().start();
    studio.prepare = (frame) => (frame.broken = new Error('lost device'));
    await studio.run(2);
    await studio.engine.abort();
    await studio.engine.abort();
    assert.equal(FakeFrame.open.size, 0);
    assert.ok(FakeVideoEncoder.all.every(({ state }) => state === 'closed'));
    assert.ok(FakeAudioEncoder.all.every(({ state }) => state === 'closed'));
  });

  it('ends with its source', async () => {
    const studio = await new Studio().start();
    await studio.run(1);
    studio.video!.close();
    await settle();
    assert.equal(studio.told.ended, 1);
    assert.equal(await studio.engine.stop(), true);
  });

  it('tells a microphone that makes nothing but zeros, until it makes something', async () => {
    const studio = await new Studio().start({ sound: 'zeros' });
    await studio.run(3, { sound: 'zeros' });
    assert.deepEqual(studio.told.notices, []);
    await studio.run(6, { sound: 'zeros' });
    assert.deepEqual(studio.told.notices, ['microphone-silent']);
    await studio.run(7);
    assert.deepEqual(studio.told.notices, ['microphone-silent', 'microphone-silent over']);
    await studio.run(12, { sound: 'zeros' });
    assert.equal(studio.told.notices.length, 2, 'who was heard may be turned down');
    await studio.engine.stop();
  });

  it('tells it again, each time that a microphone that was heard makes nothing but zeros for long', async () => {
    const studio = await new Studio().start();
    await studio.run(2);
    await studio.run(11, { sound: 'zeros' });
    assert.deepEqual(studio.told.notices, []);
    await studio.run(13, { sound: 'zeros' });
    await studio.run(14);
    const once = ['microphone-silent', 'microphone-silent over'];
    assert.deepEqual(studio.told.notices, once);
    await studio.run(25, { sound: 'zeros' });
    await studio.run(26);
    assert.deepEqual(studio.told.notices, [...once, ...once]);
    await studio.engine.stop();
  });

  it('keeps nothing from the disk for long when an encoder of sound takes what it gets and gives nothing', async () => {
    const studio = await new Studio().start();
    await studio.run(2);
    FakeAudioEncoder.all.at(-1)!.stalled = true;
    await studio.run(7);
    assert.ok(studio.written > 6 * 30_000, `${studio.written} bytes`);
    await studio.run(20);
    assert.ok(studio.written > 19 * 30_000, `${studio.written} bytes`);
    assert.equal(FakeAudioEncoder.all.length, 2);
    assert.deepEqual(studio.told.failed, []);
    assert.equal(await studio.engine.stop(), true);
    assert.ok(worst(studio.offsets(8)) < 0.005);
  });

  it('gives whoever goes on the sound from the beginning when no picture ever comes out of an encoder', async () => {
    const sequels = ['video/webm;codecs="vp8,opus"'];
    const studio = new Studio({ sequels });
    FakeVideoEncoder.dead = true;
    await studio.start();
    await studio.run(2);
    assert.equal(studio.told.failed.length, 1);
    assert.equal(OnAirError.from(studio.told.failed[0], 'no-media', '').code, 'encoder-failed');
    assert.equal(studio.engine.sequel, sequels[0]);
    assert.equal(studio.engine.empty, false);
    assert.equal(await studio.engine.stop(), true);
    const heard = FakeAudioEncoder.samples.filter((sample) => sample > 0).length / RATE;
    assert.ok(heard > 1.9, `${heard} s of sound`);
    assert.ok(Math.abs(studio.engine.duration - heard) < 0.1, `${studio.engine.duration} s`);
    assert.equal(FakeFrame.open.size, 0);
  });

  it('has written nothing that could be gone on behind when nothing comes out of any encoder', async () => {
    const sequels = ['video/webm;codecs="vp8"'];
    const studio = new Studio({ sequels, sound: false });
    FakeVideoEncoder.dead = true;
    await studio.start();
    await studio.run(2);
    assert.equal(studio.told.failed.length, 1);
    assert.equal(studio.engine.sequel, sequels[0]);
    assert.equal(studio.engine.empty, true);
    await assert.rejects(studio.engine.stop(), { code: 'no-media' });
  });

  it('keeps nothing of an encoder that takes what it gets and gives nothing until the take ends', async () => {
    const studio = new Studio({ sound: false });
    FakeVideoEncoder.stalled = FakeEncoder.hung = true;
    await studio.start();
    await studio.run(2);
    assert.ok(studio.engine.duration > 1.8, 'pictures have come');
    const stopped = assert.rejects(studio.engine.stop(), { code: 'no-media' });
    await studio.run(6, { frames: false });
    await stopped;
    assert.equal(FakeFrame.open.size, 0);
  });

  it('tells a microphone that is gone, and that it is back', async () => {
    const studio = await new Studio().start();
    await studio.run(2);
    await studio.run(6, { sound: 'none' });
    assert.deepEqual(studio.told.notices, ['microphone-silent']);
    await studio.run(7);
    assert.deepEqual(studio.told.notices, ['microphone-silent', 'microphone-silent over']);
    await studio.engine.stop();
  });

  describe('with an encoder that gets slow', () => {
    for (const adaptive of [true, false]) {
      it(
        adaptive ? 'keeps what it then promises, and comes back' : 'loses frames where the quality is fixed',
        async () => {
          const studio = await new Studio({ adaptive }).start();
          studio.tick = () => FakeVideoEncoder.all.at(-1)?.work(studio.now);
          await studio.run(3);
          assert.equal(studio.told.moves.length, 0);
          FakeVideoEncoder.speed = 24;
          await studio.run(13);
          const count = (name: string) => studio.metrics.counter(`frames:${name}`).value;
          const before = {
            promised: count('captured') - count('dropped:rate'),
            lost: studio.engine.counts.framesDropped!,
          };
          await studio.run(18);
          const lost = studio.engine.counts.framesDropped! - before.lost;
          const promised = count('captured') - count('dropped:rate') - before.promised;
          if (!adaptive) {
            assert.ok(lost / promised > 0.15, `${lost} of ${promised} lost`);
            assert.equal(studio.told.moves.length, 0);
            return;
          }
          assert.ok(lost / promised < 0.02, `${lost} of ${promised} lost`);
          assert.ok(promised > 5 * 15);
          assert.equal(studio.told.moves.at(-1)!.quality.frameRate < 1, true);
          FakeVideoEncoder.speed = 1000;
          await studio.run(48);
          assert.equal(studio.told.moves.at(-1)!.quality.level, 1);
          const held = FakeAudioEncoder.samples.filter((sample) => sample > 0).length / RATE;
          assert.ok(held > 47.5, `${held} s of sound`);
          await studio.engine.abort();
        },
      );
    }
  });

  it('stamps each stage of the way of a frame, by one clock, and tells how full its queue is', async () => {
    const studio = await new Studio({ adaptive: false }).start();
    studio.tick = () => FakeVideoEncoder.all.at(-1)?.work(studio.now);
    await studio.run(2);
    FakeVideoEncoder.speed = 40;
    const before = studio.metrics.state();
    await studio.run(6, { frameTakes: (made) => (made > 2.99 ? Math.max(WAY, 3.112 - made) : WAY) });
    const { histograms, counters } = studio.metrics.snapshot(before);
    const { [`frame:encode`]: encode, [`frame:total`]: total, [`frame:capture`]: capture } = histograms;
    for (const name of ['capture', 'process', 'queue', 'encode', 'mux', 'total'] as const)
      assert.ok(Math.abs(histograms[FRAME_PATH[name]]!.count - counters['frames:taken']!) <= 3, name);
    assert.ok(Math.abs(encode!.p50 - 0.025) < 0.01, `${encode!.p50} s of work`);
    assert.ok(capture!.p50 < 0.001 && Math.abs(capture!.max - 0.1) < 0.01, `${capture!.p50} ${capture!.max} s late`);
    assert.ok(total!.p50 >= encode!.p50 && total!.p50 < 0.06, `${total!.p50} s in all`);
    assert.ok(total!.max > 0.1, 'what a frame waited before it came is part of it');
    const { min, max } = histograms['headroom:encoder']!;
    assert.ok(min > 0.05 && max < 8.1 * FRAME, `${min} to ${max} s`);
    await studio.engine.abort();
  });

  it('waits for a sound alone as long as for a first picture', async () => {
    const studio = new Studio({ picture: false });
    const started = studio.engine.start();
    await studio.run(2, { sound: 'none' });
    await studio.run(4);
    assert.match((await started).mimeType, /opus/);
    assert.equal(await studio.engine.stop(), true);
    assert.ok(studio.engine.duration > 1.9, `${studio.engine.duration} s`);
  });

  it('does not begin without any', async () => {
    const studio = new Studio({ picture: false });
    const refused = assert.rejects(studio.engine.start(), { code: 'no-media' });
    await studio.run(13, { sound: 'none' });
    await refused;
  });

  it('records sound alone, over a pause', async () => {
    const studio = await new Studio({ picture: false }).start();
    await studio.run(2);
    studio.engine.pause();
    await studio.run(6);
    studio.engine.resume();
    await studio.run(8);
    assert.equal(await studio.engine.stop(), true);
    assert.ok(Math.abs(studio.engine.duration - 4) < 0.05, `${studio.engine.duration} s`);
  });
});
