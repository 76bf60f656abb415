import { message, type MessageValues } from '../../core/messages.js';
import { caveatSentences } from '../../core/record/index.js';

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

  ...caveatSentences,
} as const;

export type TakeWord = keyof typeof words;

/** Sentences, and figures, in one language. */
export interface Voice {
  readonly lang: string;
  readonly say: (key: TakeWord, values?: MessageValues) => string;
}

export const voice = (lang: string): Voice => ({ lang, say: (key, values) => message(key, lang, values, words) });
