export type { ConnectionStatus } from './connection.js';
export {
  DEFAULT_CONFIG,
  MediaProducer,
  type MediaProducerOptions,
  type ProducerPhase,
  type ProducerState,
} from './media-producer.js';
export { performanceMonitorOf } from './performance-of.js';
