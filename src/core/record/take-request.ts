import type { TrialResult } from '../encode/index.js';
import { fault } from '../faults.js';
import { partUrl } from '../load-worker.js';
import { recorderType, sequelTypes } from './chunk-feed.js';
import type { RecordEngine, RecordFormat } from './journal.js';
import type { TakeRequest } from './protocol.js';
import type { TakeSettings } from './settings.js';

/** Trials made on this page, so that each is made once. */
export const trials: Record<string, TrialResult> = {};

/** What of a take is known before its sources are opened. */
export interface TakeWish {
  id: string;
  name: string;
  settings: Readonly<TakeSettings>;
  /** Whether it is told when the source is over: another device may take the place of one that ends. */
  followed: boolean;
  /** Whether the quality follows what the machine can hold. */
  adaptive: boolean;
}

/**
 * What the worker is asked for; `video` and `audio` are for whoever opens them.
 * @throws OnAirError `no-encoder`, `format-unavailable` where MediaRecorder makes nothing of the kind
 */
export function takeRequest(
  { id, name, settings, followed, adaptive }: TakeWish,
  engine: RecordEngine,
  has: { video: boolean; audio: boolean },
): TakeRequest {
  const preferred = settings.format === 'auto' ? playable() : [settings.format];
  const mimeType = engine === 'mediarecorder' ? recorderType(preferred, has) : '';
  if (mimeType === null) throw fault(settings.format === 'auto' ? 'no-encoder' : 'format-unavailable');
  return {
    ...settings,
    id,
    name,
    engine,
    adaptive,
    preferred,
    mimeType,
    // Who asks for an engine has asked for no other.
    sequels: engine === 'webcodecs' && settings.engine === 'auto' ? sequelTypes(has) : [],
    video: null,
    audio: null,
    followed,
    trials,
    aacEncoder: partUrl('aac-encoder').href,
  };
}

/** WebM first, because it can be repaired to the last block; MP4 first where WebM does not play. */
function playable(): RecordFormat[] {
  const plays = document.createElement('video').canPlayType('video/webm; codecs="vp8, opus"') !== '';
  return plays ? ['webm', 'mp4'] : ['mp4', 'webm'];
}
