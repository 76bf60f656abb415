import { fault } from '../messages.js';
import { captureFault, deviceKey, type Asked } from './faults.js';
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
    throw await captureFault(thrown, asked, platform);
  }
}
