import ReconnectingWebSocket from 'partysocket/ws';
import { PROTOCOL } from './wire.js';

/** A WebSocket that is made anew when it was lost. */
export type Link = ReconnectingWebSocket;

/** @param options `min` and `max` are seconds before the second and before any later attempt */
export function openLink(
  address: () => Promise<string>,
  { min, max, WebSocket: implementation }: { min: number; max: number; WebSocket: typeof WebSocket | undefined },
): Link {
  const link = new ReconnectingWebSocket(address, PROTOCOL, {
    // Many clients of a server that comes back should not all come at once.
    minReconnectionDelay: min * 1000 * (0.5 + Math.random() / 2),
    maxReconnectionDelay: max * 1000,
    reconnectionDelayGrowFactor: 1.5,
    minUptime: 1000,
    // What waits is kept by the session, where it is bounded and can be sent again.
    maxEnqueuedMessages: 0,
    ...(implementation ? { WebSocket: implementation } : {}),
  });
  link.binaryType = 'arraybuffer';
  return link;
}
