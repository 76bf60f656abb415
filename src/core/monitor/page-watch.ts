import { CircularBuffer } from '../buffer/index.js';
import { Metrics } from '../metrics/index.js';
import { monitorPlatform, type MonitorPlatform, type PressureRecord, type Vitals } from './platform.js';
import type { Told } from './told.js';

/** A frame of the page that took so long that something had to wait. Seconds. */
export interface LongFrame {
  /** When it was heard of, on the clock of the monitor. */
  readonly at: number;
  /** How long it took. */
  readonly duration: number;
  /** How long it kept others waiting. */
  readonly blocked: number;
  /** The script that took most of it: its address and the function, where the browser says; empty where it does not. */
  readonly script: string;
}

/** Scripts that a page runs without end would be named without end. */
const FRAMES_KEPT = 32;
/** Seconds between two looks at how much storage is left. */
const STORAGE_EVERY = 30;
/** What Chromium says is left, whatever there is: it tells no more than that there is much. */
const MUCH = 10 * 2 ** 30;
/** Milliseconds between two words of the processor's pressure: each is a task, and the other figures are of as long. */
const PRESSURE_EVERY = 5000;
/** Milliseconds between two beats of a timer; seconds up to which nobody has blocked the page. */
const BEAT = 100;
const ALLOWED = 0.15;
/** Seconds after which the machine has slept, or a debugger held the page: nobody knows what was. */
export const ASLEEP = 90;

const all = (told: Told<number>): Vitals => ({ inp: told, lcp: told, cls: told });

interface LoafEntry extends PerformanceEntry {
  readonly blockingDuration: number;
  readonly scripts: readonly { duration: number; sourceURL: string; sourceFunctionName: string; invoker: string }[];
}

/**
 * What a page tells of itself and its machine: long frames, garbage collection, pressure, battery, storage, visibility,
 * web vitals. One for all monitors of a page; it observes only while anybody has it open and the page is seen, but for
 * web-vitals, which knows no end.
 */
export class PageWatch {
  /** Counts `page:blocked` and `gc:seconds` (seconds), `page:frames` and `gc:pauses`. */
  readonly metrics = new Metrics();
  /** How often the page was hidden or shown: what lies across a turn says nothing. */
  turns = 0;
  cpu: Told<PressureRecord['state']> = null;
  /** Share of that pressure that is of this page, 0 to 1. */
  ownCpu: Told<number> = null;
  battery: Told<{ readonly level: number; readonly charging: boolean }> = null;
  /** Bytes of storage that are left. */
  storage: Told<number> = null;
  vitals: Vitals = all(null);
  readonly #platform: MonitorPlatform;
  readonly #frames = new CircularBuffer<LongFrame>(FRAMES_KEPT);
  #listeners = new Set<() => void>();
  #over: AbortController | null = null;
  #lookedAt = -Infinity;
  #timer: unknown;
  #subscribed: Promise<void> | null = null;

  constructor(platform: MonitorPlatform = monitorPlatform) {
    this.#platform = platform;
  }

  /** Whether the browser tells of long frames; where not, `page:blocked` goes by how late a timer is. */
  get tellsFrames(): boolean {
    return this.tells('long-animation-frame');
  }

  get hidden(): boolean {
    return !!this.#platform.document?.hidden;
  }

  /** Whether anybody has it open, and the page is not hidden. */
  get observes(): boolean {
    return !!this.#over && !this.hidden;
  }

  /** Whether the browser observes entries of this type. */
  tells(type: string): boolean {
    return !!this.#platform.PerformanceObserver?.supportedEntryTypes.includes(type);
  }

  /**
   * Observes until the function that it answers is called.
   * @param turned called when the page was hidden or shown; a function of its own for each that opens it
   */
  open(turned: () => void): () => void {
    this.#listeners.add(turned);
    if (!this.#over) this.#begin();
    return () => {
      this.#listeners.delete(turned);
      if (!this.#listeners.size) this.#begin();
    };
  }

  /** The frame that kept others waiting the longest, of those heard of since then (seconds). */
  worst(since: number): LongFrame | null {
    let worst: LongFrame | null = null;
    for (const frame of this.#frames) if (frame.at >= since && frame.blocked > (worst?.blocked ?? 0)) worst = frame;
    return worst;
  }

  /**
   * Seconds for which frames that were heard of since then had kept others waiting before: of one that lasts, a look that is due
   * meanwhile hears only later.
   */
  before(since: number): number {
    let seconds = 0;
    for (const { at, duration, blocked } of this.#frames)
      if (at > since) seconds += blocked * Math.max(0, 1 - (at - since) / duration);
    return seconds;
  }

  /** Looks at what tells nothing by itself; call it now and then. */
  look(): void {
    const now = this.#platform.now() / 1000;
    if (now - this.#lookedAt < STORAGE_EVERY) return;
    this.#lookedAt = now;
    void this.#lookAtStorage();
  }

  async #lookAtStorage(): Promise<void> {
    const { quota, usage = 0 } = (await this.#platform.storage?.estimate?.().catch(() => {})) ?? {};
    const left = quota! - usage;
    // Of no quota it is no number.
    this.storage = left - MUCH ? left : 'unsupported';
  }

  /** Begins anew, or ends where nobody has it open: nobody would hear that what was told before is over. */
  #begin(): void {
    this.#over?.abort();
    this.#platform.clearTimeout(this.#timer);
    this.cpu = this.ownCpu = this.battery = null;
    this.#over = null;
    if (!this.#listeners.size) return;
    const { signal } = (this.#over = new AbortController());
    this.#platform.document?.addEventListener('visibilitychange', () => this.#turn(), { signal });
    this.#subscribed ??= this.#platform.vitals().then(
      (vitals) => void (this.vitals = vitals),
      () => {
        // What could not be loaded may be there the next time.
        this.#subscribed = null;
        if (!this.#platform.PerformanceObserver) this.vitals = all('unsupported');
      },
    );
    if (this.hidden) return;
    this.#beat();
    this.#hear('long-animation-frame', signal, (entry) => this.#addFrame(entry as LoafEntry));
    this.#hear('gc', signal, ({ duration }) => {
      this.metrics.counter('gc:pauses').add();
      this.metrics.counter('gc:seconds').add(duration / 1000);
    });
    this.#watchCpu(signal);
    void this.#watchBattery(signal);
  }

  #turn(): void {
    this.turns++;
    this.#begin();
    for (const listener of [...this.#listeners]) listener();
  }

  #hear(type: string, signal: AbortSignal, each: (entry: PerformanceEntry) => void): void {
    if (!this.tells(type)) return;
    const observer = new this.#platform.PerformanceObserver!((list) => list.getEntries().forEach(each));
    observer.observe({ type });
    signal.addEventListener('abort', () => observer.disconnect());
  }

  /**
   * Where the browser tells of no long frames, and while it holds back no timers: ten times a second, because one of a
   * second would be due outside of most of what blocks a page.
   */
  #beat(): void {
    if (this.tellsFrames) return;
    const began = this.#platform.now();
    this.#timer = this.#platform.setTimeout(() => {
      const late = (this.#platform.now() - began) / 1000;
      if (late < ASLEEP) this.metrics.counter('page:blocked').add(late - ALLOWED);
      this.#beat();
    }, BEAT);
  }

  #addFrame({ duration, blockingDuration, scripts }: LoafEntry): void {
    this.metrics.counter('page:frames').add();
    this.metrics.counter('page:blocked').add(blockingDuration / 1000);
    const [script] = [...scripts].sort((one, other) => other.duration - one.duration);
    this.#frames.push({
      at: this.#platform.now() / 1000,
      duration: duration / 1000,
      blocked: blockingDuration / 1000,
      script: script ? `${script.sourceURL || script.invoker} ${script.sourceFunctionName}`.trim() : '',
    });
  }

  #watchCpu(signal: AbortSignal): void {
    const { PressureObserver } = this.#platform;
    // One that is ended before it has begun is refused, too.
    const lacks = () => signal.aborted || (this.cpu = this.ownCpu = 'unsupported');
    if (!PressureObserver) return void lacks();
    const observer = new PressureObserver((records) => {
      const { state, ownContributionEstimate } = records.at(-1)!;
      this.cpu = state;
      this.ownCpu = ownContributionEstimate ?? 'unsupported';
    });
    signal.addEventListener('abort', () => observer.disconnect());
    observer.observe('cpu', { sampleInterval: PRESSURE_EVERY }).catch(lacks);
  }

  async #watchBattery(signal: AbortSignal): Promise<void> {
    const battery = await this.#platform.getBattery?.().catch(() => {});
    if (signal.aborted) return;
    const look = () => (this.battery = battery ? { level: battery.level, charging: battery.charging } : 'unsupported');
    battery?.addEventListener('chargingchange', look, { signal });
    battery?.addEventListener('levelchange', look, { signal });
    look();
  }
}

let shared: PageWatch | null = null;

/** The one of the page. */
export const pageWatch = (): PageWatch => (shared ??= new PageWatch());
