import { fault } from '../faults.js';
import { CHANNEL_LAYOUTS, channelWeights, layoutOf, type ChannelLayout } from './channel-layout.js';
import { LOWEST_RATE } from './k-weighting.js';
import { readLevels, RECORD_SIZE, type Levels, type LoudnessLevels } from './level-record.js';
import { SoundMeter } from './sound-meter.js';
import { TAPS } from './true-peak.js';

export interface MeasureOptions {
  /** What the channels are for. Needed where Web Audio does not say it of their number: three, or five. */
  layout?: ChannelLayout;
}

/** Everything that can be told of a sound that is there as a whole. */
export interface Measurement extends Levels {
  readonly truePeak: number;
  readonly clips: number;
  readonly clippedSamples: number;
  readonly silences: number;
  readonly noiseFloor: number;
  readonly loudness: LoudnessLevels;
}

/** Frames in one go, so that what is looked at several times is still in the cache. */
const CHUNK = 4096;

/**
 * Measures a whole sound by BS.1770-5 and EBU R 128, without an AudioContext; a minute of stereo takes some 0.2 s.
 *
 *     const { loudness, truePeak } = measureLoudness([left, right], 48_000);
 *     loudness.integrated // -23.0 LUFS
 *
 * `momentary` and `shortTerm` are those of its end. What is shorter than 0.4 s has no integrated loudness (-Infinity).
 *
 * @param channels one array of samples each, of the same length
 * @param sampleRate Hz, 8000 or more
 * @throws OnAirError `invalid-value` for channels whose layout is not known or does not fit, or for the sample rate
 */
export function measureLoudness(
  channels: readonly Float32Array[],
  sampleRate: number,
  { layout }: MeasureOptions = {},
): Measurement {
  const used = layout ?? layoutOf(channels.length);
  if (!used || !CHANNEL_LAYOUTS.includes(used) || channelWeights(used).length !== channels.length)
    throw fault('invalid-value', { channels: channels.length }, { key: 'invalid-value.layout' });
  const { length } = channels[0]!;
  if (!(sampleRate >= LOWEST_RATE && sampleRate < Infinity) || channels.some((channel) => channel.length !== length))
    throw fault('invalid-value');
  const meter = new SoundMeter(sampleRate, { loudness: true, layout: used });
  for (let from = 0; from < length; from += CHUNK)
    meter.process(channels.map((channel) => channel.subarray(from, from + CHUNK)));
  if (length === 0) meter.process(channels);
  // Between its last samples there is a peak only once others have come; these are no part of the sound.
  meter.truePeak!.process(channels.map(() => new Float32Array(TAPS)));
  const record = new Float64Array(RECORD_SIZE);
  meter.write(record, 0, 0);
  // All of it was asked for.
  return readLevels(record) as Measurement;
}
