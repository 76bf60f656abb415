import { Metrics } from '../metrics/index.js';
import { CAMERA_COLOUR, i420Size, isRgb, rgbaToI420 } from './i420.js';

/** An owned copy of a picture, from which frames can be made again. */
export interface HeldPicture {
  data: Uint8Array;
  init: Omit<VideoFrameBufferInit, 'timestamp'>;
}

/**
 * Brings every frame to the size that the take began with and to the colours of a camera.
 *
 * A file keeps one size from start to end: an encoder squashes what does not fit without a word, VP9 and AV1 answer a
 * new size with a delta frame, and players disagree about streams that change. So a rotated phone or a resized window
 * is drawn inside the first size, with bars. Frames that fit pass untouched, without a copy.
 */
export class PictureFitter {
  #context: OffscreenCanvasRenderingContext2D | null = null;
  #rgba: Uint8Array | null = null;
  #i420: Uint8Array | null = null;

  /** @param width even; @param height even; @param metrics where drawing is timed */
  constructor(
    readonly width: number,
    readonly height: number,
    private readonly metrics = new Metrics({ enabled: false }),
  ) {}

  /** The even size for a take that begins with this frame. */
  static sizeOf(frame: VideoFrame): { width: number; height: number } {
    const even = (pixels: number) => Math.max(2, pixels & ~1);
    return { width: even(frame.displayWidth), height: even(frame.displayHeight) };
  }

  /** Answers a frame to encode with this timestamp (microseconds). The given frame is closed, whatever happens. */
  async fit(frame: VideoFrame, timestamp: number): Promise<VideoFrame> {
    try {
      if (!this.#sameSize(frame)) return this.#fromRgba(this.#draw(frame), timestamp);
      if (isRgb(frame)) return this.#fromRgba(await this.#read(frame), timestamp);
      const visible = frame.visibleRect;
      const odd = visible && (visible.width !== this.width || visible.height !== this.height);
      // A frame made of a frame shares its pixels: renaming and cropping cost nothing.
      return new VideoFrame(frame, {
        timestamp,
        ...(odd ? { visibleRect: { x: visible.x, y: visible.y, width: this.width, height: this.height } } : {}),
        ...(odd ? { displayWidth: this.width, displayHeight: this.height } : {}),
      });
    } finally {
      frame.close();
    }
  }

  #sameSize(frame: VideoFrame): boolean {
    const visible = frame.visibleRect;
    if (!visible || (frame as { rotation?: number }).rotation || (frame as { flip?: boolean }).flip) return false;
    const near = (pixels: number, even: number) => pixels === even || pixels === even + 1;
    return (
      near(visible.width, this.width) &&
      near(visible.height, this.height) &&
      near(frame.displayWidth, this.width) &&
      near(frame.displayHeight, this.height)
    );
  }

  async #read(frame: VideoFrame): Promise<Uint8Array> {
    if (frame.format === null) return this.#draw(frame);
    this.#rgba ??= new Uint8Array(this.width * this.height * 4);
    const { x, y } = frame.visibleRect!;
    await frame.copyTo(this.#rgba, {
      format: 'RGBA',
      rect: { x, y, width: this.width, height: this.height },
      layout: [{ offset: 0, stride: this.width * 4 }],
    });
    return this.#rgba;
  }

  #setUp(): OffscreenCanvasRenderingContext2D {
    const started = this.metrics.start('render:setup');
    const canvas = new OffscreenCanvas(this.width, this.height);
    const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false })!;
    this.metrics.end('render:setup', started);
    return context;
  }

  #draw(frame: VideoFrame): Uint8Array {
    const context = (this.#context ??= this.#setUp());
    const started = this.metrics.start('render:frame');
    const scale = Math.min(this.width / frame.displayWidth, this.height / frame.displayHeight);
    const width = Math.round(frame.displayWidth * scale);
    const height = Math.round(frame.displayHeight * scale);
    context.fillRect(0, 0, this.width, this.height);
    context.drawImage(frame, (this.width - width) >> 1, (this.height - height) >> 1, width, height);
    const { data } = context.getImageData(0, 0, this.width, this.height);
    this.metrics.end('render:frame', started);
    return new Uint8Array(data.buffer);
  }

  #fromRgba(rgba: Uint8Array, timestamp: number): VideoFrame {
    this.#i420 ??= new Uint8Array(i420Size(this.width, this.height));
    rgbaToI420(rgba, this.width, this.height, this.#i420);
    return new VideoFrame(this.#i420, {
      format: 'I420',
      codedWidth: this.width,
      codedHeight: this.height,
      timestamp,
      colorSpace: CAMERA_COLOUR,
    });
  }
}

/** Copies a picture out of the camera's few buffers, so that it can be shown again when the source stands still. */
export async function holdPicture(frame: VideoFrame): Promise<HeldPicture> {
  const rect = frame.visibleRect!;
  const data = new Uint8Array(frame.allocationSize());
  const layout = await frame.copyTo(data);
  return {
    data,
    init: {
      format: frame.format!,
      codedWidth: rect.width,
      codedHeight: rect.height,
      layout,
      colorSpace: frame.colorSpace.toJSON(),
    },
  };
}

/**
 * The same frame in memory of its own, so that the camera has its buffer back: the given one is closed. One that cannot be
 * read stays what it is.
 */
export async function takeOut(frame: VideoFrame): Promise<VideoFrame> {
  const { timestamp, displayWidth, displayHeight } = frame;
  try {
    const { data, init } = await holdPicture(frame);
    const own = new VideoFrame(data, { ...init, timestamp, displayWidth, displayHeight });
    frame.close();
    return own;
  } catch {
    return frame;
  }
}
