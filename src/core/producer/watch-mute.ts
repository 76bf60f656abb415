/** Seconds without sound, by the platform's own word, that are worth doing something about. */
const MUTED = 3;

/** Tells of a microphone that the system, or a switch on it, has muted for a while; a moment is nobody's business. */
export function watchMute(track: MediaStreamTrack, signal: AbortSignal, tell: { muted(): void; heard(): void }): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  const mute = () => {
    stop();
    timer = setTimeout(tell.muted, MUTED * 1000);
  };
  const unmute = () => {
    stop();
    tell.heard();
  };
  track.addEventListener('mute', mute, { signal });
  track.addEventListener('unmute', unmute, { signal });
  signal.addEventListener('abort', stop, { once: true });
  if (track.muted) mute();
}
