import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { summaryOf, viewOf } from '../../../src/components/perf-meter/view.js';
import type { PerformanceMonitorOptions } from '../../../src/core/monitor/index.js';
import { Studio, type Second } from './studio.js';

/** What a meter says after seconds of this kind. */
function said(second: Second, options: PerformanceMonitorOptions = {}): string {
  const studio = new Studio({ preview: () => null, sends: false, ...options });
  studio.monitor.start();
  studio.run(6, second);
  return summaryOf(viewOf(studio.monitor, 'en')).replaceAll('\u00a0', ' ');
}

describe('the figures of a meter', () => {
  it('are what the browser makes of them, and are made once for what is shown', (test) => {
    const { figures } = viewOf(new Studio().monitor, 'en-GB');
    const { get } = Object.getOwnPropertyDescriptor(Intl.NumberFormat.prototype, 'format')!;
    let made = 0;
    const rate = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
    const small = new Intl.NumberFormat('en-GB', { style: 'percent', maximumSignificantDigits: 1 });
    const mega = new Intl.NumberFormat('en-GB', {
      style: 'unit',
      unit: 'megabit-per-second',
      maximumSignificantDigits: 2,
    });
    for (let count = 1; count < 400; count++) {
      const value = count * 0.1731;
      assert.equal(figures.rate(value), rate.format(value));
      assert.equal(figures.small(value / 100), small.format(value / 100));
      assert.equal(figures.bitrate(value * 1e6 + 1e6), mega.format(value + 1));
    }
    assert.equal(figures.level(-0.02), '0');
    test.mock.getter(Intl.NumberFormat.prototype, 'format', function (this: Intl.NumberFormat) {
      made++;
      return Reflect.apply(get!, this, []) as unknown;
    });
    for (const value of [29.6, 30, 30.4]) assert.equal(figures.rate(value), '30');
    for (const bits of [2.04e6, 1.96e6, 2e6]) assert.equal(figures.bitrate(bits), mega.format(2));
    // Three of these are the test's own.
    assert.ok(made <= 5, String(made));
  });
});

describe('what a meter says while it goes well', () => {
  it('is that nothing is lost where nothing is', () => {
    assert.equal(said({}), '30 frames a second, 2 Mb/s, nothing is lost.');
  });

  it('is how much is lost where that is too little to be trouble', () => {
    assert.equal(said({ captured: 300, late: 1, encode: 0.001 }), '299 frames a second, 2 Mb/s, 0.3% of frames lost.');
  });

  /** A camera of 30 frames a second, by its own count. */
  const cameraOn = (clock: { time: number }) =>
    ({
      enabled: true,
      get stats() {
        return { totalFrames: clock.time * 0.03 };
      },
    }) as unknown as MediaStreamTrack;

  it('is that losses are not measured, of a take that tells none', () => {
    let track: MediaStreamTrack | null = null;
    const studio = new Studio({ preview: () => null, sends: false, camera: () => track });
    track = cameraOn(studio.page);
    studio.monitor.start();
    for (let second = 0; second < 6; second++) {
      studio.metrics.counter('record:seconds').add(1);
      studio.metrics.counter('bytes:written').add(250_000);
      studio.page.pass(1);
    }
    assert.equal(summaryOf(viewOf(studio.monitor, 'en')), '30 frames a second, 2 Mb/s, losses not measured.');
  });

  it('is that nothing is lost of a take whose source stands still', () => {
    assert.equal(said({ captured: 0 }, { targetFrameRate: () => null }), '0 frames a second, 2 Mb/s, nothing is lost.');
  });

  it('is the rate alone where nothing is recorded, and no claim where nothing is told', () => {
    let track: MediaStreamTrack | null = null;
    const studio = new Studio({ preview: () => null, sends: false, camera: () => track, active: () => true });
    const told = () => summaryOf(viewOf(studio.monitor, 'en'));
    studio.monitor.start();
    studio.page.pass(3);
    assert.equal(told(), 'No trouble found.');
    track = cameraOn(studio.page);
    studio.page.pass(3);
    assert.equal(told(), '30 frames a second.');
  });
});
