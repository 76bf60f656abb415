import { message } from '../messages.js';
import type { Caveat } from './guarantee.js';

/** What is not promised, in English; a page replaces it by `configureMessages`, under the same keys. */
export const caveatSentences = {
  'caveat.memory': 'This private window keeps files in memory only. Download the recording before you close it.',
  'caveat.page': 'No worker runs here. While the page is busy, picture and sound may be lost.',
  'caveat.frames': 'While the page is hidden or busy, pictures are lost.',
  'caveat.blocked': 'While the page hangs, nothing reaches the disk. A crash then costs what was recorded since.',
  'caveat.copy': 'The file is copied once when it is finished. That takes a moment, and room for both.',
  'caveat.opus': 'The sound of this MP4 is Opus, which some players do not know.',
  'caveat.evict': 'The browser may remove recordings when the disk runs full. Download what you want to keep.',
} as const satisfies Readonly<Record<Caveat, string>>;

/** The sentence of a caveat in `lang`. */
export const explainCaveat = (caveat: Caveat, lang = 'en'): string => message(caveat, lang, {}, caveatSentences);
