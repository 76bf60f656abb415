/** Figures and dates in words of a language. A language tag that nobody knows counts as English. */
export interface Formats {
  /** Bytes, in decimal units: `3.4 MB`. */
  size(bytes: number): string;
  /** Seconds: `1h 4m`, `2m 5s`, `0.4s`. */
  duration(seconds: number): string;
  date(date: Date): string;
  /** 0 to 1: `43%`. */
  share(share: number): string;
  /** `camera and microphone`. */
  list(words: readonly string[]): string;
}

const known = new Map<string, Formats>();

/** Making an Intl format takes longer than using it a hundred times, so those of a language are made once. */
export function formatsFor(lang: string): Formats {
  let formats = known.get(lang);
  if (!formats) known.set(lang, (formats = makeFormats(supported(lang))));
  return formats;
}

/** The tag as it is written, or English for one that makes no sense. */
export function supported(lang: string): string {
  try {
    return Intl.getCanonicalLocales(lang)[0] ?? 'en';
  } catch {
    return 'en';
  }
}

const SIZES = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

function makeFormats(lang: string): Formats {
  const unit = (unit: string, digits: number, display: 'short' | 'narrow') =>
    new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: display, maximumFractionDigits: digits });
  const sizes = SIZES.map((name) => [unit(name, 0, 'short'), unit(name, 1, 'short')] as const);
  const [hour, minute, second, tenths] = [
    unit('hour', 0, 'narrow'),
    unit('minute', 0, 'narrow'),
    unit('second', 0, 'narrow'),
    unit('second', 1, 'narrow'),
  ];
  const all = new Intl.ListFormat(lang);
  const percent = new Intl.NumberFormat(lang, { style: 'percent' });
  const date = new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeStyle: 'short' });
  return {
    size(bytes) {
      const step = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3) - 1));
      const value = bytes / 1000 ** (step + 1);
      const [whole, fraction] = sizes[step]!;
      return (value < 10 ? fraction : whole).format(value);
    },
    duration(seconds) {
      if (seconds < 10) return tenths.format(seconds);
      const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
      if (h > 0) return `${hour.format(h)} ${minute.format(m)}`;
      return m > 0 ? `${minute.format(m)} ${second.format(s)}` : second.format(s);
    },
    date: (value) => date.format(value),
    share: (value) => percent.format(value),
    list: (words) => all.format(words),
  };
}
