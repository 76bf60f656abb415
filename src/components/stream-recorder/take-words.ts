import { message, type MessageValues } from '../../core/messages.js';

/** What a recorder says from the first take on, in English; a page replaces it by `configureMessages`, under the same keys. */
const words = {
  'recorder.pause': 'Pause',
  'recorder.resume': 'Resume',
  'recorder.download': 'Download',
  'recorder.discard': 'Discard',
  'recorder.discard.ask': 'Discard this take? It cannot be brought back.',
  'recorder.discard.keep': 'Keep it',
  'recorder.starting': 'Starting',
  'recorder.recording': 'Recording',
  'recorder.paused': 'Paused',
  'recorder.finishing': 'Saving',
  'recorder.saved': 'Saved',
  'recorder.failed': 'Not recording',
  'recorder.told.started': 'Recording has started.',
  'recorder.told.paused': 'Recording is paused.',
  'recorder.told.resumed': 'Recording goes on.',
  'recorder.told.saved': 'Saved: {name}.',
  'recorder.told.discarded': 'The take is discarded.',
  'recorder.name': 'Name',
  'recorder.time': 'Time',
  'recorder.size': 'Size',
  'recorder.left': 'Storage',
  'recorder.left.plenty': 'more than {count} h left',
  'recorder.left.hours': 'about {count} h left',
  'recorder.left.minutes': 'about {count} min left',
  'recorder.left.seconds': 'about {count} s left',
  'recorder.dropped': 'Lost pictures',
  'recorder.dropped.of': '{count} of {frames} pictures lost',
  'recorder.promise': 'A crash costs at most {seconds}\u00a0s',
  'recorder.limits': 'Limits: {count}',
  'recorder.power': 'A power cut costs at most {seconds}\u00a0s.',
  'recorder.written': 'Written as {format} by {engine}.',

  // What is not promised
  'caveat.memory': 'This private window keeps files in memory only. Download the recording before you close it.',
  'caveat.page': 'No worker runs here. While the page is busy, picture and sound may be lost.',
  'caveat.frames': 'While the page is hidden or busy, pictures are lost.',
  'caveat.blocked': 'While the page hangs, nothing reaches the disk. A crash then costs what was recorded since.',
  'caveat.copy': 'The file is copied once when it is finished. That takes a moment, and room for both.',
  'caveat.opus': 'The sound of this MP4 is Opus, which some players do not know.',
  'caveat.evict': 'The browser may remove recordings when the disk runs full. Download what you want to keep.',
} as const;

export type TakeWord = keyof typeof words;

/** Sentences, and figures, in one language. */
export interface Voice {
  readonly lang: string;
  readonly say: (key: TakeWord, values?: MessageValues) => string;
}

export const voice = (lang: string): Voice => ({ lang, say: (key, values) => message(key, lang, values, words) });
