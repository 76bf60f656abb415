import type { LivePlatform } from './platform.js';
import type { RecoveryPolicy } from './recovery.js';
import type { Tally } from './tally.js';
import type { TokenKeeper } from './token.js';
import type { WhipHttp } from './whip-session.js';

/** How a broadcast makes its requests: with patience at first, and once it knows the server with as much as that needs. */
export const httpOf = (
  platform: LivePlatform,
  tokens: TokenKeeper,
  tally: Tally,
  { request: [most, least] }: RecoveryPolicy,
): WhipHttp => ({
  fetch: platform.fetch,
  clock: platform,
  get timeout() {
    return tally.wasLive ? Math.min(most, Math.max(least, 3 * tally.slowest)) : most;
  },
  get curious() {
    return !tally.wasLive;
  },
  token: () => tokens.token,
  renew: (refused) => tokens.renew(refused),
});
