import { OnAirError, type OnAirErrorCode, type OnAirErrorOptions } from './errors.js';

/** Faults that need no other code to happen; all others come with the code that can fail (`faults.ts`). */
export const earlySentences = {
  'no-source': 'There is nothing to record. Start a camera, a microphone or a screen first.',
  'no-source.given': 'The given stream has no live track.',
  'microphone-silent.gone': 'The microphone is gone. Plug it in again to hear it.',
  'invalid-state': 'This cannot be done now.',
  'aborted.stop': 'The start was given up.',
  'worker-failed.load': 'A part of this page could not be loaded. Check the connection, then reload the page.',
} as const;

/**
 * What the elements say before anything is captured or recorded. The words of a take, or of the library, come with the
 * code that says them. `{name}` stands for a value that is filled in.
 */
const english = {
  ...earlySentences,

  // States
  'state.idle': 'Off',
  'state.requesting': 'Waiting for permission',
  'state.live': 'Live',
  'state.paused': 'Paused',
  'state.ended': 'Ended',
  'state.failed': 'Not available',

  // media-producer
  'producer.preview': 'Preview',
  'producer.start': 'Start',
  'producer.start.camera': 'Turn on camera',
  'producer.start.microphone': 'Turn on microphone',
  'producer.start.both': 'Turn on camera and microphone',
  'producer.start.screen': 'Share screen',
  'producer.start.system': 'Share system sound',
  'producer.cancel': 'Cancel',
  'producer.stop': 'Stop',
  'producer.pause': 'Pause',
  'producer.resume': 'Resume',
  'producer.retry': 'Try again',
  'producer.empty': 'Nothing is captured until you turn it on.',
  'producer.empty.screen': 'Choose a screen, a window or a tab to share.',
  'producer.ended': 'The capture has ended.',
  'producer.requesting': 'Answer the question of the browser to go on.',
  'producer.paused': 'Paused. Nothing is captured.',
  'producer.sound': 'Sound only',

  // stream-recorder
  'recorder.label': 'Recorder',
  'recorder.record': 'Record',
  'recorder.stop': 'Stop',
  'recorder.ready': 'Ready. What you record is kept on this device.',
  'recorder.missing':
    'There is no producer to record. Put this element into a <media-producer>, or name one with its `for` attribute.',
  'recorder.required': 'Record something first.',
} as const;

export type MessageKey = keyof typeof english;
/** A key of what is said: the code of a fault, or a name that begins with who says it (`library.empty`). */
export type AnyMessageKey = OnAirErrorCode | `${string}.${string}`;
/** Sentences of one language; what is missing is said in English. */
export type MessageTable = Partial<Record<AnyMessageKey, string>>;
/** What stands for `{name}` in a sentence. A value that is itself a key of the same words is said in the same language. */
export type MessageValues = Readonly<Record<string, string | number>>;
/** The English of whoever brings words of its own. */
export type Words<K extends string = string> = Readonly<Record<K, string>>;

const tables = new Map<string, MessageTable>();
const listeners = new Set<() => void>();

/**
 * Replaces sentences, for all of the page, in one language. Later calls add to earlier ones.
 *
 *     configureMessages('de', { 'producer.start': 'Los' });
 *     configureMessages('en', { busy: 'Somebody else has the {device}.' });
 *
 * @param lang A language tag; `de` serves `de-AT` where there is no table for the latter.
 */
export function configureMessages(lang: string, table: MessageTable): void {
  const key = lang.toLowerCase();
  tables.set(key, { ...tables.get(key), ...table });
  for (const listener of [...listeners]) listener();
}

/** Calls `listener` after each `configureMessages`; returns the function that ends it. */
export function onMessagesChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The sentence for `key` in `lang` (default English), values filled in. */
export function message<K extends string = MessageKey>(
  key: K,
  lang = 'en',
  values: MessageValues = {},
  words: Words<K> = english as unknown as Words<K>,
): string {
  return filled(key, lang, values, words);
}

/** Knows no words but those it is given: who brings its own, as channels do, does not load those of elements. */
function filled<K extends string>(key: K, lang: string, values: MessageValues, words: Words<K>): string {
  const find = (of: K) => replaced(of, lang) ?? words[of];
  return find(key).replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name];
    if (value === undefined) return placeholder;
    return Object.hasOwn(words, value) ? find(value as K) : String(value);
  });
}

/** What a page says instead, in `lang` or else in English. */
function replaced(key: string, lang: string): string | undefined {
  const own = (tag: string) => (tables.get(tag) as Partial<Words> | undefined)?.[key];
  for (let tag = lang.toLowerCase(); tag; tag = tag.slice(0, Math.max(tag.lastIndexOf('-'), 0))) {
    const sentence = own(tag);
    if (sentence !== undefined) return sentence;
  }
  return own('en');
}

// What a fault was said with, so that an element can say it again in its own language.
const said = new WeakMap<OnAirError, (lang: string) => string>();

/** An OnAirError with a sentence of `words`. */
export function spoken<K extends string>(
  code: OnAirErrorCode,
  key: K,
  words: Words<K>,
  values: MessageValues,
  options?: OnAirErrorOptions,
): OnAirError {
  const say = (lang: string) => filled(key, lang, values, words);
  const error = new OnAirError(code, say('en'), options);
  said.set(error, say);
  return error;
}

/** The same fault, in the same words, as one that ended the job or as one that did not. */
export function retold(error: OnAirError, fatal: boolean): OnAirError {
  const copy = new OnAirError(error.code, error.message, { cause: error.cause, fatal });
  const say = said.get(error);
  if (say) said.set(copy, say);
  return copy;
}

/** A fault that can happen before the sentences of all the others are loaded. */
export const earlyFault = (code: OnAirErrorCode, key: MessageKey, options?: OnAirErrorOptions): OnAirError =>
  spoken(code, key, english, {}, options);

/**
 * The sentence of a fault in `lang`. A fault that brings its own words (from a worker, from a page) keeps them, unless
 * the page has a sentence for its code that needs no values.
 */
export function explain(error: OnAirError, lang = 'en'): string {
  const say = said.get(error);
  if (say) return say(lang);
  const sentence = replaced(error.code, lang);
  return sentence === undefined || /\{\w+\}/.test(sentence) ? error.message : sentence;
}
