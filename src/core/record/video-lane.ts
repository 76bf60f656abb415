import { encoderConfig, holdPicture, PictureFitter, type HeldPicture, type PictureSize } from '../encode/index.js';
import type { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import { Lag } from './lag.js';
import type { Packet } from './mux.js';

/** Frames in the encoder. More would hide a slow encoder and would all be lost in a crash. */
const MOST_QUEUED = 8;
/** Seconds that a frame may have been in the encoder when another one is given to it: that, too, is lost in a crash. */
const LONGEST_QUEUED = 0.4;
/** An encoder that fails is made again this many times in a take; then the take ends, complete. */
const MOST_REBUILDS = 5;
/** Seconds between copies of the picture that is shown again when the source stands still. */
const HOLD_EVERY = 0.25;

export interface VideoLaneOptions {
  codecString: string;
  size: PictureSize;
  bitrate: number;
  /** Seconds. */
  keyInterval: number;
  onPacket(packet: Packet, meta?: EncodedVideoChunkMetadata): void;
  /** The encoder cannot be kept alive. */
  onFailure(error: OnAirError): void;
}

/**
 * Frames to packets. Owns every frame it is given from then on, and closes it. Times are the frames' own, from 0; when
 * the encoder is behind, whole frames are given up before encoding and counted.
 */
export class VideoLane {
  frames = 0;
  dropped = 0;

  #encoder!: VideoEncoder;
  #fitter: PictureFitter;
  #lag = new Lag();
  /** Microseconds on the source's clock at which the take's zero lies; moved by every pause. */
  #origin: number | null = null;
  #anchoredLag = 0;
  #lastSource = -Infinity;
  #last = -1;
  #lastKey = -Infinity;
  #interval: number;
  #lastArrival = -Infinity;
  #held: HeldPicture | null = null;
  #heldAt = -Infinity;
  #paused = false;
  #resumed = false;
  #rebuilds = 0;
  /** When the frames that the encoder holds were given to it. */
  #inside: number[] = [];

  constructor(private readonly options: VideoLaneOptions) {
    this.#fitter = new PictureFitter(options.size.width, options.size.height);
    this.#interval = Math.round(1e6 / options.size.frameRate);
    this.#build();
  }

  /** Seconds: the end of the last picture. */
  get end(): number {
    return this.#last < 0 ? 0 : (this.#last + this.#interval) / 1e6;
  }

  /** When the last frame came (seconds on the clock of arrival). */
  get lastArrival(): number {
    return this.#lastArrival;
  }

  /**
   * Where the take's zero lies on the clock of arrival, by what has arrived so far; `drift` counts from here.
   * Null before the first frame, and after a pause until the next one.
   */
  anchor(): number | null {
    if (this.#origin === null || this.#paused || this.#resumed) return null;
    this.#anchoredLag = this.#lag.least;
    return this.#anchoredLag + this.#origin / 1e6;
  }

  /** Seconds by which the least lag has moved since `anchor()`. */
  get drift(): number {
    const least = this.#lag.least;
    return Number.isFinite(least) ? least - this.#anchoredLag : 0;
  }

  /** @param arrival seconds on a monotonic clock */
  async take(frame: VideoFrame, arrival: number): Promise<void> {
    if (this.#paused) {
      frame.close();
      return;
    }
    this.frames++;
    this.#lastArrival = arrival;
    const time = this.#place(frame.timestamp, arrival);
    if (time === null || this.#behind(arrival)) {
      if (time !== null) this.dropped++;
      frame.close();
      return;
    }
    const picture = await this.#fitter.fit(frame, time);
    try {
      // While it was fitted, a repeated picture may have taken its place.
      if (time <= this.#last) return;
      this.#encode(picture);
      if (arrival - this.#heldAt >= HOLD_EVERY && picture.format) {
        this.#heldAt = arrival;
        this.#held = await holdPicture(picture);
      }
    } finally {
      picture.close();
    }
  }

  /** Shows the last picture again at this time (seconds), so that a source that stands still does not hold back the sound. */
  repeat(at: number): void {
    const time = Math.round(at * 1e6);
    if (!this.#held || this.#paused || time <= this.#last + this.#interval) return;
    const picture = new VideoFrame(this.#held.data, { ...this.#held.init, timestamp: time });
    this.#encode(picture);
    picture.close();
  }

  pause(): void {
    this.#paused = true;
  }

  /** The next frame follows the last one without a gap, and is a key frame. */
  resume(): void {
    this.#paused = false;
    this.#resumed = true;
  }

  /** Waits until everything that was taken has come out, then lets the encoder go. */
  async finish(): Promise<void> {
    if (this.#encoder.state === 'configured') await this.#encoder.flush().catch(() => {});
    this.close();
  }

  close(): void {
    if (this.#encoder.state !== 'closed') this.#encoder.close();
    this.#held = null;
  }

  /** The frame's time in the take, in microseconds; null when it comes too late for its place. */
  #place(source: number, arrival: number): number | null {
    // A clock that stands still or starts at INT64_MIN (WebKitGTK's canvas) tells nothing: arrival does.
    const made = source > this.#lastSource && source > -1e15 ? source : arrival * 1e6;
    this.#lastSource = source;
    if (this.#origin === null) this.#origin = made;
    this.#lag.add(arrival, made / 1e6);
    if (this.#resumed) {
      this.#origin = made - (this.#last + this.#interval);
      this.#resumed = false;
      this.#lastKey = -Infinity;
    }
    const time = Math.round(made - this.#origin);
    if (time <= this.#last) return null;
    return time;
  }

  #behind(arrival: number): boolean {
    const queued = this.#encoder.encodeQueueSize;
    const [oldest = arrival] = this.#inside;
    return queued >= MOST_QUEUED || (queued >= 2 && arrival - oldest > LONGEST_QUEUED);
  }

  #encode(picture: VideoFrame): void {
    if (this.#encoder.state !== 'configured') return;
    this.#inside.push(performance.now() / 1000);
    const time = picture.timestamp;
    const keyFrame = time - this.#lastKey >= this.options.keyInterval * 1e6 - this.#interval / 2;
    if (keyFrame) this.#lastKey = time;
    const step = time - this.#last;
    if (this.#last >= 0 && step < 200_000) this.#interval += Math.round((step - this.#interval) / 8);
    this.#last = time;
    this.#encoder.encode(picture, { keyFrame });
  }

  #build(): void {
    const { codecString, size, bitrate } = this.options;
    const encoder = new VideoEncoder({
      output: (chunk, meta) => {
        this.#inside.shift();
        const data = new Uint8Array(chunk.byteLength);
        chunk.copyTo(data);
        const packet = {
          data,
          key: chunk.type === 'key',
          timestamp: chunk.timestamp / 1e6,
          duration: this.#interval / 1e6,
        };
        this.options.onPacket(packet, meta);
      },
      error: (error) => this.#rebuild(error),
    });
    encoder.configure(encoderConfig(codecString, size, bitrate));
    this.#encoder = encoder;
    this.#inside = [];
    this.#lastKey = -Infinity;
  }

  /** Encoders are reclaimed after a minute of silence or when a driver resets: a new one goes on with a key frame. */
  #rebuild(cause: unknown): void {
    if (this.#rebuilds++ < MOST_REBUILDS) {
      try {
        this.#build();
        return;
      } catch (thrown) {
        cause = thrown;
      }
    }
    this.options.onFailure(fault('encoder-failed', {}, { cause }));
  }
}
