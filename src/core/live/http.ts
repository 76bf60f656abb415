import type { LivePlatform } from './platform.js';
import type { RecoveryPolicy } from './recovery.js';
import type { Tally } from './tally.js';
import type { WhipHttp } from './whip-session.js';

/**
 * How a broadcast makes its requests: with patience at first, and once it knows the server with as much as that needs. A server
 * that has become slower is found by more of it with each attempt: with the same all would be given up alike.
 */
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
    const { wasLive, attempts, slowest } = tally;
    return wasLive ? Math.min(most, Math.max(least, least * 2 ** (attempts - 1), 3 * slowest)) : most;
  },
  // Who comes back has no time for that.
  get curious() {
    return !tally.wasLive || tally.isOver;
  },
});
