import { supported } from '../shared/format.js';

/** Figures of a connection in words of a language. A language tag that nobody knows counts as English. */
export interface ConnectionFigures {
  /** Bits per second: `2.4 Mb/s`, `310 kb/s`. */
  bitrate(bits: number): string;
  /** 0 to 1: `0.3%`. */
  share(share: number): string;
  /** Seconds: `14 ms`. */
  milliseconds(seconds: number): string;
}

const known = new Map<string, ConnectionFigures>();

/** Making an Intl format takes longer than using it a hundred times, so those of a language are made once. */
export function figuresFor(lang: string): ConnectionFigures {
  let figures = known.get(lang);
  if (!figures) known.set(lang, (figures = make(supported(lang))));
  return figures;
}

function make(lang: string): ConnectionFigures {
  const format = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(lang, options);
  const unit = (unit: string, digits: number) => format({ style: 'unit', unit, maximumFractionDigits: digits });
  const [mega, kilo, milli] = [unit('megabit-per-second', 1), unit('kilobit-per-second', 0), unit('millisecond', 0)];
  const percent = format({ style: 'percent', maximumFractionDigits: 1 });
  return {
    bitrate: (bits) => (bits < 1e6 ? kilo.format(bits / 1000) : mega.format(bits / 1e6)),
    share: (share) => percent.format(share),
    milliseconds: (seconds) => milli.format(seconds * 1000),
  };
}
