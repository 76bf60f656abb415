import { expect } from '@open-wc/testing';
import '../../dist/define/media-producer.js';
import '../../dist/define/stream-recorder.js';
import { CORE_PRODUCER } from '../../dist/components/shared/producer-link.js';
import { openMetrics, PerformanceMonitor, type MonitorSnapshot } from '../../dist/core/monitor/index.js';
import type * as VitalsModule from '../../dist/core/monitor/vitals.js';
import { performanceMonitorOf } from '../../dist/core/producer/index.js';
import { insert, live, PATIENCE, picture, place, producer, recorder, tidy } from './stream-recorder-support.js';
import { waitUntil } from './wait.js';

const has = (name: string) => name in globalThis;
const observes = (type: string) => PerformanceObserver.supportedEntryTypes.includes(type);
const VITALS = Symbol.for('onair/web-vitals@1');

/** The first snapshot of which this is so. */
async function seen(
  monitor: PerformanceMonitor,
  is: (snapshot: MonitorSnapshot) => boolean,
  what: string,
): Promise<MonitorSnapshot> {
  await waitUntil(() => is(monitor.snapshot()), what, PATIENCE);
  return monitor.snapshot();
}

describe('a monitor', () => {
  let monitor: PerformanceMonitor;
  afterEach(async () => {
    monitor.stop();
    await tidy();
  });

  it('tells of a take what its worker stamps, once a second and of all of its frames', async () => {
    const element = await live();
    monitor = performanceMonitorOf(producer()[CORE_PRODUCER], { interval: 0.25 });
    monitor.start();
    await waitUntil(() => producer()[CORE_PRODUCER].metrics, 'what counts', PATIENCE);
    await element.start();
    const { disk, encoder, path, totals, buffers, capture, points } = await seen(
      monitor,
      (snapshot) => (snapshot.totals['record:seconds'] ?? 0) >= 3,
      'three seconds',
    );
    expect(disk.bitrate).to.be.greaterThan(1000);
    expect(path.write!.count).to.be.greaterThan(0);
    expect(path.send).to.equal(null);
    expect(capture.target, 'a canvas promises no rate').to.equal(null);
    if (element.activeEngine !== 'webcodecs') {
      expect([encoder.frameRate, encoder.busy, path.encode]).to.deep.equal([null, null, null]);
      return;
    }
    expect(encoder.frameRate).to.be.within(5, 40);
    expect(capture.frameRate).to.be.at.least(encoder.frameRate!);
    expect(encoder.busy).to.be.within(0.001, 1);
    for (const stage of ['process', 'queue', 'encode', 'mux', 'total'] as const) {
      expect(path[stage]!.count, stage).to.be.greaterThan(10);
      expect(path[stage]!.max, stage).to.be.below(5);
    }
    expect(Object.keys(points)).to.include.members(['pipeline:queue', 'pipeline:process', 'encode']);
    // Which may have been more than a window ago.
    expect(monitor.report().timed['asset:load']!.count, 'the worker').to.equal(1);
    expect(path.total!.p50).to.be.at.least(path.encode!.p50);
    expect(buffers.encoder!.headroom).to.be.within(0, 0.5);
    expect(buffers.disk!.headroom).to.be.greaterThan(5);
    expect(totals['frames:seconds']).to.be.within(2.5, totals['record:seconds']! + 0.01);
  });

  it('has a worker time nothing while its producer is not to be timed', async () => {
    const element = await live();
    monitor = performanceMonitorOf(producer()[CORE_PRODUCER]);
    await element.start();
    const metrics = producer()[CORE_PRODUCER].metrics!;
    const timed = () => metrics.state().histograms['disk:write']?.count ?? 0;
    const seconds = () => metrics.counter('record:seconds').value;
    await waitUntil(() => timed() > 0, 'a write is timed', PATIENCE);
    for (const enabled of [false, true]) {
      metrics.enabled = enabled;
      await waitUntil(
        async () => {
          const before = [timed(), seconds()] as const;
          await waitUntil(() => seconds() > before[1] + 1.5, 'more is recorded', PATIENCE);
          return timed() > before[0] === enabled;
        },
        enabled ? 'writes are timed again' : 'no more writes are timed',
        PATIENCE,
      );
    }
  });

  it('times the sound of a take, beside its pictures', async () => {
    await insert('<media-producer><stream-recorder engine="webcodecs"></stream-recorder></media-producer>');
    const context = new AudioContext();
    const sound = new MediaStreamAudioDestinationNode(context);
    const tone = new OscillatorNode(context);
    tone.connect(sound);
    tone.start();
    producer().srcObject = sound.stream;
    monitor = performanceMonitorOf(producer()[CORE_PRODUCER], { interval: 0.25 });
    monitor.start();
    await recorder().start();
    const told = ({ points }: MonitorSnapshot) => points['encode:sound'];
    const snapshot = await seen(monitor, (snapshot) => (told(snapshot)?.count ?? 0) > 20, 'packets of sound');
    expect(told(snapshot)!.p50).to.be.within(0.000_01, 0.5);
    expect(snapshot.points.encode, 'of pictures').to.equal(undefined);
    await context.close();
  });

  it('tells what this browser tells, and of the rest that it is not supported', async () => {
    await insert('<media-producer></media-producer>');
    monitor = performanceMonitorOf(producer()[CORE_PRODUCER], { interval: 0.2 });
    monitor.start();
    const { page, machine, memory } = await seen(
      monitor,
      ({ window, machine: { storage, battery } }) => window > 0.5 && storage !== null && battery !== null,
      'what takes a moment',
    );
    const lacks = (value: unknown) => value === 'unsupported';
    expect(lacks(memory.heap)).to.equal(!('memory' in performance));
    expect(lacks(machine.cpu)).to.equal(!has('PressureObserver'));
    expect(lacks(machine.battery)).to.equal(!('getBattery' in navigator));
    expect(lacks(machine.gc)).to.equal(true);
    expect(lacks(memory.agent)).to.equal(!crossOriginIsolated);
    const { quota, usage } = await navigator.storage.estimate();
    // What Chromium says whatever there is.
    if (quota! - usage! === 10 * 2 ** 30) expect(machine.storage).to.equal('unsupported');
    else expect(machine.storage).to.be.greaterThan(0);
    expect(page.source).to.equal(observes('long-animation-frame') ? 'frames' : 'timer');
    expect(page.hidden).to.equal(false);
    expect(page.blocked).to.be.within(0, 1);
    const interactions = has('PerformanceEventTiming') && 'interactionId' in PerformanceEventTiming.prototype;
    expect(lacks(page.vitals.inp)).to.equal(!(observes('event') && interactions));
    expect(lacks(page.vitals.lcp)).to.equal(!observes('largest-contentful-paint'));
    expect(lacks(page.vitals.cls)).to.equal(!observes('layout-shift'));
    const text = openMetrics(monitor);
    expect(/stream_manager_memory_bytes\{kind="heap"\}/.test(text)).to.equal('memory' in performance);
    expect(text.endsWith('# EOF\n')).to.equal(true);
  });

  it('knows when the page was painted, in seconds, and how much of it was moved', async () => {
    await insert('<media-producer></media-producer>');
    monitor = performanceMonitorOf(producer()[CORE_PRODUCER], { interval: 0.2 });
    monitor.start();
    const told = (name: 'lcp' | 'cls') => (snapshot: MonitorSnapshot) => {
      const value = snapshot.page.vitals[name];
      return value === 'unsupported' || Number(value) > 0;
    };
    const { lcp } = (await seen(monitor, told('lcp'), 'the largest paint')).page.vitals;
    if (observes('largest-contentful-paint')) expect(lcp).to.be.within(0.001, performance.now() / 1000);
    const pushed = document.createElement('p');
    pushed.style.blockSize = '200px';
    place.prepend(pushed);
    const { cls } = (await seen(monitor, told('cls'), 'a shift')).page.vitals;
    if (observes('layout-shift')) expect(cls).to.be.within(0.001, 2);
  });

  it('finds a page that is blocked, and where the browser says so the script to blame', async () => {
    await insert('<media-producer></media-producer>');
    monitor = performanceMonitorOf(producer()[CORE_PRODUCER], { interval: 0.25 });
    monitor.start();
    await seen(monitor, ({ window }) => window > 0.5, 'a window');
    setTimeout(function hog() {
      const end = performance.now() + 2000;
      while (performance.now() < end);
    });
    const { diagnosis, page } = await seen(monitor, ({ diagnosis: { state } }) => state === 'bad', 'trouble');
    expect(diagnosis.cause).to.equal('page');
    if (page.source === 'timer') expect(page.worst).to.equal('unsupported');
    else {
      const { script, blocked } = page.worst as { script: string; blocked: number };
      expect(blocked).to.be.greaterThan(1.5);
      expect(script).to.contain('performance-monitor.test');
    }
    // A machine that others keep busy may be in trouble of its own.
    const free = ({ diagnosis: { findings } }: MonitorSnapshot) => findings.every(({ cause }) => cause !== 'page');
    await seen(monitor, free, 'that it is over');
  });

  it('reads what a preview shows, where the browser counts it', async () => {
    const video = Object.assign(document.createElement('video'), { muted: true, srcObject: picture() });
    await insert('<media-producer></media-producer>');
    producer().after(video);
    await video.play();
    monitor = new PerformanceMonitor({ preview: () => video, interval: 0.25 });
    monitor.start();
    const { preview } = await seen(
      monitor,
      ({ preview: { frameRate } }) => frameRate !== null && frameRate !== 0,
      'frames',
    );
    if (preview.frameRate !== 'unsupported') expect(preview.frameRate).to.be.within(1, 60);
    expect(preview.lost === 'unsupported').to.equal(preview.frameRate === 'unsupported');
  });

  it('subscribes to web vitals once, however many there are, and copies of this package', async () => {
    await insert('<media-producer></media-producer>');
    monitor = new PerformanceMonitor();
    monitor.start();
    await waitUntil(() => VITALS in globalThis, 'the subscription', PATIENCE);
    const { vitals } = { vitals: (globalThis as Record<symbol, unknown>)[VITALS] };
    const observed: string[] = [];
    const { observe } = PerformanceObserver.prototype;
    PerformanceObserver.prototype.observe = function (options) {
      observed.push(options?.type ?? '');
      return observe.call(this, options);
    };
    monitor.stop();
    for (let round = 0; round < 50; round++) {
      monitor.start();
      monitor.look();
      monitor.stop();
    }
    const copy = new URL('../../dist/core/monitor/vitals.js?copy', import.meta.url);
    const { followVitals } = (await import(copy.href)) as typeof VitalsModule;
    expect(followVitals).not.to.equal((await import('../../dist/core/monitor/vitals.js')).followVitals);
    expect(followVitals()).to.equal(vitals);
    PerformanceObserver.prototype.observe = observe;
    expect((globalThis as Record<symbol, unknown>)[VITALS]).to.equal(vitals);
    expect(observed.filter((type) => type !== 'long-animation-frame')).to.deep.equal([]);
    expect(recorder()).to.equal(null);
  });
});
