import type { Levels } from '../audio/index.js';
import type { CircularBuffer } from '../buffer/index.js';
import { Metrics, type HistogramSummary, type MetricsState } from '../metrics/index.js';
import { Store } from '../store.js';
import { makeChronicle, type Chronicle, type HistoryPoint, type Incident, type MonitorSnapshot } from './chronicle.js';
import { diagnose, THRESHOLDS, type MonitorState, type Thresholds } from './diagnosis.js';
import { figuresOf, LEAST, type MonitorFigures } from './figures.js';
import { makeGrowth } from './growth.js';
import { MemoryMonitor } from './memory-monitor.js';
import type { NetworkProbe } from './network.js';
import { ASLEEP, PageWatch, pageWatch } from './page-watch.js';
import { monitorPlatform, type MonitorPlatform } from './platform.js';
import { lookAtCamera, lookAtPreview, lookAtSound } from './probes.js';
import { readAsOne, type Registries } from './registries.js';
import { byName, LATENCY, makeSessionLog, type SessionLog } from './session-log.js';
import { frozen } from './told.js';

/** What a monitor looks at. Each is asked at each look, so what it answers may change; null is none. */
export interface MonitorSources {
  /** Where the stages of a producer count: `producer.metrics`. */
  metrics?: () => Metrics | null;
  /**
   * Frames a second that the source should give; null where none is promised: a screen may stand still, and of a source that takes
   * the place of another one nothing is known before all frames of the window are its own.
   * @param frameRate those that came in this window; null while unknown
   * @param since when it began; seconds of the platform's clock
   */
  targetFrameRate?: (frameRate: number | null, since: number) => number | null;
  /** Whether anything is captured. Default: by what is counted. */
  active?: () => boolean;
  /** Seconds for which nothing was heard of a take that runs: see `TakeSilence`; null while none does. */
  silentFor?: () => number | null;
  /** How many takes run at once: their registry holds the sum of all. Asked after `silentFor`. Default: one. */
  takes?: () => number;
  /** The track of a camera. */
  camera?: () => MediaStreamTrack | null;
  preview?: () => HTMLVideoElement | null;
  /** The levels of a LevelMeter. */
  levels?: () => Levels | null;
  /** Whose levels these are, where they may be another's: its clips count from when it comes. */
  meter?: () => unknown;
  /** Whoever sends: `new ConnectionProbe(() => connection)`. */
  network?: NetworkProbe;
  /** The last move of a take along the ladder of quality, and what it was lowered for; `ease` is a step up, and no cause. */
  quality?: () => { readonly quality: { readonly level: number }; readonly cause: string } | null;
}

export interface PerformanceMonitorOptions extends MonitorSources {
  /** Seconds between two looks, 0.05 to 3600. Default 1. */
  interval?: number;
  /** Seconds that figures are of. Default 5. */
  window?: number;
  /** Looks that are kept for lines and charts. Default 600. */
  history?: number;
  /** Replaces some of `THRESHOLDS`. */
  thresholds?: Partial<Thresholds>;
  memory?: MemoryMonitor;
  platform?: MonitorPlatform;
  /** What the page tells of itself. Default: the one that all monitors of a page share. */
  page?: PageWatch;
}

/** What a session comes to: all since the reset. */
export interface MonitorReport {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Seconds. */
  readonly uptime: number;
  /** Seconds in each state, as far as anybody looked. */
  readonly states: Readonly<Record<MonitorState, number>>;
  /** The last changes of state, the oldest first. */
  readonly incidents: readonly Incident[];
  /** Seconds, by type: what was logged by `log.latency()`. */
  readonly latency: Readonly<Record<string, HistogramSummary>>;
  /** All that was timed and looked at, by the names of `POINTS`, `FRAME_TIMERS` and `LEVELS`; latencies as `latency:<type>`. */
  readonly timed: Readonly<Record<string, HistogramSummary>>;
  /** The last look; its rates are of its window, its `totals` and `session` of all. */
  readonly last: MonitorSnapshot;
}

/** Seconds between two looks: a timer that is set to more than 24 days, or to Infinity, is due at once. */
const SHORTEST = 0.05;
const LONGEST = 3600;

/**
 * Tells how a producer does, of what its stages count and time, of its page and its machine. A view: any number of them
 * look at one registry without touching each other, and nothing in it grows with time.
 *
 *     const monitor = new PerformanceMonitor({ metrics: () => producer.metrics });
 *     monitor.store.subscribe(({ snapshot }) => show(snapshot.diagnosis));
 *     monitor.start();
 *
 * While the page is hidden it does not look, and begins a new window when it is shown again: a timer that the browser
 * holds back, and a preview that nobody sees, are no trouble. Who wants it all the same calls `look()`.
 */
export class PerformanceMonitor {
  /** Renewed with each look; null before the first. */
  readonly store = new Store<{ readonly snapshot: MonitorSnapshot | null }>({ snapshot: null });
  /** What others report: latencies, operations, errors. */
  readonly log: SessionLog;
  readonly memory: MemoryMonitor;
  thresholds: Thresholds;
  /** Seconds between two looks, 0.05 to 3600; taken up with the next one. */
  interval: number;
  /**
   * Whether what is timed is shown in the performance panel of the browser while the monitor runs. Taken up with the next
   * look; by workers when they next tell how far they are.
   */
  trace = false;
  readonly #options: PerformanceMonitorOptions;
  readonly #platform: MonitorPlatform;
  readonly #page: PageWatch;
  readonly #metrics = new Metrics();
  readonly #registries: Registries;
  readonly #chronicle: Chronicle;
  readonly #add = makeGrowth(this.#metrics);
  #since = 0;
  #lookedAt = -Infinity;
  #turns = 0;
  /** Interruptions so far. */
  #era = 0;
  /** What quality was lowered for, as far as that was told: until then by the stage that has it. */
  #cause = 'encoder';
  #timer: unknown = null;
  #close: (() => void) | null = null;
  #traced: Metrics | null = null;
  /** Loaded by who traces. */
  #show: Metrics['trace'] = null;

  constructor(options: PerformanceMonitorOptions = {}) {
    const { platform = monitorPlatform, window = 5, history = 600, interval = 1 } = options;
    this.#options = options;
    this.#platform = platform;
    this.#page = options.page ?? (options.platform ? new PageWatch(platform) : pageWatch());
    this.#registries = readAsOne([this.#metrics, this.#page.metrics], window);
    this.#chronicle = makeChronicle(history);
    this.log = makeSessionLog(this.#metrics, () => platform.date());
    this.memory = options.memory ?? new MemoryMonitor({ platform });
    this.thresholds = { ...THRESHOLDS, ...options.thresholds };
    this.interval = interval;
    this.reset();
  }

  /** A point of each look, the oldest first. */
  get history(): CircularBuffer<HistoryPoint> {
    return this.#chronicle.points;
  }

  /** Looks each `interval` from now on, while the page is not hidden. */
  start(): void {
    if (this.#close) return;
    const ends = [this.#page.open(() => this.#turn()), this.memory.relieve(this.#chronicle.halve)];
    this.#close = () => ends.forEach((end) => end());
    this.#follow();
    this.#turn();
  }

  /** Looks no more: no timer and no observer is left. What was counted is kept. */
  stop(): void {
    this.#close?.();
    this.#close = null;
    this.#rest();
    this.#follow();
  }

  /** Counts from zero. Registries, exports and other monitors see no step back. */
  reset(): void {
    this.#follow();
    this.#registries.reset();
    this.#chronicle.clear();
    this.log.clear();
    this.memory.reset();
    this.#since = this.#platform.now() / 1000;
    // What was seen before is of what no longer counts.
    if (this.store.get().snapshot) this.look();
  }

  /** Looks now; answers, and tells the store, what it has seen. */
  look(): MonitorSnapshot {
    const began = this.#platform.now();
    const now = began / 1000;
    this.#follow();
    // While nobody has the page open, its turns are not counted: only that it is another way round.
    const turns = this.#page.turns + +this.#page.hidden / 2;
    // Who exports looks once a minute in a page that is hidden for long: so often Chromium lets it.
    if (this.#turns !== turns || now - this.#lookedAt > Math.max(ASLEEP, 3 * this.interval)) {
      // What was before says nothing of what is now.
      this.#era++;
      this.#registries.interrupt();
      this.#chronicle.interrupt();
    }
    this.#turns = turns;
    this.#lookedAt = now;
    const figures = this.#measure(now);
    const found = diagnose(figures, this.thresholds);
    // Where nothing is found, and there is no window yet that could tell, it is as it was.
    const last = figures.window < LEAST && !found.cause && this.store.get().snapshot?.diagnosis;
    const snapshot: MonitorSnapshot = frozen({ ...figures, diagnosis: last || found });
    this.#chronicle.add(snapshot, now);
    this.store.set({ snapshot });
    this.spent((this.#platform.now() - began) / 1000);
    return snapshot;
  }

  /** Adds what somebody else spends on showing what is seen (seconds) to the cost of the monitor. */
  spent(seconds: number): void {
    this.#metrics.counter('monitor:seconds').add(seconds);
  }

  /** What was seen last; looks where nothing was yet. */
  snapshot(): MonitorSnapshot {
    return this.store.get().snapshot ?? this.look();
  }

  report(): MonitorReport {
    const histograms = this.#registries.timed();
    return frozen({
      at: this.#platform.date(),
      uptime: this.#platform.now() / 1000 - this.#since,
      states: this.#chronicle.states(),
      incidents: [...this.#chronicle.incidents],
      latency: byName(histograms, LATENCY),
      timed: histograms,
      last: this.snapshot(),
    });
  }

  /** All that was ever counted and timed, of whatever was reset: for exports, which must not step back. */
  counted(): readonly MetricsState[] {
    return this.#registries.counted();
  }

  #measure(now: number): MonitorFigures {
    const options = this.#options;
    const add = this.#add;
    const sound = options.levels?.() ?? null;
    const move = options.quality?.() ?? null;
    // A step up has no cause of its own to tell.
    if (move && move.cause !== 'ease') this.#cause = move.cause;
    this.#page.look();
    lookAtSound(sound, add, options.meter?.());
    options.network?.look(add, now, this.#era);
    const figures = figuresOf(
      {
        sources: options,
        // Of what nobody can see, browsers show what they like.
        preview: lookAtPreview(this.#page.hidden ? null : options.preview?.(), add, now),
        camera: lookAtCamera(options.camera?.(), add, now),
        move,
        cause: this.#cause,
        sound,
        page: this.#page,
        now,
      },
      // With what was counted just now.
      this.#registries.look(now),
    );
    return {
      at: this.#platform.date(),
      uptime: now - this.#since,
      ...figures,
      memory: this.memory.look(),
      session: this.log.figures(figures.totals),
    };
  }

  /** Producers have no registry before the first capture. */
  #follow(): void {
    const metrics = this.#options.metrics?.() ?? null;
    this.#registries.follow(metrics);
    const traced = this.#close && this.trace ? metrics : null;
    if (this.#traced && this.#traced !== traced) this.#traced.trace = null;
    if (traced && this.#show)
      // At each look, because another monitor of the same registry may have ended it.
      traced.trace = this.#show;
    else if (traced)
      import('./trace.js').then(
        ({ showStretch }) => (this.#show = showStretch),
        () => {},
      );
    this.#traced = traced;
  }

  #turn(): void {
    if (this.#page.hidden) this.#rest();
    else if (!this.#timer) {
      this.memory.start();
      this.#wait();
    }
  }

  #wait(): void {
    this.#timer = this.#platform.setTimeout(
      () => {
        this.#wait();
        this.look();
      },
      (this.interval < LONGEST ? Math.max(this.interval, SHORTEST) : LONGEST) * 1000,
    );
  }

  #rest(): void {
    this.memory.stop();
    this.#platform.clearTimeout(this.#timer);
    this.#timer = null;
    // However soon the next look comes.
    this.#lookedAt = -Infinity;
  }
}
