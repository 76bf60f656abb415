export * from './context.js';
export * from './events.js';
export { OaMediaProducer } from './media-producer/media-producer.js';
export { OaRecordingLibrary } from './recording-library/recording-library.js';
export type { ProducerElement } from './shared/producer-link.js';
export { OaStreamRecorder } from './stream-recorder/stream-recorder.js';
