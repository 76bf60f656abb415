import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { amplitudeToDecibels } from '../../../src/core/audio/decibels.js';
import { channelWeights, Loudness, TruePeak } from '../../../src/core/audio/index.js';
import { TECH_3341, TECH_3342, type Figure, type ToneCase } from '../../support/tones.js';

/** What an audio thread takes at once; more where only the end is looked at, to save time. */
const QUANTUM = 128;
const LONG = 1000;
/** Seconds between two looks. */
const LOOK = 0.05;

interface Meter {
  process(planes: readonly Float32Array[]): void;
  read(figure: Figure): number;
}

function meterFor({ layout, expected }: ToneCase, sampleRate: number): Meter {
  const weights = channelWeights(layout);
  if (expected.truePeak === undefined) {
    const meter = new Loudness(sampleRate, weights.length);
    meter.weights = weights;
    return {
      process: (planes) => meter.process(planes),
      read: (figure) => meter[figure as Exclude<Figure, 'truePeak'>]!,
    };
  }
  const meter = new TruePeak(sampleRate, weights.length);
  const read = () => amplitudeToDecibels(Math.max(...weights.map((_, channel) => meter.peak(channel))));
  return { process: (planes) => meter.process(planes), read };
}

function run(one: ToneCase, sampleRate: number): void {
  const planes = one.make(sampleRate);
  const { length } = planes[0]!;
  const { steady, steps = [], tolerance } = one;
  const meter = meterFor(one, sampleRate);
  const check = (figure: Figure, expected: number, when: string) => {
    const value = meter.read(figure);
    const fits = value <= expected + tolerance.above && value >= expected - tolerance.below;
    assert.ok(fits, `${figure} ${when}: ${value.toFixed(3)} instead of ${expected.toFixed(1)}`);
  };
  const frames = steady || steps.length > 0 ? QUANTUM : LONG;
  let step = 0;
  let next = 0;
  for (let from = 0; from < length; from += frames) {
    const to = Math.min(length, from + frames);
    meter.process(planes.map((plane) => plane.subarray(from, to)));
    const time = to / sampleRate;
    // Rounded to samples, the last part may end a little earlier.
    for (; step < steps.length && time >= steps[step]!.at - 1 / sampleRate; step++)
      check(steps[step]!.figure, steps[step]!.value, `at ${time.toFixed(2)} s`);
    if (!steady || time < steady.after || time < next) continue;
    next = time + LOOK;
    check(steady.figure, steady.value, `at ${time.toFixed(2)} s`);
  }
  assert.equal(step, steps.length, 'all steps were looked at');
  for (const [figure, value] of Object.entries(one.expected)) check(figure as Figure, value, 'at the end');
}

for (const [name, cases] of Object.entries({ 'Tech 3341': TECH_3341, 'Tech 3342': TECH_3342 })) {
  describe(`A meter by EBU ${name}`, () => {
    for (const sampleRate of [44_100, 48_000])
      for (const one of cases) it(`reads ${one.name} at ${sampleRate} Hz`, () => run(one, sampleRate));
  });
}
