import { CAMERA_COLOUR, i420Size } from './i420.js';
import { codecStrings, type PictureSize, type VideoCodec } from './candidates.js';
import { encoderConfig, USUAL_WAY, type EncoderWay } from './encoder-way.js';

/**
 * What a short trial found. `isConfigSupported` is not believed: Firefox reports H.264 and delivers the first picture
 * after 47 frames with a broken header, and a codec that works may be ten times too slow.
 */
export interface TrialResult {
  ok: boolean;
  /** The codec string that worked; empty when none did, and for a sound. */
  codecString: string;
  /** Frames per second, encoding alone; 0 for a sound, of which it is only asked whether any comes out. */
  speed: number;
  /** Why not, for the log of a bug report. */
  reason?: string;
}

const FRAMES = 8;
/** Steps of luma, up and down, that the noise reaches: a webcam in a room. */
const NOISE = 3;
/** Pixels a frame: somebody who turns the head. */
const MOTION = 3;
/** Seconds after which a trial is over; a hardware encoder may need a while to wake. */
const DEADLINE = 3;

/** The key under which a page remembers a trial. */
export function trialKey(codec: VideoCodec, { width, height, frameRate }: PictureSize, way = USUAL_WAY): string {
  const told = [way.hardware, way.latencyMode].filter((word) => word !== 'no-preference' && word !== 'realtime');
  return [codec, `${width}x${height}@${Math.round(frameRate)}`, ...told].join(' ');
}

/** Encodes a few frames of a moving pattern and looks at delay, speed and the picture. Never throws. */
export async function tryEncoder(
  codec: VideoCodec,
  size: PictureSize,
  bitrate: number,
  way: EncoderWay = USUAL_WAY,
): Promise<TrialResult> {
  let reason = 'no profile is supported';
  for (const codecString of codecStrings(codec, size)) {
    const config = encoderConfig(codecString, size, bitrate, way);
    try {
      const { supported } = await VideoEncoder.isConfigSupported(config);
      if (!supported) continue;
      const { speed, verdict } = await run(config, size);
      if (verdict === null) return { ok: true, codecString, speed };
      reason = verdict;
    } catch (thrown) {
      reason = String(thrown);
    }
  }
  return { ok: false, codecString: '', speed: 0, reason };
}

async function run(config: VideoEncoderConfig, size: PictureSize): Promise<{ speed: number; verdict: string | null }> {
  const chunks: EncodedVideoChunk[] = [];
  let decoderConfig: VideoDecoderConfig | undefined;
  let wake = () => {};
  let failure: DOMException | null = null as DOMException | null;
  const encoder = new VideoEncoder({
    output: (chunk, meta) => {
      chunks.push(chunk);
      decoderConfig ??= meta?.decoderConfig;
      wake();
    },
    error: (error) => {
      failure = error;
      wake();
    },
  });
  const frames: VideoFrame[] = [];
  try {
    for (let index = 0; index < FRAMES; index++) frames.push(pattern(size, index));
    encoder.configure(config);
    const deadline = AbortSignal.timeout(DEADLINE * 1000);
    deadline.addEventListener('abort', () => wake());
    let woken = 0;
    for (const [index, frame] of frames.entries()) {
      encoder.encode(frame, { keyFrame: index === 0 });
      // One at a time, with one frame of delay allowed: a live encoder answers before it is fed the next-but-one.
      while (chunks.length < index && !failure && !deadline.aborted) await new Promise<void>((done) => (wake = done));
      // The first picture is the slowest, and hardware has to wake up for it.
      if (index === 1) woken = performance.now();
    }
    while (chunks.length < FRAMES - 1 && !failure && !deadline.aborted) {
      await new Promise<void>((done) => (wake = done));
    }
    if (failure) return { speed: 0, verdict: failure.message };
    // Too slow for now is not wrong: a busy machine may be idle in a moment. What holds its frames back is.
    if (chunks.length < 2) return { speed: 0, verdict: `only ${chunks.length} of ${FRAMES} frames came out` };
    const speed = ((chunks.length - 1) * 1000) / Math.max(1, performance.now() - woken);
    if (!decoderConfig) return { speed, verdict: 'no decoder configuration' };
    if (config.avc && !plausibleAvcC(decoderConfig.description)) return { speed, verdict: 'broken avcC' };
    return { speed, verdict: await lookAt(chunks[0]!, decoderConfig, size) };
  } finally {
    for (const frame of frames) frame.close();
    if (encoder.state !== 'closed') encoder.close();
  }
}

/**
 * A head before a wall, to an encoder: texture everywhere, which moves in the middle third, under the noise of a
 * sensor. Flat or still pictures would make any codec look fast.
 */
function pattern({ width, height, frameRate }: PictureSize, index: number): VideoFrame {
  const data = new Uint8Array(i420Size(width, height)).fill(128);
  const left = Math.round(width / 3);
  const right = 2 * left;
  let seed = index + 1;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const moved = x >= left && x < right ? x + index * MOTION : x;
      seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
      data[at] = luma(moved, y, height) + (((seed >>> 16) * (2 * NOISE + 1)) >>> 16) - NOISE;
    }
  }
  return new VideoFrame(data, {
    format: 'I420',
    codedWidth: width,
    codedHeight: height,
    timestamp: Math.round((index * 1e6) / frameRate),
    colorSpace: CAMERA_COLOUR,
  });
}

/** The picture without its noise, 32 to 216: a ramp from top to bottom under two waves that cross. */
function luma(x: number, y: number, height: number): number {
  const slow = Math.abs((x & 127) - 64);
  const fine = Math.abs(((x + 3 * y) & 31) - 16);
  return 32 + (((y * 104) / height) | 0) + slow + fine;
}

/** Decodes the first picture and compares a column of it; null when right, or when nothing can decode it here. */
async function lookAt(chunk: EncodedVideoChunk, config: VideoDecoderConfig, size: PictureSize): Promise<string | null> {
  if (typeof VideoDecoder === 'undefined') return null;
  const { supported } = await VideoDecoder.isConfigSupported(config).catch(() => ({ supported: false }));
  if (!supported) return null;
  let frame: VideoFrame | null = null;
  let failure: string | null = null;
  const decoder = new VideoDecoder({
    output: (picture) => {
      frame?.close();
      frame = picture;
    },
    error: (error) => (failure = String(error)),
  });
  try {
    decoder.configure(config);
    decoder.decode(chunk);
    await decoder.flush();
    const picture = frame as VideoFrame | null;
    if (!picture) return failure ?? 'the first picture does not decode';
    return await compare(picture, size);
  } catch (thrown) {
    return failure ?? String(thrown);
  } finally {
    (frame as VideoFrame | null)?.close();
    if (decoder.state !== 'closed') decoder.close();
  }
}

async function compare(picture: VideoFrame, { width, height }: PictureSize): Promise<string | null> {
  if (picture.displayWidth !== width || picture.displayHeight !== height) return 'the picture has another size';
  // Only planar formats are compared: a decoder that gives RGB has converted, and that is not the encoder's doing.
  if (!picture.format || !/^(I420|NV12)/.test(picture.format)) return null;
  const data = new Uint8Array(picture.allocationSize());
  const [plane] = await picture.copyTo(data);
  const x = width >> 1;
  let error = 0;
  for (let y = 0; y < height; y++) {
    error += Math.abs(data[plane!.offset + y * plane!.stride + x]! - luma(x, y, height));
  }
  return error / height > 12 ? 'the picture is wrong' : null;
}

/** ISO/IEC 14496-15: the first SPS must be one NAL unit of type 7 that repeats the record's own profile. */
export function plausibleAvcC(description: AllowSharedBufferSource | undefined): boolean {
  if (!description) return false;
  const bytes = ArrayBuffer.isView(description)
    ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength)
    : new Uint8Array(description);
  return bytes.length > 10 && bytes[0] === 1 && (bytes[8]! & 31) === 7 && bytes[9] === bytes[1];
}
