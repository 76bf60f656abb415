import { encoderConfig, holdPicture, PictureFitter, type HeldPicture, type PictureSize } from '../encode/index.js';
import type { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import { Cadence } from './cadence.js';
import { Lag } from './lag.js';
import type { Packet } from './mux.js';

/** Frames in the encoder. More would hide a slow encoder and would all be lost in a crash. */
const MOST_QUEUED = 8;
/** Seconds that a frame may have been in the encoder when another one is given to it: that, too, is lost in a crash. */
const LONGEST_QUEUED = 0.4;
/** An encoder that fails is made again this many times without a picture from it; then the take ends, complete. */
const MOST_REBUILDS = 5;
/** Seconds between copies of the picture that is shown again when the source stands still. */
const HOLD_EVERY = 0.25;

export interface VideoLaneOptions {
  codecString: string;
  size: PictureSize;
  bitrate: number;
  /** Seconds. */
  keyInterval: number;
  /** Whether the source is a camera: then every gap in its times is a loss. */
  camera: boolean;
  /** Whether so much waits to be written that no more pictures are to be made for now. */
  full(): boolean;
  onPacket(packet: Packet, meta?: EncodedVideoChunkMetadata): void;
  /** The encoder cannot be kept alive. */
  onFailure(error: OnAirError): void;
}

/**
 * Frames to packets. Owns every frame it is given from then on, and closes it. Times are the frames' own, from 0; when
 * encoder or disk are behind, whole frames are given up before encoding and counted.
 */
export class VideoLane {
  /** Frames that the source made, as far as its times tell. */
  frames = 0;
  /** Those of them that are not in the file. */
  dropped = 0;

  #encoder!: VideoEncoder;
  #fitter: PictureFitter;
  #lag = new Lag();
  #cadence: Cadence;
  /** Microseconds on the source's clock at which the take's zero lies; moved by every pause. */
  #origin: number | null = null;
  #anchoredLag = 0;
  /** Where the take's zero lies on the clock of arrival, when no frame could tell it after a pause. */
  #standInZero: number | null = null;
  #lastSource = -Infinity;
  #last = -1;
  #lastKey = -Infinity;
  #interval: number;
  #lastArrival = -Infinity;
  #held: HeldPicture | null = null;
  #heldAt = -Infinity;
  #paused = false;
  #resumed = false;
  #closed = false;
  #rebuilds = 0;
  #cause: unknown;
  /** The pictures that the encoder holds: when they were given to it, and whether the source made them. */
  #inside: { since: number; made: boolean }[] = [];

  constructor(private readonly options: VideoLaneOptions) {
    this.#fitter = new PictureFitter(options.size.width, options.size.height);
    this.#interval = Math.round(1e6 / options.size.frameRate);
    this.#cadence = new Cadence(options.camera);
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

  /**
   * @param arrival seconds on a monotonic clock
   * @throws what the platform throws for this frame; it is closed then, and counted among `frames`
   */
  async take(frame: VideoFrame, arrival: number): Promise<void> {
    if (this.#paused) {
      frame.close();
      return;
    }
    this.frames++;
    this.#lastArrival = arrival;
    const time = this.#place(this.#read(frame.timestamp, arrival), arrival);
    if (time === null || this.#behind(arrival)) {
      if (time !== null) this.dropped++;
      frame.close();
      return;
    }
    const picture = await this.#decouple(await this.#fitter.fit(frame, time));
    try {
      // While it was fitted, a repeated picture may have taken its place.
      if (time <= this.#last) {
        this.dropped++;
        return;
      }
      this.#encode(picture, true);
      if (arrival - this.#heldAt >= HOLD_EVERY && picture.format) {
        this.#heldAt = arrival;
        this.#held = await holdPicture(picture).catch(() => this.#held);
      }
    } finally {
      picture.close();
    }
  }

  /**
   * A camera has some three buffers, and a frame that waits in the encoder on one of them keeps the next from being made:
   * up to 0.4 s of frames were lost that way while the first one of a take was encoded. So what has to wait is copied.
   */
  async #decouple(picture: VideoFrame): Promise<VideoFrame> {
    if (this.#inside.length === 0 || !picture.format) return picture;
    const { timestamp } = picture;
    const held = await holdPicture(picture).finally(() => picture.close());
    return new VideoFrame(held.data, { ...held.init, timestamp });
  }

  /** A frame that comes while another one is taken: it is closed and counted. */
  giveUp(frame: VideoFrame, arrival: number): void {
    if (!this.#paused) {
      this.frames++;
      this.dropped++;
      this.#lastArrival = arrival;
      this.#read(frame.timestamp, arrival);
    }
    frame.close();
  }

  /** Shows the last picture again at this time (seconds), so that a source that stands still does not hold back the sound. */
  repeat(at: number): void {
    const time = Math.round(at * 1e6);
    if (!this.#held || this.#paused || this.options.full() || time <= this.#last + this.#interval) return;
    const picture = new VideoFrame(this.#held.data, { ...this.#held.init, timestamp: time });
    try {
      this.#encode(picture, false);
    } finally {
      picture.close();
    }
  }

  pause(): void {
    this.#paused = true;
    // A source that is started anew after it has another clock, and another way to here.
    this.#lag = new Lag();
    this.#lastSource = -Infinity;
    this.#cadence.interrupt();
  }

  /** The next frame follows the last one without a gap, and is a key frame. */
  resume(): void {
    this.#paused = false;
    this.#resumed = true;
    this.#standInZero = null;
    this.#lastKey = -Infinity;
  }

  /**
   * No frame has come since the pause: the last picture goes on from `arrival` (seconds on its clock). Answers where the
   * take's zero lies on that clock.
   */
  goOn(arrival: number): number {
    this.#resumed = false;
    this.#origin = null;
    this.#standInZero = arrival - this.end;
    return this.#standInZero;
  }

  /** Waits until everything that was taken has come out, then lets the encoder go. */
  async finish(): Promise<void> {
    if (this.#encoder.state === 'configured') await this.#encoder.flush().catch(() => {});
    this.close();
  }

  close(): void {
    this.#closed = true;
    if (this.#encoder.state !== 'closed') this.#encoder.close();
    this.#held = null;
  }

  /** When the frame was made, in microseconds on the source's clock. Counts the frames that never came before it. */
  #read(source: number, arrival: number): number {
    // A clock that stands still or starts at INT64_MIN (WebKitGTK's canvas) tells nothing: arrival does.
    const told = source > this.#lastSource && source > -1e15;
    const made = told ? source : arrival * 1e6;
    this.#lastSource = source;
    this.#lag.add(arrival, made / 1e6);
    if (!told) {
      this.#cadence.interrupt();
      return made;
    }
    const waited = arrival - made / 1e6 - this.#lag.least;
    const missing = this.#cadence.add(made, waited * 1e6 > this.#interval);
    this.frames += missing;
    this.dropped += missing;
    return made;
  }

  /** Its time in the take, in microseconds; null when it comes too late for its place. */
  #place(made: number, arrival: number): number | null {
    if (this.#origin === null) {
      this.#origin = made;
      if (this.#standInZero !== null) {
        this.#origin -= (arrival - this.#standInZero) * 1e6;
        this.#anchoredLag = arrival - made / 1e6;
      }
    }
    if (this.#resumed) {
      this.#origin = made - (this.#last + this.#interval);
      this.#resumed = false;
    }
    const time = Math.round(made - this.#origin);
    if (time <= this.#last) return null;
    return time;
  }

  #behind(arrival: number): boolean {
    const queued = this.#encoder.encodeQueueSize;
    const oldest = this.#inside[0]?.since ?? arrival;
    return queued >= MOST_QUEUED || (queued >= 2 && arrival - oldest > LONGEST_QUEUED) || this.options.full();
  }

  /** @param made whether the source made the picture: one that is shown again is no loss */
  #encode(picture: VideoFrame, made: boolean): void {
    if (!this.#ready()) {
      if (made) this.dropped++;
      return;
    }
    const time = picture.timestamp;
    const keyFrame = time - this.#lastKey >= this.options.keyInterval * 1e6 - this.#interval / 2;
    this.#encoder.encode(picture, { keyFrame });
    this.#inside.push({ since: performance.now() / 1000, made });
    if (keyFrame) this.#lastKey = time;
    const step = time - this.#last;
    if (this.#last >= 0 && step < 200_000) this.#interval += Math.round((step - this.#interval) / 8);
    this.#last = time;
  }

  /**
   * Whether there is an encoder. Encoders are reclaimed after a minute of idleness or fail when a driver resets: another
   * one is made for the next picture, and not before. Made in a long pause it would only be reclaimed again.
   */
  #ready(): boolean {
    if (this.#encoder.state === 'configured') return true;
    if (this.#closed || this.#rebuilds > MOST_REBUILDS) return false;
    if (this.#rebuilds++ === MOST_REBUILDS) {
      this.options.onFailure(fault('encoder-failed', {}, { cause: this.#cause }));
      return false;
    }
    try {
      this.#build();
      return true;
    } catch (thrown) {
      this.#cause = thrown;
      return false;
    }
  }

  #build(): void {
    const { codecString, size, bitrate } = this.options;
    const encoder = new VideoEncoder({
      output: (chunk, meta) => {
        this.#inside.shift();
        this.#rebuilds = 0;
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
      error: (error) => {
        this.#cause = error;
        this.dropped += this.#inside.filter(({ made }) => made).length;
        this.#inside = [];
      },
    });
    encoder.configure(encoderConfig(codecString, size, bitrate));
    this.#encoder = encoder;
    // It begins with a key frame.
    this.#lastKey = -Infinity;
  }
}
