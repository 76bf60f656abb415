import { OnAirError } from '../errors.js';
import { liveFault } from './live-faults.js';
import { TrickleRefused } from './publication.js';
import type { Interruption } from './recovery.js';
import { WhipFault } from './whip-fault.js';

/** What has ended an attempt, or what came of it. */
export interface Trouble {
  readonly interruption: Interruption;
  readonly fault: WhipFault;
}

/** @param of what the server has said, where it did */
export const trouble = (interruption: Interruption, of?: unknown): Trouble => {
  const { status = 0, retryAfter = null } = of instanceof WhipFault ? of : {};
  return { interruption, fault: new WhipFault(liveFault('stream-lost', { fatal: false }), status, retryAfter) };
};

/** @param restarting whether ICE was to begin anew: whatever kept it from that, a new session is next */
export function troubleOf(thrown: unknown, restarting: boolean): Trouble {
  if (thrown instanceof TrickleRefused) return trouble('trickle', thrown.cause);
  if (restarting) return trouble('restart', thrown);
  const fault = thrown instanceof WhipFault ? thrown : ofBrowser(thrown);
  return { interruption: fault.told.code === 'no-route' ? 'no-route' : 'request', fault };
}

/** The browser takes neither what it has made itself nor what the server has answered. */
function ofBrowser(cause: unknown): WhipFault {
  const { message } = liveFault('publish-refused.browser');
  return new WhipFault(OnAirError.from(cause, 'publish-refused', message), 400);
}
