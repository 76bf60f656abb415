import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, describe, it } from 'node:test';
import { measureLoudness, type ChannelLayout } from '../../../src/core/audio/index.js';
import { ffmpeg, lacksFfmpeg } from '../../support/ffmpeg.js';
import { random } from '../../support/tones.js';

const folder = mkdtempSync(join(tmpdir(), 'onair-loudness-'));
after(() => rmSync(folder, { recursive: true }));

interface Told {
  integrated: number;
  range: number;
  truePeak: number;
  momentary: number;
  shortTerm: number;
}

const LAYOUTS: Partial<Record<ChannelLayout, string>> = { mono: 'mono', stereo: 'stereo', '5.1': '5.1(side)' };

/** What ffmpeg's filter `ebur128` makes of a sound. */
async function asFfmpegHears(
  planes: readonly Float32Array[],
  sampleRate: number,
  layout: ChannelLayout,
): Promise<Told> {
  const { length } = planes[0]!;
  const samples = new Float32Array(length * planes.length);
  planes.forEach((plane, channel) => plane.forEach((sample, i) => (samples[i * planes.length + channel] = sample)));
  const file = join(folder, 'sound.f32');
  writeFileSync(file, samples);
  const input = ['-f', 'f32le', '-ar', String(sampleRate), '-ch_layout', LAYOUTS[layout]!, '-i', file];
  const filter = 'ebur128=peak=true:metadata=1,ametadata=print:file=-';
  const said = (await ffmpeg(...input, '-af', filter, '-f', 'null', '-')).toString();
  const last = (key: string) => Number(new RegExp(`[^]*lavfi\\.r128\\.${key}=(\\S+)`).exec(said)?.[1]);
  // Told as amplitudes, of each channel.
  const peaks = planes.map((_, channel) => last(`true_peaks_ch${channel}`));
  return {
    integrated: last('I'),
    range: last('LRA'),
    truePeak: 20 * Math.log10(Math.max(...peaks)),
    momentary: last('M'),
    shortTerm: last('S'),
  };
}

async function compare(planes: readonly Float32Array[], sampleRate: number, layout: ChannelLayout): Promise<void> {
  const { loudness, truePeak } = measureLoudness(planes, sampleRate, { layout });
  const { integrated, range } = loudness;
  const told = await asFfmpegHears(planes, sampleRate, layout);
  // It tells those of windows ten times a second, and so last those of the last whole tenth; of silence it tells a number.
  const tenth = sampleRate / 10;
  const whole = planes.map((plane) => plane.subarray(0, Math.floor(plane.length / tenth) * tenth));
  const { momentary, shortTerm } = measureLoudness(whole, sampleRate, { layout }).loudness;
  for (const [name, mine, its] of [
    ['integrated loudness', integrated, told.integrated],
    ['loudness range', range!, told.range],
    ['true peak', truePeak, told.truePeak],
    ['momentary loudness', Math.max(-70, momentary), Math.max(-70, told.momentary)],
    ['short-term loudness', Math.max(-70, shortTerm), Math.max(-70, told.shortTerm)],
  ] as const)
    assert.ok(Math.abs(mine - its) <= 0.1, `${name}: ${mine.toFixed(3)}, and ffmpeg says ${its.toFixed(3)}`);
}

/** White noise through a one-pole filter, so that it falls off as music does, its level moving. */
function noise(sampleRate: number, seconds: number, seed: number, level: (time: number) => number): Float32Array {
  const next = random(seed);
  let last = 0;
  return Float32Array.from({ length: sampleRate * seconds }, (_, i) => {
    last += 0.12 * (next() * 2 - 1 - last);
    return last * 10 ** (level(i / sampleRate) / 20);
  });
}

/** As speech goes: a buzz of 120 Hz and its harmonics under an envelope of syllables, with pauses between sentences. */
function babble(sampleRate: number, seconds: number): Float32Array {
  const hiss = noise(sampleRate, seconds, 5, () => -50);
  return hiss.map((breath, i) => {
    const time = i / sampleRate;
    const speaks = time % 5 < 3.7 ? 1 : 0;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 2.1 * time)) ** 0.7 * (0.6 + 0.4 * Math.sin(0.9 * time));
    let voice = 0;
    for (let k = 1; k <= 12; k++) voice += Math.sin(2 * Math.PI * 120 * k * time + k * k) / (1 + k * 0.6);
    return 0.12 * speaks * syllable * voice + breath;
  });
}

/** What espeak-ng 1.51 makes of four times "The quick brown fox jumps over the lazy dog." */
async function speech(): Promise<Float32Array> {
  const file = fileURLToPath(new URL('../../fixtures/espeak-ng.opus', import.meta.url));
  const raw = await ffmpeg('-i', file, '-f', 'f32le', '-ac', '1', '-ar', '48000', '-');
  return new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4).slice();
}

describe('Loudness, its range, its windows and true peak, beside those of ffmpeg,', { skip: lacksFfmpeg() }, () => {
  for (const sampleRate of [44_100, 48_000])
    it(`are the same of noise in stereo at ${sampleRate} Hz`, async () => {
      const swell = (time: number) => -16 + 8 * Math.sin(time / 3);
      const planes = [1, 2].map((seed) => noise(sampleRate, 20, seed, swell));
      await compare(planes, sampleRate, 'stereo');
    });

  it('are the same of what goes as speech does, in mono', () => compare([babble(48_000, 40)], 48_000, 'mono'));

  it('are the same of speech by espeak-ng', async () => compare([await speech()], 48_000, 'mono'));

  it('are the same of 5.1, where the low-frequency effects do not count', async () => {
    const planes = [-20, -23, -15, -3, -26, -24].map((level, seed) =>
      noise(48_000, 12, seed + 10, (time) => level + 4 * Math.sin(time + seed)),
    );
    await compare(planes, 48_000, '5.1');
  });
});

/** The authentic programmes of the EBU may not be passed on: a folder with the WAV files of the test sets. */
const authentic = process.env['ONAIR_EBU_FILES'];
const programmes = authentic && existsSync(authentic) ? readdirSync(authentic) : [];
const EXPECTED = [
  { pattern: /3341-(2011-)?7_/, figure: 'integrated', value: -23, tolerance: 0.1 },
  { pattern: /3341-(2011-)?8_/, figure: 'integrated', value: -23, tolerance: 0.1 },
  { pattern: /3342.*-5/, figure: 'range', value: 5, tolerance: 1 },
  { pattern: /3342.*-6/, figure: 'range', value: 15, tolerance: 1 },
] as const;

/** As the EBU names them; of the others, those that come close. */
const NAMES = [
  ...['seq-3341-1-16bit.wav', 'seq-3341-10-7-24bit.wav', 'seq-3341-10-8-24bit.wav', 'seq-3342-1-16bit.wav'],
  ...['seq-3341-2011-8_seq-3342-6-24bit-v02.wav', 'seq-3341-7_seq-3342-5-24bit.wav'],
];

describe('The authentic programmes', () => {
  it('are told from the other files by their names', () => {
    const found = EXPECTED.map(({ pattern }) => NAMES.filter((name) => pattern.test(name)));
    const [eighth, seventh] = NAMES.slice(-2);
    assert.deepEqual(found, [[seventh], [eighth], [seventh], [eighth]]);
  });
});

for (const { pattern, figure, value, tolerance } of EXPECTED) {
  const file = programmes.find((name) => pattern.test(name) && name.endsWith('.wav'));
  if (file)
    describe('An authentic programme', () => {
      it(`is read right: ${file}`, async () => {
        const raw = await ffmpeg('-i', join(authentic!, file), '-f', 'f32le', '-ac', '2', '-ar', '48000', '-');
        const samples = new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4);
        const planes = [0, 1].map((channel) => samples.filter((_, i) => i % 2 === channel));
        const { loudness } = measureLoudness(planes, 48_000);
        assert.ok(Math.abs(loudness[figure]! - value) <= tolerance, `${figure} ${loudness[figure]!.toFixed(2)}`);
      });
    });
}
