import type { AudioMix } from '../audio/index.js';
import type { Mixer } from './open-session.js';

/** Milliseconds between two looks at the samples. */
const LOOK = 250;

/**
 * Tells, once, of a microphone that delivered nothing and delivers again: it is not muted, and one of its samples is not
 * zero. Where nobody can look at samples (no Web Audio, or none before a gesture) the platform's word is all there is.
 */
export function watchReturn(track: MediaStreamTrack, signal: AbortSignal, mixer: Mixer, tell: () => void): void {
  let mix: AudioMix | null = null;
  let unmuted = false;
  const look = () => {
    if (track.muted || signal.aborted) return;
    const peak = mix && !mix.suspended ? mix.peak() : null;
    if (peak === null ? !unmuted : peak === 0) return;
    stop();
    tell();
  };
  const timer = setInterval(look, LOOK);
  const stop = () => {
    clearInterval(timer);
    for (const type of ['mute', 'unmute']) track.removeEventListener(type, changed);
    mix?.close();
    mix = null;
  };
  const changed = () => {
    unmuted = !track.muted;
    look();
  };
  track.addEventListener('mute', changed, { signal });
  track.addEventListener('unmute', changed, { signal });
  signal.addEventListener('abort', stop, { once: true });
  void (async () => {
    const made = await mixer([track], { steady: true });
    if (signal.aborted) made.close();
    else mix = made;
  })().catch(() => {});
}
