import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CHANNEL_FIELDS, FIELDS, readLevels, RECORD_SIZE } from '../../../src/core/audio/level-record.js';
import { SoundMeter, type Levels } from '../../../src/core/audio/index.js';
import { random, tone } from '../../support/tones.js';

/** Sounds that break meters, sample by sample. */
const HOSTILE: Record<string, (next: () => number) => number> = {
  NaN: (next) => (next() < 0.1 ? NaN : next() - 0.5),
  'only NaN': () => NaN,
  infinities: (next) => (next() < 0.1 ? (next() < 0.5 ? Infinity : -Infinity) : next() - 0.5),
  denormals: (next) => (next() - 0.5) * 1e-39,
  'huge numbers': (next) => (next() - 0.5) * 3e38,
  silence: () => 0,
  'negative zeros': () => -0,
  DC: () => 0.7,
  'full-scale squares': (next) => (next() < 0.02 ? -1 : 1),
  noise: (next) => next() * 2 - 1,
};
const RATES = [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000];

const record = new Float64Array(RECORD_SIZE);

function finite(meter: SoundMeter, what: string): void {
  record.fill(0);
  meter.write(record, 0, 7);
  record.forEach((value, field) => {
    assert.ok(!Number.isNaN(value), `${what}: field ${field} is not a number`);
    assert.notEqual(value, Infinity, `${what}: field ${field}`);
  });
}

/** Blocks of any size and any number of channels. */
function feed(meter: SoundMeter, frames: number, next: () => number, sample: (next: () => number) => number): void {
  for (let left = frames; left > 0;) {
    const size = Math.min(left, 1 + Math.floor(next() * 700));
    const channels = 1 + Math.floor(next() * 8);
    meter.process(Array.from({ length: channels }, () => Float32Array.from({ length: size }, () => sample(next))));
    left -= size;
  }
}

function play(meter: SoundMeter, good: Float32Array): void {
  for (let from = 0; from < good.length; from += 1000)
    meter.process([good.subarray(from, from + 1000), good.subarray(from, from + 1000)]);
}

function levelsOf(meter: SoundMeter): Levels {
  meter.write(record, 0, 7);
  return readLevels(record);
}

/** What began before, and a reset leaves. */
const SLOW = ['time', 'noiseFloor'];
/** dB that a peak falls by in a step of 10 ms. */
const FALL = 0.12;

/** Steps of 10 ms may lie elsewhere, by which windows differ a little. */
function same(told: object, expected: object, what: string): void {
  for (const [figure, value] of Object.entries(expected) as [string, unknown][]) {
    const its: unknown = told[figure as keyof typeof told];
    if (SLOW.includes(figure)) continue;
    if (typeof value === 'object' && value !== null) same(its as object, value, `${figure} ${what}`);
    else if (typeof value === 'number' && Number.isFinite(value))
      assert.ok(
        Math.abs((its as number) - value) <= (figure === 'peak' ? FALL : 0.02),
        `${figure}: ${String(its)}, not ${value}, ${what}`,
      );
    else assert.equal(its, value, `${figure} ${what}`);
  }
}

describe('A sound meter that is fed anything', () => {
  for (const [name, sample] of Object.entries(HOSTILE))
    it(`never throws, tells a number, and recovers: ${name}`, () => {
      RATES.forEach((sampleRate, seed) => {
        const next = random(seed);
        const meter = new SoundMeter(sampleRate, { loudness: true });
        feed(meter, 8000, next, sample);
        finite(meter, `${name} at ${sampleRate}`);
        // A good sound then reads as it does in a meter that nothing has gone through.
        meter.reset();
        const fresh = new SoundMeter(sampleRate, { loudness: true });
        const good = tone(sampleRate, [[1.2, -23]], 997);
        for (const one of [meter, fresh]) play(one, good);
        finite(meter, `a tone after ${name} at ${sampleRate}`);
        const { momentary } = meter.loudness!;
        assert.ok(
          Math.abs(momentary - fresh.loudness!.momentary) < 0.01,
          `${momentary} after ${name} at ${sampleRate}`,
        );
        const peak = record[FIELDS.perChannel + CHANNEL_FIELDS.highest]!;
        assert.ok(Math.abs(20 * Math.log10(peak) + 23) < 0.2, `peak ${peak} after ${name} at ${sampleRate}`);
        // And when the windows are full of it, all that is told is the same.
        for (const one of [meter, fresh]) {
          play(one, good);
          play(one, good);
          one.reset();
          play(one, good);
        }
        same(levelsOf(meter), levelsOf(fresh), `after ${name} at ${sampleRate}`);
      });
    });

  it('takes no block, an empty one, and no channel', () => {
    const meter = new SoundMeter(48_000, { loudness: true });
    finite(meter, 'nothing');
    meter.process([]);
    meter.process([new Float32Array(0)]);
    finite(meter, 'empty');
  });

  it('counts infinite samples as clipped', () => {
    const meter = new SoundMeter(48_000);
    meter.process([new Float32Array([0, Infinity, NaN, -Infinity])]);
    assert.equal(meter.levels.clippedSamples, 2);
  });
});

describe('The memory of a sound meter', () => {
  it('is the same after an hour: nothing is kept of what came', () => {
    const meter = new SoundMeter(8000, { loudness: true });
    const block = tone(8000, [[0.5, -20]]);
    const planes = [block, block];
    const hours = (share: number) => {
      for (let i = 0; i < 7200 * share; i++) meter.process(planes);
    };
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heap = () => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    hours(0.1);
    const before = heap();
    hours(1);
    assert.ok(heap() - before < 100_000, `${heap() - before} bytes more`);
    assert.equal(Math.round(meter.levels.frames / 8000), 3960);
  });
});
