import { liveFault } from './live-faults.js';
import type { LivePlatform } from './platform.js';
import { PUBLISHER_DEFAULTS, type PublisherSettings } from './settings.js';

const START = 1_000_000;

/** A number that means something, or null. */
const positive = (value: unknown): number | null => {
  const number = Number(value);
  return number > 0 && number < Infinity ? number : null;
};

/** Whole settings, without what makes no sense. */
export function sane(given: Partial<PublisherSettings>): PublisherSettings {
  // An attribute that is taken away leaves a null.
  const there = Object.entries(given).filter(([, value]) => (value ?? null) !== null);
  const settings = { ...PUBLISHER_DEFAULTS, ...(Object.fromEntries(there) as typeof given) };
  const maxBitrate = positive(settings.maxBitrate);
  return {
    ...settings,
    // A page without types may give a URL, which it may change.
    url: String(settings.url).trim(),
    iceServers: [settings.iceServers].flat(),
    maxBitrate,
    maxFrameRate: positive(settings.maxFrameRate),
    startBitrate: positive(settings.startBitrate) ?? Math.min(START, maxBitrate ?? START),
  };
}

/** What counts at once, and not only from the next start. */
export const bounds = ({ maxBitrate, maxFrameRate, startBitrate }: PublisherSettings) => ({
  maxBitrate,
  maxFrameRate,
  startBitrate,
});

/** Whether it is of this machine: that needs no network, and is as safe as https. */
export const isNear = (address: string): boolean => /^https?:\/\/(localhost|127\.[\d.]+|\[::1\])[:/]/.test(address);

/** @throws OnAirError `publish-refused` */
export function addressOf(url: string, { document }: Pick<LivePlatform, 'document'>): string {
  const base = document?.baseURI;
  const address = url !== '' && URL.canParse(url, base) ? new URL(url, base) : null;
  if (!address || !/^https?:$/.test(address.protocol)) throw liveFault('publish-refused.address');
  return address.href;
}
