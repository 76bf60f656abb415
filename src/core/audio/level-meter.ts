import { isAudioNode } from '../audio-node.js';
import { OnAirError } from '../errors.js';
import { earlyFault } from '../messages.js';
import { Store } from '../store.js';
import type { LevelGraph, MeterInput } from './level-graph.js';
import type { Levels } from './level-record.js';
import type { SoundMeterOptions } from './sound-meter.js';

/**
 * `idle`: nothing is given. `starting`: what measures is loaded. `running`. `muted`: the source gives silence (switched off
 * by the system, disabled by the page). `suspended`: its context does not run; a gesture lets in one of our own. `stale`: no
 * figures came for a second. `ended`: the source is over. `failed`: see `error`.
 */
export type LevelMeterPhase = 'idle' | 'starting' | 'running' | 'muted' | 'suspended' | 'stale' | 'ended' | 'failed';

export interface LevelMeterState {
  readonly state: LevelMeterPhase;
  /** Renewed 20 times a second; null before the first. The last ones stay when the source ends, until a reset. */
  readonly levels: Levels | null;
  /** Why it failed; while it runs, why it measures less than it was asked to (`fatal` false). */
  readonly error: OnAirError | null;
  /** Whether integrated loudness and range stand still. */
  readonly paused: boolean;
}

export interface LevelMeterOptions extends SoundMeterOptions {
  /** Meters of the same owner share an AudioContext: give the producer. Default: each meter has one of its own. */
  owner?: object;
  /** Called with a sample rate (Hz) only where the browser does not let a track into a context of the default one. */
  createContext?: (sampleRate?: number) => AudioContext;
}

/** In which nothing takes the place of the last levels. */
const STILL: readonly LevelMeterPhase[] = ['suspended', 'ended', 'failed'];

/** What can be metered. */
export type LevelSource = MediaStream | MediaStreamTrack | AudioNode;

const newContext = (sampleRate?: number) =>
  new AudioContext(sampleRate ? { latencyHint: 'interactive', sampleRate } : { latencyHint: 'interactive' });

/**
 * Hz: what a track may have that is not let in, in the order of how likely it is. A context keeps the rate of the output
 * device that there was, Firefox lets in no track of another, and says nowhere what that of a track is. First comes the rate
 * of the device that there is now.
 */
const OTHER_RATES = [undefined, 48_000, 44_100, 96_000, 32_000, 24_000, 16_000, 8000, 192_000];

/**
 * Measures a sound in the audio thread while it plays or is captured, and is never heard itself. Several sounds of a stream
 * are measured as one.
 *
 *     const meter = new LevelMeter({ loudness: true });
 *     meter.store.subscribe(({ levels }) => levels, (levels) => console.log(levels.loudness.momentary));
 *     await meter.use(stream);
 *
 * Where the page lets no worklet run, an AnalyserNode tells peak and RMS, and `error` says what is missing.
 */
export class LevelMeter {
  readonly store = new Store<LevelMeterState>({ state: 'idle', levels: null, error: null, paused: false });
  readonly #options: LevelMeterOptions;
  #source: LevelSource | null = null;
  #graph: LevelGraph | null = null;
  /** Tells the graph that is being opened, or is open, from earlier ones. */
  #opening: { readonly owner: object } | null = null;
  /** Settles when that is open, or will not be. */
  #opened: Promise<void> | null = null;
  /** How many contexts the tracks were not let into, one after the other. */
  #refused = 0;
  #closed = false;

  constructor(options: LevelMeterOptions = {}) {
    this.#options = { ...options };
  }

  get state(): LevelMeterPhase {
    return this.store.get().state;
  }

  get levels(): Levels | null {
    return this.store.get().levels;
  }

  get error(): OnAirError | null {
    return this.store.get().error;
  }

  /** What is metered. */
  get source(): LevelSource | null {
    return this.#source;
  }

  /**
   * Meters this from now on, in the place of what was; null for nothing. What was measured goes on, unless it is a node of
   * another AudioContext. A stream is followed: its tracks may come and go.
   *
   * Settles when it is metered. A failure is told by `state` and `error`.
   */
  async use(source: LevelSource | null): Promise<void> {
    if (this.#closed || source === this.#source) return;
    this.#follow(source);
    if (!source) {
      this.#drop();
      this.store.set({ state: 'idle', levels: null, error: null });
      return;
    }
    const owner = isAudioNode(source) ? source.context : (this.#options.owner ?? this);
    if (owner !== this.#opening?.owner) return (this.#opened = this.#open(owner));
    if (!this.#graph) await this.#opened;
    await this.#connect();
  }

  /** Loudness and true peak too, from now on, where `loudness` was not asked for; what else was measured stays. */
  measureLoudness(): void {
    if (this.#options.loudness) return;
    this.#options.loudness = true;
    this.#graph?.command('loudness');
    if (this.store.get().paused) this.#graph?.command('pause');
  }

  /**
   * Begins integrated loudness, range, maxima and counts anew. Where no levels come (`suspended`, `ended`, `failed`), `levels`
   * are null until some do.
   */
  reset(): void {
    this.#graph?.command('reset');
    if (STILL.includes(this.state)) this.store.set({ levels: null });
  }

  /** Integrated loudness and range stand still until `resume()`. */
  pause(): void {
    this.#graph?.command('pause');
    this.store.set({ paused: true });
  }

  resume(): void {
    this.#graph?.command('resume');
    this.store.set({ paused: false });
  }

  /** Stops for good: the audio thread lets go of it, and the AudioContext is closed with its last meter. */
  close(): void {
    void this.use(null);
    this.#closed = true;
  }

  async #open(owner: object, sampleRate?: number): Promise<void> {
    this.#drop();
    const opening = (this.#opening = { owner });
    this.store.set({ state: 'starting', levels: null, error: null });
    const current = () => this.#opening === opening;
    const { createContext = newContext, ...options } = this.#options;
    try {
      const { LevelGraph } = await import('./level-graph.js').catch((cause: unknown) => {
        throw earlyFault('worker-failed', 'worker-failed.load', { cause });
      });
      if (!current()) return;
      const graph = await LevelGraph.open(
        { ...options, owner, createContext: () => createContext(sampleRate) },
        {
          levels: (levels) => current() && this.#take(levels),
          changed: () => void (current() && this.#connect()),
          failed: (error) => current() && this.#fail(error),
        },
      );
      // Another one, or none, was wanted meanwhile.
      if (!current()) return graph.close();
      this.#graph = graph;
      // What was asked for meanwhile.
      if (this.#options.loudness) graph.command('loudness');
      if (this.store.get().paused) graph.command('pause');
      await this.#connect();
      if (current()) this.store.set({ error: graph.error });
    } catch (thrown) {
      if (current()) this.#fail(thrown);
    }
  }

  #drop(): void {
    this.#graph?.close();
    this.#graph = null;
    this.#opening = null;
  }

  /** Of tracks that the browser adds, it tells. */
  #follow(source: LevelSource | null): void {
    if (this.#source instanceof MediaStream) this.#source.removeEventListener('addtrack', this.#added);
    this.#source = source;
    if (source instanceof MediaStream) source.addEventListener('addtrack', this.#added);
  }

  readonly #added = (): void => void this.#connect();

  get #inputs(): MeterInput[] {
    const source = this.#source;
    if (isAudioNode(source)) return [source];
    const tracks = source instanceof MediaStream ? source.getAudioTracks() : source ? [source] : [];
    return tracks.filter(({ readyState }) => readyState === 'live');
  }

  /** Levels come so often that little is looked at with them. Of tracks that are over, the last ones stay. */
  #take(levels: Levels): void {
    if (this.#graph?.live) this.store.set({ levels });
    else void this.#connect();
  }

  /**
   * Meters what there is to meter, and says what is the case. No event tells that a page has put another track into a stream,
   * stopped or disabled one: so that is looked for twice a second. Answers what is to be waited for.
   */
  #connect(): Promise<void> | void {
    const graph = this.#graph;
    if (!graph) return;
    const inputs = this.#inputs;
    try {
      graph.connect(inputs);
    } catch (thrown) {
      return this.#retry(thrown);
    }
    this.#refused = 0;
    this.store.set({ state: phaseOf(graph, inputs) });
  }

  /** With another context; what was measured begins anew. One of the page is what it is. */
  async #retry(thrown: unknown): Promise<void> {
    const { owner } = this.#opening!;
    if (owner instanceof BaseAudioContext || this.#refused === OTHER_RATES.length) return this.#fail(thrown);
    this.#graph!.retire();
    await (this.#opened = this.#open(owner, OTHER_RATES[this.#refused++]));
  }

  #fail(thrown: unknown): void {
    this.#drop();
    this.#refused = 0;
    // So that it can be tried again.
    this.#follow(null);
    this.store.set({ state: 'failed', error: OnAirError.from(thrown, 'unsupported') });
  }
}

function phaseOf(graph: LevelGraph, inputs: readonly MeterInput[]): LevelMeterPhase {
  if (inputs.length === 0 || graph.closed) return 'ended';
  if (graph.suspended) return 'suspended';
  if (graph.stale) return 'stale';
  const muted = inputs.every((input) => input instanceof MediaStreamTrack && (input.muted || !input.enabled));
  return muted ? 'muted' : 'running';
}
