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
  'publisher.attempt': 'attempt {count}',

  'publisher.time': 'Time live',
  'publisher.bitrate': 'Bitrate',
  'publisher.picture': 'Picture',
  'publisher.picture.of': '{width} × {height}, {rate} fps',
  'publisher.lost': 'Lost',
  'publisher.trip': 'Round trip',
  'publisher.recoveries': 'Came back',
  'publisher.recoveries.of': '{count} ×, last in {time}',
  'publisher.unknown': 'not told',

  'publisher.told.connecting': 'Connecting.',
  'publisher.told.live': 'You are live.',
  'publisher.told.back': 'You are live again.',
  'publisher.told.recovering': 'The broadcast is interrupted. It is coming back.',
  'publisher.told.idle': 'You are not live any more.',
  'publisher.told.ended': 'The broadcast has ended: there is nothing to publish any more.',
} as const;

export type Word = keyof typeof words;
