import { words as early } from './words.js';

/** What a meter says from the first sound on, in English; a page replaces it by `configureMessages`, under the same keys. */
export const words = {
  ...early,

  // Nothing to meter
  'level.waiting': 'The level is shown as soon as there is something to play.',
  'level.foreign':
    'The sound of this media cannot be measured: it comes from another site, which gives silence. That site has to allow it, and the media element needs the `crossorigin` attribute.',
  'level.taken':
    'The page already uses the sound of this media. Its AudioNode can be metered instead: `connectNode()`.',
  'level.kept': 'The sound of this media cannot be measured: the browser protects it.',
  'level.layout':
    'The loudness of {channels} channels is not defined. Three or five need `layout`, which names what they are for: 3.0 or 5.0.',
  'level.rate': 'Loudness is measured from a sample rate of 8000 Hz on. This sound has {rate} Hz.',
  'level.suspended': 'The sound is held back.',
  'level.let-in': 'Let the sound in',

  // Bars
  'level.M': 'Momentary loudness',
  'level.S': 'Short-term loudness',
  'level.channel.M': 'Mono',
  'level.channel.L': 'Left',
  'level.channel.R': 'Right',
  'level.channel.C': 'Centre',
  'level.channel.LFE': 'Low-frequency effects',
  'level.channel.Ls': 'Left surround',
  'level.channel.Rs': 'Right surround',
  'level.channel': 'Channel {channel}',

  // Figures
  'level.integrated': 'Integrated loudness',
  'level.range': 'Loudness range',
  'level.range.unstable': 'not yet stable',
  'level.max-momentary': 'Highest momentary loudness',
  'level.max-short-term': 'Highest short-term loudness',
  'level.true-peak': 'Highest true peak',
  'level.max-peak': 'Highest peak',
  'level.noise': 'Noise floor',
  'level.clips': 'How often it clipped',
  'level.short.integrated': 'I',
  'level.short.range': 'LRA',
  'level.short.max-momentary': 'Max M',
  'level.short.max-short-term': 'Max S',
  'level.short.true-peak': 'TP',
  'level.short.max-peak': 'Max',
  'level.short.noise': 'Noise',
  'level.short.clips': 'Clips',

  // States, beside a sign
  'level.clipped': 'Clipped',
  'level.silent': 'Silence',
  'level.muted': 'Muted',
  'level.stale': 'Not up to date',
  'level.ended': 'Ended',
  'level.paused': 'Integration paused',

  // Buttons
  'level.pause': 'Pause integration',
  'level.resume': 'Continue integration',
  'level.reset': 'Reset',

  // To the ear; `name` is the label
  'level.told.clip': '{name}: clipping.',
  'level.told.silence': '{name}: silence.',
  'level.told.sound': '{name}: there is sound again.',
  'level.told.muted': '{name}: muted.',
  'level.told.suspended': '{name}: the sound is held back. A button lets it in.',
  'level.told.stale': '{name}: not up to date.',
  'level.told.ended': '{name}: the sound has ended.',
  'level.told.running': '{name}: it is measured again.',
  'level.told.paused': '{name}: integration is paused.',
  'level.told.resumed': '{name}: integration goes on.',
  'level.told.reset': '{name}: reset.',
} as const;

export type Word = keyof typeof words;
