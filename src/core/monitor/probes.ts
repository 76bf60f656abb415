import type { Levels } from '../audio/index.js';
import type { Add } from './growth.js';
import type { Told } from './told.js';

/*
 * Probes look at others, and have their totals counted like what our own stages count: so windows, resets and exports are
 * the same for all. Each answers whether there is anything to tell.
 */

interface Playback {
  readonly paused: boolean;
  readonly currentTime: number;
  getVideoPlaybackQuality?(): Pick<VideoPlaybackQuality, 'totalVideoFrames' | 'droppedVideoFrames'>;
}

/**
 * Frames that an element has shown and left out: `preview:shown`, `preview:dropped`, in `preview:seconds`. Firefox tells 0 of
 * a stream, and so nothing.
 * @param now seconds
 */
export function lookAtPreview(video: Playback | null | undefined, add: Add, now: number): Told<true> {
  const plays = video && !video.paused;
  const { totalVideoFrames: total, droppedVideoFrames: dropped = 0 } = video?.getVideoPlaybackQuality?.() ?? {};
  // The time in which it stands still is none of what comes after it.
  add(plays && total ? video : {}, {
    'preview:shown': total! - dropped,
    'preview:dropped': dropped,
    'preview:seconds': now,
  });
  if (!plays) return null;
  if (total) return true;
  return total === undefined || video.currentTime > 1 ? 'unsupported' : null;
}

/**
 * Frames that a camera has given since its first one: `camera:frames`, in `camera:seconds`. By `track.stats`, which only
 * Chromium has, and only of devices. They stand still while a track is disabled or muted: that is no slow camera.
 * @param now seconds
 */
export function lookAtCamera(track: MediaStreamTrack | null | undefined, add: Add, now: number): Told<true> {
  if (!track) return null;
  const total = (track as MediaStreamTrack & { stats?: { readonly totalFrames: number } | null }).stats?.totalFrames;
  const gives = (track.enabled && !track.muted && total! > 0) || null;
  add(gives ? track : {}, { 'camera:frames': total!, 'camera:seconds': now });
  return total === undefined ? 'unsupported' : gives;
}

/** How the sound is. dB below full scale, LUFS; -Infinity for silence. */
export interface AudioFigures {
  /** Highest sample of the last two seconds. */
  readonly peak: number;
  /** Momentary loudness; null where it is not measured, as of all below. */
  readonly momentary: number | null;
  /** Integrated loudness. */
  readonly integrated: number | null;
  /** Highest true peak since the meter's reset. */
  readonly truePeak: number | null;
  /** RMS of the quietest tenth of a second of the last ten. */
  readonly noiseFloor: number | null;
  /** Seconds of nothing but zeros, up to now; null where not every sample is looked at. */
  readonly silentFor: number | null;
  /** Runs of samples at full scale in a second, in this window. */
  readonly clips: number | null;
}

/** Counts runs of samples at full scale: `audio:clips`. @param meter whose levels these are */
export function lookAtSound(levels: Levels | null, add: Add, meter: unknown): void {
  if (levels && levels.clips !== null) add(meter, { 'audio:clips': levels.clips });
}

/** @param clips in a second */
export function soundFigures(levels: Levels, clips: number | null): AudioFigures {
  const { loudness } = levels;
  return {
    // Of no channels -Infinity.
    peak: Math.max(...levels.channels.map(({ held }) => held)),
    momentary: loudness?.momentary ?? null,
    integrated: loudness?.integrated ?? null,
    truePeak: levels.truePeak,
    noiseFloor: levels.noiseFloor,
    silentFor: levels.silentFor,
    clips: levels.clips === null ? null : clips,
  };
}
