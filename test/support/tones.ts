/**
 * The test signals of EBU Tech 3341 (v4) and Tech 3342 (v4), synthesised at any sample rate, with what a meter has to
 * read. Runs in Node and in a page.
 */

export type Figure = 'momentary' | 'shortTerm' | 'integrated' | 'range' | 'maxMomentary' | 'maxShortTerm' | 'truePeak';

export interface ToneCase {
  /** As in the documents: `3341-10 (4)` is the fifth file of case 10. */
  name: string;
  layout: 'stereo' | '5.0';
  make(sampleRate: number): Float32Array[];
  /** What is read at the end. */
  expected: Partial<Record<Figure, number>>;
  /** What is read all the time, after so many seconds. */
  steady?: { figure: Figure; after: number; value: number };
  /** What is read at a time, seconds. */
  steps?: { figure: Figure; at: number; value: number }[];
  tolerance: { above: number; below: number };
}

/** Seconds, and dBFS; null is silence. */
type Part = readonly [seconds: number, level: number | null];

const amplitudeOf = (level: number) => 10 ** (level / 20);

/** A sine of 1 kHz whose level changes, and whose phase goes on. */
export function tone(sampleRate: number, parts: readonly Part[], frequency = 1000): Float32Array {
  const ends: number[] = [];
  let seconds = 0;
  for (const [length] of parts) ends.push(Math.round((seconds += length) * sampleRate));
  const samples = new Float32Array(ends.at(-1) ?? 0);
  const step = (2 * Math.PI * frequency) / sampleRate;
  let at = 0;
  parts.forEach(([, level], i) => {
    const amplitude = level === null ? 0 : amplitudeOf(level);
    for (; at < ends[i]!; at++) samples[at] = amplitude * Math.sin(step * at);
  });
  return samples;
}

/** A sine by its frequency as a share of the sample rate, with fades of 10 ms. */
function sine(sampleRate: number, seconds: number, share: number, amplitude: number, degrees: number): Float32Array {
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  const phase = (degrees * Math.PI) / 180;
  for (let i = 0; i < samples.length; i++)
    samples[i] = amplitude * fade(i, samples.length, sampleRate) * Math.sin(2 * Math.PI * share * i + phase);
  return samples;
}

/** Raised cosines of 10 ms at both ends. */
function fade(i: number, length: number, sampleRate: number): number {
  const share = Math.min(1, Math.min(i, length - 1 - i) / (0.01 * sampleRate));
  return 0.5 - 0.5 * Math.cos(Math.PI * share);
}

/**
 * A sine of a sixth of the sample rate with one period of a quarter of it, at full scale: made at four times the rate,
 * low-passed, and decimated from `offset` on.
 */
function burst(sampleRate: number, offset: number): Float32Array {
  const periods = 400;
  const slow = 24; // samples of a period, at four times the rate
  const fast = 16;
  const length = periods * slow + fast + periods * slow;
  const dense = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const middle = i - periods * slow;
    const inside = middle >= 0 && middle < fast;
    const turn = inside ? middle / fast : (middle < 0 ? middle : middle - fast) / slow;
    dense[i] = (inside ? 1 : 0.5) * fade(i, length, 4 * sampleRate) * Math.sin(2 * Math.PI * turn);
  }
  const filter = lowPass();
  const half = (filter.length - 1) / 2;
  const samples = new Float32Array(Math.floor((length - offset) / 4));
  for (let i = 0; i < samples.length; i++) {
    let sum = 0;
    for (let k = 0; k < filter.length; k++) sum += filter[k]! * (dense[4 * i + offset + k - half] ?? 0);
    samples[i] = sum;
  }
  return samples;
}

/** Cuts off at an eighth of its rate: a Blackman-windowed sinc. */
function lowPass(): number[] {
  const length = 257;
  const half = (length - 1) / 2;
  const taps = Array.from({ length }, (_, k) => {
    const t = (k - half) / 4;
    const window =
      0.42 + 0.5 * Math.cos((Math.PI * (k - half)) / half) + 0.08 * Math.cos((2 * Math.PI * (k - half)) / half);
    return (t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t)) * window;
  });
  const sum = taps.reduce((a, b) => a + b);
  return taps.map((tap) => tap / sum);
}

/** The same in both channels, without a copy. */
const stereo = (samples: Float32Array): Float32Array[] => [samples, samples];
const LOUDNESS = { above: 0.1, below: 0.1 };
const PEAK = { above: 0.2, below: 0.4 };
const RANGE = { above: 1, below: 1 };
const twenty = Array.from({ length: 20 }, (_, i) => i);

function level(
  name: string,
  parts: readonly Part[],
  expected: ToneCase['expected'],
  more: Partial<Pick<ToneCase, 'steady' | 'steps' | 'tolerance'>> = {},
): ToneCase {
  return {
    name,
    layout: 'stereo',
    make: (sampleRate) => stereo(tone(sampleRate, parts)),
    expected,
    tolerance: LOUDNESS,
    ...more,
  };
}

const peak = (name: string, make: (sampleRate: number) => Float32Array, truePeak: number): ToneCase => ({
  name,
  layout: 'stereo',
  make: (sampleRate) => stereo(make(sampleRate)),
  expected: { truePeak },
  tolerance: PEAK,
});

/** Ends of the i-th of repeated parts, seconds. */
const ends = (length: (i: number) => number) =>
  twenty.map((i) => twenty.slice(0, i + 1).reduce((sum, j) => sum + length(j), 0));

const all = (value: number) => ({ momentary: value, shortTerm: value, integrated: value });

/** Cases 1-6 and 9-23. */
export const TECH_3341: readonly ToneCase[] = [
  level('3341-1', [[20, -23]], all(-23)),
  level('3341-2', [[20, -33]], all(-33)),
  level(
    '3341-3',
    [
      [10, -36],
      [60, -23],
      [10, -36],
    ],
    { integrated: -23 },
  ),
  level(
    '3341-4',
    [
      [10, -72],
      [10, -36],
      [60, -23],
      [10, -36],
      [10, -72],
    ],
    { integrated: -23 },
  ),
  level(
    '3341-5',
    [
      [20, -26],
      [20.1, -20],
      [20, -26],
    ],
    { integrated: -23 },
  ),
  {
    name: '3341-6',
    layout: '5.0',
    make: (sampleRate) => [-28, -28, -24, -30, -30].map((dB) => tone(sampleRate, [[20, dB]])),
    expected: { integrated: -23 },
    tolerance: LOUDNESS,
  },
  level(
    '3341-9',
    Array.from(
      { length: 5 },
      () =>
        [
          [1.34, -20],
          [1.66, -30],
        ] as const,
    ).flat(),
    {},
    {
      steady: { figure: 'shortTerm', after: 3, value: -23 },
    },
  ),
  ...twenty.map((i) =>
    level(
      `3341-10 (${i})`,
      [
        [0.15 * i, null],
        [3, -23],
        [1, null],
      ],
      { maxShortTerm: -23 },
    ),
  ),
  level(
    '3341-11',
    twenty.flatMap(
      (i) =>
        [
          [0.15 * i, null],
          [3, i - 38],
          [3 - 0.15 * i, null],
        ] as const,
    ),
    {},
    {
      steps: ends(() => 6).map((at, i) => ({ figure: 'maxShortTerm', at, value: i - 38 })),
    },
  ),
  level(
    '3341-12',
    Array.from(
      { length: 25 },
      () =>
        [
          [0.18, -20],
          [0.22, -30],
        ] as const,
    ).flat(),
    {},
    {
      steady: { figure: 'momentary', after: 1, value: -23 },
    },
  ),
  ...twenty.map((i) =>
    level(
      `3341-13 (${i})`,
      [
        [0.02 * i, null],
        [0.4, -23],
        [1, null],
      ],
      { maxMomentary: -23 },
    ),
  ),
  level(
    '3341-14',
    twenty.flatMap(
      (i) =>
        [
          [0.02 * i, null],
          [0.4, i - 38],
          [0.4 - 0.02 * i, null],
        ] as const,
    ),
    {},
    {
      steps: ends(() => 0.8).map((at, i) => ({ figure: 'maxMomentary', at, value: i - 38 })),
    },
  ),
  peak('3341-15', (sampleRate) => sine(sampleRate, 1, 1 / 4, 0.5, 0), -6),
  peak('3341-16', (sampleRate) => sine(sampleRate, 1, 1 / 4, 0.5, 45), -6),
  peak('3341-17', (sampleRate) => sine(sampleRate, 1, 1 / 6, 0.5, 60), -6),
  peak('3341-18', (sampleRate) => sine(sampleRate, 1, 1 / 8, 0.5, 67.5), -6),
  peak('3341-19', (sampleRate) => sine(sampleRate, 1, 1 / 4, 1.41, 45), 3),
  ...[0, 1, 2, 3].map((offset) => peak(`3341-${20 + offset}`, (sampleRate) => burst(sampleRate, offset), 0)),
];

const steps = (...levels: number[]) => levels.map((dB) => [20, dB] as const);

/** Cases 1-4. */
export const TECH_3342: readonly ToneCase[] = [
  level('3342-1', steps(-20, -30), { range: 10 }, { tolerance: RANGE }),
  level('3342-2', steps(-20, -15), { range: 5 }, { tolerance: RANGE }),
  level('3342-3', steps(-40, -20), { range: 20 }, { tolerance: RANGE }),
  level('3342-4', steps(-50, -35, -20, -35, -50), { range: 15 }, { tolerance: RANGE }),
];

/** Numbers from 0 to 1 that look random and are the same in each run (mulberry32). */
export function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
