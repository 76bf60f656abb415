import type { Told } from './told.js';

/** Of the page, as web-vitals measures them. Seconds; CLS has no unit. */
export interface Vitals {
  inp: Told<number>;
  lcp: Told<number>;
  cls: Told<number>;
}

export interface PressureRecord {
  readonly state: 'nominal' | 'fair' | 'serious' | 'critical';
  /** Share of it that is of this page, 0 to 1. */
  readonly ownContributionEstimate?: number;
}

export interface Battery extends EventTarget {
  readonly charging: boolean;
  /** 0 to 1. */
  readonly level: number;
}

export interface Heap {
  readonly usedJSHeapSize: number;
  readonly jsHeapSizeLimit: number;
}

interface Pressure {
  observe(source: 'cpu', options: { sampleInterval: number }): Promise<void>;
  disconnect(): void;
}

/** The page and its clocks as monitors see them; tests put others in their place. Null, or undefined, is what the engine lacks. */
export interface MonitorPlatform {
  /** Milliseconds that never step back. */
  now(): number;
  /** Milliseconds since 1970. */
  date(): number;
  /** 0 to 1. */
  random(): number;
  setTimeout(run: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
  readonly document: (EventTarget & { readonly hidden: boolean }) | null | undefined;
  readonly PerformanceObserver: typeof PerformanceObserver | null | undefined;
  readonly PressureObserver: (new (hear: (records: readonly PressureRecord[]) => void) => Pressure) | null | undefined;
  readonly heap: Heap | null | undefined;
  /** Of the page with its workers and frames, where the page is isolated. Takes from seconds to minutes. */
  readonly measureMemory: (() => Promise<{ readonly bytes: number }>) | null | undefined;
  readonly storage: Partial<Pick<StorageManager, 'estimate'>> | null | undefined;
  readonly getBattery: (() => Promise<Battery>) | null | undefined;
  /** Subscribes to web-vitals, once for all of the page. The object is renewed in place. */
  vitals(): Promise<Vitals>;
}

type Global = typeof globalThis & {
  PressureObserver?: NonNullable<MonitorPlatform['PressureObserver']>;
  performance: Performance & { memory?: Heap; measureUserAgentSpecificMemory?: () => Promise<{ bytes: number }> };
  navigator?: Navigator & { getBattery?: () => Promise<Battery> };
};

const global = globalThis as Global;

/** Milliseconds, twelve days: a timer that is set to 25 is due at once. */
const LONGEST = 1e9;
/** Milliseconds for which the heap is known: to read it takes Chromium 0.1 to 0.7 ms, as much as all else that is looked at. */
const HEAP_EVERY = 5000;

let heap: Heap | undefined;
let readAt = -Infinity;

/** The browser itself. Nothing is touched before a member is used. */
export const monitorPlatform: MonitorPlatform = {
  now: () => performance.now(),
  date: () => Date.now(),
  random: Math.random,
  setTimeout: (run, milliseconds) => setTimeout(run, Math.min(milliseconds, LONGEST)),
  clearTimeout: (timer) => clearTimeout(timer as number),
  get document() {
    return global.document;
  },
  get PerformanceObserver() {
    return global.PerformanceObserver;
  },
  get PressureObserver() {
    return global.PressureObserver;
  },
  get heap() {
    const now = performance.now();
    if (now - readAt < HEAP_EVERY) return heap;
    readAt = now;
    return (heap = global.performance.memory);
  },
  get measureMemory() {
    const { performance, crossOriginIsolated } = global;
    return crossOriginIsolated ? performance.measureUserAgentSpecificMemory?.bind(performance) : null;
  },
  get storage() {
    return global.navigator?.storage;
  },
  get getBattery() {
    const { navigator } = global;
    return navigator?.getBattery?.bind(navigator);
  },
  vitals: async () => (await import('./vitals.js')).followVitals(),
};
