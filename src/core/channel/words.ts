import { channelSentences } from '../channel-sentences.js';
import type { OnAirError, OnAirErrorOptions } from '../errors.js';
import { spoken, type MessageValues } from '../messages.js';

/** The sentences of what can fail on a channel; they come with it. */
const sentences = {
  ...channelSentences,
  aborted: 'The request was given up.',
  'invalid-state': 'The connection is closed.',
  'invalid-value': 'This cannot be sent: {reason}',
} as const;

/** An OnAirError with the sentence of its code. */
export const fault = (
  code: keyof typeof sentences,
  values: MessageValues = {},
  options?: OnAirErrorOptions,
): OnAirError => spoken(code, code, sentences, values, options);
