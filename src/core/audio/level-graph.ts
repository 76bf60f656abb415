import type { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import type { LevelCommand } from './level-protocol.js';
import { AnalyserMeter } from './analyser-meter.js';
import { contextOf, type MeterContext, type MeterListener } from './meter-context.js';
import type { SoundMeterOptions } from './sound-meter.js';

export interface GraphOptions extends SoundMeterOptions {
  /** Whose meters share a context. */
  owner: object;
  createContext: () => AudioContext;
}

/** What is metered: tracks in a context of our own, or a node in the page's. */
export type MeterInput = MediaStreamTrack | AudioNode;

/**
 * One meter in its context, and what leads to it. It begins when the context first runs: Chromium keeps the nodes of one
 * that never has.
 */
export class LevelGraph {
  /** Why it measures less than it was asked to; null where it measures all. */
  readonly error: OnAirError | null;
  readonly #shared: MeterContext;
  readonly #id: number;
  readonly #make: (paused: boolean) => AudioWorkletNode | AnalyserMeter;
  #meter: AudioWorkletNode | AnalyserMeter | null = null;
  #paused = false;
  #inputs = new Map<MeterInput, AudioNode>();

  private constructor(
    shared: MeterContext,
    id: number,
    make: (paused: boolean) => AudioWorkletNode | AnalyserMeter,
    error: OnAirError | null,
  ) {
    this.#shared = shared;
    this.#id = id;
    this.#make = make;
    this.error = error;
  }

  /** @throws OnAirError `unsupported` where there is no Web Audio */
  static async open(options: GraphOptions, listener: MeterListener): Promise<LevelGraph> {
    const { owner, createContext, ...wanted } = options;
    let shared: MeterContext;
    try {
      shared = contextOf(owner, createContext);
    } catch (cause) {
      throw fault('unsupported', { feature: 'Web Audio' }, { cause });
    }
    const id = shared.add(listener);
    const blocked = await shared.loaded.then(
      () => null,
      (cause: unknown) => fault('worker-blocked', {}, { key: 'worker-blocked.meter', cause, fatal: false }),
    );
    await shared.settled;
    const make = (paused: boolean) =>
      blocked ? new AnalyserMeter(shared.context, listener) : shared.process({ id, paused, ...wanted });
    return new LevelGraph(shared, id, make, blocked);
  }

  get suspended(): boolean {
    return this.#shared.suspended;
  }

  get stale(): boolean {
    return this.#shared.stale;
  }

  /**
   * Meters these, together, and no others any more; to be called again when `suspended` has changed. What was measured goes
   * on.
   * @throws OnAirError `unsupported` where the browser does not let a track into the context: then nothing has changed
   */
  connect(inputs: readonly MeterInput[]): void {
    const next = new Map<MeterInput, AudioNode>();
    try {
      if (!this.#begin()) return;
      for (const input of inputs) next.set(input, this.#inputs.get(input) ?? this.#enter(input));
    } catch (cause) {
      for (const [input, node] of next) if (!this.#inputs.has(input)) this.#leave(node);
      throw fault('unsupported', { feature: 'Web Audio' }, { cause });
    }
    for (const [input, node] of this.#inputs) if (!next.has(input)) this.#leave(node);
    this.#inputs = next;
  }

  command(command: LevelCommand): void {
    if (command === 'pause' || command === 'resume') this.#paused = command === 'pause';
    if (this.#meter instanceof AnalyserMeter) this.#meter.command(command);
    else this.#meter?.port.postMessage(command);
  }

  /** The next meter of the same owner gets another context. */
  retire(): void {
    this.#shared.retire();
  }

  close(): void {
    for (const node of this.#inputs.values()) this.#leave(node);
    this.#inputs.clear();
    if (this.#meter instanceof AudioWorkletNode) this.#stop(this.#meter);
    else this.#shared.remove(this.#id);
    this.command('stop');
  }

  /**
   * The context has to outlive the processor: of 8 contexts that were closed before their processors had ended, Chromium
   * kept 7, with their nodes, for good.
   */
  #stop(node: AudioWorkletNode): void {
    const { context } = this.#shared;
    const over = () => {
      node.port.onmessage = null;
      context.removeEventListener('statechange', over);
      node.disconnect();
      this.#shared.remove(this.#id);
    };
    // One that does not run ends nothing.
    if (context.state !== 'running') return over();
    node.port.onmessage = over;
    context.addEventListener('statechange', over);
  }

  #begin(): boolean {
    if (this.#meter) return true;
    if (!this.#shared.renders) return false;
    this.#meter = this.#make(this.#paused);
    return true;
  }

  get #entry(): AudioNode {
    return this.#meter instanceof AnalyserMeter ? this.#meter.node : this.#meter!;
  }

  #enter(input: MeterInput): AudioNode {
    const node =
      input instanceof AudioNode
        ? input
        : new MediaStreamAudioSourceNode(this.#shared.context as AudioContext, {
            mediaStream: new MediaStream([input]),
          });
    node.connect(this.#entry);
    return node;
  }

  /** A node of the page keeps its other connections. */
  #leave(node: AudioNode): void {
    try {
      node.disconnect(this.#entry);
    } catch {
      // The page has taken it off already.
    }
  }
}
