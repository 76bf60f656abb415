import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SoundMeter, type Levels } from '../../../src/core/audio/index.js';
import { readLevels, RECORD_SIZE } from '../../../src/core/audio/level-record.js';
import { tone } from '../../support/tones.js';

const RATE = 48_000;

const near = (actual: number, expected: number, tolerance = 0.1) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

function feed(meter: SoundMeter, planes: readonly Float32Array[]): Levels {
  for (let from = 0; from < planes[0]!.length; from += 128)
    meter.process(planes.map((plane) => plane.subarray(from, from + 128)));
  const record = new Float64Array(RECORD_SIZE);
  meter.write(record, 0, 0);
  return readLevels(record);
}

const level = (seconds: number, dB: number) => tone(RATE, [[seconds, dB]]);
const silence = (seconds: number) => new Float32Array(Math.round(seconds * RATE));
/** What a step of 10 ms may have of a sound that ends in it, sample by sample and then some. */
const ENDINGS = Array.from({ length: 70 }, (_, i) => i * 7);
const sine = (frames: number, amplitude = 1) =>
  Float32Array.from({ length: frames }, (_, i) => amplitude * Math.sin((2 * Math.PI * 997 * i) / RATE));
const times = (channels: number, plane: Float32Array) => Array<Float32Array>(channels).fill(plane);

describe('The peak that is held', () => {
  it('is the highest of the last 2 s, whatever was higher before', () => {
    const meter = new SoundMeter(RATE);
    const impulses = (...all: (readonly [second: number, dB: number])[]) => {
      const plane = silence(4);
      for (const [second, dB] of all) plane[Math.round(second * RATE)] = 10 ** (dB / 20);
      return plane;
    };
    const plane = impulses([0, -6], [1.5, -10], [1.7, -14]);
    const held = (from: number, to: number) =>
      feed(meter, [plane.subarray(Math.round(from * RATE), Math.round(to * RATE))]).channels[0]!.held;
    near(held(0, 1.99), -6);
    near(held(1.99, 2.2), -10);
    near(held(2.2, 3.49), -10);
    near(held(3.49, 3.65), -14);
  });

  it('is never below the peak that falls, and nothing where there is no such channel any more', () => {
    const meter = new SoundMeter(RATE);
    feed(meter, times(2, level(1, -3)));
    const [left] = feed(meter, [silence(2.5)]).channels;
    assert.ok(left!.peak > -40);
    assert.equal(left!.held, left!.peak);
    const [, right] = feed(meter, times(2, silence(0.1))).channels;
    assert.equal(right!.held, -Infinity);
  });
});

describe('Highest peaks', () => {
  it('are those of all channels that there were, until a reset', () => {
    const meter = new SoundMeter(RATE, { loudness: true });
    const both = feed(meter, [level(1, -20), level(1, 0)]);
    const one = feed(meter, [level(1, -20)]);
    assert.equal(one.channels.length, 1);
    assert.deepEqual([one.truePeak, one.maxPeak], [both.truePeak, both.maxPeak]);
    near(one.maxPeak, 0);
    near(one.channels[0]!.maxPeak, -20);
    meter.reset();
    const anew = feed(meter, [level(1, -20)]);
    near(anew.maxPeak, -20);
    near(anew.truePeak!, -20);
  });
});

describe('A reset', () => {
  it('leaves nothing of one enormous sample, which would fall for a minute', () => {
    const meter = new SoundMeter(RATE);
    const enormous = silence(0.1);
    enormous[0] = 3e38;
    near(feed(meter, [enormous]).channels[0]!.held, 770, 2);
    meter.reset();
    const [one] = feed(meter, [level(1, -20)]).channels;
    near(one!.peak, -20);
    near(one!.held, -20);
  });

  it('leaves nothing of what came before it in what begins anew, wherever that ends', () => {
    for (const more of ENDINGS) {
      const meter = new SoundMeter(RATE, { loudness: true });
      feed(meter, times(2, sine(RATE / 2 + more)));
      meter.reset();
      const { loudness, truePeak, maxPeak } = feed(meter, times(2, silence(1)));
      const { integrated, maxMomentary, maxShortTerm } = loudness!;
      const left = [integrated, maxMomentary, maxShortTerm, truePeak, maxPeak];
      assert.deepEqual(left, Array<number>(5).fill(-Infinity), `${more} samples more`);
    }
  });

  it('leaves momentary and short-term loudness as they are, wherever in a step it comes', () => {
    for (const more of ENDINGS) {
      const [meter, other] = [0, 1].map(() => new SoundMeter(RATE, { loudness: true }));
      const [before, after] = [sine(4 * RATE + more), sine(RATE / 10)];
      feed(meter!, times(2, before));
      feed(other!, times(2, before));
      meter!.reset();
      const [reset, expected] = [feed(meter!, times(2, after)), feed(other!, times(2, after))];
      near(reset.loudness!.momentary, expected.loudness!.momentary, 0.03);
      near(reset.loudness!.shortTerm, expected.loudness!.shortTerm, 0.03);
    }
  });

  it('leaves nothing at all of a sound that is over', () => {
    const meter = new SoundMeter(RATE, { loudness: true });
    feed(meter, times(2, sine(12 * RATE + 333)));
    feed(meter, times(2, silence(4)));
    meter.reset(true);
    const { loudness, channels, silentFor, silences, silentSince, noiseFloor } = feed(meter, times(2, silence(0.5)));
    assert.deepEqual([loudness!.momentary, loudness!.shortTerm, noiseFloor], Array<number>(3).fill(-Infinity));
    for (const { peak, held, rms } of channels) assert.deepEqual([peak, held, rms], Array<number>(3).fill(-Infinity));
    assert.deepEqual([silentFor, silences, silentSince], [0.5, 0, null]);
  });
});

describe('A true peak', () => {
  it('is none that a channel makes by coming back after it was gone', () => {
    for (let more = 0; more < 48; more++) {
      const meter = new SoundMeter(RATE, { loudness: true });
      const sound = sine(RATE, 0.9);
      const [gone, back] = [RATE / 4 + more, RATE / 2];
      feed(meter, times(2, sound.subarray(0, gone)));
      feed(meter, [sound.subarray(gone, back)]);
      near(feed(meter, times(2, sound.subarray(back))).truePeak!, 20 * Math.log10(0.9), 0.05);
    }
  });

  it('is none that a channel makes by coming where there was none', () => {
    for (let more = 0; more < 48; more++) {
      const meter = new SoundMeter(RATE, { loudness: true });
      const sound = sine(RATE, 0.9);
      feed(meter, [silence(0.1)]);
      const both = [silence(1), sound].map((plane) => plane.subarray(more));
      near(feed(meter, both).truePeak!, 20 * Math.log10(0.9), 0.05);
    }
  });

  it('is none that two sounds make by following each other', () => {
    for (let more = 0; more < 48; more++) {
      const meter = new SoundMeter(RATE, { loudness: true });
      const sound = sine(RATE, 0.9);
      feed(meter, times(2, sound.subarray(0, RATE / 4 + more)));
      meter.truePeak!.part();
      near(feed(meter, times(2, sound)).truePeak!, 20 * Math.log10(0.9), 0.05);
    }
  });
});

describe('Loudness', () => {
  it('is measured of sound whose layout is known, and of no other', () => {
    const meter = new SoundMeter(RATE, { loudness: true });
    assert.equal(feed(meter, times(3, level(61, -20))).loudness, null);
    const { loudness } = feed(meter, times(2, level(4, -20)));
    near(loudness!.measured, 4, 0.011);
    assert.equal(loudness!.rangeStable, false);
    near(loudness!.range!, 0);
    near(loudness!.integrated, -20);
    near(loudness!.shortTerm, -20);
  });

  it('goes on behind what nobody knows the layout of, in windows that are filled anew', () => {
    const meter = new SoundMeter(RATE, { loudness: true });
    feed(meter, times(2, level(10, -20)));
    feed(meter, times(3, level(10, -20)));
    const short = feed(meter, times(2, level(0.2, -20))).loudness!;
    near(short.momentary, -23);
    near(short.measured, 10.2, 0.011);
    const { integrated, range, measured } = feed(meter, times(2, level(10, -20))).loudness!;
    near(integrated, -20);
    near(range!, 0);
    near(measured, 20.2, 0.021);
  });

  it('begins anew behind what nobody knows the layout of, with nothing of the sound before it', () => {
    const meter = new SoundMeter(RATE, { loudness: true });
    feed(meter, times(2, level(1, 0)));
    feed(meter, times(3, level(1, 0)));
    assert.equal(feed(meter, times(2, silence(0.2))).loudness!.momentary, -Infinity);
  });

  it('has nothing of what a channel had before it was gone for a while', () => {
    const meter = new SoundMeter(RATE, { loudness: true });
    feed(meter, times(2, level(1, 0)));
    feed(meter, [silence(4)]);
    assert.equal(feed(meter, times(2, silence(0.2))).loudness!.momentary, -Infinity);
  });

  it('that is continued after a pause has nothing of that, wherever in a step it ends', () => {
    for (const more of ENDINGS) {
      const meter = new SoundMeter(RATE, { loudness: true });
      meter.loudness!.pause();
      feed(meter, times(2, sine(RATE + more, 0.3)));
      meter.loudness!.resume();
      const { integrated } = feed(meter, times(2, level(1, -60))).loudness!;
      // What rings on in the filter of a tone that is cut off is 20 dB below it.
      assert.ok(integrated < -30, `${integrated} after ${more} samples more`);
    }
  });

  it('can be asked for later, and what was counted stays', () => {
    const meter = new SoundMeter(RATE);
    const before = feed(meter, times(2, level(1, 0.2)));
    assert.deepEqual([before.loudness, before.truePeak], [null, null]);
    assert.ok(before.clips! > 0);
    meter.measureLoudness();
    const after = feed(meter, times(2, level(4, -20)));
    assert.deepEqual([after.clips, after.maxPeak, after.time], [before.clips, before.maxPeak, 5]);
    near(after.loudness!.integrated, -20);
    near(after.loudness!.measured, 4, 0.011);
    near(after.truePeak!, -20);
    const { loudness, truePeak } = meter;
    meter.measureLoudness();
    assert.deepEqual([meter.loudness === loudness, meter.truePeak === truePeak], [true, true]);
  });
});
