import { CHANNEL_LAYOUTS, type ChannelLayout } from './channel-layout.js';
import { amplitudeToDecibels } from './decibels.js';

/**
 * Where things are in what the audio thread writes for one meter: numbers only, in linear amplitude, frames and LUFS. What
 * there is none of is -1.
 */
export const FIELDS = {
  id: 0,
  channels: 1,
  layout: 2,
  sampleRate: 3,
  frames: 4,
  flags: 5,
  clips: 6,
  clippedSamples: 7,
  clippedAt: 8,
  silences: 9,
  silentSince: 10,
  silentFrames: 11,
  noiseFloor: 12,
  momentary: 13,
  shortTerm: 14,
  integrated: 15,
  range: 16,
  maxMomentary: 17,
  maxShortTerm: 18,
  measured: 19,
  maxPeak: 20,
  truePeak: 21,
  perChannel: 22,
} as const;

export const CHANNEL_FIELDS = {
  peak: 0,
  held: 1,
  highest: 2,
  rms: 3,
  clippedSamples: 4,
  truePeak: 5,
  size: 6,
} as const;

export const FLAGS = { loudness: 1, paused: 2, rangeStable: 4, silent: 8, truePeak: 16 } as const;

/** Numbers for one meter, with room for eight channels. */
export const RECORD_SIZE = FIELDS.perChannel + 8 * CHANNEL_FIELDS.size;

/** One channel, in dB below full scale; -Infinity for silence. */
export interface ChannelLevels {
  /** Sample peak that falls by 20 dB in 1.7 s. */
  readonly peak: number;
  /** Highest peak of the last 2 s, or `peak` where that is still higher. */
  readonly held: number;
  /** Highest sample since the last reset. */
  readonly maxPeak: number;
  /** RMS of the last 300 ms; a sine at full scale has -3.01. */
  readonly rms: number;
  /** Highest true peak since the last reset, in dBTP; null where it is not measured. */
  readonly truePeak: number | null;
  /** Samples at full scale since the last reset; null where not every sample is looked at. */
  readonly clippedSamples: number | null;
}

/** LUFS, where nothing else is said; -Infinity while nothing is above the gate. Maxima are of the time since the last reset. */
export interface LoudnessLevels {
  /** Of the last 400 ms. */
  readonly momentary: number;
  /** Of the last 3 s. */
  readonly shortTerm: number;
  /** Of all since the last reset, gated. */
  readonly integrated: number;
  /** Loudness range (LRA), LU; null while nothing is above the gate. */
  readonly range: number | null;
  /** False until the range is of a minute. */
  readonly rangeStable: boolean;
  /** The highest momentary loudness. */
  readonly maxMomentary: number;
  /** The highest short-term loudness. */
  readonly maxShortTerm: number;
  /** Seconds that `integrated` and `range` are of. */
  readonly measured: number;
  /** Whether these two stand still. */
  readonly paused: boolean;
}

/**
 * What a meter has measured, at one moment; frozen. Seconds are of sound, from when the meter began. What is counted, and
 * the noise floor, is null where not every sample is looked at (an AnalyserNode).
 */
export interface Levels {
  /** Seconds that were measured. */
  readonly time: number;
  /** Of the sound, in Hz. */
  readonly sampleRate: number;
  /** What the channels are for; null where nobody knows. */
  readonly layout: ChannelLayout | null;
  /** Each channel, in the order of the sound. */
  readonly channels: readonly ChannelLevels[];
  /** Runs of samples at full scale since the last reset, with one that went on then; a run in two channels is two. */
  readonly clips: number | null;
  /** How many samples are in these. */
  readonly clippedSamples: number | null;
  /** When the last sample was at full scale; null for never. */
  readonly clippedAt: number | null;
  /** Whether nothing but zeros has come for as long as makes a silence. */
  readonly silent: boolean | null;
  /** Seconds of nothing but zeros, up to now. */
  readonly silentFor: number | null;
  /** How many silences there were since the last reset, with one that went on then. */
  readonly silences: number | null;
  /** When the last of them began; null for never. */
  readonly silentSince: number | null;
  /** dB: RMS of the quietest tenth of a second of the last ten; -Infinity while only zeros came. */
  readonly noiseFloor: number | null;
  /** dBFS: the highest sample of all channels since the last reset, also of those that are gone. */
  readonly maxPeak: number;
  /** The same of the true peak, in dBTP; null where it is not measured. */
  readonly truePeak: number | null;
  /** Loudness by EBU R 128; null where it is not measured: not asked for, or not defined for these channels. */
  readonly loudness: LoudnessLevels | null;
}

/**
 * The record that begins at `at`. It is read 20 times a second for each meter, by code that is never warm: so without
 * functions of its own.
 * @param counted Whether every sample was looked at
 */
export function readLevels(record: Float64Array, at = 0, counted = true): Levels {
  const flags = record[at + FIELDS.flags]!;
  const sampleRate = record[at + FIELDS.sampleRate]!;
  const clippedAt = record[at + FIELDS.clippedAt]!;
  const silentSince = record[at + FIELDS.silentSince]!;
  const measured = (flags & FLAGS.truePeak) !== 0;
  const count = record[at + FIELDS.channels]!;
  const channels: ChannelLevels[] = [];
  for (let channel = 0; channel < count; channel++)
    channels.push(readChannel(record, at + FIELDS.perChannel + channel * CHANNEL_FIELDS.size, measured, counted));
  return Object.freeze({
    time: record[at + FIELDS.frames]! / sampleRate,
    sampleRate,
    layout: CHANNEL_LAYOUTS[record[at + FIELDS.layout]!] ?? null,
    channels: Object.freeze(channels),
    clips: counted ? record[at + FIELDS.clips]! : null,
    clippedSamples: counted ? record[at + FIELDS.clippedSamples]! : null,
    clippedAt: counted && clippedAt >= 0 ? clippedAt / sampleRate : null,
    silent: counted ? (flags & FLAGS.silent) !== 0 : null,
    silentFor: counted ? record[at + FIELDS.silentFrames]! / sampleRate : null,
    silences: counted ? record[at + FIELDS.silences]! : null,
    silentSince: counted && silentSince >= 0 ? silentSince / sampleRate : null,
    noiseFloor: counted ? amplitudeToDecibels(record[at + FIELDS.noiseFloor]!) : null,
    maxPeak: amplitudeToDecibels(record[at + FIELDS.maxPeak]!),
    truePeak: measured ? amplitudeToDecibels(record[at + FIELDS.truePeak]!) : null,
    loudness: flags & FLAGS.loudness ? readLoudness(record, at, flags) : null,
  });
}

function readLoudness(record: Float64Array, at: number, flags: number): LoudnessLevels {
  const range = record[at + FIELDS.range]!;
  return Object.freeze({
    momentary: record[at + FIELDS.momentary]!,
    shortTerm: record[at + FIELDS.shortTerm]!,
    integrated: record[at + FIELDS.integrated]!,
    range: range < 0 ? null : range,
    rangeStable: (flags & FLAGS.rangeStable) !== 0,
    maxMomentary: record[at + FIELDS.maxMomentary]!,
    maxShortTerm: record[at + FIELDS.maxShortTerm]!,
    measured: record[at + FIELDS.measured]!,
    paused: (flags & FLAGS.paused) !== 0,
  });
}

const readChannel = (record: Float64Array, at: number, measured: boolean, counted: boolean): ChannelLevels =>
  Object.freeze({
    peak: amplitudeToDecibels(record[at + CHANNEL_FIELDS.peak]!),
    held: amplitudeToDecibels(record[at + CHANNEL_FIELDS.held]!),
    maxPeak: amplitudeToDecibels(record[at + CHANNEL_FIELDS.highest]!),
    rms: amplitudeToDecibels(record[at + CHANNEL_FIELDS.rms]!),
    truePeak: measured ? amplitudeToDecibels(record[at + CHANNEL_FIELDS.truePeak]!) : null,
    clippedSamples: counted ? record[at + CHANNEL_FIELDS.clippedSamples]! : null,
  });
