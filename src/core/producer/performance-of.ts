import { RUNS, type CounterName } from '../metrics/index.js';
import {
  ConnectionProbe,
  monitorPlatform,
  PerformanceMonitor,
  TakeSilence,
  type PerformanceMonitorOptions,
} from '../monitor/index.js';
import type { MediaProducer } from './media-producer.js';

/**
 * A monitor of all that is done with a producer's tracks. Preview and sound are for whoever has them to add.
 *
 *     const monitor = performanceMonitorOf(producer, { preview: () => video, levels: () => meter.levels });
 *     monitor.start();
 *
 * @param producer or who answers it, where it may be another, or none yet
 */
export const performanceMonitorOf = (
  producer: MediaProducer | (() => MediaProducer | null),
  options: PerformanceMonitorOptions = {},
): PerformanceMonitor => {
  const of = typeof producer === 'function' ? producer : () => producer;
  const camera = () => cameraOf(of()?.stream);
  const recorded = () => {
    const counts = of()?.metrics?.counts() ?? {};
    const count = (name: string) => counts[name] ?? 0;
    return count(RUNS.begun) > count(RUNS.rested) ? count('record:seconds' satisfies CounterName) : null;
  };
  const silence = new TakeSilence(recorded, () => (options.platform ?? monitorPlatform).now());
  const monitor = new PerformanceMonitor({
    metrics: () => of()?.metrics ?? null,
    camera,
    active: () => !!of()?.stream,
    silentFor: () => silence.look(),
    // What it has settled for: a camera that was asked for more than it can is not slow.
    targetFrameRate: () => camera()?.getSettings().frameRate ?? null,
    quality: () => of()?.store.get().move ?? null,
    network: new ConnectionProbe(
      () => of()?.store.get().connection ?? null,
      () => of()?.store.get().network ?? null,
    ),
    ...options,
  });
  let held = 0;
  // What a take holds until it is written; of MediaRecorder, what has left it. A worker that a write holds up tells nothing,
  // and holds more than ever.
  monitor.memory.watch(
    'record',
    () => (held = monitor.store.get().snapshot?.buffers.disk?.waiting ?? (recorded() === null ? 0 : held)),
  );
  return monitor;
};

/** What a track is of does not change, and settings take a browser longer than all else of a look at it. */
const cameras = new WeakMap<MediaStreamTrack, boolean>();

/** Its picture, if that is a camera's: only what was taken from a device has a group, and a screen says what it shows. */
function cameraOf(stream: MediaStream | null | undefined): MediaStreamTrack | null {
  const track = stream?.getVideoTracks()[0];
  if (!track) return null;
  if (!cameras.has(track)) {
    const { groupId, displaySurface } = track.getSettings();
    cameras.set(track, groupId !== undefined && displaySurface === undefined);
  }
  return cameras.get(track) ? track : null;
}
