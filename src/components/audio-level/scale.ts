/** What a bar is as long as. All in dB of one reference: LUFS, or dBFS. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  /** Where figures stand, and what they say. */
  readonly ticks: readonly Tick[];
  /** From where on a level is high, and from where on too high. */
  readonly hot: number;
  readonly over: number;
  /** Where the mark stands; null for none. */
  readonly target: number | null;
}

export interface Tick {
  readonly at: number;
  readonly label: string;
  /** 2 is left out where there is little room, 1 where there is less. */
  readonly rank: 0 | 1 | 2;
}

export type ScaleName = 'ebu9' | 'ebu18' | 'dbfs';

/** LUFS that are 0 LU (EBU R 128). */
export const EBU_TARGET = -23;
const FLOOR = -60;
/** dB below which there is nothing that a converter could have: the rest of a filter. */
const NOTHING = -150;
/** LU around the target (EBU Tech 3341), and LU between two figures. */
const EBU = { ebu9: { low: -18, high: 9, step: 3 }, ebu18: { low: -36, high: 18, step: 6 } } as const;
/** What a live programme may be above its target (EBU R 128); above which peak a sound is near to clipping, dBFS. */
const TOLERANCE = 1;
const PEAK = { hot: -9, over: -1 } as const;

/** Share of the scale that a level takes, 0 to 1. */
export const share = (level: number, { low, high }: Pick<Scale, 'low' | 'high'>): number =>
  Math.min(1, Math.max(0, (level - low) / (high - low)));

/**
 * For loudness.
 * @param relative Whether figures are of LU, else of LUFS
 * @param numbers Made for a language: digits and the decimal sign are its own
 */
export function loudnessScale(name: ScaleName, target: number, relative: boolean, numbers: Intl.NumberFormat): Scale {
  const origin = relative ? target : 0;
  const hot = target + TOLERANCE;
  if (name === 'dbfs')
    return { low: FLOOR, high: 0, ticks: ticks(FLOOR, 0, origin, 6, relative, numbers), hot, over: Infinity, target };
  const { low, high, step } = EBU[name];
  const shown = Array.from({ length: (high - low) / step + 1 }, (_, i) =>
    tick(low + i * step + target, origin, i + low / step, relative, numbers),
  );
  return { low: target + low, high: target + high, ticks: shown, hot, over: Infinity, target };
}

/** For peak and RMS, in dBFS. */
export const fullScale = (target: number | null, numbers: Intl.NumberFormat): Scale => ({
  low: FLOOR,
  high: 0,
  ticks: ticks(FLOOR, 0, 0, 6, false, numbers),
  ...PEAK,
  target,
});

function ticks(
  low: number,
  high: number,
  origin: number,
  step: number,
  relative: boolean,
  numbers: Intl.NumberFormat,
): Tick[] {
  const first = Math.ceil((low - origin) / step);
  const last = Math.floor((high - origin) / step);
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const steps = first + i;
    return tick(origin + steps * step, origin, steps, relative, numbers);
  });
}

/** @param steps How many from the origin on: that is never left out */
function tick(at: number, origin: number, steps: number, relative: boolean, numbers: Intl.NumberFormat): Tick {
  const rank = steps % 2 !== 0 ? 2 : steps % 4 !== 0 ? 1 : 0;
  return { at, label: signed(at - origin, relative, numbers), rank };
}

const tenths = (value: number) => Math.round(value * 10) / 10;

/** Rounded to one decimal, with a real minus, and a plus where it is relative. */
function signed(value: number, relative: boolean, numbers: Intl.NumberFormat): string {
  const rounded = tenths(value);
  if (rounded === 0) return numbers.format(0);
  return `${rounded < 0 ? '−' : relative ? '+' : ''}${numbers.format(Math.abs(rounded))}`;
}

/** What of a level is written; null for what is not measured. */
export const written = (value: number | null): number | null =>
  value === null ? null : value < NOTHING ? -Infinity : tenths(value);

/**
 * A level with one decimal: `−23.1`, `+1.2`. A dash for what is not measured.
 * @param decimals Made for a language: the decimal sign is its own
 */
export function levelText(value: number | null, relative: boolean, decimals: Intl.NumberFormat): string {
  if (value === null) return '–';
  if (value < NOTHING) return '−∞';
  return signed(value, relative, decimals);
}
