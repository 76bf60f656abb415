import type { AudioKind, CaptureConfig, DeviceName, FacingMode, VideoKind } from '../../core/capture/index.js';

const VIDEO: readonly string[] = ['camera', 'screen', 'none'] satisfies VideoKind[];
const AUDIO: readonly string[] = ['microphone', 'system'] satisfies AudioKind[];
const FACING: readonly string[] = ['user', 'environment'] satisfies FacingMode[];
const NUMBERS = ['width', 'height', 'frameRate', 'channelCount', 'sampleRate', 'latency'] as const;
const SWITCHES = ['echoCancellation', 'noiseSuppression', 'autoGainControl'] as const;
const NAMES = ['facingMode', 'videoDevice', 'audioDevice'] as const;

/** What the attributes say, as they are written. */
export type ProducerSettings = Readonly<
  Record<'video' | 'audio', string> &
    Record<(typeof NUMBERS)[number], number | null> &
    Record<(typeof SWITCHES)[number], string | boolean | null> &
    Record<(typeof NAMES)[number], DeviceName | null>
>;

/** Like native attributes with a set of keywords: what is not understood counts as the default, and never throws. */
export function captureConfig(settings: ProducerSettings): CaptureConfig {
  const config: Record<string, unknown> = { video: parseVideo(settings.video), audio: parseAudio(settings.audio) };
  for (const name of NUMBERS) {
    const value = Number(settings[name]);
    if (value > 0 && value < Infinity) config[name] = value;
  }
  for (const name of SWITCHES) {
    const value = parseSwitch(settings[name]);
    if (value !== undefined) config[name] = value;
  }
  for (const name of NAMES) {
    const value = settings[name];
    if (value) config[name] = (value as MediaDeviceInfo).deviceId ?? value;
  }
  if (!FACING.includes(settings.facingMode as string)) delete config.facingMode;
  return config as unknown as CaptureConfig;
}

function parseVideo(text: string): VideoKind {
  const word = words(text)[0] ?? '';
  return VIDEO.includes(word) ? (word as VideoKind) : 'camera';
}

function parseAudio(text: string): AudioKind[] {
  const found = words(text);
  if (found.includes('none')) return [];
  const known = AUDIO.filter((kind) => found.includes(kind)) as AudioKind[];
  return known.length > 0 ? known : ['microphone'];
}

/** `on`, `true` or the bare attribute; `off` or `false`; anything else leaves it to the browser. */
function parseSwitch(value: unknown): boolean | undefined {
  const word = String(value).toLowerCase();
  return /^(on|true)?$/.test(word) || (/^(off|false)$/.test(word) ? false : undefined);
}

const words = (text: unknown): string[] => (typeof text === 'string' ? text.trim().toLowerCase().split(/\s+/) : []);
