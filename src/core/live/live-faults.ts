import type { OnAirError, OnAirErrorCode, OnAirErrorOptions } from '../errors.js';
import { spoken, type MessageValues, type Words } from '../messages.js';

type Options = OnAirErrorOptions & { values?: MessageValues };

/** Makes faults out of sentences. Each is named by its code, and what follows a dot where the code has more words than one. */
export const faultsOf =
  <K extends string>(sentences: Words<K>) =>
  (key: K, { values = {}, ...options }: Options = {}): OnAirError =>
    spoken(key.split('.')[0] as OnAirErrorCode, key, sentences, values, options);

/**
 * The faults of a broadcast: what happened, and what to do. They come with the first start; those that take more to be found
 * out come with that: `no-answer.ts`, `refusal.ts`.
 */
export const liveFault = faultsOf({
  unreachable: 'The server does not answer. Check the connection and the address.',
  'unreachable.offline': 'This device is offline. The broadcast goes on as soon as it is back.',
  'unauthorized.failed': 'No token could be had for the server. Sign in again, then try again.',
  'publish-refused': 'The server refuses the broadcast ({status}). Check the address.',
  'publish-refused.address': 'There is no address to publish to. Give one that begins with https.',
  'publish-refused.browser': 'This browser cannot publish to this server. Try another one.',
  'no-route':
    'The server answers, but picture and sound do not get through. A firewall may be in the way: a TURN server helps.',
  'in-use.replaced': 'The server ends the broadcast again and again. Check who else is live there.',
  'stream-lost': 'The broadcast was interrupted. It is being taken up again.',
  'no-source.live': 'There is nothing to publish. Start a camera, a microphone or a screen first.',
  'unsupported.live': 'This browser cannot publish. Try another one.',
});

/** What is to be published is not there, or not any more. */
export const noSource = (): OnAirError => liveFault('no-source.live');
