interface Collector {
  gc?: (options: { type: 'major'; execution: 'async' }) => Promise<void>;
  TestUtils?: { gc(): Promise<void> };
}

/**
 * Objects that should become garbage. They are asked for by nobody before they are gone: in Firefox, to look at what a
 * WeakRef refers to keeps an element alive until after the next collection of cycles.
 */
export class Remains {
  #left = new Map<number, string>();
  #registry = new FinalizationRegistry<number>((key) => this.#left.delete(key));
  #watched = 0;

  watch(...elements: readonly Element[]): void {
    for (const element of elements) {
      this.#left.set(++this.#watched, element.localName);
      this.#registry.register(element, this.#watched);
    }
  }

  /** How many were watched. */
  get watched(): number {
    return this.#watched;
  }

  /** How many of each are left: `{ 'media-producer': 2 }`. */
  get left(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const name of this.#left.values()) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  }

  /**
   * Collects garbage, as the test browsers are started to let a page do, until no more than so many are left, or a minute
   * is over: Firefox collects cycles some seconds after the rest.
   */
  async collect(atMost: number): Promise<void> {
    const { gc, TestUtils } = globalThis as Collector;
    if (!gc && !TestUtils) throw new Error('This browser was not started so that a page can collect garbage.');
    const deadline = performance.now() + 60_000;
    do {
      await (gc ? gc({ type: 'major', execution: 'async' }) : TestUtils!.gc());
      // What was collected is told in a task after that.
      const soon = performance.now() + 1000;
      do await new Promise((resolve) => setTimeout(resolve, 50));
      while (this.#left.size > atMost && performance.now() < soon);
    } while (this.#left.size > atMost && performance.now() < deadline);
  }
}

type Undo = () => void;

/** Puts something in the place of a method; the function that it answers puts the old one back. */
function replace<T extends object, K extends keyof T>(owner: T, name: K, make: (real: T[K]) => T[K]): Undo {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const real = owner[name];
  owner[name] = make(real);
  return () => {
    if (own) Object.defineProperty(owner, name, own);
    else delete owner[name];
  };
}

/** The last one only Chromium has. */
const OBSERVERS = [
  'MutationObserver',
  'ResizeObserver',
  'IntersectionObserver',
  'PerformanceObserver',
  'PressureObserver',
] as const;
type Observing = { readonly [name in (typeof OBSERVERS)[number]]?: { readonly prototype: MutationObserver } };

/**
 * What elements have of the platform from now on and have not given back: timers that wait, observers that observe,
 * workers that run, tracks that are live.
 */
export class Belongings {
  readonly timers = new Set<number>();
  readonly observers = new Set<object>();
  readonly workers = new Set<Worker>();
  /** How many workers there ever were. */
  workersMade = 0;
  readonly #tracks: MediaStreamTrack[] = [];
  readonly #undo: Undo[];

  constructor() {
    this.#undo = [
      replace(
        window,
        'setTimeout',
        (real) =>
          ((handler: () => void, after?: number, ...args: unknown[]) => {
            const timer: number = real(() => {
              this.timers.delete(timer);
              handler.apply(window, args as []);
            }, after);
            this.timers.add(timer);
            return timer;
          }) as typeof setTimeout,
      ),
      replace(
        window,
        'setInterval',
        (real) =>
          ((handler: () => void, every?: number) => {
            const timer: number = real(handler, every);
            this.timers.add(timer);
            return timer;
          }) as typeof setInterval,
      ),
      ...(['clearTimeout', 'clearInterval'] as const).map((name) =>
        replace(
          window,
          name,
          (real) =>
            ((timer: number) => {
              this.timers.delete(timer);
              real(timer);
            }) as typeof clearTimeout,
        ),
      ),
      ...OBSERVERS.flatMap((name) => this.#watch((globalThis as unknown as Observing)[name]?.prototype)),
      this.#watchWorkers(),
      this.#watchDevices(),
      replace(MediaStreamTrack.prototype, 'clone', (real) => this.#cloner(real)),
    ];
  }

  /** Tracks of devices, and clones of any, that have not ended. */
  get liveTracks(): MediaStreamTrack[] {
    return this.#tracks.filter(({ readyState }) => readyState === 'live');
  }

  /** How many there ever were. */
  get tracks(): number {
    return this.#tracks.length;
  }

  /** Watches no more, and holds nothing of what it has seen. */
  restore(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
    this.#tracks.length = 0;
  }

  #watch(prototype: MutationObserver | undefined): Undo[] {
    const { observers } = this;
    if (!prototype) return [];
    return [
      replace(
        prototype,
        'observe',
        (real) =>
          function (this: MutationObserver, ...args: Parameters<MutationObserver['observe']>) {
            observers.add(this);
            return real.apply(this, args);
          },
      ),
      replace(
        prototype,
        'disconnect',
        (real) =>
          function (this: MutationObserver) {
            observers.delete(this);
            real.call(this);
          },
      ),
    ];
  }

  #watchWorkers(): Undo {
    const { workers } = this;
    const made = () => this.workersMade++;
    return replace(
      window,
      'Worker',
      (Real) =>
        class extends Real {
          constructor(...args: ConstructorParameters<typeof Worker>) {
            super(...args);
            workers.add(this);
            made();
          }
          override terminate(): void {
            workers.delete(this);
            super.terminate();
          }
        },
    );
  }

  #watchDevices(): Undo {
    return replace(navigator.mediaDevices, 'getUserMedia', (real) => async (constraints) => {
      const stream = await real.call(navigator.mediaDevices, constraints);
      this.#tracks.push(...stream.getTracks());
      return stream;
    });
  }

  #cloner(real: () => MediaStreamTrack): () => MediaStreamTrack {
    const tracks = this.#tracks;
    return function (this: MediaStreamTrack) {
      const clone = real.call(this);
      tracks.push(clone);
      return clone;
    };
  }
}
