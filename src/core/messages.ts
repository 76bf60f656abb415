import { OnAirError, type OnAirErrorCode, type OnAirErrorOptions } from './errors.js';

/**
 * Everything that this package says to people, in one table. Faults come first, one sentence or two per code: what
 * happened, and what to do. `{name}` stands for a value that is filled in.
 */
const english = {
  // Faults
  denied: '{device} is blocked for this page. Allow it in the address bar or the site settings, then try again.',
  dismissed: '{device} was not allowed yet. Try again and answer the question of the browser.',
  policy:
    '{device} is blocked by the page around this one. Its owner has to allow it (the `allow` attribute or Permissions-Policy).',
  insecure: '{device} works on secure pages only. Open this page over https.',
  none: '{device} was not found. Plug one in, then try again.',
  busy: '{device} is in use by another program. Close it and try again.',
  overconstrained: '{device} cannot do what was asked for ({constraint}). Choose another device or setting.',
  system:
    '{device} is blocked by the operating system. Allow it for this browser in the privacy settings of the system.',
  aborted: 'The request for {device} ended without an answer. Try again.',
  unsupported: 'This browser cannot do this: {feature}. Try another browser.',
  'no-source': 'There is nothing to record. Start a camera, a microphone or a screen first.',
  'no-media': 'The source is on but delivers nothing. Check the device, then try again.',
  'no-encoder': 'This browser cannot record. Try a newer one.',
  'format-unavailable': 'This browser cannot record in this format. Choose another one.',
  'encoder-failed': 'The recording ended early because the encoder failed. What was recorded is kept.',
  'worker-blocked': 'The security policy of this page stops the recorder. Its owner has to allow workers.',
  'worker-failed': 'The recorder stopped answering. What was recorded is kept.',
  'storage-unavailable': 'This browser offers no storage for recordings here.',
  'disk-full': 'The storage is full. What was recorded is kept; remove recordings to make room.',
  'disk-failed': 'The storage refused a write. What was recorded until then is kept.',
  'microphone-silent': 'The microphone delivers nothing. Silence is recorded in its place.',
  'audio-suspended': 'The browser holds the sound back. Click or press a key to let it in.',
  'recording-missing': 'This recording is no longer there.',
  'recording-live': 'This recording is still being written, here or in another tab.',
  'recording-damaged': 'No media could be read from this recording. The file is kept.',
  'invalid-state': 'This cannot be done now.',
  'invalid-value': 'This setting is out of range.',

  // Faults in more words
  'denied.screen':
    'Screen sharing is blocked for this page. Allow it in the site settings or the system, then try again.',
  'dismissed.screen': 'Nothing was chosen to share. Try again and choose a screen, a window or a tab.',
  'invalid-state.screen': 'Screen sharing starts only with a click or a key. Press start.',
  'overconstrained.name': '{device} “{name}” was not found. Plug it in, or choose another one.',
  'none.system':
    'The sound of the system was not shared. To have it, start again and tick the sound box in the dialog.',
  'microphone-silent.gone': 'The microphone is gone. Plug it in and start again to hear it.',
  'invalid-value.nothing': 'Nothing is chosen to be captured. Choose a picture or a sound.',
  'no-source.given': 'The given stream has no live track.',

  // Devices, as they begin a sentence
  'device.camera': 'The camera',
  'device.microphone': 'The microphone',
  'device.both': 'Camera or microphone',
  'device.screen': 'Screen sharing',
  'device.system': 'System sound',
  'device.any': 'Capture',

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
  'recorder.pause': 'Pause',
  'recorder.resume': 'Resume',
  'recorder.download': 'Download',
  'recorder.discard': 'Discard',
  'recorder.discard.ask': 'Discard this take? It cannot be brought back.',
  'recorder.discard.keep': 'Keep it',
  'recorder.ready': 'Ready. What you record is kept on this device.',
  'recorder.missing':
    'There is no producer to record. Put this element into a <media-producer>, or name one with its `for` attribute.',
  'recorder.required': 'Record something first.',
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
  'caveat.copy': 'The file is copied once when it is finished. That takes a moment, and room for both.',
  'caveat.opus': 'The sound of this MP4 is Opus, which some players do not know.',
  'caveat.evict': 'The browser may remove recordings when the disk runs full. Download what you want to keep.',
} as const satisfies Record<OnAirErrorCode, string> & Record<string, string>;

export type MessageKey = keyof typeof english;
/** What an element says beside this table, by keys that begin with its own name: `library.empty`. */
export type ElementKey = `${string}.${string}`;
/** Sentences of one language; what is missing is said in English. */
export type MessageTable = Partial<Record<MessageKey | ElementKey, string>>;
/** What stands for `{name}` in a sentence. A value that is itself a message key is said in the same language. */
export type MessageValues = Readonly<Record<string, string | number>>;

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

/**
 * The sentence for `key` in `lang` (default English), values filled in.
 * @param words the English of an element that brings words of its own
 */
export function message<K extends string = MessageKey>(
  key: K,
  lang = 'en',
  values: MessageValues = {},
  words: Readonly<Record<K, string>> = english as unknown as Readonly<Record<K, string>>,
): string {
  return fill(find(key, lang, words), lang, values);
}

function find<K extends string>(key: K, lang: string, words: Readonly<Record<K, string>>): string {
  for (let tag = lang.toLowerCase(); tag; tag = tag.slice(0, Math.max(tag.lastIndexOf('-'), 0))) {
    const own = (tables.get(tag) as Partial<Record<string, string>> | undefined)?.[key];
    if (own !== undefined) return own;
  }
  return (tables.get('en') as Partial<Record<string, string>> | undefined)?.[key] ?? words[key];
}

function fill(template: string, lang: string, values: MessageValues): string {
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name];
    if (value === undefined) return placeholder;
    return isKey(value) ? find(value, lang, english) : String(value);
  });
}

const isKey = (value: unknown): value is MessageKey => typeof value === 'string' && Object.hasOwn(english, value);

interface Said {
  readonly key: MessageKey;
  readonly values: MessageValues;
}

// What a fault was said with, so that an element can say it again in its own language.
const said = new WeakMap<OnAirError, Said>();

/** An OnAirError with the sentence of its code, or of `key` where a fault has more words. */
export function fault(
  code: OnAirErrorCode,
  values: MessageValues = {},
  { key = code, ...options }: OnAirErrorOptions & { key?: MessageKey } = {},
): OnAirError {
  const error = new OnAirError(code, message(key, 'en', values), options);
  said.set(error, { key, values });
  return error;
}

/**
 * The sentence of a fault in `lang`. A fault that brings its own words (from a worker, from a page) keeps them, unless
 * the page has a sentence for its code that needs no values.
 */
export function explain(error: OnAirError, lang = 'en'): string {
  const known = said.get(error);
  if (known) return message(known.key, lang, known.values);
  const sentence = find(error.code, lang, english);
  const replaced = sentence !== english[error.code] && !/\{\w+\}/.test(sentence);
  return replaced || !error.message ? sentence : error.message;
}
