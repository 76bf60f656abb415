import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import type { OnAirError } from '../../../src/core/errors.js';
import { Metrics } from '../../../src/core/metrics/index.js';
import { CodecEngine } from '../../../src/core/record/codec-engine.js';
import type { AudioInput, TakeRequest, VideoInput } from '../../../src/core/record/protocol.js';
import { TakeWriter } from '../../../src/core/record/take-writer.js';
import { asFrame, FakeFrame, FakeVideoEncoder, forgetEncoded, frameAt, settle, useCodecFakes } from './codec-fakes.js';

const STEP = 1 / 30;

/** A camera with a clock of its own, whose frames take a while to the engine. */
class Camera {
  readonly input: VideoInput;
  #feed!: ReadableStreamDefaultController<VideoFrame>;

  constructor(
    readonly clock: number,
    readonly way: number,
  ) {
    const readable = new ReadableStream<VideoFrame>({ start: (feed) => void (this.#feed = feed) });
    this.input = { via: 'readable', readable, frameRate: 30, camera: true };
  }

  /** What was made `way` ago arrives. */
  deliver(now: number): void {
    const frame = frameAt(this.clock + now - this.way);
    try {
      this.#feed.enqueue(asFrame(frame));
    } catch {
      frame.close(); // Nobody reads it any more.
    }
  }

  end(): void {
    this.#feed.close();
  }

  /** As Safari gives it to a worker; counts how often it is stopped. */
  asTrack(): { input: VideoInput; stopped: number } {
    const { input } = this;
    assert.ok(input.via === 'readable');
    const counted = { input, stopped: 0 };
    const track = { readable: input.readable, stop: () => void counted.stopped++ };
    return Object.assign(counted, {
      input: { ...input, via: 'track', track: track as unknown as MediaStreamTrack } as VideoInput,
    });
  }
}

/** The processor that a worker makes of such a track. */
class FakeProcessor {
  readonly readable: ReadableStream<VideoFrame>;
  constructor({ track }: { track: { readable: ReadableStream<VideoFrame> } }) {
    this.readable = track.readable;
  }
}

/** A microphone of which every sample is the same. */
class Microphone {
  readonly input: AudioInput;
  #feed!: ReadableStreamDefaultController<AudioData>;

  constructor(private readonly level: number) {
    const readable = new ReadableStream<AudioData>({ start: (feed) => void (this.#feed = feed) });
    this.input = { via: 'readable', readable };
  }

  deliver(): void {
    const sound = {
      sampleRate: 48_000,
      numberOfChannels: 1,
      numberOfFrames: Math.round(48_000 * STEP),
      copyTo: (plane: Float32Array) => plane.fill(this.level),
      close: () => {},
    };
    try {
      this.#feed.enqueue(sound as unknown as AudioData);
    } catch {
      // Nobody reads it any more.
    }
  }
}

let now = 0;
let told: string[] = [];

function record(camera: Pick<Camera, 'input'>, microphone?: Microphone): CodecEngine {
  const request = {
    format: 'webm',
    video: camera.input,
    audio: microphone?.input ?? null,
    followed: true,
    videoBitrate: null,
    audioBitrate: null,
    trials: {
      'vp9 64x48@30': { ok: false, codecString: 'vp8', speed: 1000 },
      'vp8 64x48@30': { ok: true, codecString: 'vp8', speed: 1000 },
      'opus,48000,1,64000': { ok: true, codecString: 'opus', speed: 0 },
    },
    aacEncoder: null,
    adaptive: false,
    maxLatency: 0.4,
    dropThreshold: 0.1,
    latencyMode: 'realtime',
    hardwareAcceleration: 'no-preference',
    keyInterval: null,
    sequels: [],
  } as unknown as TakeRequest;
  let size = 0;
  const file = {
    get size() {
      return size;
    },
    read: () => 0,
    write: (bytes: Uint8Array, at: number) => void (size = Math.max(size, at + bytes.byteLength)),
    truncate: () => {},
    flush: () => {},
    close: () => {},
  };
  const writer = new TakeWriter(file, { flushBytes: 4 * 2 ** 20, flushInterval: 1 });
  return new CodecEngine(request, writer, {
    metrics: new Metrics(),
    moved: ({ cause }) => told.push(cause),
    media: () => {},
    ended: () => told.push('ended'),
    unseen: () => {},
    overlapped: () => Promise.resolve(),
    grows: () => Promise.resolve(),
    replaced: (kind) => told.push(kind),
    fail: (thrown) => told.push(String(thrown)),
    notice: (code) => told.push(code),
    noticeOver: (code) => told.push(`${code} over`),
  });
}

/** Lets time pass until then; these devices deliver meanwhile. */
async function run(until: number, ...devices: (Camera | Microphone)[]): Promise<void> {
  while (now + STEP <= until) {
    now += STEP;
    for (const device of devices) device.deliver(now);
    mock.timers.tick(Math.round(STEP * 1000));
    await settle();
  }
}

const times = () => FakeVideoEncoder.encoded.map(({ timestamp }) => timestamp / 1e6);
const gaps = () =>
  times()
    .slice(1)
    .map((time, index) => time - times()[index]!);

describe('a take whose camera is another one', () => {
  useCodecFakes();
  beforeEach(() => {
    forgetEncoded();
    [now, told] = [0, []];
    mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
    mock.method(performance, 'now', () => now * 1000);
  });
  afterEach(() => {
    mock.reset();
    mock.timers.reset();
  });

  async function started(camera: Camera, microphone?: Microphone): Promise<CodecEngine> {
    const engine = record(camera, microphone);
    const start = engine.start();
    await run(0.2, camera, ...(microphone ? [microphone] : []));
    await start;
    return engine;
  }

  it('goes on with a key frame, no gap over two frames, and on the clock of the take', async () => {
    const [first, second] = [new Camera(100, 0.012), new Camera(9000, 0.04)];
    const engine = await started(first);
    await run(2, first);
    engine.replace({ video: second.input });
    await run(2.4, first);
    assert.deepEqual(told, [], 'the one before is read until the next delivers');
    await run(2.41 + STEP, first, second);
    await run(5, second);
    assert.equal(await engine.stop(), true);
    assert.deepEqual(told, ['video']);
    assert.ok(Math.min(...gaps()) > 0, 'in order');
    assert.ok(Math.max(...gaps()) <= 2 * STEP, `${Math.max(...gaps())} s`);
    const { key, timestamp } = FakeVideoEncoder.encoded.find(({ made }) => made !== null && made > 8000)!;
    assert.equal(key, true);
    assert.ok(Math.abs(timestamp / 1e6 - 2.4) < 0.15, `${timestamp / 1e6} s`);
    assert.ok(Math.abs(engine.duration - 4.9) < 0.15, `${engine.duration} s`);
    assert.equal(FakeFrame.open.size, 0);
    assert.equal(engine.counts.framesDropped, 0);
  });

  it('shows the last picture until the next one delivers where the first had to be closed', async () => {
    const [first, second] = [new Camera(100, 0.012), new Camera(9000, 0.04)];
    const engine = await started(first);
    await run(2, first);
    first.end();
    await run(2.8);
    engine.replace({ video: second.input });
    await run(4, second);
    await engine.stop();
    assert.deepEqual(
      told.filter((word) => word !== 'ended'),
      ['video'],
    );
    assert.ok(Math.min(...gaps()) > 0);
    assert.ok(Math.max(...gaps()) < 0.85);
    assert.ok(Math.abs(engine.duration - 3.9) < 0.15, `${engine.duration} s`);
  });

  it('turns at once in a pause, and goes on without a gap after it', async () => {
    const [first, second] = [new Camera(100, 0.012), new Camera(9000, 0.04)];
    const engine = await started(first);
    await run(2, first);
    engine.pause();
    engine.replace({ video: second.input });
    await settle();
    assert.deepEqual(told, ['video']);
    await run(4, second);
    engine.resume();
    await run(6, second);
    await engine.stop();
    assert.ok(Math.max(...gaps()) <= 2 * STEP, `${Math.max(...gaps())} s`);
    assert.ok(Math.abs(engine.duration - 3.9) < 0.15, `${engine.duration} s`);
  });

  describe('whose tracks were given to the worker', () => {
    before(() => Object.assign(globalThis, { MediaStreamTrackProcessor: FakeProcessor }));
    after(() => Reflect.deleteProperty(globalThis, 'MediaStreamTrackProcessor'));

    it('lets each go when it is read no more', async () => {
      const [first, second] = [new Camera(100, 0.012), new Camera(9000, 0.04)];
      const [one, two] = [first.asTrack(), second.asTrack()];
      const engine = record(one);
      const start = engine.start();
      await run(0.2, first);
      await start;
      engine.replace({ video: two.input });
      await run(0.4, first);
      assert.equal(one.stopped, 0, 'it is read until the next delivers');
      await run(1, first, second);
      assert.deepEqual([told, one.stopped, two.stopped], [['video'], 1, 0]);
      await engine.stop();
      assert.deepEqual([one.stopped, two.stopped], [1, 1]);
      assert.equal(FakeFrame.open.size, 0);
    });

    it('lets one go that was never read, because there is no encoder', async () => {
      const camera = new Camera(100, 0.012).asTrack();
      const encoder = Object.getOwnPropertyDescriptor(globalThis, 'VideoEncoder')!;
      Reflect.deleteProperty(globalThis, 'VideoEncoder');
      try {
        const engine = record(camera);
        await assert.rejects(engine.start(), (error: OnAirError) => error.code === 'no-encoder');
        await engine.abort();
        assert.equal(camera.stopped, 1);
      } finally {
        Object.defineProperty(globalThis, 'VideoEncoder', encoder);
      }
    });
  });

  it('tells of another microphone that makes zeros from its beginning as of the first one of a take', async () => {
    const camera = new Camera(100, 0.012);
    const [first, second] = [new Microphone(0.1), new Microphone(0)];
    const engine = await started(camera, first);
    await run(2, camera, first);
    engine.replace({ audio: second.input });
    await run(4.8, camera, second);
    assert.deepEqual(told, ['audio']);
    await run(5.5, camera, second);
    assert.deepEqual(told, ['audio', 'microphone-silent']);
    await engine.stop();
  });
});
