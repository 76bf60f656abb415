import type { CircularBuffer } from '../../core/buffer/index.js';
import type { Finding, HistoryPoint, MonitorSnapshot, PerformanceMonitor, Told } from '../../core/monitor/index.js';
import { message, type MessageValues } from '../../core/messages.js';
import { formatsFor, type Formats } from '../shared/format.js';
import { words, type Word } from './words.js';

/** What the templates are made of. */
export interface View {
  readonly snapshot: MonitorSnapshot;
  readonly history: CircularBuffer<HistoryPoint>;
  /** Seconds between two looks. */
  readonly interval: number;
  readonly lang: string;
  readonly say: (word: Word, values?: MessageValues) => string;
  readonly formats: Formats;
  readonly figures: Figures;
  /** Bits per second that are written, as the summary says it. */
  bitrate: number | null;
  /** What `summaryOf` has answered: a look, what is rendered of it and what is spoken of it have the same. */
  summary?: string;
}

export interface Figures {
  /** Frames a second. */
  rate(rate: number): string;
  /** Bits per second. */
  bitrate(bits: number): string;
  /** Seconds of work, in milliseconds. */
  work(seconds: number): string;
  minutes(minutes: number): string;
  /** A share that may be less than one in a hundred. */
  small(share: number): string;
  /** dB. */
  level(level: number): string;
  /** A number that is small and has no unit. */
  fraction(value: number): string;
}

const known = new Map<string, Figures>();

/** Making an Intl format takes longer than using it a hundred times, so those of a language are made once. */
function figuresFor(lang: string): Figures {
  let figures = known.get(lang);
  if (!figures) known.set(lang, (figures = makeFigures(lang)));
  return figures;
}

function makeFigures(lang: string): Figures {
  const format = (options: Intl.NumberFormatOptions) => {
    try {
      return new Intl.NumberFormat(lang, options);
    } catch {
      return new Intl.NumberFormat('en', options);
    }
  };
  /** Rounded to so many digits. */
  const digits = (options: Intl.NumberFormatOptions, count: number) =>
    kept(format({ ...options, maximumSignificantDigits: count }), (value) => Number(value.toPrecision(count)));
  const unit = (unit: string, count: number) => digits({ style: 'unit', unit }, count);
  // Of a bitrate two digits stand still for a while, and what stands still is not drawn again.
  const [mega, kilo, milli] = [unit('megabit-per-second', 2), unit('kilobit-per-second', 2), unit('millisecond', 3)];
  return {
    rate: kept(format({ maximumFractionDigits: 0 }), Math.round),
    bitrate: (bits) => (bits < 1e6 ? kilo(bits / 1e3) : mega(bits / 1e6)),
    work: (seconds) => milli(seconds * 1000),
    minutes: unit('minute', 3),
    small: digits({ style: 'percent' }, 1),
    level: kept(format({ maximumFractionDigits: 1 }), (value) => Math.round(value * 10) / 10 + 0),
    fraction: digits({}, 2),
  };
}

/** Texts that are kept of a format. */
const MOST_KEPT = 64;

/**
 * What is formatted once a second takes an engine as long as the first time: 27 µs for the first figure of a sentence, where a text
 * that is at hand takes 2. So they are kept, by the value as it is shown.
 */
function kept(format: Intl.NumberFormat, round: (value: number) => number): (value: number) => string {
  const texts = new Map<number, string>();
  return (value) => {
    const rounded = round(value);
    let text = texts.get(rounded);
    if (text === undefined) {
      if (texts.size === MOST_KEPT) texts.clear();
      texts.set(rounded, (text = format.format(rounded)));
    }
    return text;
  };
}

export function viewOf(monitor: PerformanceMonitor, lang: string): View {
  const snapshot = monitor.snapshot();
  return {
    snapshot,
    bitrate: snapshot.disk.bitrate,
    history: monitor.history,
    interval: monitor.interval,
    lang,
    say: (word, values) => message(word, lang, values, words),
    formats: formatsFor(lang),
    figures: figuresFor(lang),
  };
}

/** In words; what is not known, or not supported, is still that. */
export const told = <T>(value: Told<T>, tell: (value: T) => string): Told<string> =>
  value === null || value === 'unsupported' ? (value as null | 'unsupported') : tell(value);

/** Whether there is no take, or one whose frames are counted: MediaRecorder counts none, for as long as it records. */
export const isCounted = ({ encoder, disk }: MonitorSnapshot): boolean =>
  encoder.frameRate !== null || disk.bitrate === null;

/** What was found, in words. */
export function sentenceOf({ measure, value }: Finding, { say, formats }: Pick<View, 'say' | 'formats'>): string {
  // Each sentence has one of them, and to format costs more than all else here.
  return say(`perf.${measure.replace(':', '.')}` as Word, {
    get share() {
      return formats.share(value);
    },
    get time() {
      return formats.duration(value);
    },
    get size() {
      return formats.size(value);
    },
  });
}

/** The state in a sentence: the worst that was found, or how well it goes. */
export const summaryOf = (view: View): string => (view.summary ??= sumUp(view));

function sumUp(view: View): string {
  const { snapshot, bitrate, say, figures } = view;
  const { diagnosis, encoder, capture } = snapshot;
  const [worst] = diagnosis.findings;
  if (worst) return sentenceOf(worst, view);
  if (diagnosis.state === 'idle') return say('perf.none');
  const rate = encoder.frameRate ?? capture.frameRate;
  if (typeof rate !== 'number') return say('perf.fine');
  const values = { rate: figures.rate(rate) };
  return bitrate === null
    ? say('perf.fine.rate', values)
    : say('perf.fine.take', { ...values, bitrate: figures.bitrate(bitrate), lost: lossesOf(view) });
}

/** Below its limits a loss is no trouble, and still one; of some takes none is told. */
function lossesOf({ snapshot, history, say, figures }: View): string {
  const { lost } = history.at(-1)!;
  // Where frames are counted and none is wanted, as of a screen that stands still, none is lost.
  if (lost === null && !isCounted(snapshot)) return say('perf.lost.unknown');
  return lost ? say('perf.lost.some', { share: figures.small(lost) }) : say('perf.lost.none');
}
