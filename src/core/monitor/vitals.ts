import { onCLS, onINP, onLCP } from 'web-vitals';
import type { Vitals } from './platform.js';

/** Two copies of this package on a page still meet. */
const SHARED = Symbol.for('onair/web-vitals@1');

type Global = typeof globalThis & { [SHARED]?: Vitals };

/**
 * The one subscription of the page. web-vitals knows no end of it, so there must be no second; what the engine lacks is
 * never called back, so that is asked for first.
 */
export const followVitals = (): Vitals => ((globalThis as Global)[SHARED] ??= subscribe());

function subscribe(): Vitals {
  const types = PerformanceObserver.supportedEntryTypes;
  const told = (type: string) => (types.includes(type) ? null : 'unsupported');
  // Without it there are events, and nothing that tells which of them are of one interaction.
  const tells = 'interactionId' in (globalThis.PerformanceEventTiming?.prototype ?? {});
  const vitals: Vitals = {
    inp: tells ? told('event') : 'unsupported',
    lcp: told('largest-contentful-paint'),
    cls: told('layout-shift'),
  };
  const always = { reportAllChanges: true };
  onINP(({ value }) => (vitals.inp = value / 1000), always);
  onLCP(({ value }) => (vitals.lcp = value / 1000), always);
  onCLS(({ value }) => (vitals.cls = value), always);
  return vitals;
}
