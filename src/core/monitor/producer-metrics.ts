import { CircularBuffer } from '../buffer/index.js';
import type { CounterName, Metrics, MetricsState, MonitoringPoint } from '../metrics/index.js';
import { performanceScore } from './score.js';

export interface ProducerMetricsOptions {
  /** Milliseconds that never step back. Default `performance.now`. */
  now?: () => number;
  /** Seconds over which the frame rate is taken. Default 5. */
  window?: number;
  /** Frames a second to hold the frame rate against; null while that is not known. */
  targetFrameRate?: () => number | null;
}

/** Figures of a producer since the view was made or `reset()`; frozen plain data. */
export interface ProducerMetricsSnapshot {
  /** Pictures, by what became of them. */
  readonly frames: {
    /** Those that came from the source. */
    readonly captured: number;
    /** Those that were taken to be encoded. */
    readonly taken: number;
    /** By cause: see `COUNTERS`. `rate` is wanted; the others are losses. */
    readonly dropped: {
      /** More than the frame rate that was asked for: no loss. */
      readonly rate: number;
      /** The queue of the encoder was full. */
      readonly queue: number;
      /** They came too late to be of use. */
      readonly late: number;
      /** The disk did not keep up. */
      readonly disk: number;
      /** The encoder took them and gave nothing back. */
      readonly encoder: number;
      /** The source has made them, and they never came. */
      readonly source: number;
    };
    /** Share of the wanted frames that are lost, 0 to 1; null before the first. */
    readonly lossRate: number | null;
    /** Seconds in which they were counted: of takes that count frames, without pauses. */
    readonly seconds: number;
  };
  /** Frames taken a second, over the last readings; null while none is captured, and before it can be told. */
  readonly frameRate: number | null;
  /** What it is held against; null while that is not known. */
  readonly targetFrameRate: number | null;
  /** Seconds from a frame going to its encoder until its packet is out; null before the first. */
  readonly processing: {
    /** How many frames it is of. */
    readonly count: number;
    /** In the mean. */
    readonly mean: number;
    /** What half of them took at most. */
    readonly p50: number;
    /** What 95 in 100 took at most. */
    readonly p95: number;
  } | null;
  /** Moves between quality levels. */
  readonly adaptations: {
    /** To a lower one. */
    readonly down: number;
    /** To a higher one. */
    readonly up: number;
  };
  /** Where its streams came from, at its starts. A switch or a fallback wants a device that was not in use: there is nothing that it could have reused. */
  readonly pool: {
    /** Captures that were opened for it. */
    readonly created: number;
    /** Those that were open already. */
    readonly reused: number;
    /** Share of all captures that were open already, 0 to 1; null before the first. */
    readonly reuseRate: number | null;
  };
  /** Seconds that were recorded, without pauses. */
  readonly seconds: number;
  /** Bytes on disk. */
  readonly bytes: number;
  /** 0 to 100, by `performanceScore`; null while nothing can be told. */
  readonly score: number | null;
}

interface Reading {
  /** Seconds. */
  readonly at: number;
  readonly captured: number;
  readonly taken: number;
}

/** Readings in a window; what comes faster is compared and not kept. */
const READINGS = 10;

/**
 * The figures of a producer, of the counters and points that its stages write to `core/metrics`. A view: it counts
 * nothing itself, takes the same memory however long it lives, and any number of them look at one registry without
 * touching each other.
 *
 * There is no timer: the frame rate is measured from one `snapshot()` to the next. Whoever reads once a second has it over
 * the last `window` seconds; after twice that without a reading it is null once, rather than a mean over who knows what.
 */
export class ProducerMetrics {
  readonly metrics: Metrics;
  readonly #now: () => number;
  readonly #window: number;
  readonly #target: () => number | null;
  readonly #readings = new CircularBuffer<Reading>(READINGS + 2);
  #base!: MetricsState;

  constructor(
    metrics: Metrics,
    { now = () => performance.now(), window = 5, targetFrameRate = () => null }: ProducerMetricsOptions = {},
  ) {
    this.metrics = metrics;
    this.#now = now;
    this.#window = window;
    this.#target = targetFrameRate;
    this.reset();
  }

  /** Counts from zero. The registry, and whoever else reads it, sees no step back. */
  reset(): void {
    this.#base = this.metrics.state();
    this.#readings.clear();
    this.#readings.push(this.#read());
  }

  snapshot(): ProducerMetricsSnapshot {
    const { counters, histograms } = this.metrics.snapshot(this.#base);
    const count = (name: CounterName) => counters[name] ?? 0;
    const dropped = Object.freeze({
      rate: count('frames:dropped:rate'),
      queue: count('frames:dropped:queue'),
      late: count('frames:dropped:late'),
      disk: count('frames:dropped:disk'),
      encoder: count('frames:dropped:encoder'),
      source: count('frames:dropped:source'),
    });
    const captured = count('frames:captured');
    const wanted = captured + dropped.source - dropped.rate;
    const lost = dropped.queue + dropped.late + dropped.disk + dropped.encoder + dropped.source;
    const lossRate = wanted > 0 ? Math.min(1, lost / wanted) : null;

    const [created, reused] = [count('pool:created'), count('pool:reused')];
    const captures = created + reused;
    const { frameRate, targetFrameRate } = this.#rates();
    const encoded = histograms['encode' satisfies MonitoringPoint];
    return Object.freeze({
      frames: Object.freeze({
        captured,
        taken: count('frames:taken'),
        dropped,
        lossRate,
        seconds: count('frames:seconds'),
      }),
      frameRate,
      targetFrameRate,
      processing:
        encoded && encoded.count > 0
          ? Object.freeze({ count: encoded.count, mean: encoded.mean, p50: encoded.p50, p95: encoded.p95 })
          : null,
      adaptations: Object.freeze({ down: count('quality:down'), up: count('quality:up') }),
      pool: Object.freeze({ created, reused, reuseRate: captures > 0 ? reused / captures : null }),
      seconds: count('record:seconds'),
      bytes: count('bytes:written'),
      score: performanceScore({
        frameRate: frameRate !== null && targetFrameRate !== null ? frameRate / targetFrameRate : null,
        kept: lossRate === null ? null : 1 - lossRate,
        // The first has nothing to reuse.
        reuse: captures > 1 ? reused / (captures - 1) : null,
      }),
    });
  }

  #rates(): Pick<ProducerMetricsSnapshot, 'frameRate' | 'targetFrameRate'> {
    const target = this.#target();
    return { frameRate: this.#measure(), targetFrameRate: target !== null && target > 0 ? target : null };
  }

  /** Against the oldest reading of the window, or the last one before it. */
  #measure(): number | null {
    const readings = this.#readings;
    const now = this.#read();
    while (this.#isSpent(now)) readings.shift();
    const from = readings.at(0);
    const last = readings.at(-1);
    if (!last || now.at - last.at >= this.#window / READINGS) readings.push(now);
    if (!from || now.captured === from.captured) return null;
    const seconds = now.at - from.at;
    // Of less, a single frame more or less would be a tenth.
    return seconds < this.#window / 5 ? null : (now.taken - from.taken) / seconds;
  }

  #isSpent(now: Reading): boolean {
    const [first, second] = [this.#readings.at(0), this.#readings.at(1)];
    if (!first) return false;
    if (first.at < now.at - 2 * this.#window) return true;
    // A take that has just begun is not measured over the silence before it.
    return second !== undefined && (second.at <= now.at - this.#window || second.captured === first.captured);
  }

  #read(): Reading {
    // Who asks a registry for a counter makes it: of takes whose frames nobody counts there is none, and not 0.
    const counts = this.metrics.counts();
    const count = (name: CounterName) => counts[name] ?? 0;
    return { at: this.#now() / 1000, captured: count('frames:captured'), taken: count('frames:taken') };
  }
}
