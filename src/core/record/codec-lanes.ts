import type { PictureSize } from '../encode/index.js';
import { fault } from '../faults.js';
import { TakeQuality } from './adapt.js';
import { AudioLane } from './audio-lane.js';
import type { AudioChoice, VideoChoice } from './choose-codecs.js';
import type { EngineHost } from './engine.js';
import type { RecordFormat } from './journal.js';
import { KEY_INTERVAL, type Mux } from './mux.js';
import type { TakeRequest } from './protocol.js';
import type { TakeWriter } from './take-writer.js';
import { VideoLane } from './video-lane.js';

/** What the lanes of a take work for. */
export interface LaneNeeds {
  request: TakeRequest;
  host: EngineHost;
  mux: Mux;
  writer: TakeWriter;
}

export function videoLane(
  { codecString, way, bitrate }: VideoChoice,
  size: PictureSize,
  format: RecordFormat,
  { request, host, mux, writer }: LaneNeeds,
): VideoLane {
  const { metrics } = host;
  return new VideoLane({
    codecString,
    way,
    bitrate,
    size,
    keyInterval: request.keyInterval ?? KEY_INTERVAL[format],
    maxLatency: request.maxLatency,
    metrics,
    camera: request.video?.camera ?? false,
    full: () => mux.full,
    keyDue: () => mux.keyDue,
    written: () => writer.busy,
    onPacket: (packet, meta, from) => {
      const started = metrics.start('frame:mux');
      mux.addVideo(packet, meta, () => {
        metrics.end('frame:mux', started);
        if (from !== null && metrics.enabled) metrics.record('frame:total', performance.now() / 1000 - from);
      });
      host.media();
    },
    onFailure: (error) => host.fail(error),
  });
}

/** @param beside whether there are pictures, which tell how far the take is */
export function audioLane({ config, open }: AudioChoice, { host, mux }: LaneNeeds, beside: boolean): AudioLane {
  return new AudioLane({
    config,
    open,
    metrics: host.metrics,
    onPacket: (packet, meta) => {
      mux.addAudio(packet, meta);
      if (mux.deaf) host.fail(fault('disk-failed', {}, { cause: 'Sound waits for pictures.' }));
      if (!beside) host.media();
    },
    onFailure: (error) => host.fail(error),
  });
}

/**
 * An MP4 has one description of its H.264, with the size in it: there the ladder ends before the size. Pictures of VP8,
 * VP9 and AV1 say their own size with each key frame.
 */
export function takeQuality(
  lane: VideoLane,
  { codec, bitrate }: VideoChoice,
  format: RecordFormat,
  { request, host, mux, writer }: LaneNeeds,
): TakeQuality {
  return new TakeQuality({
    lane,
    disk: () => ({ waiting: (mux.waiting * 8) / bitrate, busy: writer.busy }),
    maxLatency: request.maxLatency,
    dropThreshold: request.dropThreshold,
    resizable: format === 'webm' && codec !== 'avc',
    onMove: (move) => host.moved(move),
  });
}
