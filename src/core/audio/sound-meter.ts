import { CHANNEL_LAYOUTS, channelWeights, layoutOf, type ChannelLayout } from './channel-layout.js';
import { CHANNEL_FIELDS, FIELDS, FLAGS } from './level-record.js';
import { LOWEST_RATE } from './k-weighting.js';
import { Loudness } from './loudness.js';
import { SampleLevels } from './sample-levels.js';
import { TruePeak } from './true-peak.js';

/** More channels than these are not looked at. */
export const MOST_CHANNELS = 8;

export interface SoundMeterOptions {
  /** Whether loudness and true peak are measured too; without them it takes a fraction of the time. Default false. */
  loudness?: boolean;
  /** What the channels are for. Default: what Web Audio says of their number. */
  layout?: ChannelLayout | null;
  /** Seconds of zeros that are a silence. Default 3. */
  silentAfter?: number;
}

const NONE: readonly number[] = [];

/**
 * All that is measured of one sound. Where its channels have no layout that loudness is defined for, or its sample rate is
 * below 8 kHz, there is no loudness; samples are measured all the same. Allocates nothing while it measures; to
 * write it down, 20 times a second, makes some 200 bytes of numbers, which functions answer.
 */
export class SoundMeter {
  readonly levels: SampleLevels;
  #loudness: Loudness | null = null;
  #truePeak: TruePeak | null = null;
  readonly #sampleRate: number;
  readonly #given: ChannelLayout | null;
  #layout: ChannelLayout | null = null;
  #channels = 0;

  constructor(sampleRate: number, { loudness = false, layout = null, silentAfter = 3 }: SoundMeterOptions = {}) {
    this.#sampleRate = sampleRate;
    this.#given = layout;
    this.levels = new SampleLevels(sampleRate, MOST_CHANNELS, silentAfter);
    // Silence, until the first block comes.
    this.#arrange(layout ? channelWeights(layout).length : 1);
    if (loudness) this.measureLoudness();
  }

  get loudness(): Loudness | null {
    return this.#loudness;
  }

  get truePeak(): TruePeak | null {
    return this.#truePeak;
  }

  /** Loudness and true peak too, from now on; what else was measured stays. */
  measureLoudness(): void {
    this.#truePeak ??= new TruePeak(this.#sampleRate, MOST_CHANNELS);
    if (this.#sampleRate >= LOWEST_RATE) this.#loudness ??= new Loudness(this.#sampleRate, MOST_CHANNELS);
    this.#arrange(this.#channels);
  }

  /** That of the sound which came last; null where nobody knows. */
  get layout(): ChannelLayout | null {
    return this.#layout;
  }

  /** Takes a block of any size, one plane for each channel. */
  process(planes: readonly Float32Array[]): void {
    if (planes.length === 0) return;
    if (planes.length !== this.#channels) this.#arrange(planes.length);
    this.levels.process(planes);
    this.loudness?.process(planes);
    this.truePeak?.process(planes);
  }

  /**
   * Begins maxima, counts, integrated loudness and range anew.
   * @param over Whether the sound is over: then nothing is left of it
   */
  reset(over = false): void {
    this.levels.reset(over);
    this.loudness?.reset(over);
    this.truePeak?.reset();
  }

  /** Writes what a `LevelRecord` holds, from `at` on. */
  write(record: Float64Array, at: number, id: number): void {
    const { levels, loudness } = this;
    const channels = Math.min(this.#channels, MOST_CHANNELS);
    const measured = loudness !== null && this.#layout !== null;
    record[at + FIELDS.id] = id;
    record[at + FIELDS.channels] = channels;
    record[at + FIELDS.layout] = this.#layout === null ? -1 : CHANNEL_LAYOUTS.indexOf(this.#layout);
    record[at + FIELDS.sampleRate] = this.#sampleRate;
    record[at + FIELDS.frames] = levels.frames;
    record[at + FIELDS.clips] = levels.clips;
    record[at + FIELDS.clippedSamples] = levels.clippedSamples;
    record[at + FIELDS.clippedAt] = levels.clippedAt;
    record[at + FIELDS.silences] = levels.silences;
    record[at + FIELDS.silentSince] = levels.silentSince;
    record[at + FIELDS.silentFrames] = levels.silentFrames;
    record[at + FIELDS.noiseFloor] = levels.noiseFloor;
    record[at + FIELDS.maxPeak] = levels.highest();
    record[at + FIELDS.truePeak] = this.truePeak?.peak() ?? 0;
    record[at + FIELDS.flags] =
      (measured ? FLAGS.loudness : 0) |
      (loudness?.paused ? FLAGS.paused : 0) |
      (loudness?.rangeStable ? FLAGS.rangeStable : 0) |
      (levels.silent ? FLAGS.silent : 0) |
      (this.truePeak ? FLAGS.truePeak : 0);
    if (measured) {
      record[at + FIELDS.momentary] = loudness.momentary;
      record[at + FIELDS.shortTerm] = loudness.shortTerm;
      record[at + FIELDS.integrated] = loudness.integrated;
      record[at + FIELDS.range] = loudness.range ?? -1;
      record[at + FIELDS.maxMomentary] = loudness.maxMomentary;
      record[at + FIELDS.maxShortTerm] = loudness.maxShortTerm;
      record[at + FIELDS.measured] = loudness.measured;
    }
    for (let channel = 0; channel < channels; channel++) {
      const from = at + FIELDS.perChannel + channel * CHANNEL_FIELDS.size;
      record[from + CHANNEL_FIELDS.peak] = levels.peak(channel);
      record[from + CHANNEL_FIELDS.held] = levels.held(channel);
      record[from + CHANNEL_FIELDS.highest] = levels.highest(channel);
      record[from + CHANNEL_FIELDS.rms] = levels.rms(channel);
      record[from + CHANNEL_FIELDS.clippedSamples] = levels.clippedIn(channel);
      record[from + CHANNEL_FIELDS.truePeak] = this.truePeak?.peak(channel) ?? 0;
    }
  }

  #arrange(channels: number): void {
    this.#channels = channels;
    const given = this.#given;
    this.#layout = given && channelWeights(given).length === channels ? given : layoutOf(channels);
    if (this.loudness) this.loudness.weights = this.#layout ? channelWeights(this.#layout) : NONE;
  }
}
