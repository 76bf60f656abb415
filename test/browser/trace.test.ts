import { expect } from '@open-wc/testing';
import '../../dist/define/media-producer.js';
import '../../dist/define/perf-meter.js';
import '../../dist/define/stream-recorder.js';
import { CORE_PRODUCER } from '../../dist/components/shared/producer-link.js';
import { configureWorkers } from '../../dist/core/index.js';
import type { Timed } from '../../dist/core/metrics/index.js';
import { insert, live, PATIENCE, picture, place, producer, tidy } from './stream-recorder-support.js';
import { waitUntil } from './wait.js';

interface Measure {
  readonly name: string;
  readonly duration: number;
  readonly detail: { readonly devtools: { readonly dataType: string; readonly track: string } };
  /** Measures that were buffered when it was heard of. */
  readonly kept: number;
}

const METER = '<perf-meter trace interval="0.2"></perf-meter>';
const meter = () => place.querySelector('perf-meter')!;
const measures = () => performance.getEntriesByType('measure').length;

/** Each is an entry of a track of its own, and none stays. */
function expectShown({ name, detail, duration, kept }: Measure): void {
  const { dataType, track } = detail.devtools;
  expect([name, dataType, kept]).to.deep.equal([`onair ${track}`, 'track-entry', 0]);
  expect(duration).to.be.at.least(0);
}

describe('with trace, the performance panel has', () => {
  afterEach(tidy);

  it('what is timed in the page, until it is turned off', async () => {
    await insert(`<media-producer no-preview>${METER}</media-producer>`);
    producer().srcObject = picture();
    const heard: Measure[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const { name, duration, detail } of list.getEntries() as PerformanceMeasure[])
        heard.push({ name, duration, detail: detail as Measure['detail'], kept: measures() });
    });
    observer.observe({ type: 'measure' });
    try {
      await waitUntil(() => producer()[CORE_PRODUCER].metrics?.trace, 'the trace', PATIENCE);
      const metrics = producer()[CORE_PRODUCER].metrics!;
      const work = (name: Timed) => metrics.end(name, metrics.start(name));
      work('network:send');
      await waitUntil(() => heard.length > 0, 'a measure', PATIENCE);
      expect(heard.map(({ name }) => name)).to.deep.equal(['onair network:send']);
      heard.forEach(expectShown);
      meter().trace = false;
      await waitUntil(() => !metrics.trace, 'no trace', PATIENCE);
      work('network:send');
      expect(observer.takeRecords().length).to.equal(0);
      meter().trace = true;
      await waitUntil(() => metrics.trace, 'the trace again', PATIENCE);
      meter().remove();
      await waitUntil(() => !metrics.trace, 'no trace without the meter', PATIENCE);
    } finally {
      observer.disconnect();
    }
  });

  it('what is timed in the record worker, until it is turned off', async () => {
    configureWorkers({ urls: { record: new URL('support/workers/traced-record.js', import.meta.url) } });
    const heard: Measure[] = [];
    const channel = new BroadcastChannel('measures');
    channel.onmessage = ({ data }: MessageEvent<Measure>) => heard.push(data);
    try {
      const recorder = await live(
        `<media-producer no-preview><stream-recorder></stream-recorder>${METER}</media-producer>`,
      );
      await recorder.start();
      const stages = ['disk:write', ...(recorder.activeEngine === 'webcodecs' ? ['frame:encode', 'frame:mux'] : [])];
      const tracks = () => new Set(heard.map(({ detail }) => detail.devtools.track));
      await waitUntil(() => stages.every((stage) => tracks().has(stage)), `${stages.join()} in the worker`, PATIENCE);
      heard.forEach(expectShown);
      expect(measures(), 'in the page').to.equal(0);
      meter().trace = false;
      // A worker hears of it when it next tells how far it is, once a second.
      await waitUntil(
        async () => {
          heard.length = 0;
          const written = producer().metrics!.bytes;
          await waitUntil(() => producer().metrics!.bytes > written, 'more is written', PATIENCE);
          return heard.length === 0;
        },
        'no more measures',
        PATIENCE,
      );
    } finally {
      channel.close();
      configureWorkers({ urls: { record: new URL('../../dist/workers/record.worker.js', import.meta.url) } });
    }
  });
});
