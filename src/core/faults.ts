import { channelSentences } from './channel-sentences.js';
import type { MediaErrorCode, OnAirError, OnAirErrorCode, OnAirErrorOptions } from './errors.js';
import { earlySentences, spoken, type MessageValues } from './messages.js';

/**
 * The sentences of faults, one or two per code: what happened, and what to do. They come with the code that can fail,
 * and so not before something is captured or recorded. Those of a broadcast come with it (`live/live-faults.ts`).
 */
const sentences = {
  ...earlySentences,
  ...channelSentences,
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
  'no-media': 'The source is on but delivers nothing. Check the device, then try again.',
  'no-encoder': 'This browser cannot record. Try a newer one.',
  'format-unavailable': 'This browser cannot record in this format. Choose another one.',
  'encoder-failed': 'The recording ended early because the encoder failed. What was recorded is kept.',
  'worker-blocked': 'The security policy of this page stops the recorder. Its owner has to allow workers.',
  'worker-failed': 'The recorder stopped answering. What was recorded is kept.',
  'storage-unavailable': 'This browser offers no storage for recordings here.',
  'disk-full': 'The storage is full. What was recorded is kept; remove recordings to make room.',
  'disk-failed': 'The storage refused a write. What was recorded until then is kept.',
  'audio-suspended': 'The browser holds the sound back. Click or press a key to let it in.',
  'microphone-silent': 'The microphone delivers nothing. Silence is recorded in its place.',
  'recording-missing': 'This recording is no longer there.',
  'recording-live': 'This recording is still being written, here or in another tab.',
  'recording-damaged': 'No media could be read from this recording. The file is kept.',
  'invalid-value': 'This setting is out of range.',

  // Faults in more words
  'denied.screen':
    'Screen sharing is blocked for this page. Allow it in the site settings or the system, then try again.',
  'dismissed.screen': 'Nothing was chosen to share. Try again and choose a screen, a window or a tab.',
  'invalid-state.screen': 'Screen sharing starts only with a click or a key. Press start.',
  'overconstrained.name': '{device} “{name}” was not found. Plug it in, or choose another one.',
  'none.system':
    'The sound of the system was not shared. To have it, start again and tick the sound box in the dialog.',
  'none.system.gone': 'The sound of the system is no longer shared. To have it again, stop and start again.',
  'none.fallback': '{device} is gone. “{name}” is used until it is back.',
  'microphone-silent.fallback': 'The microphone delivers nothing. “{name}” is used until it is heard.',
  'no-media.switch': 'The other camera takes long to open. The last picture stands until it is there.',
  'encoder-failed.sequel': 'The encoder failed. The recording goes on with the browser’s own recorder.',
  'worker-failed.meter': 'What measures the sound has stopped. Start it again.',
  'invalid-value.layout':
    'The loudness of {channels} channels is not defined. Name what they are for: mono, stereo, 3.0, quad, 5.0 or 5.1.',
  'invalid-value.nothing': 'Nothing is chosen to be captured. Choose a picture or a sound.',

  // Devices, as they begin a sentence
  'device.camera': 'The camera',
  'device.microphone': 'The microphone',
  'device.both': 'Camera or microphone',
  'device.screen': 'Screen sharing',
  'device.system': 'System sound',
  'device.any': 'Capture',
} as const satisfies Record<MediaErrorCode, string> & Record<string, string>;

export type FaultKey = keyof typeof sentences;

/** An OnAirError of capturing or recording with the sentence of its code, or of `key` where a fault has more words. */
export function fault(
  code: OnAirErrorCode,
  values: MessageValues = {},
  { key = code as MediaErrorCode, ...options }: OnAirErrorOptions & { key?: FaultKey } = {},
): OnAirError {
  return spoken(code, key, sentences, values, options);
}
