export type VideoKind = 'camera' | 'screen' | 'none';
export type AudioKind = 'microphone' | 'system';
export type FacingMode = 'user' | 'environment';

/** What to capture. Every number is a request; `MediaStreamTrack.getSettings()` tells what is really in use. */
export interface CaptureConfig {
  video: VideoKind;
  /** Any of both, in any order; empty for no sound. */
  audio: readonly AudioKind[];
  /** Pixels. Default 1280, for a screen its own size up to 1920. */
  width?: number;
  /** Pixels. Default 720, for a screen its own size up to 1080. */
  height?: number;
  /** Frames per second. Default 30. */
  frameRate?: number;
  facingMode?: FacingMode;
  /** Camera, by device id or by label. */
  videoDevice?: string;
  /** Microphone, by device id or by label. */
  audioDevice?: string;
}

/** Tells apart what would be captured differently. What is left out counts as its default. */
export function captureKey(config: CaptureConfig): string {
  const { video, audio, width, height, frameRate, facingMode, videoDevice, audioDevice } = config;
  const camera = video === 'none' ? [] : [width ?? 0, height ?? 0, frameRate ?? FRAME_RATE];
  const which = video === 'camera' ? [facingMode ?? '', videoDevice ?? ''] : [];
  const microphone = audio.includes('microphone') ? [audioDevice ?? ''] : [];
  return JSON.stringify([video, [...audio].sort(), camera, which, microphone]);
}

/** Whether what was opened by `open` can be made to give what `asked` asks for: the same devices, and no more of them. */
export function canServe(open: CaptureConfig, asked: CaptureConfig): boolean {
  if (open.video !== 'camera') return false;
  const sizeless = { width: 0, height: 0, frameRate: 0 };
  if (captureKey({ ...open, ...sizeless }) !== captureKey({ ...asked, ...sizeless })) return false;
  const size = ({ width, height, frameRate }: CaptureConfig) => {
    const sized = width !== undefined || height !== undefined;
    return [width ?? (sized ? NaN : WIDTH), height ?? (sized ? NaN : HEIGHT), frameRate ?? FRAME_RATE] as const;
  };
  const most = size(open);
  return size(asked).every((value, index) => value <= most[index]!);
}

const WIDTH = 1280;
const HEIGHT = 720;
const FRAME_RATE = 30;
const SCREEN_WIDTH = 1920;
const SCREEN_HEIGHT = 1080;

/** Ideals and not exact values: a camera that cannot do 1280x720 shall still give a picture. */
export function cameraConstraints(config: CaptureConfig, deviceId?: string): MediaTrackConstraints {
  const sized = config.width !== undefined || config.height !== undefined;
  return {
    // One side given: the other follows the camera's own aspect, and not ours.
    ...ideal('width', config.width ?? (sized ? undefined : WIDTH)),
    ...ideal('height', config.height ?? (sized ? undefined : HEIGHT)),
    ...ideal('frameRate', config.frameRate ?? FRAME_RATE),
    ...ideal('facingMode', config.facingMode),
    ...(deviceId === undefined ? {} : { deviceId: { exact: deviceId } }),
  };
}

export function microphoneConstraints(deviceId?: string): MediaTrackConstraints | true {
  return deviceId === undefined ? true : { deviceId: { exact: deviceId } };
}

/** `systemAudio` is a hint that Chromium reads and others pass over; without it the sound box is not offered for screens. */
interface DisplayRequest extends DisplayMediaStreamOptions {
  systemAudio?: 'include' | 'exclude';
}

/**
 * Limits for a screen are maxima: an ideal would blow up a small window, and text shrunk below its size cannot be read.
 * There is no `getDisplayMedia` without video, so it is asked for even where only the sound is wanted.
 */
export function displayRequest(config: CaptureConfig): DisplayRequest {
  const sized = config.width !== undefined || config.height !== undefined;
  const sound = config.audio.includes('system');
  return {
    video: {
      ...max('width', config.width ?? (sized ? undefined : SCREEN_WIDTH)),
      ...max('height', config.height ?? (sized ? undefined : SCREEN_HEIGHT)),
      ...max('frameRate', config.frameRate ?? FRAME_RATE),
    },
    // Speech processing would garble music and voices that come out of the machine.
    audio: sound && { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    systemAudio: sound ? 'include' : 'exclude',
  };
}

const ideal = <T>(name: string, value: T | undefined) => (value === undefined ? {} : { [name]: { ideal: value } });
const max = (name: string, value: number | undefined) => (value === undefined ? {} : { [name]: { max: value } });
