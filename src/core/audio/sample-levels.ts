import { Hops, HOPS_PER_SECOND } from './hops.js';

/** 32767 of 32768: a sample that a 16-bit converter cannot go beyond. */
export const FULL_SCALE = 32_767 / 32_768;

/** What a programme meter falls by, dB a second: 20 dB in 1.7 s (IEC 60268-18). */
const FALL = 20 / 1.7;
/** Steps of 10 ms: the window of RMS, what noise is looked at in, and a bucket of its minima. */
const RMS = 0.3 * HOPS_PER_SECOND;
const NOISE = 0.1 * HOPS_PER_SECOND;
const NOISE_BUCKET = HOPS_PER_SECOND;
/** The highest peak stays marked for 2 s: in steps that it is looked up in, and how many there are, with the one that fills. */
const HOLD = 0.1 * HOPS_PER_SECOND;
const HELD = 21;
/** Seconds among which the quietest tenth of one is the noise floor. */
const NOISE_SECONDS = 10;
/**
 * Where totals lie that grow beyond small integers: 2^30 frames are six hours. In fields of their own they would make engines
 * compile anew what counts them, in the middle of a programme.
 */
const TOTALS = { frames: 0, clippedSamples: 1, clippedAt: 2, silentFrames: 3, silentSince: 4 } as const;

/**
 * Peak, RMS, clipping, silence and noise floor of sound as it comes, by its samples. All in linear amplitude, 1 being full
 * scale; RMS is not scaled, so that a sine at full scale has 0.707. Memory is constant; nothing is allocated to measure.
 * What is not a finite number counts as 0, but as clipped where it is infinite.
 *
 * What passes from one function to another are whole numbers and arrays: for any other number engines may make an object each
 * time.
 */
export class SampleLevels {
  readonly #channels: readonly Channel[];
  readonly #sampleRate: number;
  /**
   * What is left of a peak after as many frames as the index says. They come in a few numbers, and a power takes as long as
   * many samples.
   */
  readonly #falls: Float64Array;
  readonly #hops: Hops;
  readonly #silentAfter: number;
  readonly #quietest = new Float64Array(NOISE_SECONDS).fill(Infinity);
  #slot = 0;
  #stepsInNoise = 0;
  #stepsInBucket = 0;
  #noise = 0;
  /** Whether a step of it was nothing but zeros, or is not there: it is no tenth of a second of noise then. */
  #gap = false;
  #count = 0;
  /** In the order of `TOTALS`; -1 is never. */
  readonly #totals = new Float64Array([0, 0, -1, 0, -1]);
  #clips = 0;
  #silences = 0;

  /**
   * @param channels the most that will come
   * @param silentAfter seconds of zeros that are a silence
   */
  constructor(sampleRate: number, channels: number, silentAfter = 3) {
    this.#sampleRate = sampleRate;
    this.#silentAfter = Math.max(1, Math.round(silentAfter * sampleRate));
    this.#hops = new Hops(sampleRate);
    const fall = 10 ** (-FALL / 20 / sampleRate);
    this.#falls = new Float64Array(Math.ceil(sampleRate / HOPS_PER_SECOND) + 1).map((_, frames) => fall ** frames);
    this.#channels = Array.from({ length: channels }, () => new Channel());
  }

  /** Frames that came so far; what is told of a time is told in these. */
  get frames(): number {
    return this.#totals[TOTALS.frames]!;
  }

  /**
   * Runs of samples at full scale, in all channels, since the last reset, with those that went on then; a run in two channels
   * is two.
   */
  get clips(): number {
    return this.#clips;
  }

  get clippedSamples(): number {
    return this.#totals[TOTALS.clippedSamples]!;
  }

  /** Frame of the last sample at full scale; -1 for none. */
  get clippedAt(): number {
    return this.#totals[TOTALS.clippedAt]!;
  }

  /** Frames of nothing but zeros in all channels, up to now. */
  get silentFrames(): number {
    return this.#totals[TOTALS.silentFrames]!;
  }

  /** How many times that went on for as long as makes a silence, since the last reset; one that went on then counts. */
  get silences(): number {
    return this.#silences;
  }

  /** Frame that the last of these began with; -1 for none. */
  get silentSince(): number {
    return this.#totals[TOTALS.silentSince]!;
  }

  /** Whether it goes on. */
  get silent(): boolean {
    return this.silentFrames >= this.#silentAfter;
  }

  /** RMS of the quietest tenth of a second of the last ten in which there was no silence; 0 while there was none. */
  get noiseFloor(): number {
    let least = Infinity;
    for (let i = 0; i < NOISE_SECONDS; i++) if (this.#quietest[i]! < least) least = this.#quietest[i]!;
    return least === Infinity ? 0 : Math.sqrt(least);
  }

  /** Peak that falls as a meter's does. */
  peak(channel: number): number {
    return this.#channels[channel]!.peak;
  }

  /** Highest peak of the last 2 s; what falls from an earlier one is no less. */
  held(channel: number): number {
    return this.#channels[channel]!.held;
  }

  /** Highest of a channel, or of all that there were, since the last reset. */
  highest(channel?: number): number {
    if (channel !== undefined) return this.#channels[channel]!.highest;
    let highest = 0;
    for (let i = 0; i < this.#channels.length; i++) {
      const its = this.#channels[i]!.highest;
      if (its > highest) highest = its;
    }
    return highest;
  }

  /** Of the last 300 ms. */
  rms(channel: number): number {
    return Math.sqrt((this.#channels[channel]!.squares(RMS) * HOPS_PER_SECOND) / (RMS * this.#sampleRate));
  }

  clippedIn(channel: number): number {
    return this.#channels[channel]!.clippedSamples;
  }

  /**
   * Begins peaks, maxima and counts anew.
   * @param over Whether the sound is over: then nothing is left of it
   */
  reset(over = false): void {
    if (over) {
      for (const channel of this.#channels) channel.silence();
      this.#quietest.fill(Infinity);
      this.#gap = true;
      this.#totals[TOTALS.silentFrames] = 0;
    }
    for (const channel of this.#channels) channel.reset();
    this.#clips = 0;
    this.#totals[TOTALS.clippedSamples] = 0;
    this.#totals[TOTALS.clippedAt] = -1;
    // One that goes on is not counted again when it is noticed: it is the first.
    this.#silences = this.silent ? 1 : 0;
    if (!this.silent) this.#totals[TOTALS.silentSince] = -1;
  }

  /** Takes a block of any size, one plane for each channel. */
  process(planes: readonly Float32Array[]): void {
    const frames = planes.length > 0 ? planes[0]!.length : 0;
    const count = Math.min(planes.length, this.#channels.length);
    for (let i = count; i < this.#count; i++) this.#channels[i]!.silence();
    this.#count = count;
    const hops = this.#hops;
    for (let from = 0; from < frames;) {
      const to = Math.min(frames, from + hops.left);
      this.#look(planes, from, to);
      hops.left -= to - from;
      from = to;
      if (hops.left === 0) this.#step();
    }
  }

  #look(planes: readonly Float32Array[], from: number, to: number): void {
    const frames = to - from;
    const totals = this.#totals;
    let zeros = frames;
    for (let i = 0; i < this.#count; i++) {
      const channel = this.#channels[i]!;
      const { clips, clippedSamples } = channel;
      channel.look(planes[i]!, from, to, this.#falls);
      if (channel.clippedSamples !== clippedSamples) {
        this.#clips += channel.clips - clips;
        totals[TOTALS.clippedSamples]! += channel.clippedSamples - clippedSamples;
        const clippedAt = totals[TOTALS.frames]! + channel.clippedAt - from;
        if (clippedAt > totals[TOTALS.clippedAt]!) totals[TOTALS.clippedAt] = clippedAt;
      }
      if (channel.zeros < zeros) zeros = channel.zeros;
    }
    totals[TOTALS.frames]! += frames;
    this.#hear(zeros, frames);
  }

  /** @param zeros how many frames of those that came, the last ones, are silent */
  #hear(zeros: number, frames: number): void {
    const totals = this.#totals;
    const before = zeros === frames ? totals[TOTALS.silentFrames]! : 0;
    totals[TOTALS.silentFrames] = before + zeros;
    if (before >= this.#silentAfter || !this.silent) return;
    this.#silences++;
    totals[TOTALS.silentSince] = totals[TOTALS.frames]! - totals[TOTALS.silentFrames]!;
  }

  #step(): void {
    let squares = 0;
    for (let i = 0; i < this.#count; i++) {
      squares += this.#channels[i]!.sum;
      this.#channels[i]!.step();
    }
    this.#hops.next();
    if (squares === 0) this.#gap = true;
    else this.#noise += squares / this.#count;
    if (++this.#stepsInNoise < NOISE) return;
    const power = (this.#noise * HOPS_PER_SECOND) / (NOISE * this.#sampleRate);
    if (!this.#gap && power < this.#quietest[this.#slot]!) this.#quietest[this.#slot] = power;
    this.#noise = 0;
    this.#gap = false;
    this.#stepsInBucket += this.#stepsInNoise;
    this.#stepsInNoise = 0;
    if (this.#stepsInBucket < NOISE_BUCKET) return;
    this.#stepsInBucket = 0;
    this.#slot = (this.#slot + 1) % NOISE_SECONDS;
    this.#quietest[this.#slot] = Infinity;
  }
}

/** Where a channel has what changes with each block: in fields of their own, engines may make objects of these. */
const LEVELS = { peak: 0, highest: 1, sum: 2 } as const;

class Channel {
  /** In the order of `LEVELS`. The highest peak stays when there is no such channel any more. */
  readonly #levels = new Float64Array(3);
  clips = 0;
  clippedSamples = 0;
  /** Where in the last plane a sample was at full scale. */
  clippedAt = 0;
  /** Zeros that the last plane ended with. */
  zeros = 0;
  readonly #peaks = new Float64Array(HELD);
  #slot = 0;
  #clipping = false;
  readonly #sums = new Float64Array(RMS);
  #next = 0;

  /** That falls. */
  get peak(): number {
    return this.#levels[LEVELS.peak]!;
  }

  get highest(): number {
    return this.#levels[LEVELS.highest]!;
  }

  /** Of the squares in the step that fills. */
  get sum(): number {
    return this.#levels[LEVELS.sum]!;
  }

  get held(): number {
    let held = this.peak;
    for (let slot = 0; slot < HELD; slot++) if (this.#peaks[slot]! > held) held = this.#peaks[slot]!;
    return held;
  }

  /** @param falls what is left of a peak after as many frames as the index says */
  look(plane: Float32Array, from: number, to: number, falls: Float64Array): void {
    const levels = this.#levels;
    let peak = 0;
    // Two sums, so that no addition waits for the one before it.
    let sum = 0;
    let odd = 0;
    let i = from;
    for (; i + 1 < to; i += 2) {
      const one = Math.abs(plane[i]!);
      const other = Math.abs(plane[i + 1]!);
      if (one > peak) peak = one;
      if (other > peak) peak = other;
      sum += one * one;
      odd += other * other;
    }
    if (i < to) {
      const last = Math.abs(plane[i]!);
      if (last > peak) peak = last;
      sum += last * last;
    }
    sum += odd;
    // Neither at full scale nor not a number, for which a sum is not one either: nearly always.
    if (peak < FULL_SCALE && sum - sum === 0) {
      this.#clipping = false;
      levels[LEVELS.sum]! += sum;
    } else {
      const at = this.#lookClosely(plane, from, to);
      peak = at < 0 ? 0 : Math.abs(plane[at]!);
    }
    this.zeros = peak > 0 ? zerosAtEnd(plane, from, to) : to - from;
    const fallen = levels[LEVELS.peak]! * falls[to - from]!;
    // What nobody can see any more falls to nothing at once, before it becomes a denormal.
    levels[LEVELS.peak] = peak > fallen ? peak : fallen > 1e-9 ? fallen : 0;
    if (peak > this.#peaks[this.#slot]!) this.#peaks[this.#slot] = peak;
    if (peak > levels[LEVELS.highest]!) levels[LEVELS.highest] = peak;
  }

  /** The same for samples of any kind; answers where the peak is, -1 for nowhere. */
  #lookClosely(plane: Float32Array, from: number, to: number): number {
    let sum = this.sum;
    let peak = 0;
    let at = -1;
    for (let i = from; i < to; i++) {
      const sample = Math.abs(plane[i]!);
      const clips = sample >= FULL_SCALE;
      if (clips) {
        if (!this.#clipping) this.clips++;
        this.clippedSamples++;
        this.clippedAt = i;
      }
      this.#clipping = clips;
      // Neither infinite nor not a number, for which this is not a number.
      if (sample - sample === 0) {
        if (sample > peak) {
          peak = sample;
          at = i;
        }
        sum += sample * sample;
      }
    }
    this.#levels[LEVELS.sum] = sum;
    return at;
  }

  /** Sum of the squares of the last `steps`. */
  squares(steps: number): number {
    let sum = 0;
    for (let step = 0; step < steps; step++) sum += this.#sums[step]!;
    return sum;
  }

  /** Ends a step of 10 ms. */
  step(): void {
    this.#sums[this.#next] = this.sum;
    this.#next = (this.#next + 1) % RMS;
    this.#levels[LEVELS.sum] = 0;
    if (this.#next % HOLD === 0) {
      this.#slot = (this.#slot + 1) % HELD;
      this.#peaks[this.#slot] = 0;
    }
  }

  /** There is no such channel for now. */
  silence(): void {
    this.#levels[LEVELS.peak] = 0;
    this.#peaks.fill(0);
    this.#levels[LEVELS.sum] = 0;
    this.#sums.fill(0);
    this.#clipping = false;
  }

  reset(): void {
    // One sample of a page that computes may be so high that the fall from it takes minutes.
    this.#levels[LEVELS.peak] = 0;
    this.#peaks.fill(0);
    this.#levels[LEVELS.highest] = 0;
    this.clips = 0;
    this.clippedSamples = 0;
    // A run that goes on is the first.
    this.#clipping = false;
  }
}

function zerosAtEnd(plane: Float32Array, from: number, to: number): number {
  let at = to;
  while (at > from && plane[at - 1] === 0) at--;
  return to - at;
}
