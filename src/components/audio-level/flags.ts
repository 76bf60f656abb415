import type { LevelMeterPhase, Levels } from '../../core/audio/index.js';
import type { OaAudioLevel } from './audio-level.js';
import type { Flag } from './meter-view.js';
import type { Say } from './plan.js';

/** What is the case beside the levels, in words with a sign. */
export function flagsOf(
  state: LevelMeterPhase,
  clipped: boolean,
  silent: boolean,
  { paused, mode }: Pick<OaAudioLevel, 'paused' | 'mode'>,
): Flag[] {
  const flags: Flag[] = [];
  if (clipped) flags.push({ word: 'level.clipped', icon: 'warning', bad: true });
  if (silent) flags.push({ word: 'level.silent', icon: 'sound' });
  if (state === 'muted') flags.push({ word: 'level.muted', icon: 'microphone' });
  if (state === 'stale') flags.push({ word: 'level.stale', icon: 'warning' });
  if (state === 'ended') flags.push({ word: 'level.ended', icon: 'stop' });
  if (paused && mode === 'loudness') flags.push({ word: 'level.paused', icon: 'pause' });
  return flags;
}

/** Whether there is nothing in it that could be heard. */
export const isSoundless = (sound: MediaStream | AudioNode | null): boolean =>
  sound instanceof MediaStream && sound.getAudioTracks().length === 0;

/** What cannot be measured of a sound, and why; null for nothing. */
export function lackOf(
  sound: MediaStream | AudioNode | null,
  levels: Levels | null,
  mode: string,
  say: Say,
): string | null {
  if (isSoundless(sound)) return say('level.soundless');
  if (!levels || mode !== 'loudness') return null;
  const { layout, channels, loudness, truePeak, sampleRate } = levels;
  if (!layout) return say('level.layout', { channels: channels.length });
  // True peak is measured at every rate where loudness is asked for.
  return truePeak !== null && !loudness ? say('level.rate', { rate: sampleRate }) : null;
}
