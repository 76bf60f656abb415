import { LEAST, type MonitorFigures } from './figures.js';
import { numberOf, together } from './told.js';

/**
 * `idle`: nothing is captured, recorded or sent. `ok`. `warn`: something is not as it should be. `bad`: what people get is
 * hurt.
 */
export type MonitorState = 'idle' | 'ok' | 'warn' | 'bad';

/** Where the trouble is. */
export type Cause =
  'encoder' | 'disk' | 'network' | 'page' | 'capture' | 'preview' | 'memory' | 'audio' | 'storage' | 'cpu' | 'battery';

/**
 * What a figure has to pass to be a warning, and bad. Where `warn` is above `bad`, too little is what counts; where they are
 * the same, or one of them is not finite, it is as in `THRESHOLDS`. What is not finite is never passed.
 */
export interface Threshold {
  readonly warn: number;
  readonly bad: number;
}

const limits = (warn: number, bad: number): Threshold => ({ warn, bad });

/**
 * What is measured, and what it has to pass to be trouble. Frame rate, lost frames, the time an encoder has for a frame and the
 * bytes of storage are those of the stats dock of OBS Studio. In the order in which the cause of two that are as bad is
 * told: the stage that loses frames is told before what may come of it.
 */
export const THRESHOLDS = {
  /** Share of the wanted frames that encoder and queue have lost. */
  'encoder:lost': limits(0.01, 0.05),
  /** Share of its time in which the encoder works. */
  'encoder:busy': limits(0.75, 1),
  /** Share of the wanted frames that the disk has cost. */
  'disk:lost': limits(0.01, 0.05),
  /** Seconds for which nothing is heard of a take that runs: a write holds up its worker. */
  'disk:silent': limits(3, 5),
  /** Share of the time in which the disk is written to. */
  'disk:busy': limits(0.5, 0.9),
  /** Seconds for which the disk may stand still. */
  'disk:headroom': limits(5, 1),
  /** Share of the packets that the other side has not got. */
  'network:lost': limits(0.01, 0.05),
  /** The square of what is wanted, as a share of what can be sent; 1 where only that is told. */
  'network:limited': limits(0.99, 4),
  /** Share of the time in which the page lets others wait. */
  'page:blocked': limits(0.05, 0.2),
  /** Frames that come from the camera, as a share of those that it should give. */
  'capture:rate': limits(0.95, 0.8),
  /** Share of the frames that the camera has made and that never came. */
  'capture:lost': limits(0.01, 0.05),
  /** Share of the frames that the preview has left out. */
  'preview:lost': limits(0.01, 0.05),
  /** Share of the memory that may be used. */
  'memory:used': limits(0.75, 0.9),
  /** Bytes an hour, once it comes to 32 MB in all. */
  'memory:slope': limits(50e6, 500e6),
  /** Runs of samples at full scale a second. */
  'audio:clips': limits(0.5, 5),
  /** Seconds of nothing but zeros. */
  'audio:silent': limits(5, 30),
  /** Bytes that are left, while something is recorded. */
  'storage:left': limits(5e9, 1e9),
  /** 2 is serious, 3 critical, while anything goes on. Never more than a warning: an encoder that keeps up may take all of a processor. */
  'cpu:pressure': limits(1.5, Infinity),
  /** Charge of a battery that is not being charged, 0 to 1, while anything goes on. */
  'battery:level': limits(0.2, 0.05),
  /** Share of the full quality that takes are recorded at; its cause is what the quality was lowered for: last, behind all else. */
  'quality:level': limits(1, 0),
} as const satisfies Readonly<Record<string, Threshold>>;

export type Measure = keyof typeof THRESHOLDS;
export type Thresholds = Readonly<Record<Measure, Threshold>>;

/** A figure that has passed its limit. */
export interface Finding {
  /** How bad it is. */
  readonly state: 'warn' | 'bad';
  /** Where the trouble is. */
  readonly cause: Cause;
  /** What was measured: a name of `THRESHOLDS`. */
  readonly measure: Measure;
  /** What it came to. */
  readonly value: number;
  /** What it has passed. */
  readonly limit: number;
}

/** How it goes, and where the trouble is. */
export interface Diagnosis {
  /** `idle`, `ok`, `warn` or `bad`: that of the worst finding. */
  readonly state: MonitorState;
  /** Of the worst finding; null where there is none. */
  readonly cause: Cause | null;
  /** One for each cause, the worst first; without what comes of another one. */
  readonly findings: readonly Finding[];
}

/** Growth that a page may show when it starts, and that no hour should be made of. */
const LEAST_GROWTH = 32e6;

/**
 * What comes of other causes, and is then not a fault of its own. A processor under pressure is a reason for trouble to
 * come: where a stage is in trouble already, that is told.
 */
const COMES_OF: Partial<Record<Cause, readonly Cause[]>> = {
  preview: ['encoder', 'page'],
  cpu: ['encoder', 'disk', 'network', 'page', 'capture', 'preview', 'memory'],
};

/** Whose fault a lower quality is, where the signal that led to it is of another name. */
const QUALITY_CAUSES: Readonly<Record<string, Cause>> = { drops: 'encoder', hidden: 'page' };

/** Share of its time from which an encoder works so hard that it costs frames before they come to it. */
const STRAINED = 0.5;

export const PRESSURES = ['nominal', 'fair', 'serious', 'critical'] as const;

/**
 * Tells from figures how it goes and where the trouble is; pure. What is not told, or not supported, is no trouble.
 *
 * One stage that is behind holds up those before it. A disk that is written to synchronously holds up encoder and frames
 * in the same worker, and an encoder that works hard holds the few buffers of a camera: so what is lost before a stage that
 * is behind is that stage's.
 */
export function diagnose(figures: MonitorFigures, thresholds: Thresholds = THRESHOLDS): Diagnosis {
  const values = measured(figures, thresholds);
  const found: Finding[] = [];
  for (const measure of Object.keys(values) as Measure[]) {
    const value = values[measure];
    // What a quality was lowered for tells of itself while it lasts. It is asked last: what is not told explains nothing away.
    if (value == null || (measure === 'quality:level' && found.length)) continue;
    const given = thresholds[measure];
    const apart = given.warn - given.bad;
    const { warn, bad } = apart && isFinite(apart) ? given : THRESHOLDS[measure];
    for (const state of ['bad', 'warn'] as const) {
      const limit = given[state];
      if (!isFinite(limit) || !(warn < bad ? value > limit : value < limit)) continue;
      const [named] = measure.split(':');
      const cause = named === 'quality' ? (QUALITY_CAUSES[figures.encoder.cause] ?? figures.encoder.cause) : named;
      found.push({ state, cause: cause as Cause, measure, value, limit });
      break;
    }
  }
  // By luck of the alphabet what is bad comes first.
  found.sort((one, other) => one.state.localeCompare(other.state));
  const findings = found.filter(({ cause, state }, index) => {
    const first = found.findIndex((other) => other.cause === cause) === index;
    const explained = (other: Finding) =>
      COMES_OF[cause]?.includes(other.cause) && (other.state === 'bad' || state === 'warn');
    return first && !found.some(explained);
  });
  const [worst] = findings;
  return {
    state: worst?.state ?? (figures.active ? 'ok' : 'idle'),
    cause: worst?.cause ?? null,
    findings,
  };
}

/** Causes that would be found now where they were the case: of which anything is measured. */
export const askedOf = (figures: MonitorFigures): ReadonlySet<string> =>
  new Set(
    Object.entries(measured(figures, THRESHOLDS))
      // A state of the processor that is not told has no place among those that are.
      .filter(([, value]) => value != null && value >= 0)
      .map(([name]) => name.slice(0, name.indexOf(':'))),
  );

function measured(figures: MonitorFigures, thresholds: Thresholds): Record<Measure, number | null | undefined> {
  const { active, capture, encoder, disk, network, page, preview, memory, audio, buffers, machine } = figures;
  // Null counts as 0.
  const slow = disk.busy! > thresholds['disk:busy'].warn;
  const strained = encoder.busy! > STRAINED;
  const rate = numberOf(capture.frameRate);
  const battery = machine.battery as { readonly level: number; readonly charging?: boolean } | null;
  return {
    'encoder:lost': slow ? null : strained ? together(encoder.lost, capture.lost) : encoder.lost,
    'encoder:busy': slow ? null : encoder.busy,
    'disk:lost': slow ? together(disk.lost, encoder.lost, capture.lost) : disk.lost,
    'disk:silent': disk.silentFor,
    'disk:busy': disk.busy,
    'disk:headroom': buffers.disk?.headroom,
    'network:lost': network?.lost,
    'network:limited': network?.pressure,
    // Of less, what every page does now and then would be a share.
    'page:blocked': figures.window < LEAST ? null : page.blocked,
    // With what never came: that is another matter, and may be another's fault. A rate that is not known is neither too low nor not.
    'capture:rate': capture.target && (rate ?? NaN) / (1 - (capture.lost ?? 0)) / capture.target,
    'capture:lost': slow || strained ? null : capture.lost,
    'preview:lost': numberOf(preview.lost),
    'memory:used': numberOf(memory.used),
    'memory:slope': numberOf(memory.grown)! < LEAST_GROWTH ? null : numberOf(memory.slope),
    'audio:clips': audio?.clips,
    'audio:silent': audio?.silentFor,
    'storage:left': disk.bitrate === null ? null : numberOf(machine.storage),
    'cpu:pressure': active ? PRESSURES.indexOf(machine.cpu as (typeof PRESSURES)[number]) : null,
    'battery:level': active && battery?.charging === false ? battery.level : null,
    'quality:level': encoder.quality,
  };
}
