import { Metrics } from '../metrics/index.js';
import { ProducerMetrics } from '../monitor/index.js';
import type { MediaProducer } from './media-producer.js';

/** A registry for what is done with a producer's tracks, and the view of it. */
export const monitorOf = (producer: MediaProducer): ProducerMetrics =>
  new ProducerMetrics(new Metrics(), { targetFrameRate: () => targetFrameRate(producer) });

/** The one that was asked for; where none was, the one that the camera has settled for. */
function targetFrameRate({ config, stream }: MediaProducer): number | null {
  return config?.frameRate ?? stream?.getVideoTracks()[0]?.getSettings().frameRate ?? null;
}
