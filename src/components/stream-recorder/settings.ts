import { DEFAULT_SETTINGS, type RecorderSettings } from '../../core/record/index.js';

/** What the attributes say, as they are written. */
export interface RecorderAttributes {
  readonly recordingName: string | null;
  readonly collection: string | null;
  readonly format: string | null;
  readonly engine: string | null;
  readonly videoBitrate: number | null;
  readonly audioBitrate: number | null;
  readonly maxDuration: number | null;
  readonly flushBytes: number | null;
  readonly flushInterval: number | null;
}

const FORMATS = ['auto', 'webm', 'mp4'] as const satisfies RecorderSettings['format'][];
const ENGINES = ['auto', 'webcodecs', 'mediarecorder'] as const satisfies RecorderSettings['engine'][];

/** Like native attributes with a set of keywords: what is not understood counts as the default, and never throws. */
export function recorderSettings(from: RecorderAttributes): RecorderSettings {
  return {
    name: text(from.recordingName),
    collection: text(from.collection),
    format: keyword(FORMATS, from.format),
    engine: keyword(ENGINES, from.engine),
    videoBitrate: whole(from.videoBitrate),
    audioBitrate: whole(from.audioBitrate),
    maxDuration: positive(from.maxDuration),
    flushBytes: whole(from.flushBytes) ?? DEFAULT_SETTINGS.flushBytes,
    flushInterval: positive(from.flushInterval) ?? DEFAULT_SETTINGS.flushInterval,
  };
}

// A page without types can give anything by property.
const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

const keyword = <const T extends string>(all: readonly T[], value: unknown): T =>
  all.find((word) => word === text(value).toLowerCase()) ?? all[0]!;

const positive = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;

const whole = (value: unknown): number | null => {
  const number = positive(value);
  return number === null ? null : Math.max(1, Math.round(number));
};
