/** What a meter says before there is a sound, in English; a page replaces it by `configureMessages`, under the same keys. */
export const words = {
  'level.label': 'Audio level',
  'level.missing':
    'There is nothing to meter. Put this element into a <media-producer>, name one or a media element with its `for` attribute, or give it a stream.',
  'level.off': 'The level is shown as soon as sound is captured.',
  'level.soundless': 'This source has no sound.',
} as const;
