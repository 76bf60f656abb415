import type { MonitorPlatform, Vitals } from '../../../src/core/monitor/index.js';

type Entry = Record<string, unknown> & { duration: number };
type Pressure = 'nominal' | 'fair' | 'serious' | 'critical';

interface Timer {
  id: number;
  due: number;
  run: () => void;
}

/** A page of an engine that has everything, on a clock that only moves when told. What is taken away is lacking. */
export class FakePage implements MonitorPlatform {
  /** Milliseconds. */
  time = 1000;
  timers: Timer[] = [];
  document = Object.assign(new EventTarget(), { hidden: false });
  window: EventTarget = new EventTarget();
  heap: MonitorPlatform['heap'] = { usedJSHeapSize: 10e6, jsHeapSizeLimit: 4e9 };
  measureMemory: MonitorPlatform['measureMemory'] = null;
  storage: MonitorPlatform['storage'] = { estimate: async () => ({ quota: 100e9, usage: 1e9 }) };
  battery = Object.assign(new EventTarget(), { level: 0.8, charging: true });
  getBattery: MonitorPlatform['getBattery'] = async () => this.battery;
  /** Entry types that it observes. */
  types = ['long-animation-frame'];
  observers = new Set<{ type: string; hear: (entries: Entry[]) => void }>();
  pressures = new Set<(state: Pressure, own?: number) => void>();
  subscriptions = 0;
  webVitals: Vitals = { inp: null, lcp: null, cls: null };
  posted: { url: string; init: RequestInit }[] = [];
  answer: () => Promise<{ ok: boolean; status: number }> = async () => ({ ok: true, status: 204 });
  chance = 0.5;
  PerformanceObserver: typeof PerformanceObserver | null;
  PressureObserver: MonitorPlatform['PressureObserver'];
  #timers = 0;

  constructor() {
    const page = () => this;
    class Observer {
      static get supportedEntryTypes() {
        return page().types;
      }
      #hear: { type: string; hear: (entries: Entry[]) => void } | null = null;
      constructor(private readonly told: (list: { getEntries(): Entry[] }) => void) {}
      observe({ type }: { type: string }) {
        this.#hear = { type, hear: (entries) => this.told({ getEntries: () => entries }) };
        page().observers.add(this.#hear);
      }
      disconnect() {
        if (this.#hear) page().observers.delete(this.#hear);
      }
    }
    class Pressured {
      #hear: (state: Pressure, own?: number) => void;
      constructor(told: (records: { state: Pressure; ownContributionEstimate?: number }[]) => void) {
        this.#hear = (state, own) => told([{ state, ...(own === undefined ? {} : { ownContributionEstimate: own }) }]);
      }
      async observe() {
        page().pressures.add(this.#hear);
      }
      disconnect() {
        page().pressures.delete(this.#hear);
      }
    }
    this.PerformanceObserver = Observer as unknown as typeof PerformanceObserver;
    this.PressureObserver = Pressured;
  }

  now = (): number => this.time;
  date = (): number => 1.8e12 + this.time;
  random = (): number => this.chance;

  setTimeout = (run: () => void, milliseconds: number): number => {
    this.timers.push({ id: ++this.#timers, due: this.time + milliseconds, run });
    return this.#timers;
  };

  clearTimeout = (id: unknown): void => {
    this.timers = this.timers.filter((timer) => timer.id !== id);
  };

  vitals = async (): Promise<Vitals> => {
    this.subscriptions++;
    return this.webVitals;
  };

  fetch = (url: string, init: RequestInit): Promise<{ ok: boolean; status: number }> => {
    this.posted.push({ url, init });
    return this.answer();
  };

  /** Lets seconds go by; what is due runs when it is due. */
  pass(seconds: number): void {
    const end = this.time + seconds * 1000;
    for (;;) {
      const next = this.timers.filter(({ due }) => due <= end).sort((one, other) => one.due - other.due)[0];
      if (!next) break;
      this.time = Math.max(this.time, next.due);
      this.clearTimeout(next.id);
      next.run();
    }
    this.time = end;
  }

  /** Lets seconds go by in which nothing of the page runs. */
  block(seconds: number, script = 'https://page.example/slow.js'): void {
    this.time += seconds * 1000;
    const scripts = [
      { duration: seconds * 1000, sourceURL: script, sourceFunctionName: 'work', invoker: 'TimerHandler' },
    ];
    this.tell('long-animation-frame', { duration: seconds * 1000, blockingDuration: seconds * 1000 - 50, scripts });
    this.pass(0);
  }

  tell(type: string, entry: Entry): void {
    for (const observer of this.observers) if (observer.type === type) observer.hear([entry]);
  }

  /** @param own share of it that is of this page */
  press(state: Pressure, own?: number): void {
    for (const hear of this.pressures) hear(state, own);
  }

  turn(hidden: boolean): void {
    this.document.hidden = hidden;
    this.document.dispatchEvent(new Event('visibilitychange'));
  }
}

/** Lets everything happen that has been set going. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
