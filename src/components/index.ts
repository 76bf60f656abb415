export * from './context.js';
export * from './events.js';
export { OaAudioLevel } from './audio-level/audio-level.js';
export { OaMediaProducer } from './media-producer/media-producer.js';
export { OaPerfMeter } from './perf-meter/perf-meter.js';
export { OaRecordingLibrary } from './recording-library/recording-library.js';
export type { ProducerElement } from './shared/producer-link.js';
export { OaStreamPoolStatus } from './stream-pool-status/stream-pool-status.js';
export { OaStreamRecorder } from './stream-recorder/stream-recorder.js';
