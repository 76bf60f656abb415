import type { PictureSize } from './candidates.js';

/** How an encoder is asked for, beside codec, size and bitrate. */
export interface EncoderWay {
  /** A hint: where the platform has none of the kind, another one is taken. */
  readonly hardware: HardwareAcceleration;
  /** `quality` lets an encoder look ahead; what would hold pictures back is not taken. */
  readonly latencyMode: LatencyMode;
}

export const USUAL_WAY: EncoderWay = Object.freeze({ hardware: 'no-preference', latencyMode: 'realtime' });

/** By software, which is there after a driver is gone. */
export const SOFTWARE_WAY: EncoderWay = Object.freeze({ hardware: 'prefer-software', latencyMode: 'realtime' });

export function encoderConfig(
  codecString: string,
  size: PictureSize,
  bitrate: number,
  { hardware, latencyMode }: EncoderWay = USUAL_WAY,
): VideoEncoderConfig {
  return {
    codec: codecString,
    width: size.width,
    height: size.height,
    framerate: size.frameRate,
    bitrate,
    // By libvpx's variable rate each of VP8's key frames showed colours up to 6/255 off, by its constant rate 3.
    bitrateMode: codecString === 'vp8' ? 'constant' : 'variable',
    latencyMode,
    ...(hardware === 'no-preference' ? {} : { hardwareAcceleration: hardware }),
    ...(codecString.startsWith('avc1') ? { avc: { format: 'avc' as const } } : {}),
  };
}

/** Whether the platform claims hardware for this: without it, software is what it takes anyway. */
export async function hardwareEncodes(codecString: string, size: PictureSize, bitrate: number): Promise<boolean> {
  const config = encoderConfig(codecString, size, bitrate, { ...USUAL_WAY, hardware: 'prefer-hardware' });
  try {
    return (await VideoEncoder.isConfigSupported(config)).supported === true;
  } catch {
    return false;
  }
}
