import type { LiveErrorCode, OnAirError, OnAirErrorOptions } from '../errors.js';
import { spoken, type MessageValues } from '../messages.js';

/** The sentences of a broadcast's faults: what happened, and what to do. They come with the first start. */
const sentences = {
  unreachable: 'The server does not answer. Check the connection and the address.',
  cors: 'The server answers, but its answer lacks a header that lets this page publish: {header}. Its owner has to add it.',
  'connection-blocked':
    'The security policy of this page stops the connection. Its owner has to add the server to connect-src.',
  unauthorized: 'The server does not accept the token. Get a new one, then try again.',
  'in-use':
    'The server lets nobody publish there now ({status}). Check who else is live and whether you may, then try again.',
  'server-busy': 'The server is busy ({status}). Try again in a moment.',
  'server-failed': 'The server has failed ({status}). Try again; if it stays so, its owner has to look.',
  'publish-refused': 'The server refuses the broadcast ({status}). Check the address.',
  'no-route':
    'The server answers, but picture and sound do not get through. A firewall may be in the way: a TURN server helps.',
  'stream-lost': 'The broadcast was interrupted. It is being taken up again.',

  'no-source.live': 'There is nothing to publish. Start a camera, a microphone or a screen first.',
  'connection-blocked.mixed': 'A secure page cannot publish to an insecure address. Use one that begins with https.',
  'unauthorized.missing': 'The server asks for a token. Give one, then try again.',
  'unauthorized.failed': 'No token could be had for the server. Sign in again, then try again.',
  'publish-refused.address': 'There is no address to publish to. Give one that begins with https.',
  'publish-refused.answer': 'What answers is no server for broadcasts (WHIP). Check the address.',
  'publish-refused.moved':
    'The address has moved and the server does not take the broadcast along. Ask its owner for the new one.',
  'publish-refused.browser': 'This browser cannot publish to this server. Try another one.',
  'unsupported.live': 'This browser cannot publish. Try another one.',
} as const satisfies Record<LiveErrorCode, string> & Record<string, string>;

export type LiveFaultKey = keyof typeof sentences;

/** An OnAirError with the sentence of its code, or of `key` where a fault has more words. */
export const liveFault = (
  code: LiveErrorCode,
  { values = {}, key = code, ...options }: OnAirErrorOptions & { values?: MessageValues; key?: LiveFaultKey } = {},
): OnAirError => spoken(code, key, sentences, values, options);

/** What is to be published is not there, or not any more. */
export const noSource = (): OnAirError => spoken('no-source', 'no-source.live', sentences, {});

/** There is no WebRTC. */
export const noWebRtc = (): OnAirError => spoken('unsupported', 'unsupported.live', sentences, {});
