import { CAMERA_COLOUR, i420Size } from './i420.js';
import { codecStrings, type PictureSize, type VideoCodec } from './candidates.js';

/**
 * What a short trial found. `isConfigSupported` is not believed: Firefox reports H.264 and delivers the first picture
 * after 47 frames with a broken header, and a codec that works may be ten times too slow.
 */
export interface TrialResult {
  ok: boolean;
  /** The codec string that worked; empty when none did. */
  codecString: string;
  /** Frames per second, encoding alone. */
  speed: number;
  /** Why not, for the log of a bug report. */
  reason?: string;
}

const FRAMES = 8;
/** Steps of luma that the noise spans. */
const NOISE = 16;
/** Seconds after which a trial is over; a hardware encoder may need a while to wake. */
const DEADLINE = 3;

/** The key under which a page remembers a trial. */
export function trialKey(codec: VideoCodec, { width, height, frameRate }: PictureSize): string {
  return `${codec} ${width}x${height}@${Math.round(frameRate)}`;
}

/** Encodes a few frames of a moving pattern and looks at delay, speed and the picture. Never throws. */
export async function tryEncoder(codec: VideoCodec, size: PictureSize, bitrate: number): Promise<TrialResult> {
  let reason = 'no profile is supported';
  for (const codecString of codecStrings(codec, size)) {
    const config = encoderConfig(codecString, size, bitrate);
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

export function encoderConfig(codecString: string, size: PictureSize, bitrate: number): VideoEncoderConfig {
  return {
    codec: codecString,
    width: size.width,
    height: size.height,
    framerate: size.frameRate,
    bitrate,
    bitrateMode: 'variable',
    latencyMode: 'realtime',
    ...(codecString.startsWith('avc1') ? { avc: { format: 'avc' as const } } : {}),
  };
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
  try {
    encoder.configure(config);
    const started = performance.now();
    const deadline = AbortSignal.timeout(DEADLINE * 1000);
    deadline.addEventListener('abort', () => wake());
    let slept = started;
    for (let index = 0; index < FRAMES; index++) {
      const frame = pattern(size, index);
      encoder.encode(frame, { keyFrame: index === 0 });
      frame.close();
      // One at a time, with one frame of delay allowed: a live encoder answers before it is fed the next-but-one.
      while (chunks.length < index && !failure && !deadline.aborted) await new Promise<void>((done) => (wake = done));
      if (index === 0) slept = performance.now();
    }
    while (chunks.length < FRAMES - 1 && !failure && !deadline.aborted) {
      await new Promise<void>((done) => (wake = done));
    }
    if (failure) return { speed: 0, verdict: failure.message };
    // Too slow for now is not wrong: a busy machine may be idle in a moment. What holds its frames back is.
    if (chunks.length < 2) return { speed: 0, verdict: `only ${chunks.length} of ${FRAMES} frames came out` };
    const speed = ((chunks.length - 1) * 1000) / Math.max(1, performance.now() - slept);
    if (!decoderConfig) return { speed, verdict: 'no decoder configuration' };
    if (config.avc && !plausibleAvcC(decoderConfig.description)) return { speed, verdict: 'broken avcC' };
    return { speed, verdict: await lookAt(chunks[0]!, decoderConfig, size) };
  } finally {
    if (encoder.state !== 'closed') encoder.close();
  }
}

/** A moving grey ramp under a little noise: close enough to a camera for the speed, and easily known again. */
function pattern({ width, height, frameRate }: PictureSize, index: number): VideoFrame {
  const data = new Uint8Array(i420Size(width, height)).fill(128);
  for (let y = 0; y < height; y++) {
    const row = 32 + ((y + index * 8) * 160) / (height + FRAMES * 8);
    for (let at = y * width, end = at + width, seed = at * 2654435761 + index; at < end; at++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
      data[at] = row + (seed >>> 28);
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
  let error = 0;
  for (let y = 0; y < height; y++) {
    const expected = 32 + (y * 160) / (height + FRAMES * 8) + NOISE / 2;
    error += Math.abs(data[plane!.offset + y * plane!.stride + (width >> 1)]! - expected);
  }
  return error / height > 12 ? 'the picture is wrong' : null;
}

/** ISO/IEC 14496-15: the first SPS must be one NAL unit of type 7 that repeats the record's own profile. */
function plausibleAvcC(description: AllowSharedBufferSource | undefined): boolean {
  if (!description) return false;
  const bytes = ArrayBuffer.isView(description)
    ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength)
    : new Uint8Array(description);
  return bytes.length > 10 && bytes[0] === 1 && (bytes[8]! & 31) === 7 && bytes[9] === bytes[1];
}
