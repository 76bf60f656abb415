import { monitorPlatform, type MonitorPlatform } from './platform.js';
import { frozen, sum, type Told } from './told.js';
import { makeTrend } from './trend.js';

/** What no figure here shows, by name: for people who wonder where the memory has gone. */
export type Unseen = 'heap' | 'workers' | 'blobs' | 'codecs' | 'gpu';

/** What a page can tell of its memory. Bytes, where nothing else is said. */
export interface MemoryFigures {
  /** JavaScript of the page's own thread (Chromium), of five seconds ago at most. Some browsers round it. */
  readonly heap: Told<number>;
  /** All JavaScript and DOM of the page with its workers and frames, and when it was measured (milliseconds since 1970). */
  readonly agent: Told<{ readonly bytes: number; readonly at: number }>;
  /** What we hold ourselves, by whose it is. */
  readonly own: Readonly<Record<string, number>>;
  /** What may be used: as it was set, or else the heap's limit. */
  readonly limit: Told<number>;
  /** Share of the limit that is in use: by the heap; where that is not told and a limit is set, by what we hold ourselves. */
  readonly used: Told<number>;
  /** Growth of the same by hour, by the lowest values of each ten seconds of the last hour; null in the first minute. */
  readonly slope: Told<number>;
  /** What the slope comes to over the time that it was measured in. */
  readonly grown: Told<number>;
  /** How often it was asked to be relieved. */
  readonly reliefs: number;
  /** What is in none of these figures. */
  readonly unseen: readonly Unseen[];
}

export interface MemoryMonitorOptions {
  platform?: MonitorPlatform;
  /** Bytes that may be used. Default: the limit of the heap, where it is told. */
  limit?: number;
  /** Share of the limit from which hooks are asked to let go of what can be had again. Default 0.75. */
  threshold?: number;
  /** Seconds between two calls of the hooks; below five, the time for which the heap is known, of no use. Default 60. */
  cooldown?: number;
  /** Mean seconds between two measures of all of the page; Infinity is twelve days. Default 300. */
  measureEvery?: number;
}

/**
 * Watches the memory as far as a page can: the heap, all of the page where it is isolated, and what we know to hold
 * ourselves. Says what it cannot see. It has no timer for its looks: call `look()` now and then.
 *
 * All of the page is measured at random moments (the waits are exponential), as the specification asks for: it takes up to
 * minutes, may collect garbage, and is never waited for.
 */
export class MemoryMonitor {
  readonly #platform: MonitorPlatform;
  readonly #options: MemoryMonitorOptions & { threshold: number; cooldown: number; measureEvery: number };
  readonly #owners = new Map<string, () => number>();
  readonly #hooks = new Set<() => void>();
  readonly #trend = makeTrend();
  #agent: MemoryFigures['agent'] = null;
  #timer: unknown = null;
  #relievedAt = -Infinity;
  #reliefs = 0;

  constructor(options: MemoryMonitorOptions = {}) {
    this.#options = { threshold: 0.75, cooldown: 60, measureEvery: 300, ...options };
    this.#platform = options.platform ?? monitorPlatform;
  }

  /** Counts in what somebody holds; `bytes` is asked at each look. Answers the function that ends it. */
  watch(name: string, bytes: () => number): () => void {
    this.#owners.set(name, bytes);
    return () => {
      if (this.#owners.get(name) === bytes) this.#owners.delete(name);
    };
  }

  /**
   * Has `hook` called when memory gets short: to drop caches, to shrink rings. What it throws is reported as the page's own.
   * Answers the function that ends it.
   */
  relieve(hook: () => void): () => void {
    this.#hooks.add(hook);
    return () => this.#hooks.delete(hook);
  }

  /** Measures all of the page now and then, where that is possible, until `stop()`. */
  start(): void {
    if (this.#timer || !this.#platform.measureMemory) return;
    const wait = -Math.log(1 - this.#platform.random()) * this.#options.measureEvery;
    this.#timer = this.#platform.setTimeout(() => {
      this.#timer = null;
      this.#platform.measureMemory!().then(
        ({ bytes }) => (this.#agent = { bytes, at: this.#platform.date() }),
        // A page that is isolated may be forbidden to all the same.
        () => (this.#agent ??= 'unsupported'),
      );
      this.start();
    }, wait * 1000);
  }

  stop(): void {
    this.#platform.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Reads all figures; calls the hooks when they say so, and then reads no more: what was let go shows when the heap is read again. */
  look(): MemoryFigures {
    const { heap, measureMemory } = this.#platform;
    const own = Object.fromEntries([...this.#owners].map(([name, bytes]) => [name, bytes()]));
    const { limit = heap?.jsHeapSizeLimit } = this.#options;
    const amount = heap?.usedJSHeapSize ?? sum(Object.values(own));
    // Without a heap that is told, and without a limit, what we hold is the size of nothing.
    const used = limit && amount / limit;
    const now = this.#platform.now() / 1000;
    const trend = limit ? this.#trend.add(now, amount) : null;
    if (used! >= this.#options.threshold && now - this.#relievedAt >= this.#options.cooldown) {
      this.#relievedAt = now;
      this.#reliefs++;
      // What one of them throws is the page's own fault to hear of, and keeps none of the others from it.
      for (const hook of this.#hooks) queueMicrotask(hook);
    }
    const agent = this.#agent ?? (measureMemory ? null : 'unsupported');
    const unknown = limit ? null : 'unsupported';
    return frozen<MemoryFigures>({
      heap: heap?.usedJSHeapSize ?? 'unsupported',
      agent,
      own,
      limit: limit ?? 'unsupported',
      used: used ?? 'unsupported',
      slope: trend?.slope ?? unknown,
      grown: trend?.grown ?? unknown,
      reliefs: this.#reliefs,
      unseen: [!heap && 'heap', agent === 'unsupported' && 'workers', 'blobs', 'codecs', 'gpu'].filter(
        Boolean,
      ) as Unseen[],
    });
  }

  /** The growth is measured anew. */
  reset(): void {
    this.#trend.clear();
  }
}
