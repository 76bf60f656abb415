/** What a publisher says, in English; a page replaces it by `configureMessages`, under the same keys. */
export const words = {
  'publisher.label': 'Broadcast',
  'publisher.start': 'Go live',
  'publisher.stop': 'Stop',
  'publisher.ready': 'Ready. What you publish can be seen by others at once.',
  'publisher.missing':
    'There is no producer to publish. Put this element into a <media-producer>, or name one with its `for` attribute.',
  'publisher.source': 'There is nothing to publish. Start a camera, a microphone or a screen first.',
  'publisher.address': 'There is no address to publish to. Give one by the `src` attribute.',

  'publisher.idle': 'Not live',
  'publisher.connecting': 'Connecting',
  'publisher.live': 'Live',
  'publisher.recovering': 'Interrupted, coming back',
  'publisher.ended': 'Ended',
  'publisher.failed': 'Not live',
} as const;

export type Word = keyof typeof words;
