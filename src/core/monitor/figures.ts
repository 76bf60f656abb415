import type { Levels } from '../audio/index.js';
import {
  FRAME_PATH,
  type CounterName,
  type HistogramSummary,
  type LevelName,
  type MonitoringPoint,
  type PathStage,
  type Timed,
} from '../metrics/index.js';
import type { MemoryFigures } from './memory-monitor.js';
import type { LongFrame, PageWatch } from './page-watch.js';
import type { PressureRecord, Vitals } from './platform.js';
import type { NetworkFigures } from './network.js';
import type { MonitorSources } from './performance-monitor.js';
import { soundFigures, type AudioFigures } from './probes.js';
import type { SessionFigures } from './session-log.js';
import type { Counted } from './registries.js';
import { numberOf, share, type Told } from './told.js';

/** How long a queue may stand still before something is lost. */
export interface BufferHealth {
  /** Seconds: the least of this window; null where it is not told, as by no browser of the network. */
  readonly headroom: number | null;
  /**
   * What waited, at most in this window: frames for the encoder, bytes for the disk, packets for the network; null where it
   * is not told.
   */
  readonly waiting: number | null;
}

/**
 * How it goes; frozen plain data. Figures are of the last seconds (`window`), rates by second, shares 0 to 1. Null is what
 * is not known, or does not go on; `unsupported` is what this engine cannot tell. Of connections and queues null is all of that:
 * who sends, or records, tells what there is, and not what there never will be.
 */
export interface MonitorFigures {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Seconds since the monitor was made, or reset. */
  readonly uptime: number;
  /** Seconds that figures are of; 0 before the second look. */
  readonly window: number;
  /** Whether anything is captured, recorded or sent. */
  readonly active: boolean;
  /** What the camera gives. */
  readonly capture: {
    /** Frames a second that come. */
    readonly frameRate: Told<number>;
    /** Frames a second that it should give; null where none are promised, and while the window has some of another one in it. */
    readonly target: number | null;
    /** Share of the frames that it has made and that never came. */
    readonly lost: number | null;
  };
  /** What people see of it. */
  readonly preview: {
    /** Frames a second that are shown. */
    readonly frameRate: Told<number>;
    /** Share of the frames that were left out. */
    readonly lost: Told<number>;
  };
  /** What is encoded of it, in all takes. */
  readonly encoder: {
    /** Frames a second that are taken. */
    readonly frameRate: number | null;
    /** Share of the wanted frames that encoder and queue have lost. */
    readonly lost: number | null;
    /** Share of its time in which it works. */
    readonly busy: number | null;
    /** Share of the full quality; null while it was never moved. */
    readonly quality: number | null;
    /** The signal that it was lowered for (`encoder` until it is told); empty at full quality. */
    readonly cause: string;
  };
  /** What is written. */
  readonly disk: {
    /** Bits per second that are written, by all takes. */
    readonly bitrate: number | null;
    /** Share of the wanted frames that the disk has cost. */
    readonly lost: number | null;
    /** Share of the time in which it is written to. */
    readonly busy: number | null;
    /** Seconds for which nothing was heard of a take that runs, so that none of this is known; null while none does. */
    readonly silentFor: number | null;
  };
  /** What is sent; null where nothing is. */
  readonly network: NetworkFigures | null;
  /** What is heard; null where no sound is metered. */
  readonly audio: AudioFigures | null;
  /** How the page does. */
  readonly page: {
    /** Share of the time in which the page lets others wait; null while it is hidden, or nobody observes it. */
    readonly blocked: number | null;
    /** How that is known: by the browser's long animation frames, or by how late a timer is. */
    readonly source: 'frames' | 'timer';
    /** The worst of them, with the script to blame. */
    readonly worst: Told<LongFrame>;
    /** Whether nobody can see it. */
    readonly hidden: boolean;
    /** `inp` and `lcp` in seconds, and `cls`, as web-vitals measures them. */
    readonly vitals: Vitals;
  };
  /** How the machine does. */
  readonly machine: {
    /** Pressure on the processor: `nominal`, `fair`, `serious` or `critical`. */
    readonly cpu: Told<PressureRecord['state']>;
    /** Share of that pressure that is the page's own. */
    readonly ownCpu: Told<number>;
    /** Share of the time that went into collecting garbage. */
    readonly gc: Told<number>;
    /** Its charge, 0 to 1, and whether it is being charged. */
    readonly battery: Told<{ readonly level: number; readonly charging: boolean }>;
    /** Bytes that are left. */
    readonly storage: Told<number>;
  };
  /** What can be told of memory. */
  readonly memory: MemoryFigures;
  /** How full each queue is; null where there is none. */
  readonly buffers: Readonly<Record<'encoder' | 'disk' | 'network', BufferHealth | null>>;
  /** The way of a frame, stage by stage. Seconds. */
  readonly path: Readonly<Record<PathStage, HistogramSummary | null>>;
  /** Between two points of that way; those that were stamped. Seconds. */
  readonly points: Readonly<Partial<Record<MonitoringPoint, HistogramSummary>>>;
  /** What was begun, and how it ended, since the reset. */
  readonly session: SessionFigures;
  /** All counters, since the reset. */
  readonly totals: Readonly<Record<string, number>>;
  /** Share of the page's time that the scripts of this monitor take, without what the browser lays out and paints. */
  readonly cost: number | null;
}

/** What is looked at, and who is asked. */
export interface Beside {
  readonly sources: MonitorSources;
  readonly move: { readonly quality: { readonly level: number } } | null;
  /** What the quality was lowered for. */
  readonly cause: string;
  readonly preview: Told<true>;
  readonly camera: Told<true>;
  readonly sound: Levels | null;
  readonly page: PageWatch;
  /** Seconds, on the clock that long frames are stamped with. */
  readonly now: number;
}

/** Seconds of a take, a camera, a preview or a window before which nothing is said of its rates. */
export const LEAST = 1;

/** Histograms that are no monitoring points. */
const NO_POINT = /^(frame|queue|headroom|latency):/;

/** Makes figures of what was looked at, and of the window that this was counted in. */
export function figuresOf(
  { sources, move, cause, sound, page, now, ...probed }: Beside,
  { since, seconds, counters, histograms, totals }: Counted,
): Omit<MonitorFigures, 'at' | 'uptime' | 'memory' | 'session'> {
  // Which of the takes are heard of is known once it was asked how long none was.
  const silentFor = sources.silentFor?.() ?? null;
  const level = move && move.quality.level;
  const count = (name: CounterName | (string & {})) => counters[name] ?? 0;
  const summary = (name: Timed | LevelName | 'headroom:network') => (histograms[name]?.count ? histograms[name] : null);
  /** Zero while it is too short to say anything. */
  const secondsOf = (name: string) => (count(name) < LEAST ? 0 : count(name));
  const counted = secondsOf('frames:seconds');
  const recorded = secondsOf('record:seconds');
  /** Share of the seconds of takes that went into what is timed under a name. */
  const busy = (name: Timed, of: number) => {
    const timed = summary(name);
    return share(timed ? timed.count * timed.mean : 0, of);
  };
  // By the page's clock, of the time since a probe has had something to tell.
  const byPage = (part: number, whole: number, probed: Told<true>): Told<number> =>
    probed === true ? share(part, whole) : probed;

  const left = (cause: string) => count(`frames:dropped:${cause}`);
  const arrived = count('frames:captured') - left('rate');
  const missing = left('source');
  const lost = (frames: number) => share(frames, counted && arrived + missing);
  const camera = byPage(count('camera:frames'), secondsOf('camera:seconds'), probed.camera);
  const frameRate = share(count('frames:captured'), counted) ?? camera;
  const dropped = count('preview:dropped');
  const previewed = secondsOf('preview:seconds') && dropped + count('preview:shown');
  const each = (name: string) => share(count(name), seconds);
  const network = sources.network?.figures(now, count) ?? null;

  const buffer = (name: 'encoder' | 'disk' | 'network'): BufferHealth | null => {
    const headroom = summary(`headroom:${name}`);
    const queue = summary(`queue:${name}`);
    return headroom || queue ? { headroom: headroom && headroom.min, waiting: queue && queue.max } : null;
  };
  /** What is counted by observing is not known while nobody does. */
  const observed = page.observes || null;
  const points: Record<string, HistogramSummary> = {};
  for (const name in histograms) {
    const timed = summary(name as Timed);
    if (timed && !NO_POINT.test(name)) points[name] = timed;
  }
  const path = {} as Record<PathStage, HistogramSummary | null>;
  for (const stage in FRAME_PATH) path[stage as PathStage] = summary(FRAME_PATH[stage as PathStage]);

  return {
    window: seconds,
    active: !!(sources.active?.() || recorded || numberOf(camera) || network?.bitrate),
    capture: { frameRate, target: sources.targetFrameRate?.(numberOf(frameRate), since) ?? null, lost: lost(missing) },
    preview: {
      frameRate: byPage(count('preview:shown'), secondsOf('preview:seconds'), probed.preview),
      lost: byPage(dropped, previewed, probed.preview),
    },
    encoder: {
      frameRate: share(count('frames:taken'), counted),
      lost: lost(left('queue') + left('late') + left('encoder')),
      busy: busy('frame:encode', counted),
      quality: level,
      cause: (level ?? 1) < 1 ? cause : '',
    },
    disk: {
      bitrate: share(count('bytes:written') * 8 * (sources.takes?.() || 1), recorded),
      lost: lost(left('disk')),
      busy: busy('disk:write', recorded),
      silentFor,
    },
    network,
    audio: sound && soundFigures(sound, each('audio:clips')),
    page: {
      blocked: observed && share(Math.min(seconds, count('page:blocked') - page.before(since)), seconds),
      source: page.tellsFrames ? 'frames' : 'timer',
      worst: page.tellsFrames ? page.worst(since) : 'unsupported',
      hidden: page.hidden,
      vitals: { ...page.vitals },
    },
    machine: {
      cpu: page.cpu,
      ownCpu: page.ownCpu,
      gc: page.tells('gc') ? observed && each('gc:seconds') : 'unsupported',
      battery: page.battery,
      storage: page.storage,
    },
    buffers: { encoder: buffer('encoder'), disk: buffer('disk'), network: buffer('network') },
    path,
    points,
    totals,
    cost: each('monitor:seconds'),
  };
}
