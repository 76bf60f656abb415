import { deviceProfile, machineSignals } from '../capture/index.js';
import { DEFAULT_SETTINGS, type RecorderSettings } from './stream-recorder.js';

/** What a page may say about the encoder, engine `webcodecs` only; left out, or null, for the default. */
export interface EncoderSettings {
  /**
   * Seconds that pictures may wait for the encoder; when it is further behind, whole frames are given up. Default 0.4:
   * what waits is lost in a crash.
   */
  maxLatency?: number | null;
  /**
   * Seconds of pictures that may be lost in any two seconds before the quality goes down; 2 for any. Default: by the device
   * profile, 0.1, on phones 0.04.
   */
  dropThreshold?: number | null;
  /** `quality` lets an encoder look ahead, where it then still answers in time. Default `realtime`. */
  latencyMode?: Keyword<LatencyMode>;
  /** A hint. Default `no-preference`: the browser's choice. What fails a trial is not taken, whatever it is. */
  hardwareAcceleration?: Keyword<HardwareAcceleration>;
  /** Seconds between key frames. Default 2 in WebM and 0.5 in MP4, where what follows the last one is lost in a crash. */
  keyInterval?: number | null;
}

/** Attributes may say anything. */
type Keyword<T extends string> = T | (string & {}) | null;

/** Settings that make sense, with the defaults filled in; `keyInterval` null for that of the format. */
export interface TakeSettings extends RecorderSettings {
  maxLatency: number;
  dropThreshold: number;
  latencyMode: LatencyMode;
  hardwareAcceleration: HardwareAcceleration;
  keyInterval: number | null;
}

export const MAX_LATENCY = 0.4;
const FORMATS = ['auto', 'webm', 'mp4'] as const;
const ENGINES = ['auto', 'webcodecs', 'mediarecorder'] as const;
const LATENCY_MODES = ['realtime', 'quality'] as const;
const HARDWARE = ['no-preference', 'prefer-hardware', 'prefer-software'] as const;

/** Like native attributes with a set of keywords: what is not understood counts as the default, and never throws. */
export function takeSettings(given: Readonly<RecorderSettings>): TakeSettings {
  return {
    name: text(given.name),
    collection: text(given.collection),
    format: keyword(FORMATS, given.format),
    engine: keyword(ENGINES, given.engine),
    videoBitrate: whole(given.videoBitrate),
    audioBitrate: whole(given.audioBitrate),
    maxDuration: positive(given.maxDuration),
    flushBytes: whole(given.flushBytes) ?? DEFAULT_SETTINGS.flushBytes,
    flushInterval: positive(given.flushInterval) ?? DEFAULT_SETTINGS.flushInterval,
    maxLatency: positive(given.maxLatency) ?? MAX_LATENCY,
    dropThreshold: positive(given.dropThreshold) ?? deviceProfile(machineSignals()).dropThreshold,
    latencyMode: keyword(LATENCY_MODES, given.latencyMode),
    hardwareAcceleration: keyword(HARDWARE, given.hardwareAcceleration),
    keyInterval: positive(given.keyInterval),
  };
}

// A page without types can give anything by property.
const text = (value: unknown): string => String(/^(string|number)$/.test(typeof value) ? value : '').trim();

const keyword = <const T extends string>(all: readonly T[], value: unknown): T =>
  all.find((word) => word === text(value).toLowerCase()) ?? all[0]!;

const positive = (value: unknown): number | null => {
  const number = Number(value);
  return number > 0 && number < Infinity ? number : null;
};

const whole = (value: unknown): number | null => {
  const number = positive(value);
  return number === null ? null : Math.max(1, Math.round(number));
};
