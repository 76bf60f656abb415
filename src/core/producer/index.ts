export {
  DEFAULT_CONFIG,
  MediaProducer,
  type MediaProducerOptions,
  type ProducerPhase,
  type ProducerState,
} from './media-producer.js';
