import { DEFAULT_SETTINGS, type RecorderSettings } from '../../core/record/index.js';
import type { OaStreamRecorder } from './stream-recorder.js';

const KEYS = Object.keys(DEFAULT_SETTINGS) as (keyof RecorderSettings)[];

/** What the attributes say, as they are written: what they mean is found out by the take that needs it. */
export const recorderSettings = (from: OaStreamRecorder): RecorderSettings =>
  Object.fromEntries(
    KEYS.map((key) => [key, key === 'name' ? from.recordingName : from[key]]),
  ) as unknown as RecorderSettings;
