import { expect } from '@open-wc/testing';
import { LevelMeter } from '../../dist/core/audio/index.js';
import type { Levels } from '../../dist/core/audio/index.js';
import { TECH_3341, TECH_3342, type Figure, type ToneCase } from '../support/tones.js';

const figureOf = ({ truePeak, loudness }: Levels, figure: Figure) =>
  figure === 'truePeak' ? truePeak! : loudness![figure];

/** Resolves when the levels are as wanted. */
const levelsOf = (meter: LevelMeter, wanted: (levels: Levels) => boolean): Promise<void> =>
  new Promise((resolve) => {
    const look = (levels: Levels | null) => levels && wanted(levels) && resolve();
    meter.store.subscribe(({ levels }) => levels, look);
    look(meter.levels);
  });

/** All that the worklet has told of a case, first to last. */
async function meter(one: ToneCase, sampleRate: number): Promise<Levels[]> {
  const planes = one.make(sampleRate);
  // A step that ends with the sound is told a moment later.
  const length = planes[0]!.length + (one.steps ? Math.round(0.06 * sampleRate) : 0);
  const context = new OfflineAudioContext(planes.length, length, sampleRate);
  const buffer = new AudioBuffer({ numberOfChannels: planes.length, length, sampleRate });
  planes.forEach((plane, channel) => buffer.copyToChannel(plane as Float32Array<ArrayBuffer>, channel));
  const source = new AudioBufferSourceNode(context, { buffer });
  const told: Levels[] = [];
  const level = new LevelMeter({ loudness: true, layout: one.layout });
  level.store.subscribe(
    ({ levels }) => levels,
    (levels) => levels && told.push(levels),
  );
  await level.use(source);
  expect(level.error).to.equal(null);
  source.start();
  // An offline context renders all in one go: what the audio thread has not heard by then it hears at the end.
  await levelsOf(level, () => true);
  await context.startRendering();
  await levelsOf(level, ({ time }) => time > length / sampleRate - 0.06);
  level.close();
  return told;
}

async function check(one: ToneCase, sampleRate: number): Promise<void> {
  const told = await meter(one, sampleRate);
  const { steady, steps = [], expected, tolerance } = one;
  const fits = (levels: Levels, figure: Figure, value: number) =>
    expect(figureOf(levels, figure), `${one.name} at ${sampleRate} Hz: ${figure} at ${levels.time} s`).to.be.within(
      value - tolerance.below,
      value + tolerance.above,
    );
  for (const [figure, value] of Object.entries(expected)) fits(told.at(-1)!, figure as Figure, value);
  const constant = steady ? told.filter(({ time }) => time >= steady.after) : [];
  if (steady) expect(constant).not.to.be.empty;
  for (const levels of constant) fits(levels, steady!.figure, steady!.value);
  for (const { figure, at, value } of steps)
    fits(
      told.find(({ time }) => time >= at)!,
      figure,
      value,
    );
}

/** `3341-10` for all of its files. */
const numbers = [...new Set([...TECH_3341, ...TECH_3342].map(({ name }) => name.split(' ')[0]!))];

describe('The worklet, by EBU Tech 3341 and 3342,', () => {
  for (const number of numbers)
    it(`reads ${number} at 44.1 and 48 kHz`, async () => {
      const cases = [...TECH_3341, ...TECH_3342].filter(({ name }) => name.split(' ')[0] === number);
      // Side by side: a meter is waited for longer than it computes.
      await Promise.all(cases.flatMap((one) => [44_100, 48_000].map((sampleRate) => check(one, sampleRate))));
    });
});
