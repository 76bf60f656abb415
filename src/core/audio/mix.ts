import { Cleanup } from '../cleanup.js';
import { fault } from '../faults.js';
import { keepRunning } from './autoplay.js';

/** Several audio tracks as one. Nobody hears it: it leads to a track, never to the speakers. */
export interface AudioMix {
  /** The mix; the given track itself where there was only one. */
  readonly track: MediaStreamTrack;
  /** Null where there was nothing to mix. */
  readonly context: AudioContext | null;
  /** True while the browser holds the mix back until a gesture; the track is silent then. */
  readonly suspended: boolean;
  /** Resolves when `suspended` is known: a context that may run begins only some milliseconds after it was made. */
  readonly settled: Promise<void>;
  /** Called after `suspended` changed. */
  onstatechange: (() => void) | null;
  /**
   * Puts a track into the place of another one; what is mixed goes on meanwhile. False where nothing is mixed, or the
   * other one is not part of it: then the track is to be used itself.
   */
  replace(old: MediaStreamTrack, next: MediaStreamTrack): boolean;
  /** Highest sample of the last third of a second, 0 to 1, of all or of one that is mixed; null where nothing is. */
  peak(of?: MediaStreamTrack): number | null;
  /** Ends the mix. The given tracks are left as they are. */
  close(): void;
}

export interface MixOptions {
  /** Also a single track goes through the mix, so that what comes out goes on, in silence, when the track ends. */
  steady?: boolean;
  createContext?: (sampleRate?: number) => AudioContext;
}

/** What the encoders take (Opus knows no 44.1 kHz) and every device is resampled to. Hz. */
const SAMPLE_RATE = 48_000;

/** Samples that a peak is of: who looks four times a second misses none of them. */
const PEAK = 16_384;

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
 * Mixes to one track at 48 kHz with a limiter. One track passes through as it is, without an AudioContext, unless it is
 * to be steady.
 *
 * @throws OnAirError `no-source` without any track, `unsupported` where there is no Web Audio.
 */
export function mixAudio(
  tracks: readonly MediaStreamTrack[],
  { steady = false, createContext = newContext }: MixOptions = {},
): AudioMix {
  const [first, ...more] = tracks;
  if (!first) throw fault('no-source');
  const alone = more.length === 0;
  if (alone && !steady) return unmixed(first);
  try {
    return new Mix(tracks, createContext);
  } catch (cause) {
    if (alone) return unmixed(first);
    throw fault('unsupported', { feature: 'Web Audio' }, { cause });
  }
}

const unmixed = (track: MediaStreamTrack): AudioMix => ({
  track,
  context: null,
  suspended: false,
  settled: Promise.resolve(),
  onstatechange: null,
  replace: () => false,
  peak: () => null,
  close: () => {},
});

const newContext = (sampleRate?: number) =>
  new AudioContext({ latencyHint: 'interactive', ...(sampleRate ? { sampleRate } : {}) });

interface Graph {
  context: AudioContext;
  /** What leads to the destination. */
  level: AudioNode;
  /** Where all sounds come together. */
  sum: AudioNode;
  sources: Map<MediaStreamTrack, AudioNode>;
  destination: MediaStreamAudioDestinationNode;
}

function connect(tracks: readonly MediaStreamTrack[], context: AudioContext): Graph {
  try {
    const alone = tracks.length === 1;
    const channelCount = alone ? Math.min(tracks[0]!.getSettings().channelCount ?? 2, 2) : 2;
    const destination = new MediaStreamAudioDestinationNode(context, { channelCount });
    const level = new GainNode(context, { gain: alone ? 1 : UNDO_MAKE_UP });
    level.connect(destination);
    // One sound alone cannot add up to more than it is.
    const sum = alone ? level : new DynamicsCompressorNode(context, LIMITER);
    if (sum !== level) sum.connect(level);
    const sources = new Map(tracks.map((track) => [track, sourceOf(track, context)]));
    for (const source of sources.values()) source.connect(sum);
    return { context, level, sum, sources, destination };
  } catch (error) {
    context.close().catch(() => {});
    throw error;
  }
}

const sourceOf = (track: MediaStreamTrack, context: AudioContext): AudioNode =>
  new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) });

class Mix implements AudioMix {
  readonly track: MediaStreamTrack;
  readonly context: AudioContext;
  readonly settled: Promise<void>;
  onstatechange: (() => void) | null = null;
  readonly #graph: Graph;
  readonly #meters = new WeakMap<AudioNode, { node: AnalyserNode; samples: Float32Array<ArrayBuffer> }>();
  readonly #cleanup = new Cleanup();
  #suspended = false;

  constructor(tracks: readonly MediaStreamTrack[], createContext: (sampleRate?: number) => AudioContext) {
    const graph = this.#connect(tracks, createContext);
    const { context, destination } = graph;
    this.context = context;
    this.#graph = graph;
    this.track = destination.stream.getAudioTracks()[0]!;
    this.#cleanup.defer(() => void context.close().catch(() => {}));
    this.#cleanup.defer(() => this.track.stop());
    const kept = keepRunning(context, (suspended) => {
      this.#suspended = suspended;
      this.onstatechange?.();
    });
    this.settled = kept.settled;
    this.#cleanup.defer(() => kept.close());
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

  replace(old: MediaStreamTrack, next: MediaStreamTrack): boolean {
    const { sources, sum } = this.#graph;
    const before = sources.get(old);
    if (!before || this.#cleanup.signal.aborted) return false;
    try {
      // One that is mixed already would be summed twice.
      const source = sources.get(next) ?? sourceOf(next, this.context);
      source.connect(sum);
      sources.set(next, source);
    } catch {
      return false; // Firefox refuses a microphone of another rate than the context's.
    }
    before.disconnect();
    sources.delete(old);
    return true;
  }

  peak(of?: MediaStreamTrack): number | null {
    const from = of ? this.#graph.sources.get(of) : this.#graph.level;
    if (!from) return null;
    let meter = this.#meters.get(from);
    if (!meter) {
      const node = new AnalyserNode(this.context, { fftSize: PEAK });
      from.connect(node);
      meter = { node, samples: new Float32Array(node.fftSize) };
      this.#meters.set(from, meter);
    }
    const { node, samples } = meter;
    node.getFloatTimeDomainData(samples);
    return samples.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
  }

  close(): void {
    this.#cleanup.close();
  }
}
