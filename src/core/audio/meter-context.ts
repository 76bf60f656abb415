import type { OnAirError } from '../errors.js';
import { loadWorklet } from '../load-worklet.js';
import { timed, type Metrics } from '../metrics/index.js';
import { onGesture, running } from './autoplay.js';
import type { LevelCommand, LevelProcessorOptions } from './level-protocol.js';
import { FIELDS, readLevels, RECORD_SIZE, type Levels } from './level-record.js';

/**
 * Milliseconds between two looks at what no event tells of, and how many without a report make what is shown old. They are
 * counted, and not the time: those of a page that hangs do not pile up, and it then reads what waits before the next.
 */
const LOOK = 500;
const STALE = 3;

/** Reports that may wait to be read, and how many are granted at once: a message to the audio thread costs it 15 us. */
const UNREAD = 20;
const BATCH = 10;

/** Ids are of the page: a processor may hear that it is to stop after one of the same number has begun. */
let count = 0;

/** What a meter wants to hear of its context. */
export interface MeterListener {
  levels(levels: Levels): void;
  /** `suspended`, `stale`, or what no event tells of, may be another. */
  changed(): void;
  /** It measures no more. */
  failed(error: OnAirError): void;
}

/**
 * An AudioContext with all the meters that share it, and the one port that their reports come through. One that was made
 * here is closed with the last of them; one of the page is left as it is.
 */
export class MeterContext {
  readonly context: BaseAudioContext;
  /** Settles when its worklet may be used; rejects where it may not, with what kept it out. */
  readonly loaded: Promise<void>;
  /** Resolves when it is known whether the context may run. */
  readonly settled: Promise<void>;
  /** Its owner gets another one from now on; the meters that it has may go on. */
  readonly retire: () => void;
  readonly #meters = new Map<number, MeterListener>();
  /** Those that have nothing to measure. */
  readonly #held = new Set<number>();
  /** Settles when the context has stopped, which none of them needs; null while one does, or might. */
  #resting: Promise<void> | null = null;
  #waking: Promise<void> | null = null;
  readonly #own: boolean;
  readonly #offline: boolean;
  #port: MessagePort | null = null;
  readonly #watch: ReturnType<typeof setInterval>;
  /** Looks since the last report. */
  #unheard = 0;
  #read = 0;
  #suspended = false;
  #stale = false;
  #closed = false;
  #forgetGesture: () => void = () => {};

  /**
   * @param own Whether it was made here: then a gesture resumes it, and it is closed with its last meter
   * @param metrics where the loading of the worklet is timed
   */
  constructor(context: BaseAudioContext, own: boolean, metrics: Metrics | null, retire: () => void) {
    this.context = context;
    this.#own = own;
    this.retire = retire;
    this.loaded = timed(metrics, 'asset:load', loadWorklet(context, 'level'));
    this.loaded.catch(() => {});
    this.#offline = context instanceof OfflineAudioContext;
    this.settled = (this.#offline ? Promise.resolve() : running(context)).then(() => {
      if (this.#closed) return;
      context.addEventListener('statechange', this.#follow);
      this.#follow();
    });
    this.#watch = setInterval(this.#look, LOOK);
    // What the browser holds back may run after any gesture, and only later it is plain that it is held back.
    this.#awaitGesture();
  }

  get suspended(): boolean {
    return this.#suspended;
  }

  /** Whether what is made in it is, or will be, rendered. */
  get renders(): boolean {
    return !this.#suspended || this.#offline;
  }

  /** Whether nothing was heard for a while, though the context runs. */
  get stale(): boolean {
    return this.#stale;
  }

  /** Counts a meter in. `remove` counts it out. */
  add(listener: MeterListener): number {
    const id = ++count;
    this.#meters.set(id, listener);
    return id;
  }

  remove(id: number): void {
    this.#meters.delete(id);
    this.#held.delete(id);
    if (this.#meters.size === 0) this.#close();
  }

  /** Whether a meter has nothing to measure. A context of our own in which none has is stopped: one that runs costs power. */
  hold(id: number, held: boolean): void {
    if (held) return void this.#held.add(id);
    this.#held.delete(id);
    // What was held told nothing.
    this.#unheard = 0;
    this.#stale = false;
    void this.wake();
  }

  /** Resolves when what was stopped here runs again, or when it has become plain that it may not. */
  async wake(): Promise<void> {
    if (!this.#resting) return;
    this.#waking ??= this.#resting
      .then(() => {
        this.#awaitGesture();
        return running(this.context);
      })
      .then(() => {
        this.#resting = this.#waking = null;
        if (!this.#closed) this.#follow();
      });
    await this.#waking;
  }

  /** A processor for a meter. It is connected to what is heard, as a silent input: else some engines do not run it. */
  process(processorOptions: LevelProcessorOptions): AudioWorkletNode {
    const node = new AudioWorkletNode(this.context, 'onair-level', {
      channelCountMode: 'max',
      outputChannelCount: [1],
      processorOptions,
    });
    node.connect(this.context.destination);
    if (!this.#port) {
      const { port1, port2 } = new MessageChannel();
      this.#port = port1;
      // An end is set to those of an offline context by its length, and it lets nobody read in between.
      port1.postMessage(this.#offline ? Infinity : UNREAD);
      port1.onmessage = ({ data }: MessageEvent<Float64Array>) => this.#hear(data);
      node.port.postMessage(port2 satisfies LevelCommand, [port2]);
    }
    return node;
  }

  #hear(records: Float64Array): void {
    if (++this.#read % BATCH === 0 && !this.#offline) this.#port?.postMessage(BATCH);
    this.#unheard = 0;
    if (this.#stale) this.#set(this.#suspended, false);
    for (let at = 0; at < records.length; at += RECORD_SIZE)
      this.#meters.get(records[at + FIELDS.id]!)?.levels(readLevels(records, at));
  }

  #look = (): void => {
    const needed = this.#held.size < this.#meters.size;
    const runs = this.context.state === 'running';
    // Not at once: another source may be on its way.
    if (this.#own && runs && !needed) this.#resting ??= (this.context as AudioContext).suspend().catch(() => {});
    const awaited = this.#port !== null && runs && needed;
    this.#set(this.#suspended, awaited && ++this.#unheard >= STALE);
  };

  #follow = (): void => {
    const suspended = this.context.state !== 'running' && !this.#resting;
    if (!suspended) this.#forgetGesture();
    else if (!this.#suspended) this.#awaitGesture();
    this.#unheard = 0;
    this.#set(suspended, false);
  };

  #set(suspended: boolean, stale: boolean): void {
    this.#suspended = suspended;
    this.#stale = stale;
    for (const listener of [...this.#meters.values()]) listener.changed();
  }

  #awaitGesture(): void {
    if (!this.#own) return;
    const resume = () => void (this.context as AudioContext).resume().catch(() => {});
    this.#forgetGesture();
    this.#forgetGesture = onGesture(resume);
    resume();
  }

  #close(): void {
    this.#closed = true;
    clearInterval(this.#watch);
    this.#forgetGesture();
    this.context.removeEventListener('statechange', this.#follow);
    this.#port?.close();
    this.#port = null;
    this.retire();
    if (this.#own) (this.context as AudioContext).close().catch(() => {});
  }
}

/** By symbol, so that two copies of the package meet: the audio thread of a context has one port for all. */
const SHARED = Symbol.for('onair/meter-contexts@1');

type Global = typeof globalThis & { [SHARED]?: WeakMap<object, MeterContext> };

/** A producer has somewhere to count. */
export type MeterOwner = object & { readonly metrics?: Metrics | null };

/**
 * The one of `owner`: a producer, a stream, or an AudioContext of the page, which is then used itself.
 * @throws where the browser makes no context
 */
export function contextOf(owner: MeterOwner, create: () => AudioContext): MeterContext {
  const shared = ((globalThis as Global)[SHARED] ??= new WeakMap());
  const known = shared.get(owner);
  if (known) return known;
  const own = !(owner instanceof BaseAudioContext);
  const context = own ? create() : owner;
  const made = new MeterContext(context, own, owner.metrics ?? null, () => {
    if (shared.get(owner) === made) shared.delete(owner);
  });
  shared.set(owner, made);
  return made;
}
