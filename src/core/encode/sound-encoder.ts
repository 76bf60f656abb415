import { timed, type Metrics } from '../metrics/index.js';

/** A piece of encoded sound. */
export interface SoundPacket {
  data: Uint8Array;
  /** Seconds. */
  timestamp: number;
  duration: number;
}

/** What a lane needs of an encoder, whoever made it. */
export interface SoundEncoder {
  /** Takes the samples in order; the caller closes them. */
  encode(samples: AudioData): void;
  /** Resolves when everything has come out; never rejects. */
  flush(): Promise<void>;
  close(): void;
}

export interface SoundEncoderOptions {
  config: AudioEncoderConfig;
  onPacket(packet: SoundPacket, meta?: EncodedAudioChunkMetadata): void;
  onFailure(cause: unknown): void;
}

export type OpenSoundEncoder = (options: SoundEncoderOptions) => SoundEncoder;

/** Planar samples as an encoder takes them. @param timestamp microseconds */
export const soundOf = (
  data: Float32Array<ArrayBuffer>,
  { sampleRate, numberOfChannels }: AudioEncoderConfig,
  timestamp: number,
): AudioData =>
  new AudioData({
    format: 'f32-planar',
    sampleRate,
    numberOfChannels,
    numberOfFrames: data.length / numberOfChannels,
    timestamp,
    data,
  });

/** The platform's own encoder. */
export function openPlatformEncoder({ config, onPacket, onFailure }: SoundEncoderOptions): SoundEncoder {
  const encoder = new AudioEncoder({
    output: (chunk, meta) => {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      onPacket({ data, timestamp: Math.max(0, chunk.timestamp / 1e6), duration: (chunk.duration ?? 0) / 1e6 }, meta);
    },
    error: onFailure,
  });
  encoder.configure(config);
  return {
    encode: (samples) => {
      if (encoder.state === 'configured') encoder.encode(samples);
    },
    flush: async () => {
      if (encoder.state === 'configured') await encoder.flush().catch(() => {});
    },
    close: () => {
      if (encoder.state !== 'closed') encoder.close();
    },
  };
}

/** Whether the platform's own encoder works. It is tried, because one that claims to encode may stay mute. */
export async function platformEncodes(config: AudioEncoderConfig): Promise<boolean> {
  try {
    const { supported } = await AudioEncoder.isConfigSupported(config);
    return supported === true && (await gives(openPlatformEncoder, config));
  } catch {
    return false;
  }
}

/** Seconds that an encoder may take to encode its first moment, and the optional one to come before that. */
const DEADLINE = 4;

/**
 * The optional AAC encoder, loaded from `url` and tried; null where it cannot be had (a policy without
 * `worker-src blob:` and `'wasm-unsafe-eval'`, no network, one that stalls). It is 253 kB, gzipped.
 */
export async function loadAacEncoder(
  url: string,
  config: AudioEncoderConfig,
  metrics: Metrics,
): Promise<OpenSoundEncoder | null> {
  try {
    // Whether the policy lets WebAssembly run is asked first: where it does not, the worker inside the encoder is refused
    // without a word, and the take would begin a deadline late.
    new WebAssembly.Module(EMPTY_MODULE);
    const loading = import(/* @vite-ignore */ /* webpackIgnore: true */ url) as Promise<{
      openAacEncoder: OpenSoundEncoder;
    }>;
    const late = new Promise<never>((_, reject) => setTimeout(reject, DEADLINE * 1000));
    const part = await timed(metrics, 'asset:load', Promise.race([loading, late]));
    return (await gives(part.openAacEncoder, config)) ? part.openAacEncoder : null;
  } catch {
    return null;
  }
}

/** An empty module (WebAssembly core specification, section 5.5.16): magic and version. */
const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/** Whether a moment of silence comes out encoded. @throws what the encoder throws */
async function gives(open: OpenSoundEncoder, config: AudioEncoderConfig): Promise<boolean> {
  let packets = 0;
  let encoder: SoundEncoder | undefined;
  await new Promise<void>((resolve) => {
    setTimeout(resolve, DEADLINE * 1000);
    encoder = open({ config, onPacket: () => packets++, onFailure: resolve });
    const samples = soundOf(new Float32Array(4096 * config.numberOfChannels), config, 0);
    encoder.encode(samples);
    samples.close();
    void encoder.flush().then(resolve);
  }).finally(() => encoder?.close());
  return packets > 0;
}
