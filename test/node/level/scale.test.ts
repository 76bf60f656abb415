import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fullScale, levelText, loudnessScale, share } from '../../../src/components/audio-level/scale.js';

const decimals = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const labels = (scale: ReturnType<typeof loudnessScale>) => scale.ticks.map(({ label }) => label).join(' ');

describe('the scales of a meter', () => {
  it('are those of the EBU, -18 to +9 and -36 to +18 LU around the target', () => {
    const [nine, eighteen] = [loudnessScale('ebu9', -23, true, numbers), loudnessScale('ebu18', -23, true, numbers)];
    assert.deepEqual([nine.low, nine.high, eighteen.low, eighteen.high], [-41, -14, -59, -5]);
    assert.equal(labels(nine), '−18 −15 −12 −9 −6 −3 0 +3 +6 +9');
    assert.equal(labels(eighteen), '−36 −30 −24 −18 −12 −6 0 +6 +12 +18');
  });

  it('have the target at the same place whatever it is', () => {
    for (const target of [-23, -16, -24.5])
      for (const name of ['ebu9', 'ebu18'] as const) {
        const scale = loudnessScale(name, target, false, numbers);
        assert.ok(Math.abs(share(target, scale) - 2 / 3) < 1e-9);
      }
  });

  it('say LUFS of a target that is no whole number', () => {
    assert.equal(labels(loudnessScale('ebu9', -24.5, false, numbers)).split(' ')[6], '−24.5');
  });

  it('say numbers as a language does', () => {
    const german = new Intl.NumberFormat('de', { maximumFractionDigits: 1 });
    assert.equal(labels(loudnessScale('ebu9', -24.5, false, german)).split(' ')[6], '−24,5');
    assert.equal(labels(loudnessScale('ebu9', -24.5, true, german)), '−18 −15 −12 −9 −6 −3 0 +3 +6 +9');
  });

  it('go from -60 to 0 for dBFS, and in LU from the target on', () => {
    assert.equal(fullScale(null, numbers).ticks.length, 11);
    const relative = loudnessScale('dbfs', -23, true, numbers);
    assert.deepEqual([relative.ticks[0]!.label, relative.ticks.at(-1)!.label], ['−36', '+18']);
    assert.ok(relative.ticks.every(({ at }) => at >= -60 && at <= 0));
  });

  it('never leave out the figure at the target, and leave out more than every other one last', () => {
    const shown = (rank: number) =>
      loudnessScale('ebu9', -23, true, numbers)
        .ticks.filter((tick) => tick.rank <= rank)
        .map(({ label }) => label)
        .join(' ');
    assert.equal(shown(1), '−18 −12 −6 0 +6');
    assert.equal(shown(0), '−12 0');
  });

  it('hold a level that is beyond them at their end', () => {
    assert.deepEqual([share(-Infinity, fullScale(null, numbers)), share(6, fullScale(null, numbers))], [0, 1]);
  });
});

describe('a level in words', () => {
  it('has one decimal, a real minus, and a plus where it is relative', () => {
    const say = (value: number | null, relative = false) => levelText(value, relative, decimals);
    assert.deepEqual([say(-23.04), say(-23.06), say(3), say(-100)], ['−23.0', '−23.1', '3.0', '−100.0']);
    assert.deepEqual([say(3, true), say(-3, true), say(0, true)], ['+3.0', '−3.0', '0.0']);
  });

  it('is never minus zero, and tells silence and what is not measured by signs', () => {
    const say = (value: number | null) => levelText(value, true, decimals);
    assert.deepEqual([say(-0.04), say(-Infinity), say(-212), say(null)], ['0.0', '−∞', '−∞', '–']);
  });
});
