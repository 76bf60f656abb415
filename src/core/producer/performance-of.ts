import type { Levels } from '../audio/index.js';
import { runsOf, type Run } from '../metrics/index.js';
import {
  ConnectionProbe,
  monitorPlatform,
  PerformanceMonitor,
  TakeSilence,
  type MonitorSources,
  type PerformanceMonitorOptions,
} from '../monitor/index.js';
import type { MediaProducer } from './media-producer.js';

/** Seconds after which a take is not heard of: they tell once a second. */
const SILENT = 2;
/** Seconds after which a worker has told of all frames of a camera that is gone. */
const LAG = 2;
/** Share by which a rate is another one, and looks after which settings are asked for again all the same. */
const ANOTHER = 0.02;
const LOOKS = 10;

/**
 * A monitor of all that is done with a producer's tracks. Its preview is for whoever has it to add. Its sound is known where
 * somebody meters it and sets `levels` in the producer's store, as `<audio-level>` does; else that, too, is to be added.
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
  const runs = (): Run[] => {
    const metrics = of()?.metrics;
    return metrics ? [...runsOf(metrics)] : [];
  };
  const now = () => (options.platform ?? monitorPlatform).now();
  const silences = new WeakMap<Run, TakeSilence>();
  /** Takes that were heard of when it was looked last: what is known is of them. */
  let heard = 0;
  /** Of the take that was silent for the longest, as each of them is told of by a worker of its own. */
  const silentFor = () => {
    const all = runs().map((run) => {
      const silence = silences.get(run) ?? new TakeSilence(() => run.seconds, now);
      silences.set(run, silence);
      return silence.look() ?? 0;
    });
    heard = all.filter((silent) => silent < SILENT).length;
    return all.length > 0 ? Math.max(...all) : null;
  };
  const monitor = new PerformanceMonitor({
    metrics: () => of()?.metrics ?? null,
    camera,
    active: () => !!of()?.stream,
    silentFor,
    takes: () => heard,
    targetFrameRate: settledRate(camera, now),
    quality: () => {
      const state = of()?.store.get();
      return state?.move ? { ...state.move, cause: state.loweredFor ?? state.move.cause } : null;
    },
    levels: () => levelsOf(of()),
    meter: () => options.levels ?? of()?.store.get().levels,
    network: new ConnectionProbe(
      () => of()?.store.get().connection ?? null,
      () => of()?.store.get().network ?? null,
    ),
    ...options,
  });
  // What takes hold until it is written; of MediaRecorder, what has left it. A worker that a write holds up tells nothing,
  // and holds more than ever.
  monitor.memory.watch('record', () => runs().reduce((sum, { waiting }) => sum + waiting, 0));
  return monitor;
};

/** What another program plays, or does not, is no microphone that is silent. */
function levelsOf(producer: MediaProducer | null): Levels | null {
  const levels = producer?.store.get().levels?.() ?? null;
  return levels && producer?.config?.audio.includes('microphone') === false ? { ...levels, silentFor: null } : levels;
}

/**
 * What a camera has settled for: one that was asked for more than it can is not slow, nor is one for the frames of another in whose
 * place it is. Settings take a browser longer than all else of a look at it, so they are asked for where they may explain another
 * rate, and now and then.
 * @param now milliseconds
 */
function settledRate(camera: () => MediaStreamTrack | null, now: () => number): MonitorSources['targetFrameRate'] & {} {
  let asked = { track: null as MediaStreamTrack | null, frameRate: null as number | null };
  let settled: number | null = null;
  let turnedAt = -Infinity;
  let looks = 0;
  return (frameRate, since) => {
    const track = camera();
    const same = frameRate === asked.frameRate || Math.abs(frameRate! / asked.frameRate! - 1) < ANOTHER;
    if (track !== asked.track || !same || ++looks === LOOKS) {
      const before = settled;
      settled = track?.getSettings().frameRate ?? null;
      // What was counted by now is of the one before.
      if (frameRate !== null && (track !== asked.track || settled !== before)) turnedAt = now() / 1000;
      asked = { track, frameRate };
      looks = 0;
    }
    return since < turnedAt + LAG ? null : settled;
  };
}

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
