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
