import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NetworkPressure } from '../../../src/core/live/bandwidth.js';
import { ReportReader, type SendingFigures } from '../../../src/core/live/watch.js';

const WANTED = 1_000_000;

/** What is told after five seconds like this. */
function pressure(figures: Partial<SendingFigures>, { wanted = WANTED, liveFor = 20 } = {}): number | null {
  const all = { available: null, limited: null, bitrate: null, budget: null, budgetMost: null, ...figures };
  const network = new NetworkPressure();
  for (let second = 0; second < 4; second++) network.look(all as SendingFigures, wanted, liveFor + second);
  return network.look(all as SendingFigures, wanted, liveFor + 4);
}

describe('the pressure of a network', () => {
  it('is that of a way that is too narrow, whether the browser calls it so or uses all of it', () => {
    const narrow = { available: 250_000, bitrate: 240_000 };
    assert.equal(pressure({ ...narrow, limited: 'bandwidth' }), 16);
    assert.equal(pressure({ ...narrow, limited: 'none' }), 16, 'frames are left out instead');
  });

  it('is none where there is room that nobody uses, however little was tried out', () => {
    assert.equal(pressure({ available: 250_000, bitrate: 20_000, limited: 'none' }), 0.25);
    assert.equal(pressure({ available: 8_000_000, bitrate: 900_000, limited: 'none' }), (1 / 8) ** 2);
  });

  it('is none where the publisher itself has allowed no more', () => {
    assert.equal(pressure({ available: 8_000_000, bitrate: 990_000, limited: 'bandwidth' }), (1 / 8) ** 2);
  });

  it('goes by what the encoder may use where nothing else is told, against the most for pictures of this size', () => {
    assert.equal(pressure({ budget: 125_000, budgetMost: 500_000 }), 16);
    assert.equal(pressure({ budget: 400_000, budgetMost: 500_000 }), 0.25);
    assert.equal(pressure({ budget: 125_000, budgetMost: 500_000 }, { wanted: 125_000 }), 0.25, 'no more is wanted');
  });

  it('is not known in the first seconds, and where nothing is told', () => {
    assert.equal(pressure({}), null);
    assert.equal(pressure({ available: 250_000, limited: 'bandwidth' }, { liveFor: 2 }), null);
  });

  it('is the usual one of five seconds: a lump is no sign, and a gap neither', () => {
    const network = new NetworkPressure();
    const look = (bitrate: number) =>
      network.look({ available: 250_000, limited: 'none', bitrate } as SendingFigures, WANTED, 30);
    assert.deepEqual([20_000, 20_000, 250_000, 20_000, 20_000].map(look).at(-1), 0.25);
    assert.deepEqual([250_000, 250_000, 20_000, 250_000, 250_000].map(look).at(-1), 16);
  });
});

describe('what an encoder may use', () => {
  const report = (bytes: number | undefined, frameWidth: number) =>
    new Map([
      ['v', { id: 'v', type: 'outbound-rtp', kind: 'video', frameWidth, totalEncodedBytesTarget: bytes }],
    ]) as unknown as RTCStatsReport;

  it('is told by the second, with the most of it for pictures of the same size', () => {
    const reader = new ReportReader();
    let [now, bytes] = [0, 0];
    const run = (rate: number, width = 640) => {
      for (let look = 0; look < 20; look++) {
        now += 500;
        bytes += rate / 16;
        reader.read(report(bytes, width), now, 2000);
      }
      const { figures } = reader.read(report((bytes += rate / 16), width), (now += 500), 2000);
      return [figures.budget, figures.budgetMost].map((value) => Math.round(value! / 1000));
    };
    assert.deepEqual(run(1_000_000), [1000, 1000]);
    assert.deepEqual(run(200_000), [200, 1000]);
    assert.deepEqual(run(200_000, 320), [200, 200], 'smaller pictures need less');
  });

  it('is not known where the browser does not tell', () => {
    const reader = new ReportReader();
    const { figures } = reader.read(report(undefined, 640), 0, 2000);
    assert.deepEqual([figures.budget, figures.budgetMost], [null, null]);
  });
});
