import { bandwidthPressure, type QualityLevel } from '../quality/index.js';
import type { PublisherSettings } from './settings.js';
import type { SendingFigures } from './watch.js';

/** Bits per second that a picture wants which nobody has bounded. */
const UNBOUNDED = 2_500_000;
/** Seconds in which the browser finds out what the way can carry. */
const RAMP = 10;

export const wantedBitrate = ({ maxBitrate }: PublisherSettings, { bitrate }: QualityLevel): number =>
  (maxBitrate ?? UNBOUNDED) * bitrate;

/** The pressure of the network, as a producer is told it; null while it is not known. @param liveFor seconds */
export function pressureOf({ available, limited }: SendingFigures, wanted: number, liveFor: number): number | null {
  if (available === null || liveFor < RAMP) return null;
  // What the network does not hold back has room, whatever the browser has tried out so far.
  const room = limited === 'bandwidth' ? available : Math.max(available, 2 * wanted);
  return bandwidthPressure({ wanted, available: room });
}
