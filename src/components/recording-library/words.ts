/** What the library says, in English; a page replaces it by `configureMessages`, under the same keys. */
export const words = {
  'library.label': 'Recordings',
  'library.empty':
    'No recordings yet. Start one: it appears here as it is made, and stays if the page or the browser dies.',
  'library.loading': 'Reading recordings …',
  'library.saved': 'Saved',
  'library.recovered': 'Recovered',
  'library.interrupted': 'Interrupted',
  'library.damaged': 'Damaged',
  'library.recording': 'Recording',
  'library.recovering': 'Recovering',
  'library.recovering.name': 'Recovering {name}',
  'library.full': 'It ended early because the storage was full.',
  'library.about.recovered': 'Something stopped it. It is complete up to that moment.',
  'library.about.interrupted': 'Something stopped it before it was finished.',
  'library.about.damaged': 'No picture or sound can be read. The file is kept.',
  'library.about.recording': 'Still being made, here or in another tab.',
  'library.about.recovering': 'It is being finished.',
  'library.play': 'Play {name}',
  'library.close': 'Close {name}',
  'library.download': 'Download {name}',
  'library.remove': 'Delete {name}',
  'library.recover': 'Recover',
  'library.recover.name': 'Recover {name}',
  'library.confirm': 'Delete “{name}”? This cannot be undone.',
  'library.confirm.yes': 'Delete',
  'library.confirm.no': 'Keep',
  'library.playback': 'This browser cannot play it here. Download it to watch it.',
  'library.playback.policy':
    'The security policy of this page stops playback. Its owner has to allow it: media-src blob:',
  'library.count.one': '1 recording',
  'library.count': '{count} recordings',
  'library.size': '{size} in all',
  'library.left': 'room for about {left} more',
  'library.memory':
    'This window keeps recordings in memory: they are gone when it is closed. Download what you want to keep.',
  'library.evictable': 'The browser may remove them if the disk gets full.',
  'library.told.recovered': '{name} is recovered: {duration}.',
  'library.told.damaged': '{name} could not be recovered. The file is kept.',
  'library.told.removed': '{name} is deleted.',
} as const;

export type Word = keyof typeof words;
