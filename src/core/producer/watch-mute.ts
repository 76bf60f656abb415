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

/** Milliseconds between two looks at the samples. */
const LOOK = 250;
/** Seconds of nothing but zeros from the beginning on that are worth the same. */
const ZEROS = 3;
/** Behind a sound: a headset that takes noise away makes them whenever nobody speaks. */
const ZEROS_AGAIN = 10;

/**
 * Tells of a microphone that makes nothing but zeros, where nobody hears it because other sound is mixed with it.
 * @param peak its highest sample since the last look; null while that is not known, or does not count
 */
export function watchZeros(
  peak: () => number | null,
  signal: AbortSignal,
  tell: { muted(): void; heard(): void },
): void {
  let [zeros, most, told] = [0, ZEROS, false];
  const look = () => {
    const level = peak();
    zeros = level === 0 ? zeros + LOOK / 1000 : 0;
    if (level === null) return;
    if (level > 0) {
      most = ZEROS_AGAIN;
      if (told) tell.heard();
      told = false;
    } else if (zeros > most && !told) {
      told = true;
      tell.muted();
    }
  };
  const timer = setInterval(look, LOOK);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
