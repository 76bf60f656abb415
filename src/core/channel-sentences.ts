/** What can fail on a channel, in words; apart from the other faults, so that a channel can come without them. */
export const channelSentences = {
  'buffer-full': 'Too much waits here. Wait until some of it is done, then go on.',
  'session-lost': 'The connection was lost, and nobody can tell whether this has arrived.',
  timeout: 'No answer came in time. Try again.',
  unauthorized: 'The server does not accept the token. Get another one, then connect again.',
  'request-failed': 'The server could not do this: {reason}',
} as const;
