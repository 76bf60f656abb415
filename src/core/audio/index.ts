export { keepRunning } from './autoplay.js';
export { CHANNEL_LAYOUTS, CHANNEL_NAMES, channelWeights, layoutOf, type ChannelLayout } from './channel-layout.js';
export { kWeighting, type Biquad } from './k-weighting.js';
export type { ChannelLevels, Levels, LoudnessLevels } from './level-record.js';
export {
  LevelMeter,
  type LevelMeterOptions,
  type LevelMeterPhase,
  type LevelMeterState,
  type LevelSource,
} from './level-meter.js';
export { Loudness } from './loudness.js';
export { measureLoudness, type MeasureOptions, type Measurement } from './measure-loudness.js';
export { mixAudio, type AudioMix, type MixOptions } from './mix.js';
export { SampleLevels } from './sample-levels.js';
export { SoundMeter, type SoundMeterOptions } from './sound-meter.js';
export { oversampling, TruePeak } from './true-peak.js';
