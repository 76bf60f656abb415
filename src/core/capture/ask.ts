import { OnAirError, type OnAirErrorCode } from '../errors.js';
import { fault } from '../faults.js';
import { deviceKey, type Asked } from './asked.js';
import type { CapturePlatform } from './platform.js';

export const stopTracks = (stream: MediaStream): void => {
  for (const track of stream.getTracks()) track.stop();
};

/**
 * Asks the platform, and waits for its answer until `signal` gives up. A prompt cannot be taken back: when the answer
 * comes after that, the device is released at once.
 */
export async function ask(
  request: () => Promise<MediaStream>,
  asked: Asked,
  platform: CapturePlatform,
  signal: AbortSignal = new AbortController().signal,
): Promise<MediaStream> {
  const aborted = () => fault('aborted', { device: deviceKey(asked) });
  if (signal.aborted) throw aborted();
  try {
    const granted = request().then((stream) => {
      if (signal.aborted) stopTracks(stream);
      return stream;
    });
    const givenUp = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(aborted()), { once: true }),
    );
    return await Promise.race([granted, givenUp]);
  } catch (thrown) {
    throw await named(thrown, asked, platform);
  }
}

/** What a refusal is called when what knows better cannot be loaded. */
const ROUGHLY: Readonly<Record<string, OnAirErrorCode>> = {
  NotAllowedError: 'denied',
  NotFoundError: 'none',
  NotReadableError: 'busy',
};

/** Most requests are granted, so what names a refusal is loaded when there is one. */
async function named(thrown: unknown, asked: Asked, platform: CapturePlatform): Promise<OnAirError> {
  if (thrown instanceof OnAirError) return thrown;
  try {
    const { captureFault } = await import('./faults.js');
    return await captureFault(thrown, asked, platform);
  } catch {
    const { name = '' } = (thrown ?? {}) as { name?: string };
    return fault(ROUGHLY[name] ?? 'aborted', { device: deviceKey(asked) }, { cause: thrown });
  }
}
