import { CHANNEL_NAMES, type ChannelLevels, type ChannelLayout, type Levels } from '../../core/audio/index.js';
import type { MessageValues } from '../../core/messages.js';
import type { Word } from './desk-words.js';
import { EBU_TARGET, fullScale, loudnessScale, type Scale, type ScaleName } from './scale.js';

export type Say = (key: Word, values?: MessageValues) => string;

/** A value in words. */
export interface Figure {
  readonly key: string;
  /** As it stands beside the value, and as it is read out. */
  readonly short: string;
  readonly name: string;
  readonly unit: string;
  /** Null for what is not measured. */
  readonly value: (levels: Levels) => number | null;
  /** Whether it is a count: without decimals, and without a unit. */
  readonly count?: boolean;
  /** Whether it is relative, and so has a sign. */
  readonly relative?: boolean;
  /** What is to be said of it for now. */
  readonly note?: { readonly text: string; readonly holds: (levels: Levels) => boolean };
}

/** A value that is a bar, too. */
export interface Bar extends Figure {
  /** How long it is, on the scale; -Infinity for nothing. */
  readonly length: (levels: Levels) => number;
  /** Where the mark of the highest stands. */
  readonly hold: (levels: Levels) => number;
}

/** All that is to be drawn; another one only when a setting, the language or the channels are others. */
export interface Plan {
  readonly bars: readonly Bar[];
  readonly figures: readonly Figure[];
  readonly scale: Scale;
  readonly unit: string;
  readonly vertical: boolean;
  readonly decimals: Intl.NumberFormat;
}

export interface PlanSettings {
  readonly mode: string;
  readonly scale: ScaleName;
  readonly unit: string;
  readonly target: number | null;
  readonly orientation: string;
  readonly lang: string;
  readonly channels: number;
  readonly layout: ChannelLayout | null;
}

export function makePlan(settings: PlanSettings, say: Say): Plan {
  const { mode, orientation, lang } = settings;
  const shown = mode === 'loudness' ? loudness(settings, say) : samples(settings, say);
  return { ...shown, vertical: orientation === 'vertical', decimals: numbersOf(lang, 1) };
}

const short = (key: Word, say: Say) => {
  const name = say(key);
  return { key, name, short: say(key.replace('level.', 'level.short.') as Word) };
};

/** Counted in the audio thread. */
const clips = (say: Say): Figure => ({
  ...short('level.clips', say),
  unit: '',
  count: true,
  value: ({ clips }) => clips,
});

function loudness({ scale: name, unit, target: wanted, lang }: PlanSettings, say: Say) {
  const target = wanted ?? EBU_TARGET;
  const relative = unit === 'lu';
  const written = relative ? 'LU' : 'LUFS';
  const origin = relative ? target : 0;
  type Read = (loudness: NonNullable<Levels['loudness']>) => number;
  const read = (of: Read) => (levels: Levels) => (levels.loudness ? of(levels.loudness) : -Infinity);
  const value = (of: Read) => (levels: Levels) => (levels.loudness ? of(levels.loudness) - origin : null);
  const bar = (key: 'M' | 'S', level: Read, highest: Read): Bar => ({
    key,
    short: key,
    name: say(`level.${key}`),
    unit: written,
    relative,
    value: value(level),
    length: read(level),
    hold: read(highest),
  });
  const figure = (key: Word, of: Read): Figure => ({ ...short(key, say), unit: written, relative, value: value(of) });
  const range: Figure = {
    ...short('level.range', say),
    unit: 'LU',
    value: ({ loudness }) => loudness && loudness.range,
    note: { text: say('level.range.unstable'), holds: ({ loudness }) => loudness !== null && !loudness.rangeStable },
  };
  return {
    bars: [
      bar(
        'M',
        ({ momentary }) => momentary,
        ({ maxMomentary }) => maxMomentary,
      ),
      bar(
        'S',
        ({ shortTerm }) => shortTerm,
        ({ maxShortTerm }) => maxShortTerm,
      ),
    ],
    figures: [
      figure('level.integrated', ({ integrated }) => integrated),
      range,
      figure('level.max-momentary', ({ maxMomentary }) => maxMomentary),
      figure('level.max-short-term', ({ maxShortTerm }) => maxShortTerm),
      { ...short('level.true-peak', say), unit: 'dBTP', value: ({ truePeak }: Levels) => truePeak },
      clips(say),
    ],
    scale: loudnessScale(name, target, relative, numbersOf(lang, 0)),
    unit: written,
  };
}

function samples({ mode, target, channels, layout, lang }: PlanSettings, say: Say) {
  const rms = mode === 'rms';
  const names = layout ? CHANNEL_NAMES[layout] : [];
  const bar = (_: unknown, channel: number): Bar => {
    const name = names[channel];
    const read = (of: keyof ChannelLevels) => (levels: Levels) => levels.channels[channel]?.[of] ?? -Infinity;
    return {
      key: String(channel),
      short: name ?? String(channel + 1),
      name: name ? say(`level.channel.${name}` as Word) : say('level.channel', { channel: channel + 1 }),
      unit: 'dBFS',
      // A peak that falls cannot be read; what it was in the last two seconds can.
      value: read(rms ? 'rms' : 'held'),
      length: read(rms ? 'rms' : 'peak'),
      hold: read('held'),
    };
  };
  const highest: Figure = {
    ...short('level.max-peak', say),
    unit: 'dBFS',
    value: ({ maxPeak }) => maxPeak,
  };
  const noise: Figure = { ...short('level.noise', say), unit: 'dBFS', value: ({ noiseFloor }) => noiseFloor };
  return {
    bars: Array.from({ length: channels }, bar),
    figures: rms ? [highest, noise, clips(say)] : [highest, clips(say)],
    scale: fullScale(target, numbersOf(lang, 0)),
    unit: 'dBFS',
  };
}

const known = new Map<string, Intl.NumberFormat>();

/**
 * For numbers of one decimal at most. Making one takes longer than using it a hundred times. A language that nobody knows
 * counts as English.
 * @param least How many decimals there are at least
 */
function numbersOf(lang: string, least: 0 | 1): Intl.NumberFormat {
  const key = lang + least;
  let numbers = known.get(key);
  if (!numbers) {
    const options = { minimumFractionDigits: least, maximumFractionDigits: 1 };
    try {
      numbers = new Intl.NumberFormat(lang, options);
    } catch {
      numbers = new Intl.NumberFormat('en', options);
    }
    known.set(key, numbers);
  }
  return numbers;
}
