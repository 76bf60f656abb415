import type { CircularBuffer } from '../../core/buffer/index.js';
import type { Finding, HistoryPoint, MonitorSnapshot, PerformanceMonitor } from '../../core/monitor/index.js';
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
  const unit = (unit: string, digits: number) => format({ style: 'unit', unit, maximumSignificantDigits: digits });
  const rate = format({ maximumFractionDigits: 0 });
  const minutes = unit('minute', 3);
  const small = format({ style: 'percent', maximumSignificantDigits: 1 });
  // Of a bitrate two digits stand still for a while, and what stands still is not drawn again.
  const [mega, kilo, milli] = [unit('megabit-per-second', 2), unit('kilobit-per-second', 2), unit('millisecond', 3)];
  return {
    rate: (value) => rate.format(value),
    bitrate: (bits) => (bits < 1e6 ? kilo.format(bits / 1e3) : mega.format(bits / 1e6)),
    work: (seconds) => milli.format(seconds * 1000),
    minutes: (value) => minutes.format(value),
    small: (share) => small.format(share),
  };
}

export function viewOf(monitor: PerformanceMonitor, lang: string): View {
  return {
    snapshot: monitor.snapshot(),
    history: monitor.history,
    interval: monitor.interval,
    lang,
    say: (word, values) => message(word, lang, values, words),
    formats: formatsFor(lang),
    figures: figuresFor(lang),
  };
}

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
export function summaryOf(view: View): string {
  const { snapshot, say, figures } = view;
  const { diagnosis, encoder, capture, disk } = snapshot;
  const [worst] = diagnosis.findings;
  if (worst) return sentenceOf(worst, view);
  if (diagnosis.state === 'idle') return say('perf.none');
  const rate = encoder.frameRate ?? capture.frameRate;
  if (typeof rate !== 'number') return say('perf.fine');
  const values = { rate: figures.rate(rate) };
  return disk.bitrate === null
    ? say('perf.fine.rate', values)
    : say('perf.fine.take', { ...values, bitrate: figures.bitrate(disk.bitrate), lost: lossesOf(view) });
}

/** Below its limits a loss is no trouble, and still one; of some takes none is told. */
function lossesOf({ history, say, figures }: View): string {
  const { lost } = history.at(-1)!;
  if (lost === null) return say('perf.lost.unknown');
  return lost > 0 ? say('perf.lost.some', { share: figures.small(lost) }) : say('perf.lost.none');
}
