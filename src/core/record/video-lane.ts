import {
  EncoderLadder,
  holdPicture,
  PictureFitter,
  type EncoderLoad,
  type EncoderWay,
  type HeldPicture,
  type PictureSize,
} from '../encode/index.js';
import type { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import { FrameProcessor } from '../frames/index.js';
import type { Metrics } from '../metrics/index.js';
import type { QualityLevel } from '../quality/index.js';
import { FrameCounters } from './frame-counters.js';
import { KEY_INTERVAL, type Packet } from './mux.js';
import { PictureTimeline } from './picture-timeline.js';

/** Frames that may wait for the encoder. More would hide a slow encoder and would all be lost in a crash. */
const MOST_QUEUED = 8;
/** With fewer than that the encoder would stand idle, however old they are. */
const BUSY = 2;
/** Seconds between copies of the picture that is shown again when the source stands still. */
const HOLD_EVERY = 0.25;

export interface VideoLaneOptions {
  codecString: string;
  way: EncoderWay;
  size: PictureSize;
  bitrate: number;
  /** Seconds. */
  keyInterval: number;
  /** Seconds that a picture may have been in the encoder when another one is given to it: that, too, is lost in a crash. */
  maxLatency: number;
  metrics: Metrics;
  /** Whether the source is a camera: then every gap in its times is a loss. */
  camera: boolean;
  /** Whether so much waits to be written that no more pictures are to be made for now. */
  full(): boolean;
  /** Whether so much lies behind the last key frame that the next one is not to be waited for. */
  keyDue(): boolean;
  /** Seconds that writes have taken so far. Meanwhile nobody takes frames in. */
  written(): number;
  /** `from` is when the source made it, in seconds of this thread's clock; null for a picture that is shown again. */
  onPacket(packet: Packet, meta: EncodedVideoChunkMetadata | undefined, from: number | null): void;
  /** The encoder cannot be kept alive. */
  onFailure(error: OnAirError): void;
}

/**
 * Frames to packets. Owns every frame it is given from then on, and closes it. Times are the frames' own, from 0; when
 * encoder or disk are behind, whole frames are given up before encoding and counted. What becomes of a frame is decided
 * in one place, by the FrameProcessor.
 */
export class VideoLane {
  readonly timeline: PictureTimeline;
  readonly #processor: FrameProcessor;
  readonly #encoder: EncoderLadder;
  /** What became of the frames. */
  readonly counts: FrameCounters;
  #fitter: PictureFitter;
  /** What becomes of a frame that comes too late for its place: with none that was shown again there, no frame is lost. */
  #missed: 'late' | null = null;
  #lastKey = -Infinity;
  /** `written()` when the last frame came that no write has held up. */
  #writtenBefore = 0;
  /** What is shown where the source stands still. */
  #held: HeldPicture | null = null;
  #heldAt = -Infinity;
  /** The newest frame of a source that may stand still, whatever became of it, until it does: then it is held. */
  #newest: VideoFrame | null = null;
  /** The same of what came in a pause. */
  #meanwhile: VideoFrame | null = null;
  #turned = false;
  #settling = false;
  #camera: boolean;
  /** Of the source's frames, what the quality wants. */
  #share = 1;

  constructor(private readonly options: VideoLaneOptions) {
    this.#fitter = new PictureFitter(options.size.width, options.size.height, options.metrics);
    this.#camera = options.camera;
    this.timeline = new PictureTimeline(options.size.frameRate, options.camera);
    this.#processor = new FrameProcessor({ maxQueue: MOST_QUEUED, deadline: options.maxLatency });
    this.counts = new FrameCounters(options.metrics);
    this.#encoder = new EncoderLadder({
      ...options,
      onPicture: ({ timestamp, ...picture }, { latency, work, from }, meta) => {
        const { metrics } = options;
        metrics.record('encode', latency);
        metrics.record('pipeline:queue', latency - work, work);
        metrics.record('frame:encode', work);
        options.onPacket(
          { ...picture, timestamp: timestamp / 1e6, duration: this.timeline.interval / 1e6 },
          meta,
          from,
        );
      },
      onLost: (pictures) => this.counts.lose(pictures),
      onFailure: (cause) => options.onFailure(fault('encoder-failed', {}, { cause })),
    });
  }

  /** Frames that the source made, as far as its times tell. */
  get frames(): number {
    return this.counts.captured;
  }

  /** Those of them that were wanted and are not in the file. */
  get dropped(): number {
    return this.counts.dropped;
  }

  get load(): EncoderLoad {
    return this.#encoder.load;
  }

  /** Share of the frames that may wait for the encoder. */
  get queued(): number {
    return this.#encoder.queued / MOST_QUEUED;
  }

  /** Shares of the full quality. Frames that are left out to keep the rate are wanted so, and no loss. */
  set quality({ bitrate, frameRate, size }: QualityLevel) {
    const { options } = this;
    const even = (pixels: number) => Math.max(2, 2 * Math.round((pixels * size) / 2));
    // Shares of what it really makes: Chromium's cameras say 30 and may make 20.
    const full = this.timeline.rate ?? options.size.frameRate;
    this.#share = frameRate;
    this.#processor.frameRate = frameRate < 1 ? full * frameRate : null;
    this.#encoder.configure({
      size: { width: even(options.size.width), height: even(options.size.height), frameRate: full * frameRate },
      bitrate: Math.round(options.bitrate * bitrate),
    });
  }

  /** Seconds: the end of the last picture. */
  get end(): number {
    return this.timeline.end;
  }

  /**
   * @param arrival seconds on a monotonic clock
   * @param busy whether another frame is being taken: this one cannot be
   * @throws what the platform throws for this frame; it is closed then, and counted among `frames`
   */
  async take(frame: VideoFrame, arrival: number, busy = false): Promise<void> {
    const { timeline } = this;
    if (timeline.paused) {
      this.forgetMeanwhile();
      this.#meanwhile = this.#camera ? null : frame;
      if (this.#camera) frame.close();
      return;
    }
    this.#remember(frame);
    this.counts.capture();
    const time = timeline.push(frame.timestamp, arrival);
    this.#account();
    const from = arrival - (timeline.waited ?? 0);
    const verdict = time === null ? this.#missed : this.#processor.decide(time / 1e6, ...this.#waiting(arrival, busy));
    if (verdict !== 'take') {
      if (verdict) this.counts.drop(verdict === 'queue' && this.options.full() ? 'disk' : verdict);
      frame.close();
      return;
    }
    const { metrics } = this.options;
    const started = metrics.start('pipeline:process');
    const picture = await this.#decouple(await this.#fitter.fit(frame, time!));
    try {
      // While it was fitted, a repeated picture may have taken its place.
      if (!timeline.follows(time!)) {
        this.counts.drop('late');
        return;
      }
      metrics.end('pipeline:process', started);
      this.#encode(picture, from);
      if (this.#camera && arrival - this.#heldAt >= HOLD_EVERY && picture.format) {
        this.#heldAt = arrival;
        this.#held = await holdPicture(picture).catch(() => this.#held);
      }
    } finally {
      picture.close();
    }
  }

  /** So many frames did not come, because this side was behind: the gap before the next one is theirs. */
  giveUp(frames: number): void {
    if (frames === 0 || this.timeline.paused) return;
    this.counts.capture(frames);
    this.counts.drop('queue', frames);
    this.timeline.interrupt();
  }

  /** A frame could not be taken. */
  lose(): void {
    this.counts.lose(1);
  }

  /** What a frame would have to wait for: the pictures before it, and how long the oldest of them has waited. */
  #waiting(arrival: number, busy: boolean): [queued: number, age: number] {
    if (busy || this.options.full()) return [Infinity, 0];
    return [this.#encoder.queued, this.#age(arrival)];
  }

  /** Seconds that the oldest picture has waited for an encoder that has others to do. */
  #age(now: number): number {
    const { queued, load } = this.#encoder;
    return queued < BUSY || load.oldest === null ? 0 : now - load.oldest;
  }

  /**
   * A camera has some three buffers, and a frame that waits in the encoder on one of them keeps the next from being made:
   * up to 0.4 s of frames were lost that way while the first one of a take was encoded. So what has to wait is copied.
   */
  async #decouple(picture: VideoFrame): Promise<VideoFrame> {
    if (this.#encoder.load.empty || !picture.format) return picture;
    const { timestamp } = picture;
    const held = await holdPicture(picture).finally(() => picture.close());
    return new VideoFrame(held.data, { ...held.init, timestamp });
  }

  /** Shows the last picture again at this time (seconds), so that a source that stands still does not hold back the sound. */
  async repeat(at: number): Promise<void> {
    const due = () => !this.timeline.paused && !this.options.full() && at > this.timeline.end;
    if (!due() || this.#settling) return;
    await this.#settle();
    if (!this.#held || !due()) return;
    const time = Math.round(at * 1e6);
    const picture = new VideoFrame(this.#held.data, { ...this.#held.init, timestamp: time });
    try {
      this.#encode(picture, null);
    } finally {
      picture.close();
    }
  }

  /** As of `PictureTimeline`; the next frame is a key frame. */
  resume(from: number): void {
    this.timeline.resume(from);
    this.#turned = this.#meanwhile !== null;
    if (this.#meanwhile) {
      this.#forgetNewest();
      this.#newest = this.#meanwhile;
      this.#meanwhile = null;
    }
    this.#lastKey = -Infinity;
  }

  /** As of `PictureTimeline`; the next frame is a key frame. */
  changeSource(zero: number | null, camera: boolean): void {
    this.timeline.changeSource(zero, camera);
    this.#camera = camera;
    this.#lastKey = -Infinity;
  }

  get camera(): boolean {
    return this.#camera;
  }

  /** Whether another picture came in the last pause. */
  get turned(): boolean {
    return this.#turned;
  }

  /** Looks after the encoder; call it a few times a second, with the time on the clock of arrival. */
  look(now: number): void {
    this.#encoder.look(now);
    const { metrics, maxLatency } = this.options;
    const { queued } = this.#encoder;
    const room = ((MOST_QUEUED - queued) * this.timeline.interval) / 1e6;
    metrics.sample('queue:encoder', queued);
    metrics.sample('headroom:encoder', Math.min(room, maxLatency - this.#age(now)));
  }

  /** Waits until everything that was taken has come out, then lets the encoder go. */
  async finish(): Promise<void> {
    await this.#encoder.finish();
    this.#letGo();
  }

  close(): void {
    this.#encoder.close();
    this.#letGo();
  }

  #letGo(): void {
    this.#forgetNewest();
    this.forgetMeanwhile();
    this.#held = null;
  }

  /** A camera has too few buffers for that, and does not stand still. */
  #remember(frame: VideoFrame): void {
    try {
      const newest = this.#camera ? null : frame.clone();
      this.#forgetNewest();
      this.#newest = newest;
    } catch {
      // What comes of a frame that is none is told by whoever takes it.
    }
  }

  /** What has come in this pause shows nothing of the source. */
  forgetMeanwhile(): void {
    this.#meanwhile?.close();
    this.#meanwhile = null;
  }

  #forgetNewest(): void {
    this.#newest?.close();
    this.#newest = null;
  }

  /** Takes the newest frame out of the source's buffers: nothing came for so long that it may be shown again and again. */
  async #settle(): Promise<void> {
    const newest = this.#newest;
    if (!newest) return;
    this.#newest = null;
    this.#settling = true;
    try {
      // Another one than that of the frames, one of which may come meanwhile.
      const { width, height } = this.#fitter;
      const picture = await new PictureFitter(width, height).fit(newest, 0);
      this.#held = await holdPicture(picture).finally(() => picture.close());
    } finally {
      this.#settling = false;
    }
  }

  /** Counts the frames that never came before this one, and tells how long it took itself. */
  #account(): void {
    const { waited, missing, open, interval } = this.timeline;
    if (waited === null) return;
    this.options.metrics.record('frame:capture', waited);
    const writing = this.options.written() - this.#writtenBefore;
    const late = waited * 1e6 > interval;
    if (missing > 0) this.#miss(missing, writing);
    // A frame that waits for a write waits for no longer than that takes: one that did has waited for something else.
    else if (!open && (!late || writing < waited)) this.#writtenBefore += writing;
  }

  /** Frames never came. Where writes have taken at least as long as these would have, it was for them. */
  #miss(frames: number, writing: number): void {
    // Infinity where no rate is known.
    const seconds = frames / (this.timeline.rate ?? 0);
    const held = writing >= seconds;
    if (held) this.#writtenBefore += seconds;
    this.counts.miss(frames, this.#share, held);
  }

  /** @param from when the source made the picture; null for one that is shown again, which is no loss */
  #encode(picture: VideoFrame, from: number | null): void {
    const made = from !== null;
    if (!this.#encoder.ready()) {
      if (made) this.counts.lose(1);
      return;
    }
    const time = picture.timestamp;
    const { keyInterval, keyDue } = this.options;
    const apart = keyDue() ? Math.min(keyInterval, KEY_INTERVAL.mp4) : keyInterval;
    const due = time - this.#lastKey >= apart * 1e6 - this.timeline.interval / 2;
    const keyFrame = due || this.#encoder.keyDue;
    this.#encoder.encode(picture, { keyFrame, made, from });
    if (made) this.counts.take();
    if (keyFrame) this.#lastKey = time;
    this.timeline.set(time);
    this.#missed = made ? null : 'late';
  }
}
