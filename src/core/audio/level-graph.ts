import type { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import { earlyFault } from '../messages.js';
import type { LevelCommand, LevelProcessorOptions } from './level-protocol.js';
import type { AnalyserMeter } from './analyser-meter.js';
import { contextOf, type MeterContext, type MeterListener } from './meter-context.js';
import type { SoundMeterOptions } from './sound-meter.js';

export interface GraphOptions extends SoundMeterOptions {
  /** Whose meters share a context. */
  owner: object;
  createContext: () => AudioContext;
}

/** What is metered: tracks in a context of our own, or a node in the page's. */
export type MeterInput = MediaStreamTrack | AudioNode;

/** What measures: a processor in the audio thread, or what stands in for one. */
interface Meter {
  readonly node: AudioNode;
  command(command: LevelCommand): void;
}

/**
 * One meter in its context, and what leads to it. It begins when the context first runs: Chromium keeps the nodes of one
 * that never has.
 */
export class LevelGraph {
  /** Why it measures less than it was asked to; null where it measures all. */
  readonly error: OnAirError | null;
  readonly #shared: MeterContext;
  readonly #wanted: LevelProcessorOptions;
  readonly #make: () => Meter;
  #meter: Meter | null = null;
  #processor: AudioWorkletNode | null = null;
  /** Its processor has thrown, and says no more. */
  #dead = false;
  #inputs = new Map<MeterInput, AudioNode>();

  private constructor(
    shared: MeterContext,
    wanted: LevelProcessorOptions,
    listener: MeterListener,
    instead: typeof AnalyserMeter | undefined,
    error: OnAirError | null,
  ) {
    this.#shared = shared;
    this.#wanted = wanted;
    this.error = error;
    this.#make = () => {
      if (instead) return new instead(shared.context, listener);
      const node = (this.#processor = shared.process(wanted));
      node.onprocessorerror = () => {
        this.#dead = true;
        listener.failed(fault('worker-failed', {}, { key: 'worker-failed.meter' }));
      };
      return { node, command: (command) => node.port.postMessage(command) };
    };
  }

  /** @throws OnAirError `unsupported` where there is no Web Audio, `worker-failed` where a part cannot be loaded */
  static async open(options: GraphOptions, listener: MeterListener): Promise<LevelGraph> {
    const { owner, createContext, ...wanted } = options;
    let shared: MeterContext;
    try {
      shared = contextOf(owner, createContext);
    } catch (cause) {
      throw fault('unsupported', { feature: 'Web Audio' }, { cause });
    }
    const id = shared.add(listener);
    const blocked = await shared.loaded.catch((cause: unknown) => cause);
    await shared.settled;
    try {
      // All that measures in the page comes only where it has to.
      const instead = blocked ? await import('./analyser-meter.js') : null;
      const error = instead?.lessMeasured(blocked) ?? null;
      return new LevelGraph(shared, { id, paused: false, ...wanted }, listener, instead?.AnalyserMeter, error);
    } catch (cause) {
      shared.remove(id);
      throw earlyFault('worker-failed', 'worker-failed.load', { cause });
    }
  }

  get suspended(): boolean {
    return this.#shared.suspended;
  }

  get stale(): boolean {
    return this.#shared.stale;
  }

  /** By the page, whose context it is. */
  get closed(): boolean {
    return this.#shared.context.state === 'closed';
  }

  /** Whether there is something to meter, all of which goes on. */
  get live(): boolean {
    for (const input of this.#inputs.keys()) if ((input as MediaStreamTrack).readyState === 'ended') return false;
    return this.#inputs.size > 0;
  }

  /**
   * Meters these, together, and no others any more; to be called again when `suspended` has changed. What was measured goes
   * on, and stands still while there is nothing to meter.
   * @throws OnAirError `unsupported` where the browser does not let a track into the context: then nothing has changed
   */
  connect(inputs: readonly MeterInput[]): void {
    if (this.#meter && inputs.length === this.#inputs.size && inputs.every((input) => this.#inputs.has(input))) return;
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
    const held = next.size === 0;
    this.command(held ? 'hold' : 'go');
    this.#shared.hold(this.#wanted.id, held);
  }

  command(command: LevelCommand): void {
    // For one that has not begun.
    if (command === 'pause' || command === 'resume') this.#wanted.paused = command === 'pause';
    if (command === 'loudness') this.#wanted.loudness = true;
    this.#meter?.command(command);
  }

  /** The next meter of the same owner gets another context. */
  retire(): void {
    this.#shared.retire();
  }

  close(): void {
    for (const node of this.#inputs.values()) this.#leave(node);
    this.#inputs.clear();
    if (this.#processor) void this.#stop(this.#processor);
    else this.#shared.remove(this.#wanted.id);
    this.command('stop');
  }

  /**
   * The context has to outlive the processor: of 8 contexts that were closed before their processors had ended, Chromium
   * kept 7, with their nodes, for good.
   */
  async #stop(node: AudioWorkletNode): Promise<void> {
    const { context } = this.#shared;
    // One that does not run ends nothing.
    await this.#shared.wake();
    const over = () => {
      node.port.onmessage = node.onprocessorerror = null;
      context.removeEventListener('statechange', over);
      node.disconnect();
      this.#shared.remove(this.#wanted.id);
    };
    if (this.#dead || context.state !== 'running') return over();
    node.port.onmessage = over;
    context.addEventListener('statechange', over);
  }

  #begin(): boolean {
    if (this.#meter) return true;
    if (!this.#shared.renders) return false;
    this.#meter = this.#make();
    return true;
  }

  #enter(input: MeterInput): AudioNode {
    const node =
      input instanceof AudioNode
        ? input
        : new MediaStreamAudioSourceNode(this.#shared.context as AudioContext, {
            mediaStream: new MediaStream([input]),
          });
    // Tracks are mixed as they would be heard: one channel goes to both sides. What a page's node has may be anything.
    this.#meter!.node.channelInterpretation = node === input ? 'discrete' : 'speakers';
    node.connect(this.#meter!.node);
    return node;
  }

  /** A node of the page keeps its other connections. */
  #leave(node: AudioNode): void {
    try {
      node.disconnect(this.#meter!.node);
    } catch {
      // The page has taken it off already.
    }
  }
}
