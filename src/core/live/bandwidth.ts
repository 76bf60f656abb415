import { bandwidthPressure, type QualityLevel } from '../quality/index.js';
import type { PublisherSettings } from './settings.js';
import type { SendingFigures } from './watch.js';

/** Bits per second that a picture wants which nobody has bounded. */
const UNBOUNDED = 2_500_000;
/** Seconds in which the browser finds out what the way can carry. */
const RAMP = 10;

export const wantedBitrate = ({ maxBitrate }: PublisherSettings, { bitrate }: QualityLevel): number =>
  (maxBitrate ?? UNBOUNDED) * bitrate;

/** Share of what an encoder might use below which the way is too narrow: by less it changes by itself. */
const NARROW = 0.5;
/** Share of what can be sent from which on all of it is used. */
const USED = 0.8;
/** Seconds whose middle is told: pictures come in lumps. */
const SECONDS = 5;

/** The pressure of the network, as a producer is told it. */
export class NetworkPressure {
  #last: number[] = [];

  /** Call it once a second. Null while it is not known. @param liveFor seconds */
  look(figures: SendingFigures, wanted: number, liveFor: number): number | null {
    const now = liveFor < RAMP ? null : pressureOf(figures, wanted);
    this.#last = now === null ? [] : [...this.#last, now].slice(-SECONDS);
    const [...sorted] = this.#last;
    return sorted.sort((a, b) => a - b)[sorted.length >> 1] ?? null;
  }
}

function pressureOf(
  { available, limited, bitrate, budget, budgetMost }: SendingFigures,
  wanted: number,
): number | null {
  const most = Math.min(wanted, budgetMost ?? wanted);
  // Where the browser does not say what could be sent.
  const told = available ?? budget;
  if (told === null) return null;
  // What the network does not hold back has room, whatever the browser has tried out so far. Chromium says so of itself
  // while it leaves out two pictures of three for want of bandwidth.
  const held = available === null ? told < NARROW * most : limited === 'bandwidth' || (bitrate ?? 0) > USED * available;
  return bandwidthPressure({ wanted: most, available: held ? told : Math.max(told, 2 * most) });
}

/** The pressure on a broadcast, as long as it lasts. */
export function pressureOn(
  settings: () => PublisherSettings,
  quality: () => QualityLevel,
): (figures: SendingFigures, liveFor: number) => number | null {
  const pressure = new NetworkPressure();
  return (figures, liveFor) => pressure.look(figures, wantedBitrate(settings(), quality()), liveFor);
}
