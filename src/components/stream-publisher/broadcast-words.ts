/** What is said of a broadcast; it comes with the first start. */
export const broadcastWords = {
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

export type BroadcastWord = keyof typeof broadcastWords;
