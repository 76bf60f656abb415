import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  channelWeights,
  CHANNEL_LAYOUTS,
  CHANNEL_NAMES,
  kWeighting,
  layoutOf,
  measureLoudness,
  oversampling,
  SoundMeter,
  type Biquad,
  type Levels,
} from '../../../src/core/audio/index.js';
import { readLevels, RECORD_SIZE } from '../../../src/core/audio/level-record.js';
import { random, tone } from '../../support/tones.js';

const RATE = 48_000;

const near = (actual: number, expected: number, tolerance = 0.01) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

function read(meter: SoundMeter): Levels {
  const record = new Float64Array(RECORD_SIZE);
  meter.write(record, 0, 0);
  return readLevels(record);
}

/** Feeds a meter as an audio thread does. */
function feed(meter: SoundMeter, planes: readonly Float32Array[], frames = 128): Levels {
  for (let from = 0; from < planes[0]!.length; from += frames)
    meter.process(planes.map((plane) => plane.subarray(from, from + frames)));
  return read(meter);
}

const silence = (seconds: number, sampleRate = RATE) => new Float32Array(Math.round(seconds * sampleRate));
const level = (seconds: number, dB: number, sampleRate = RATE) => tone(sampleRate, [[seconds, dB]]);
const twice = (plane: Float32Array) => [plane, plane];
const loud = (levels: Levels) => {
  assert.ok(levels.loudness);
  return levels.loudness;
};

describe('K-weighting', () => {
  it('is at 48 kHz what the tables of BS.1770-5 say', () => {
    const { shelf, highPass } = kWeighting(48_000);
    const told = [...shelf.b, ...shelf.a, ...highPass.b, ...highPass.a];
    const table = [
      ...[1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585],
      ...[1, -2, 1, -1.99004745483398, 0.99007225036621],
    ];
    told.forEach((coefficient, i) => near(coefficient, table[i]!, 1e-11));
  });

  it('weighs a tone the same at every sample rate', () => {
    for (const frequency of [40, 100, 500, 1000, 2000, 3500]) {
      const gain = (sampleRate: number) =>
        loud(measureLoudness([tone(sampleRate, [[3, -20]], frequency)], sampleRate)).shortTerm;
      const expected = gain(48_000);
      for (const sampleRate of [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 96_000, 192_000])
        near(gain(sampleRate), expected, 0.05);
    }
  });

  it('lets through at every sample rate and frequency what it does at 48 kHz', () => {
    /** dB at a frequency. */
    const gain = (sampleRate: number, frequency: number) => {
      const { shelf, highPass } = kWeighting(sampleRate);
      const turn = (2 * Math.PI * frequency) / sampleRate;
      const energy = (c0: number, c1: number, c2: number) =>
        (c0 + c1 * Math.cos(turn) + c2 * Math.cos(2 * turn)) ** 2 +
        (c1 * Math.sin(turn) + c2 * Math.sin(2 * turn)) ** 2;
      const of = ({ b, a }: Biquad) => 10 * Math.log10(energy(...b) / energy(1, ...a));
      return of(shelf) + of(highPass);
    };
    for (const sampleRate of [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 88_200, 96_000, 192_000]) {
      const highest = 0.49 * Math.min(sampleRate, RATE);
      for (let frequency = 20; frequency <= highest; frequency *= 1.01) {
        const off = gain(sampleRate, frequency) - gain(RATE, frequency);
        assert.ok(
          Math.abs(off) <= (sampleRate < 11_025 ? 0.03 : 0.01),
          `${off} dB at ${frequency} of ${sampleRate} Hz`,
        );
      }
    }
  });

  it('reads a sine at full scale in one channel as -3.01 LUFS', () => {
    near(loud(measureLoudness([tone(RATE, [[3, 0]], 997)], RATE)).integrated, -3.01);
  });
});

describe('Channel layouts', () => {
  it('are those of Web Audio where it has one for the number of channels, and null elsewhere', () => {
    const layouts = [0, 1, 2, 3, 4, 5, 6, 7, 8].map(layoutOf);
    assert.deepEqual(layouts, [null, 'mono', 'stereo', null, 'quad', null, '5.1', null, null]);
  });

  it('have a name for each channel', () => {
    for (const layout of CHANNEL_LAYOUTS)
      assert.equal(CHANNEL_NAMES[layout].length, channelWeights(layout).length, layout);
  });

  it('let surround channels weigh 1.5 dB more, and the low-frequency effects nothing', () => {
    const read = (channel: number, channels = 6) => {
      const planes = Array.from({ length: channels }, (_, i) => (i === channel ? level(1, -20) : silence(1)));
      return loud(measureLoudness(planes, RATE)).integrated;
    };
    const [left, centre, effects, surround] = [0, 2, 3, 4].map((channel) => read(channel));
    near(left!, centre!);
    near(surround! - left!, 10 * Math.log10(1.41));
    assert.equal(effects, -Infinity);
    const quad = [0, 1, 2, 3].map((channel) => read(channel, 4));
    near(quad[1]!, quad[0]!);
    for (const behind of [2, 3]) near(quad[behind]! - quad[0]!, 1.49);
  });

  it('are not guessed: samples are measured, loudness is not', () => {
    const levels = feed(
      new SoundMeter(RATE, { loudness: true }),
      [1, 2, 3].map(() => level(1, -20)),
    );
    assert.equal(levels.layout, null);
    assert.equal(levels.loudness, null);
    assert.equal(levels.channels.length, 3);
    near(levels.channels[2]!.peak, -20);
    near(levels.truePeak!, -20, 0.1);
  });

  it('are of silence before the first block', () => {
    for (const layout of [null, '5.0'] as const) {
      const levels = read(new SoundMeter(RATE, { loudness: true, layout }));
      assert.equal(levels.layout, layout ?? 'mono');
      assert.equal(loud(levels).momentary, -Infinity);
    }
  });

  it('may change under way', () => {
    const meter = new SoundMeter(RATE, { loudness: true });
    feed(meter, twice(level(3, -23)));
    const mono = feed(meter, [level(3, -23)]);
    assert.equal(mono.layout, 'mono');
    near(loud(mono).shortTerm, -26, 0.1);
    near(loud(feed(meter, twice(level(3, -23)))).shortTerm, -23, 0.1);
  });
});

describe('A whole sound', () => {
  const refused = (planes: Float32Array[], sampleRate: number, options = {}) =>
    assert.throws(() => measureLoudness(planes, sampleRate, options), { code: 'invalid-value' });

  it('is refused with a code where its layout is not known or does not fit, and names what fits', () => {
    const three = [1, 2, 3].map(() => level(1, -23));
    refused(three, RATE);
    refused([], RATE);
    refused(three, RATE, { layout: '5.1' });
    refused(three, RATE, { layout: 'ring' });
    assert.throws(() => measureLoudness(three, RATE), /3 channels.*mono, stereo, 3\.0, quad, 5\.0 or 5\.1/);
    assert.equal(measureLoudness(three, RATE, { layout: '3.0' }).layout, '3.0');
  });

  it('is refused where the sample rate is none, or channels differ in length', () => {
    for (const rate of [0, -1, NaN, Infinity, 3000]) refused([level(1, -23)], rate);
    refused([level(1, -23), level(2, -23)], RATE);
  });

  it('has no loudness where it is shorter than a block, or empty', () => {
    for (const seconds of [0, 0.3]) {
      const { loudness, time } = measureLoudness(twice(level(seconds, -23)), RATE);
      assert.equal(loudness.integrated, -Infinity);
      assert.equal(loudness.range, null);
      near(time, seconds);
    }
  });

  it('is told frozen', () => {
    const measured = measureLoudness(twice(level(1, -23)), RATE);
    for (const part of [measured, measured.loudness, measured.channels, measured.channels[0]])
      assert.ok(Object.isFrozen(part));
  });
});

describe('The true peak of a whole sound', () => {
  for (const sampleRate of [48_000, 96_000])
    it(`is also what lies between the last samples of one that is cut off, at ${sampleRate} Hz`, () => {
      const cut = new Float32Array(sampleRate).fill(0.9, -2);
      const longer = new Float32Array(sampleRate + 100).fill(0.9, sampleRate - 2, sampleRate);
      const [told, whole] = [cut, longer].map((plane) => measureLoudness([plane, plane], sampleRate));
      assert.ok(whole!.truePeak > 0.5, `${whole!.truePeak} dBTP`);
      assert.equal(told!.truePeak, whole!.truePeak);
      assert.deepEqual([told!.time, told!.silentFor], [1, 0]);
    });
});

describe('Integrated loudness and loudness range', () => {
  it('stand still while paused, and go on with blocks that lie behind the pause', () => {
    const meter = new SoundMeter(RATE, { loudness: true });
    const before = loud(feed(meter, twice(level(10, -30))));
    meter.loudness!.pause();
    const paused = loud(feed(meter, twice(level(10, -10))));
    assert.equal(paused.paused, true);
    near(paused.shortTerm, -10, 0.1);
    for (const figure of ['integrated', 'range', 'measured'] as const) assert.equal(paused[figure], before[figure]);
    meter.loudness!.resume();
    const after = loud(feed(meter, twice(level(10, -30))));
    near(after.integrated, -30, 0.1);
    near(after.range!, 0, 0.1);
    near(after.measured, 20);
  });

  it('begin anew together with the maxima, and of what came before nothing is left in them', () => {
    const meter = new SoundMeter(RATE, { loudness: true });
    feed(meter, twice(level(10, -10)));
    meter.reset();
    const { loudness, truePeak, channels } = read(meter);
    assert.equal(loudness!.integrated, -Infinity);
    assert.equal(loudness!.maxMomentary, -Infinity);
    assert.equal(loudness!.measured, 0);
    near(loudness!.shortTerm, -10, 0.1);
    assert.equal(truePeak, -Infinity);
    assert.equal(channels[0]!.maxPeak, -Infinity);
    const after = loud(feed(meter, twice(level(3, -30))));
    near(after.integrated, -30, 0.1);
    near(after.maxShortTerm, -30, 0.1);
    near(after.maxMomentary, -30, 0.1);
  });

  it('let the range be trusted only after a minute', () => {
    const meter = new SoundMeter(8000, { loudness: true });
    const plane = level(59.9, -23, 8000);
    assert.equal(loud(feed(meter, [plane], 4000)).rangeStable, false);
    assert.equal(loud(feed(meter, [level(0.2, -23, 8000)])).rangeStable, true);
  });

  it('are none of nothing but silence, however long that is', () => {
    const silent = feed(new SoundMeter(8000, { loudness: true }), [silence(61, 8000)], 4000);
    const { integrated, range, rangeStable } = loud(silent);
    assert.deepEqual([integrated, range, rangeStable], [-Infinity, null, true]);
  });

  it('do not depend on the size of the blocks that come', () => {
    const next = random(3);
    const plane = Float32Array.from({ length: 5 * RATE }, () => next() - 0.5);
    const expected = loud(measureLoudness([plane], RATE));
    for (const frames of [1, 7, 128, 480, 5000]) {
      const read = loud(feed(new SoundMeter(RATE, { loudness: true }), [plane], frames));
      for (const figure of ['integrated', 'range', 'maxMomentary', 'maxShortTerm'] as const)
        near(read[figure]!, expected[figure]!, 1e-9);
    }
  });
});

describe('Momentary loudness', () => {
  it('finds a burst of its own length wherever it begins: windows move on by 10 ms at most', () => {
    for (let begin = 0; begin < 20; begin++) {
      const planes = twice(
        tone(RATE, [
          [1 + begin / 1000, null],
          [0.4, -23],
          [1, null],
        ]),
      );
      const { maxMomentary } = loud(measureLoudness(planes, RATE));
      assert.ok(maxMomentary >= -23.07 && maxMomentary <= -22.95, `${maxMomentary} of one after ${begin} ms`);
    }
  });
});

describe('True peak', () => {
  it('oversamples the less the higher the rate is', () => {
    assert.deepEqual([8000, 44_100, 48_000, 96_000, 192_000].map(oversampling), [4, 4, 4, 2, 1]);
  });

  it('is found between samples at every rate', () => {
    for (const sampleRate of [8000, 44_100, 48_000, 96_000]) {
      // A quarter of the rate at 45 degrees, or half of it less: samples miss the peak by 3 dB.
      const plane = Float32Array.from({ length: 2000 }, (_, i) => Math.sin((Math.PI / 2) * i + Math.PI / 4) / 2);
      const { truePeak, channels } = feed(new SoundMeter(sampleRate, { loudness: true }), [plane.subarray(0)]);
      near(channels[0]!.maxPeak, -9.03);
      near(truePeak!, -6.02, 0.4);
    }
  });
});

describe('Sample levels', () => {
  it('are a peak that falls by 20 dB in 1.7 s, and one that is held for 2 s', () => {
    const meter = new SoundMeter(RATE);
    const [first] = feed(meter, [level(1, -6)]).channels;
    near(first!.peak, -6, 0.1);
    near(first!.rms, -9.03, 0.1);
    const [later] = feed(meter, [silence(1.7)]).channels;
    near(later!.peak, -26, 0.3);
    near(later!.held, -6, 0.1);
    assert.equal(later!.rms, -Infinity);
    const [last] = feed(meter, [silence(0.4)]).channels;
    assert.ok(last!.held < -20, `${last!.held}`);
    near(last!.maxPeak, -6, 0.1);
    assert.equal(last!.truePeak, null);
  });

  it('fall to silence, and not to numbers that slow a processor down', () => {
    const [channel] = feed(new SoundMeter(8000), [new Float32Array([1, ...silence(20, 8000)])], 4000).channels;
    assert.equal(channel!.peak, -Infinity);
  });

  it('count samples at full scale and runs of them, over the edges of blocks, with when it was', () => {
    const meter = new SoundMeter(RATE);
    const plane = silence(1);
    plane.fill(1, 100, 200);
    plane[300] = -1;
    plane[400] = 0.9999;
    plane[500] = 32_767 / 32_768;
    const levels = feed(meter, [plane, silence(1)]);
    assert.equal(levels.clippedSamples, 102);
    assert.equal(levels.clips, 3);
    near(levels.clippedAt!, 500 / RATE, 1e-9);
    assert.deepEqual(
      levels.channels.map(({ clippedSamples }) => clippedSamples),
      [102, 0],
    );
    meter.reset();
    assert.equal(read(meter).clippedSamples, 0);
    assert.equal(read(meter).clippedAt, null);
  });

  it('count a run at full scale that goes on at a reset as the first', () => {
    const meter = new SoundMeter(RATE);
    const full = new Float32Array(RATE).fill(1);
    feed(meter, twice(full));
    meter.reset();
    const { clips, clippedSamples } = feed(meter, twice(full));
    assert.deepEqual([clips, clippedSamples], [2, 2 * RATE]);
    assert.equal(feed(meter, twice(full)).clips, 2);
  });

  it('tell digital silence after 3 s of zeros, once for each, and not of the faintest noise', () => {
    const meter = new SoundMeter(RATE);
    assert.equal(feed(meter, [level(0.5, -20)]).silent, false);
    assert.equal(feed(meter, [silence(2.9)]).silent, false);
    const silent = feed(meter, [silence(1)]);
    assert.equal(silent.silent, true);
    assert.equal(silent.silences, 1);
    near(silent.silentSince!, 0.5, 0.001);
    near(silent.silentFor!, 3.9, 0.001);
    const faint = feed(meter, [new Float32Array([1e-9])]);
    assert.equal(faint.silent, false);
    assert.equal(faint.silentFor, 0);
    assert.equal(faint.silences, 1);
    assert.equal(feed(meter, [silence(3.1)]).silences, 2);
  });

  it('tell a silence after as many seconds as they are asked to', () => {
    const meter = new SoundMeter(RATE, { silentAfter: 0.5 });
    assert.deepEqual([feed(meter, [silence(0.49)]).silent, read(meter).silences], [false, 0]);
    const { silent, silences, silentSince } = feed(meter, [silence(0.02)]);
    assert.deepEqual([silent, silences, silentSince], [true, 1, 0]);
  });

  it('count a silence that goes on at a reset as the first, with when it began', () => {
    const meter = new SoundMeter(RATE);
    feed(meter, [silence(3.5)]);
    feed(meter, [level(0.5, -20)]);
    feed(meter, [silence(3.5)]);
    meter.reset();
    const reset = feed(meter, [silence(1)]);
    assert.deepEqual([reset.silent, reset.silences], [true, 1]);
    near(reset.silentSince!, 4, 0.001);
    feed(meter, [level(0.5, -20)]);
    meter.reset();
    const { silent, silences, silentSince } = read(meter);
    assert.deepEqual([silent, silences, silentSince], [false, 0, null]);
  });

  it('have a noise floor: the quietest tenth of a second of the last ten', () => {
    const next = random(9);
    const noise = (seconds: number, amplitude: number) =>
      Float32Array.from({ length: seconds * RATE }, () => (next() * 2 - 1) * amplitude);
    const meter = new SoundMeter(RATE);
    assert.equal(feed(meter, [silence(1)]).noiseFloor, -Infinity);
    feed(meter, [noise(2, 0.001)]);
    // White noise of an amplitude has an RMS of that by the root of three.
    const expected = 20 * Math.log10(0.001 / Math.sqrt(3));
    near(feed(meter, [noise(2, 0.5)]).noiseFloor!, expected, 0.5);
    near(feed(meter, [noise(12, 0.5)]).noiseFloor!, expected + 20 * Math.log10(500), 0.5);
  });

  it('have a noise floor in which there is no silence, wherever in a tenth of a second that ends or begins', () => {
    const next = random(4);
    const noise = (frames: number) => Float32Array.from({ length: frames }, () => (next() * 2 - 1) * 0.01);
    const expected = 20 * Math.log10(0.01 / Math.sqrt(3));
    for (let more = 0; more < RATE / 10; more += 331) {
      const meter = new SoundMeter(RATE);
      feed(meter, [noise(RATE + more)]);
      feed(meter, [silence(0.5 + more / RATE / 3)]);
      near(feed(meter, [noise(RATE)]).noiseFloor!, expected, 1);
    }
  });
});
