import type { BrowserName, BrowserSettings } from './browser.js';

/** By this name the page of the test server is not a secure one. */
export const INSECURE_HOST = 'insecure.test';

/** A browser that finds the test server by it. */
export const INSECURE: Record<BrowserName, BrowserSettings> = {
  chromium: { args: [`--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`] },
  firefox: { prefs: { 'network.dns.localDomains': INSECURE_HOST, 'network.dns.disableIPv6': true } },
};
