import type { LivePlatform } from './platform.js';
import type { RecoveryPolicy } from './recovery.js';
import type { Tally } from './tally.js';
import type { WhipHttp } from './whip-session.js';

/** How a broadcast makes its requests: with patience at first, and once it knows the server with as much as that needs. */
export const httpOf = (
  platform: LivePlatform,
  { request: [most, least] }: RecoveryPolicy,
  tally: Tally,
  more: Pick<WhipHttp, 'tokens' | 'endings' | 'flawed'>,
): WhipHttp => ({
  ...more,
  fetch: platform.fetch,
  clock: platform,
  get timeout() {
    return tally.wasLive ? Math.min(most, Math.max(least, 3 * tally.slowest)) : most;
  },
  // Who comes back has no time for that.
  get curious() {
    return !tally.wasLive || tally.isOver;
  },
});
