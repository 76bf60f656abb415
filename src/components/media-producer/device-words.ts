import { message, type MessageValues } from '../../core/messages.js';

/** What is said once there are devices to choose from, or when only one of them could be had. */
const english = {
  'producer.devices': 'Devices',
  'producer.devices.video': 'Camera',
  'producer.devices.audio': 'Microphone',
  'producer.devices.unnamed': '{kind} {number}',
  'producer.instead.video': 'Start with picture only',
  'producer.instead.audio': 'Start with sound only',
} as const;

export type DeviceWord = keyof typeof english;

/** Says it in one language. */
export type Say = (key: DeviceWord, values?: MessageValues) => string;

export const sayIn =
  (lang: string | undefined): Say =>
  (key, values) =>
    message(key, lang, values, english);
