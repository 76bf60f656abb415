export type VideoKind = 'camera' | 'screen' | 'none';
export type AudioKind = 'microphone' | 'system';
export type FacingMode = 'user' | 'environment';

/** What to capture. Every number is a request; `MediaStreamTrack.getSettings()` tells what is really in use. */
export interface CaptureConfig {
  video: VideoKind;
  /** Any of both, in any order; empty for no sound. */
  audio: readonly AudioKind[];
  /** Pixels. Default: what the machine can be expected to hold (`deviceProfile`); for a screen its own size up to 1920. */
  width?: number;
  /** Pixels. Default: by the machine; for a screen its own size up to 1080. */
  height?: number;
  /** Frames per second. Default: by the machine; for a screen 30. */
  frameRate?: number;
  facingMode?: FacingMode;
  /** Camera, by device id or by label. */
  videoDevice?: string;
  /** Microphone, by device id or by label. */
  audioDevice?: string;
  /** Camera that is taken where it is there, and another one where it is not. Passed over where one is named. */
  likedVideoDevice?: LikedDevice;
  /** Microphone of the same kind. */
  likedAudioDevice?: LikedDevice;
  /** Takes what the speakers play out of the microphone's sound. Default: as the browser does. */
  echoCancellation?: boolean;
  /** Default: as the browser does. */
  noiseSuppression?: boolean;
  /** Keeps the microphone at one level. Default: as the browser does. */
  autoGainControl?: boolean;
  /** Of the microphone. Default: as the browser does. */
  channelCount?: number;
  /** Of the microphone, Hz. Default 48000: what the encoders take. */
  sampleRate?: number;
  /** Of the microphone, seconds. Default: as the browser does. */
  latency?: number;
}

/** A device by its id, or, where ids have changed since, by its whole label. */
export interface LikedDevice {
  readonly id: string;
  readonly label: string;
}

/** Tells apart what would be captured differently. What is left out counts as its default. */
export function captureKey(config: CaptureConfig): string {
  const { video, audio, width, height, frameRate, facingMode } = config;
  const camera = video === 'none' ? [] : [width ?? 0, height ?? 0, frameRate ?? FRAME_RATE];
  const named = (name = '', liked?: LikedDevice) => (name || !liked ? [name] : ['', liked.id, liked.label]);
  const which = video === 'camera' ? [facingMode ?? '', named(config.videoDevice, config.likedVideoDevice)] : [];
  const microphone = audio.includes('microphone')
    ? [named(config.audioDevice, config.likedAudioDevice), microphoneConstraints(config)]
    : [];
  return JSON.stringify([video, [...audio].sort(), camera, which, microphone]);
}

/** What is left of a configuration when only one of its devices is opened, by its name. */
export function aloneConfig(config: CaptureConfig, kind: 'video' | 'audio', device?: string): CaptureConfig {
  const {
    videoDevice: _camera,
    audioDevice: _microphone,
    facingMode,
    likedVideoDevice,
    likedAudioDevice,
    ...rest
  } = config;
  if (kind === 'audio') {
    const which = device === undefined ? { likedAudioDevice } : { audioDevice: device };
    return defined({ ...rest, ...which, video: 'none', audio: ['microphone'] });
  }
  const which = device === undefined ? { facingMode, likedVideoDevice } : { videoDevice: device };
  return defined({ ...rest, ...which, video: 'camera', audio: [] });
}

const defined = (config: { [Name in keyof CaptureConfig]: CaptureConfig[Name] | undefined }): CaptureConfig =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as unknown as CaptureConfig;

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

/** Hz: what the encoders take (Opus knows no 44.1 kHz). */
const SAMPLE_RATE = 48_000;

/** Ideals and not exact values: a camera that cannot do 1280x720 shall still give a picture. */
export function cameraConstraints(config: CaptureConfig, deviceId?: ConstrainDOMString): MediaTrackConstraints {
  const sized = config.width !== undefined || config.height !== undefined;
  return {
    // One side given: the other follows the camera's own aspect, and not ours.
    ...ideal('width', config.width ?? (sized ? undefined : WIDTH)),
    ...ideal('height', config.height ?? (sized ? undefined : HEIGHT)),
    ...ideal('frameRate', config.frameRate ?? FRAME_RATE),
    ...ideal('facingMode', config.facingMode),
    ...(deviceId === undefined ? {} : { deviceId }),
  };
}

export function microphoneConstraints(config: CaptureConfig, deviceId?: ConstrainDOMString): MediaTrackConstraints {
  return {
    ...ideal('echoCancellation', config.echoCancellation),
    ...ideal('noiseSuppression', config.noiseSuppression),
    ...ideal('autoGainControl', config.autoGainControl),
    ...ideal('channelCount', config.channelCount),
    ...ideal('sampleRate', config.sampleRate ?? SAMPLE_RATE),
    ...ideal('latency', config.latency),
    ...(deviceId === undefined ? {} : { deviceId }),
  };
}

/** Whether every number is one that can be asked for. */
export function isSound({ width, height, frameRate, channelCount, sampleRate, latency }: CaptureConfig): boolean {
  const positive = [width, height, frameRate, channelCount, sampleRate];
  const can = (value: number | undefined, least: number) =>
    value === undefined || (Number.isFinite(value) && value >= least);
  return positive.every((value) => can(value, Number.MIN_VALUE)) && can(latency, 0);
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
