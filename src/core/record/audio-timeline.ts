import { Lag } from './lag.js';

/** Seconds of sound that are collected before its place beside the pictures is decided. */
const ALIGN_WINDOW = 0.5;
/** Seconds of sound that are held at most, when the first picture is late (cold cameras took up to 12 s). */
const MOST_HELD = 12;
/** Lost samples show as a lag that grows at once and stays; below this it is jitter. */
const GAP = 0.08;
/** Two clocks that drift apart are brought together one sample a block, from here ... */
const DRIFT = 0.02;
/** ... to here. At 10 ms blocks that is 0.2 %, which nobody hears. */
const SETTLED = 0.005;
/** After a pause in delivery of this many seconds a burst of late blocks may follow; it proves nothing. */
const HICCUP = 0.2;

interface Block {
  planes: Float32Array[];
  /** Index of its first sample among all that arrived. */
  index: number;
}

/**
 * Puts blocks of samples on the take's time line, without a gap and without an overlap.
 *
 * Samples are counted, because their timestamps cannot be trusted (other base in the first buffers, jumps of 0.3 to
 * 2.3 s). Where sample 0 lies is told by the least lag between count and arrival, as it is for pictures; after that a
 * sample's place is its index plus one offset, `#base`. What comes too late for its place is dropped, a hole is filled
 * with silence, and the offset follows clocks that drift.
 *
 * Pure: `arrival` is any monotonic clock in seconds that pictures are stamped with too.
 */
export class AudioTimeline {
  #lag = new Lag();
  #held: Block[] = [];
  #arrived = 0;
  #written = 0;
  #zero: number | null = null;
  #base: number | null = null;
  #alignFrom: number | null = null;
  #lastArrival = -Infinity;
  #steadySince = 0;
  #slewing = 0;
  #paused = false;
  #last: number[] = [];
  #silence = 0;

  /** @param emit receives planar samples and the index of the first one on the take's time line */
  constructor(
    readonly sampleRate: number,
    readonly channels: number,
    readonly emit: (planes: Float32Array[], start: number) => void,
  ) {}

  /** Samples on the time line so far. */
  get written(): number {
    return this.#written;
  }

  /** Samples of silence that were put in. */
  get silence(): number {
    return this.#silence;
  }

  /** Where the take's zero lies on the clock of arrival; null until it was anchored. */
  get zero(): number | null {
    return this.#zero;
  }

  /** When the last block came; -Infinity before the first. */
  get lastArrival(): number {
    return this.#lastArrival;
  }

  /**
   * Takes a block that has just arrived.
   * @param pictureDrift seconds by which the pictures' own lag has moved since they were anchored
   */
  push(planes: Float32Array[], arrival: number, pictureDrift = 0): void {
    const index = this.#arrived;
    this.#arrived += planes[0]!.length;
    this.#lag.add(arrival, this.#arrived / this.sampleRate);
    if (arrival - this.#lastArrival > HICCUP) this.#steadySince = arrival;
    this.#lastArrival = arrival;
    if (this.#paused) return;
    if (this.#base === null) {
      this.#alignFrom ??= arrival;
      this.#held.push({ planes, index });
      while (this.#arrived - this.#held[0]!.index > MOST_HELD * this.sampleRate) this.#held.shift();
      if (arrival - this.#alignFrom >= ALIGN_WINDOW) this.align();
    } else {
      this.#followClock(arrival, pictureDrift);
      this.#place({ planes, index });
    }
  }

  /** Tells where the take's zero lies on the clock of arrival. Sound is placed as soon as enough has come to tell its lag. */
  anchor(zero: number): void {
    this.#zero = zero;
    if (this.#alignFrom !== null && this.#lastArrival - this.#alignFrom >= ALIGN_WINDOW) this.align();
  }

  /** Decides the place of what is held now, without waiting for more. */
  align(): void {
    if (this.#zero === null || this.#lag.least === Infinity) return;
    this.#base = Math.round((this.#lag.least - this.#zero) * this.sampleRate);
    const held = this.#held;
    this.#held = [];
    this.#alignFrom = null;
    for (const block of held) this.#place(block);
  }

  /** Without pictures, sound is its own clock: the next sample follows the last one. */
  anchorHere(): void {
    if (this.#lag.least === Infinity) return;
    this.#base = this.#written - (this.#held[0]?.index ?? this.#arrived);
    this.#zero = this.#lag.least - this.#base / this.sampleRate;
    this.align();
  }

  /** Puts silence up to this sample; what arrives later for that place is dropped. The lag is learnt anew after it. */
  fillTo(sample: number): void {
    // What came before it ceased has its place, too, of which nothing is known later.
    if (this.holding) this.align();
    if (sample <= this.#written) return;
    this.#fill(sample - this.#written);
    this.#base = null;
    this.#lag = new Lag(this.#lag.horizon);
  }

  /** Another microphone, on another way to here: the lag is learnt anew, and a gap or an overlap with it found. */
  interrupt(): void {
    if (this.#paused || this.#zero === null) return;
    this.#base = null;
    this.#lag = new Lag(this.#lag.horizon);
  }

  /** Whether sound has arrived that waits for its place. */
  get holding(): boolean {
    return this.#held.length > 0;
  }

  pause(): void {
    this.#paused = true;
    this.#held = [];
    this.#base = null;
    this.#zero = null;
    this.#alignFrom = null;
  }

  /** Sound is held again until `anchor` tells where zero lies after the pause; the lag is learnt anew, as that of pictures. */
  resume(): void {
    this.#paused = false;
    this.#lag = new Lag(this.#lag.horizon);
  }

  #followClock(arrival: number, pictureDrift: number): void {
    const steady = arrival - this.#steadySince >= 1;
    if (!steady || this.#base === null || this.#zero === null) return;
    const error = this.#lag.least - (this.#base / this.sampleRate + this.#zero) - pictureDrift;
    if (error > GAP) {
      this.#base += Math.round(error * this.sampleRate);
      this.#slewing = 0;
      return;
    }
    if (Math.abs(error) > DRIFT) this.#slewing = Math.sign(error);
    if (this.#slewing !== 0 && error * this.#slewing < SETTLED) this.#slewing = 0;
    this.#base += this.#slewing;
  }

  #place({ planes, index }: Block): void {
    const position = index + this.#base!;
    const length = planes[0]!.length;
    if (position > this.#written) this.#fill(position - this.#written);
    const skip = this.#written - position;
    if (skip >= length) return;
    const fresh = skip > 0 ? planes.map((plane) => plane.subarray(skip)) : planes;
    this.#write(fresh);
  }

  #fill(samples: number): void {
    const block = Math.round(this.sampleRate / 10);
    this.#silence += samples;
    for (let left = samples; left > 0; left -= block) {
      const length = Math.min(left, block);
      // A sample or two are a clock being followed: repeating the last one makes no click, a zero would.
      const value = (channel: number) => (samples <= 2 ? (this.#last[channel] ?? 0) : 0);
      this.#write(Array.from({ length: this.channels }, (_, channel) => new Float32Array(length).fill(value(channel))));
    }
  }

  #write(planes: Float32Array[]): void {
    const start = this.#written;
    this.#written += planes[0]!.length;
    this.#last = planes.map((plane) => plane[plane.length - 1]!);
    this.emit(planes, start);
  }
}
