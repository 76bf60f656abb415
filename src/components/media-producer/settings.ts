import type { AudioKind, CaptureConfig, FacingMode, VideoKind } from '../../core/capture/index.js';

const VIDEO: readonly string[] = ['camera', 'screen', 'none'] satisfies VideoKind[];
const AUDIO: readonly string[] = ['microphone', 'system'] satisfies AudioKind[];
const FACING: readonly string[] = ['user', 'environment'] satisfies FacingMode[];

/** What the attributes say, as they are written. */
export interface ProducerSettings {
  readonly video: string;
  readonly audio: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly frameRate: number | null;
  readonly facingMode: string | null;
  readonly videoDevice: string | null;
  readonly audioDevice: string | null;
}

/** Like native attributes with a set of keywords: what is not understood counts as the default, and never throws. */
export function captureConfig(settings: ProducerSettings): CaptureConfig {
  return {
    video: parseVideo(settings.video),
    audio: parseAudio(settings.audio),
    ...positive('width', settings.width),
    ...positive('height', settings.height),
    ...positive('frameRate', settings.frameRate),
    ...(FACING.includes(settings.facingMode ?? '') ? { facingMode: settings.facingMode as FacingMode } : {}),
    ...(settings.videoDevice ? { videoDevice: settings.videoDevice } : {}),
    ...(settings.audioDevice ? { audioDevice: settings.audioDevice } : {}),
  };
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

const words = (text: unknown): string[] => (typeof text === 'string' ? text.trim().toLowerCase().split(/\s+/) : []);

const positive = (name: string, value: number | null) =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? { [name]: value } : {};
