/** What the status of the pool says, in English; a page replaces it by `configureMessages`, under the same keys. */
export const words = {
  'pool.label': 'Open devices',
  'pool.empty':
    'No device is open. What producers capture and share is listed here, and what is kept for the next start.',
  'pool.none': 'No device is open',

  'pool.camera': 'camera',
  'pool.microphone': 'microphone',
  'pool.screen': 'screen',
  'pool.system': 'system sound',

  'pool.devices': 'Devices',
  'pool.state': 'State',
  'pool.age': 'Since',
  'pool.expires': 'Closes in',
  'pool.action': 'Action',

  'pool.pending': 'Waiting',
  'pool.live': 'Live',
  'pool.parked': 'Kept',
  'pool.why.pending': 'The browser asks, or opens it',
  'pool.why.live.one': 'Used by one',
  'pool.why.live': 'Used by {count}, opened once',
  'pool.why.parked': 'For the next start',
  'pool.expires.never': 'not while it is used',

  'pool.count.pending': '{count} waiting',
  'pool.count.live': '{count} live',
  'pool.count.parked': '{count} kept',
  'pool.count.reuse': '{share} reused',

  'pool.created': 'Opened',
  'pool.reused': 'Used again',
  'pool.rate': 'Share used again',
  'pool.kept': 'Kept',
  'pool.expired': 'Kept in vain',
  'pool.evicted': 'Gave way',
  'pool.rate.none': 'Not yet',

  'pool.release': 'Release',
  'pool.release.name': 'Release {name}',
  'pool.release.all': 'Release all that is kept',
  'pool.told.released': 'Released: {name}.',
  'pool.told.all': 'All that was kept is released.',
} as const;

export type Word = keyof typeof words;
