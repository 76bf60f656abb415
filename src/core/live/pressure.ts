import type { QualityLevel } from '../quality/index.js';
import type { PublisherSettings } from './settings.js';
import type { SendingFigures } from './watch.js';

/** Seconds live after which what the network can carry is soon known. */
const LASTS = 5;

/** The pressure on a broadcast; null while it is not known. What weighs it is loaded by those that last. */
export function pressureLater(settings: () => PublisherSettings, quality: () => QualityLevel) {
  let look: ((figures: SendingFigures, liveFor: number) => number | null) | null = null;
  const load = async () => {
    const part = await import('./bandwidth.js').catch(() => null);
    look ??= part?.pressureOn(settings, quality) ?? null;
  };
  return (figures: SendingFigures, liveFor: number): number | null => {
    if (!look && liveFor > LASTS) void load();
    return look?.(figures, liveFor) ?? null;
  };
}
