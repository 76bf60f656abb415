import type { TakeWord } from './take-words.js';

/** Seconds of media as `m:ss`, from an hour on `h:mm:ss`. */
export function clockTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const pad = (number: number) => String(number).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

const UNITS = [
  ['gigabyte', 1e9],
  ['megabyte', 1e6],
  ['kilobyte', 1e3],
] as const;

/** Bytes with a unit, as people of that language write it. */
export function fileSize(bytes: number, lang: string): string {
  const [unit, of] = UNITS.find(([, least]) => bytes >= least) ?? UNITS[2];
  const digits = unit === 'kilobyte' ? 0 : 1;
  const style = { style: 'unit', unit, minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(known(lang), style).format(bytes / of);
}

/** A number as people of that language write it. */
export const figure = (number: number, lang: string): string =>
  new Intl.NumberFormat(known(lang), { maximumFractionDigits: 1 }).format(number);

/** 0 to 1 as a percentage. */
export const percent = (share: number, lang: string): string =>
  new Intl.NumberFormat(known(lang), { style: 'percent' }).format(share);

/** Below this the storage is about to end the take. */
const SHORT = 120;
/** Beyond this nobody counts, and the rate of the first seconds tells little. */
const PLENTY = 24;

export interface Left {
  readonly key: TakeWord;
  readonly count: number;
  readonly short: boolean;
}

/** How long storage still lasts, no more exactly than it is known. */
export function timeLeft(seconds: number): Left {
  if (seconds < SHORT) return { key: 'recorder.left.seconds', count: Math.floor(seconds / 10) * 10, short: true };
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours < 2) return { key: 'recorder.left.minutes', count: minutes, short: false };
  if (hours < PLENTY) return { key: 'recorder.left.hours', count: hours, short: false };
  return { key: 'recorder.left.plenty', count: PLENTY, short: false };
}

/** An author may write a `lang` that is no language tag; Intl throws at it. */
function known(lang: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf(lang)[0] ?? 'en';
  } catch {
    return 'en';
  }
}
