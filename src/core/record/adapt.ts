import type { EncoderLoad } from '../encode/index.js';
import { LADDER, QualityController, type QualityLevel, type QualitySignal } from '../quality/index.js';
import type { FrameCounters } from './frame-counters.js';

/** A move along the ladder of quality, and what led to it. */
export interface QualityMove {
  /** What the take is recorded at from now on, as shares of what was asked for. */
  readonly quality: QualityLevel;
  /** Share of the full quality before, 0.3 to 1. */
  readonly previous: number;
  /** The signal that led to it; `ease` for a step up. */
  readonly cause: string;
}

/** What only the page can tell. `network` is for who publishes the same picture. */
export type ConditionName = 'cpu' | 'battery' | 'hidden' | 'network';

/** What is adapted: a VideoLane. */
export interface Adapted {
  readonly counts: Pick<FrameCounters, 'taken' | 'givenUp' | 'missed'>;
  readonly load: Pick<EncoderLoad, 'look'>;
  /** Share of the places in the queue of the encoder that are taken. */
  readonly queued: number;
  quality: QualityLevel;
}

export interface TakeQualityOptions {
  lane: Adapted;
  /** Seconds of media that wait for the disk, and seconds that the disk has been busy since the take began. */
  disk(): { waiting: number; busy: number };
  /** Seconds that a picture may wait for the encoder. */
  maxLatency: number;
  /** Seconds of frames that may be lost in two. */
  dropThreshold: number;
  /** Whether pictures may become smaller in the middle of the file. */
  resizable: boolean;
  onMove(move: QualityMove): void;
}

/** Seconds between two looks. */
const EVERY = 0.45;
/** Seconds that signals are made of, and the looks in them. */
const WINDOW = 2;
const LOOKS = 4;
/** Pressure of what was lost in one look alone: a moment is no trend, and yet not plain ease. */
const MOMENT = 0.5;
/** Share of the latency, and of the places in the queue, from which an encoder is behind. */
const BEHIND = 0.6;
/** Seconds of media that wait for the disk, and share of its time, from which it is behind. */
const DISK_WAITING = 2;
const DISK_BUSY = 0.5;
/** Share of its time from which an encoder works hard. */
const STRAINED = 0.5;
/** Steps down to which a low battery leads: what is recorded is to be good for something. */
const BATTERY_STEPS = 3;

/** What happened between two looks. */
interface Look {
  seconds: number;
  encoderBusy: number;
  latency: number;
  queued: number;
  taken: number;
  givenUp: number;
  missed: number;
  diskBusy: number;
  diskWaiting: number;
}

/** Adapts what a take is recorded at to what encoder, disk and machine can hold; runs beside the encoder, off the page. */
export class TakeQuality {
  readonly #controller: QualityController;
  #conditions = new Map<ConditionName, number | null>();
  #looks: Look[] = [];
  #lookedAt: number | null = null;
  #before = { taken: 0, givenUp: 0, missed: 0, diskBusy: 0 };

  constructor(private readonly options: TakeQualityOptions) {
    const { lane, resizable } = options;
    const told = (name: ConditionName, deepest?: number): QualitySignal => ({
      name,
      pressure: () => this.#conditions.get(name) ?? null,
      ...(deepest === undefined ? {} : { deepest }),
    });
    const signals: QualitySignal[] = [
      // Before those that it is the reason of: of two that are as bad the first is told.
      { name: 'disk', pressure: () => this.#disk },
      { name: 'encoder', pressure: () => this.#encoder },
      { name: 'drops', pressure: () => this.#drops },
      told('cpu'),
      told('battery', BATTERY_STEPS),
      told('hidden'),
      told('network'),
    ];
    const ladder = LADDER.filter(({ size }) => resizable || size === 1);
    this.#controller = new QualityController(signals, { ladder });
    this.#controller.store.subscribe(
      ({ quality }) => quality,
      (quality, { level: previous }) => {
        lane.quality = quality;
        // What was seen before says nothing of how it is now.
        this.#looks = [];
        options.onMove({ quality, previous, cause: this.#controller.store.get().cause });
      },
    );
  }

  /** Takes what the page tells of the machine; null where it cannot tell any more. */
  condition(name: ConditionName, pressure: number | null): void {
    this.#conditions.set(name, pressure);
  }

  /** Call it some times a second while the take runs. @param now seconds on a clock that never steps back */
  look(now: number): void {
    const seconds = now - (this.#lookedAt ?? -Infinity);
    if (seconds < EVERY) return;
    this.#lookedAt = now;
    const look = this.#measure(now, seconds);
    if (seconds === Infinity) return;
    this.#looks = [...this.#looks.slice(1 - LOOKS), look];
    this.#controller.look(now);
  }

  /** What comes next does not follow what was before: a pause. */
  interrupt(): void {
    this.#looks = [];
    this.#lookedAt = null;
  }

  #measure(now: number, seconds: number): Look {
    const { lane, disk } = this.options;
    const { taken, givenUp, missed } = lane.counts;
    const { busy: encoderBusy, latency } = lane.load.look(now);
    const { waiting: diskWaiting, busy: diskBusy } = disk();
    const before = this.#before;
    this.#before = { taken, givenUp, missed, diskBusy };
    return {
      seconds,
      encoderBusy,
      latency,
      queued: lane.queued,
      taken: taken - before.taken,
      givenUp: givenUp - before.givenUp,
      missed: missed - before.missed,
      diskBusy: diskBusy - before.diskBusy,
      diskWaiting,
    };
  }

  #sum(what: keyof Look): number {
    return this.#looks.reduce((sum, look) => sum + look[what], 0);
  }

  /** Share of its time in which the encoder worked. */
  get #encoderShare(): number {
    return Math.min(1, this.#sum('encoderBusy') / this.#sum('seconds'));
  }

  /**
   * How near the encoder is to what it cannot do in real time, or how far behind it is. By the fourth power of its share,
   * because a step up asks for a quarter more at most: below three quarters of its time it is safe.
   */
  get #encoder(): number {
    const { maxLatency } = this.options;
    const { length } = this.#looks;
    const latency = this.#sum('latency') / length / (BEHIND * maxLatency);
    const queue = this.#sum('queued') / length / BEHIND;
    return Math.max(this.#encoderShare ** 4, latency, queue);
  }

  /** A write holds up all of this worker: of a disk that is behind, pictures that are late and lost are a part. */
  get #disk(): number {
    const waiting = this.#sum('diskWaiting') / this.#looks.length / DISK_WAITING;
    const pressure = Math.max(waiting, this.#sum('diskBusy') / this.#sum('seconds') / DISK_BUSY);
    return pressure < 1 ? pressure : Math.max(pressure, this.#encoder, this.#drops);
  }

  /**
   * What is lost, against what may be. Frames that never arrived are only counted while the encoder works hard: a bad
   * camera loses them by itself, and no other quality would help it. Nor would it an encoder that fails.
   */
  get #drops(): number {
    const strained = this.#encoderShare > STRAINED;
    const lost = ({ givenUp, missed }: Look) => givenUp + (strained ? missed : 0);
    const all = this.#looks.reduce((sum, look) => sum + lost(look), 0);
    if (all === 0) return 0;
    const pressure = ((all / (this.#sum('taken') + all)) * WINDOW) / this.options.dropThreshold;
    const moments = this.#looks.filter((look) => lost(look) > 0).length;
    return moments > 1 ? pressure : Math.min(pressure, MOMENT);
  }
}
