import type { PictureSize } from './candidates.js';
import { drain } from './drain.js';
import { EncoderLoad, type Passage } from './encoder-load.js';
import { encoderConfig, SOFTWARE_WAY, type EncoderWay } from './encoder-way.js';
import { Described } from './parameter-sets.js';
import { StallWatch } from './stall-watch.js';

/** An encoder that fails is made again this many times in a row; then there is none to be had. */
const MOST_REBUILDS = 5;
/** Seconds after which one that made pictures has worked: what fails then begins a new row. */
const WORKED = 10;

export interface EncoderSettings {
  size: PictureSize;
  /** Bits per second. */
  bitrate: number;
}

export interface EncodedPicture {
  data: Uint8Array;
  key: boolean;
  /** Microseconds. */
  timestamp: number;
}

interface EncodeHints {
  keyFrame: boolean;
  made: boolean;
  from?: number | null;
}

export interface EncoderLadderOptions extends EncoderSettings {
  codecString: string;
  /** The way that a trial found to work; after a failure the others take turns with it. */
  way: EncoderWay;
  onPicture(picture: EncodedPicture, passage: Passage, meta?: EncodedVideoChunkMetadata): void;
  /** So many pictures of the source were in an encoder that is gone. */
  onLost(pictures: number): void;
  /** No encoder can be kept alive. Called once. */
  onFailure(cause: unknown): void;
}

/**
 * One encoder after the other, as if it were one that does not fail. An encoder that fails, is reclaimed or stalls is
 * replaced with the next picture, which is a key frame; by turns in the way that was chosen and in software. One that
 * was only reclaimed, as idle ones are after a minute, is made again as it was.
 */
export class EncoderLadder {
  #encoder: VideoEncoder | null = null;
  #settings: EncoderSettings;
  readonly #load = new EncoderLoad();
  readonly #described: Described | null;
  readonly #ways: readonly EncoderWay[];
  #turn = 0;
  #rebuilds = 0;
  #builtAt = 0;
  #outAt = 0;
  #pictures = 0;
  #cause: unknown;
  #closed = false;
  readonly #stall = new StallWatch();
  /** The next picture has to be a key frame. */
  #keyDue = true;
  /** That of the pictures, where they tell it. */
  #colour: VideoColorSpaceInit | null = null;

  /** @throws what the platform throws for these settings */
  constructor(private readonly options: EncoderLadderOptions) {
    const { size, bitrate, way, codecString } = options;
    this.#settings = { size, bitrate };
    this.#ways = way.hardware === 'prefer-software' ? [way] : [way, SOFTWARE_WAY];
    this.#described = codecString.startsWith('avc1') ? new Described() : null;
    this.#build();
  }

  /** Pictures that wait for the encoder to take them. */
  get queued(): number {
    return this.#encoder?.encodeQueueSize ?? 0;
  }

  get load(): EncoderLoad {
    return this.#load;
  }

  /** Whether the next picture has to be a key frame. */
  get keyDue(): boolean {
    return this.#keyDue;
  }

  /**
   * Goes on with other settings, from the next picture on. Pictures of any size are scaled by the encoder, as WebCodecs
   * demands; another size begins with a key frame.
   */
  configure(settings: EncoderSettings): void {
    const { width, height } = this.#settings.size;
    this.#settings = settings;
    if (settings.size.width !== width || settings.size.height !== height) this.#keyDue = true;
    if (this.#encoder?.state !== 'configured') return;
    try {
      this.#encoder.configure(this.#config());
    } catch (thrown) {
      this.#drop(thrown);
    }
  }

  /**
   * Whether there is an encoder. Another one is made for the next picture, and not before: made in a long pause it would
   * only be reclaimed again.
   */
  ready(): boolean {
    if (this.#encoder?.state === 'configured') return true;
    if (this.#closed || this.#rebuilds > MOST_REBUILDS) return false;
    if (this.#rebuilds++ === MOST_REBUILDS) {
      this.options.onFailure(this.#cause);
      return false;
    }
    try {
      this.#build();
      return true;
    } catch (thrown) {
      this.#cause = thrown;
      this.#turn++;
      return false;
    }
  }

  /**
   * Only when it is ready.
   * @param made whether the source made the picture: one that is shown again is no loss
   * @param from when it did, in seconds of this thread's clock; comes back with the passage
   */
  encode(picture: VideoFrame, { keyFrame, made, from = null }: EncodeHints): void {
    this.#colour = yuvOf(picture);
    this.#encoder!.encode(picture, { keyFrame });
    this.#load.give(now(), made, from);
    if (keyFrame) this.#keyDue = false;
  }

  /** Lets an encoder go that stalls. */
  look(at: number): void {
    const cause = this.#stall.look(this.#load.owing, at);
    if (cause) this.#drop(cause);
  }

  /** Waits until everything has come out, or nothing does any more, then lets the encoder go. */
  async finish(): Promise<void> {
    const encoder = this.#encoder;
    if (encoder?.state === 'configured') await drain(encoder.flush(), () => this.#pictures);
    this.close();
  }

  close(): void {
    this.#closed = true;
    this.#letGo();
    this.options.onLost(this.#load.lose());
  }

  /** Firefox 153 calls all that it encodes BT.709, and leaves the samples of BT.601 as they were: green was 32/255 off. */
  #told(meta: EncodedVideoChunkMetadata | undefined): EncodedVideoChunkMetadata | undefined {
    const config = meta?.decoderConfig;
    return config && this.#colour ? { ...meta, decoderConfig: { ...config, colorSpace: this.#colour } } : meta;
  }

  #drop(cause: unknown): void {
    this.#letGo();
    this.#lose(cause);
  }

  #letGo(): void {
    const encoder = this.#encoder;
    this.#encoder = null;
    if (encoder && encoder.state !== 'closed') encoder.close();
  }

  #lose(cause: unknown): void {
    this.#cause = cause;
    this.options.onLost(this.#load.lose());
    const reclaimed = cause instanceof Error && cause.name === 'QuotaExceededError';
    if (!reclaimed) this.#turn++;
    // One that is idle makes nothing, and is none the worse for it.
    if ((reclaimed ? now() : this.#outAt) - this.#builtAt >= WORKED) this.#rebuilds = 0;
  }

  #config(): VideoEncoderConfig {
    const { size, bitrate } = this.#settings;
    return encoderConfig(this.options.codecString, size, bitrate, this.#ways[this.#turn % this.#ways.length]);
  }

  #build(): void {
    const encoder = new VideoEncoder({
      output: (chunk, meta) => {
        if (encoder === this.#encoder) this.#take(chunk, meta);
      },
      error: (error) => {
        if (encoder === this.#encoder) this.#lose(error);
      },
    });
    encoder.configure(this.#config());
    this.#encoder = encoder;
    this.#builtAt = now();
    this.#keyDue = true;
  }

  #take(chunk: EncodedVideoChunk, meta?: EncodedVideoChunkMetadata): void {
    this.#pictures++;
    this.#outAt = now();
    const passage = this.#load.out(this.#outAt);
    const key = chunk.type === 'key';
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.#described?.hear(meta?.decoderConfig?.description);
    const whole = key && this.#described ? this.#described.complete(data) : data;
    this.options.onPicture({ data: whole, key, timestamp: chunk.timestamp }, passage, this.#told(meta));
  }
}

const now = () => performance.now() / 1000;

/** Encoders take samples of YUV as they are, and convert RGB in a way of their own. */
function yuvOf({ colorSpace }: VideoFrame): VideoColorSpaceInit | null {
  return colorSpace.matrix && colorSpace.matrix !== 'rgb' ? colorSpace.toJSON() : null;
}
