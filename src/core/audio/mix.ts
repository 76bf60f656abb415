import { fault } from '../messages.js';

/** Several audio tracks as one. Nobody hears it: it leads to a track, never to the speakers. */
export interface AudioMix {
  /** The mix; the given track itself where there was only one. */
  readonly track: MediaStreamTrack;
  /** Null where there was nothing to mix. */
  readonly context: AudioContext | null;
  /** True while the browser holds the mix back until a gesture; the track is silent then. */
  readonly suspended: boolean;
  /** Called after `suspended` changed. */
  onstatechange: (() => void) | null;
  /** Ends the mix. The given tracks are left as they are. */
  close(): void;
}

export interface MixOptions {
  createContext?: (sampleRate?: number) => AudioContext;
}

/** What the encoders take (Opus knows no 44.1 kHz) and every device is resampled to. Hz. */
const SAMPLE_RATE = 48_000;

/**
 * Two sources at full scale add up to +6 dBFS. The limiter holds that at -2.5 dBFS and leaves all below -3 dBFS alone.
 * dB, dB, ratio, seconds, seconds.
 */
const LIMITER = { threshold: -3, knee: 0, ratio: 20, attack: 0.002, release: 0.12 } as const;

/**
 * A DynamicsCompressorNode adds make-up gain that cannot be turned off: (1 / gain at full scale) ^ 0.6
 * (Web Audio API 1.1, section 1.19.4). Undone behind it, so that what is not limited keeps its level.
 */
const FULL_SCALE_GAIN_DB = LIMITER.threshold - LIMITER.threshold / LIMITER.ratio;
const UNDO_MAKE_UP = 10 ** ((FULL_SCALE_GAIN_DB * 0.6) / 20);

/**
 * Mixes to one track at 48 kHz with a limiter. One track passes through as it is, without an AudioContext.
 *
 * @throws OnAirError `no-source` without any track, `unsupported` where there is no Web Audio.
 */
export function mixAudio(
  tracks: readonly MediaStreamTrack[],
  { createContext = newContext }: MixOptions = {},
): AudioMix {
  const [first, ...more] = tracks;
  if (!first) throw fault('no-source');
  if (more.length === 0) return { track: first, context: null, suspended: false, onstatechange: null, close: () => {} };
  try {
    return new Mix(tracks, createContext);
  } catch (cause) {
    throw fault('unsupported', { feature: 'Web Audio' }, { cause });
  }
}

const newContext = (sampleRate?: number) =>
  new AudioContext({ latencyHint: 'interactive', ...(sampleRate ? { sampleRate } : {}) });

interface Graph {
  context: AudioContext;
  destination: MediaStreamAudioDestinationNode;
}

function connect(tracks: readonly MediaStreamTrack[], context: AudioContext): Graph {
  try {
    const limiter = new DynamicsCompressorNode(context, LIMITER);
    const level = new GainNode(context, { gain: UNDO_MAKE_UP });
    const destination = new MediaStreamAudioDestinationNode(context, { channelCount: 2 });
    for (const track of tracks) {
      new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) }).connect(limiter);
    }
    limiter.connect(level).connect(destination);
    return { context, destination };
  } catch (error) {
    context.close().catch(() => {});
    throw error;
  }
}

/** What counts as a gesture for sound in every engine. */
const GESTURES = ['pointerup', 'touchend', 'keydown', 'click'] as const;

class Mix implements AudioMix {
  readonly track: MediaStreamTrack;
  readonly context: AudioContext;
  onstatechange: (() => void) | null = null;
  #closed = false;
  #suspended: boolean;

  constructor(tracks: readonly MediaStreamTrack[], createContext: (sampleRate?: number) => AudioContext) {
    const { context, destination } = this.#connect(tracks, createContext);
    this.context = context;
    this.track = destination.stream.getAudioTracks()[0]!;
    this.#suspended = context.state !== 'running';
    context.addEventListener('statechange', this.#follow);
    this.#awaitGesture();
    this.#resume();
  }

  /** Firefox refuses to join a microphone to a context of another rate; then the rate is the machine's own. */
  #connect(tracks: readonly MediaStreamTrack[], createContext: (sampleRate?: number) => AudioContext): Graph {
    try {
      return connect(tracks, createContext(SAMPLE_RATE));
    } catch {
      return connect(tracks, createContext());
    }
  }

  get suspended(): boolean {
    return this.#suspended;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forgetGesture();
    this.context.removeEventListener('statechange', this.#follow);
    this.track.stop();
    this.context.close().catch(() => {});
  }

  #follow = (): void => {
    const suspended = this.context.state !== 'running';
    if (suspended === this.#suspended) return;
    this.#suspended = suspended;
    if (suspended) this.#awaitGesture();
    else this.#forgetGesture();
    this.onstatechange?.();
  };

  #resume = (): void => {
    this.context.resume().then(this.#follow, () => {});
  };

  #awaitGesture(): void {
    for (const type of GESTURES) document.addEventListener(type, this.#resume, { capture: true, passive: true });
  }

  #forgetGesture(): void {
    for (const type of GESTURES) document.removeEventListener(type, this.#resume, { capture: true });
  }
}
