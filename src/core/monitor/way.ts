import type { NetworkFigures } from './network.js';

/** What statistics say of the way, and not of what is sent. */
export type NetworkWay = Omit<NetworkFigures, 'bitrate' | 'frameRate' | 'pressure'>;

/** One entry of a report: what it holds differs by its type, and by the browser. */
export type Stats = Readonly<Record<string, unknown>> & { readonly type: string };

export const of = (stats: readonly Stats[], type: string): Stats[] => stats.filter((one) => one.type === type);
const numbers = (all: readonly Stats[], name: string) =>
  all.map((one) => one[name]).filter((value) => typeof value === 'number');
/** Null where none of them tells it: a sound has no frames, and not every browser counts them. */
export const sum = (all: readonly Stats[], name: string): number | null =>
  numbers(all, name).reduce<number | null>((total, value) => (total ?? 0) + value, null);
const most = (all: readonly Stats[], name: string) => {
  const values = numbers(all, name);
  return values.length > 0 ? Math.max(...values) : null;
};

/** How the way is, by a report of `getStats()`. */
export function wayOf(stats: readonly Stats[]): NetworkWay {
  const received = of(stats, 'remote-inbound-rtp');
  const ways = of(stats, 'candidate-pair').filter(({ nominated }) => nominated === true);
  const limits = of(stats, 'outbound-rtp')
    .map(({ qualityLimitationReason }) => qualityLimitationReason)
    .filter(Boolean);
  return {
    lost: most(received, 'fractionLost'),
    roundTrip: most(received, 'roundTripTime') ?? most(ways, 'currentRoundTripTime'),
    jitter: most(received, 'jitter'),
    available: most(ways, 'availableOutgoingBitrate'),
    limited: (limits.find((limit) => limit !== 'none') ?? limits[0] ?? null) as NetworkFigures['limited'],
  };
}
