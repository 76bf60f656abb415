import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Levels } from '../../../src/core/audio/index.js';
import { FRAME_TIMERS, Metrics, POINTS, type Timed } from '../../../src/core/metrics/index.js';
import {
  MemoryMonitor,
  MOST_PUSHED,
  openMetrics,
  ProducerMetrics,
  type PerformanceMonitor,
} from '../../../src/core/monitor/index.js';
import { assertPromtoolReads, lacksPromtool } from '../../support/promtool.js';
import { settle } from './fake-page.js';
import { parseOpenMetrics, type Family } from './open-metrics-parser.js';
import { Studio } from './studio.js';

const LEVELS = {
  clips: 3,
  silentFor: 0,
  truePeak: -Infinity,
  noiseFloor: -60,
  channels: [{ held: -12 }],
  loudness: { momentary: -23, integrated: -Infinity },
} as unknown as Levels;

/** Everything that can be told, after some seconds. */
async function full(options: ConstructorParameters<typeof Studio>[0] = {}): Promise<Studio> {
  const studio = new Studio({ levels: () => LEVELS, ...options });
  const { page, monitor } = studio;
  page.types = ['long-animation-frame', 'gc'];
  Object.assign(page.webVitals, { inp: 0.12, lcp: 1.5, cls: 0.02 });
  page.measureMemory = async () => ({ bytes: 50e6 });
  monitor.start();
  page.press('serious', 0.4);
  monitor.log.succeeded('take');
  monitor.log.failed('say "hi"\\ \n', Object.assign(new Error(), { code: 'disk-full' }));
  monitor.log.latency('start', 0.3);
  for (let second = 0; second < 8; second++) {
    page.tell('gc', { duration: 12 });
    studio.run(1, { late: 2, blocked: 0.1 });
    await settle();
  }
  return studio;
}

const of = (families: Map<string, Family>, name: string): Family => {
  const family = families.get(`stream_manager_${name}`);
  assert.ok(family, `${name} is missing`);
  return family;
};

const valueOf = (family: Family, labels: Record<string, string> = {}): number | undefined =>
  family.samples.find((sample) => Object.entries(labels).every(([name, value]) => sample.labels[name] === value))
    ?.value;

describe('the OpenMetrics text', () => {
  it('is of the grammar, with the names, types and units that are promised', async () => {
    const { monitor } = await full();
    const families = parseOpenMetrics(openMetrics(monitor));
    const promised: readonly [string, string, string][] = [
      ['encoding_time_ms', 'histogram', 'ms'],
      ['bitrate_kbps', 'gauge', 'kbps'],
      ['fps', 'gauge', ''],
      ['dropped_frames', 'counter', ''],
      ['queue_size', 'gauge', ''],
      ['memory_bytes', 'gauge', 'bytes'],
      ['frames', 'counter', ''],
      ['written_bytes', 'counter', 'bytes'],
      ['recorded_seconds', 'counter', 'seconds'],
      ['stage_seconds', 'histogram', 'seconds'],
      ['latency_seconds', 'histogram', 'seconds'],
      ['headroom_seconds', 'gauge', 'seconds'],
      ['lost_ratio', 'gauge', 'ratio'],
      ['state', 'gauge', ''],
      ['trouble', 'gauge', ''],
      ['errors', 'counter', ''],
      ['inp_seconds', 'gauge', 'seconds'],
      ['gc_pauses', 'counter', ''],
      ['own_cpu_ratio', 'gauge', 'ratio'],
    ];
    for (const [name, type, unit] of promised) {
      const family = of(families, name);
      assert.deepEqual([family.type, family.unit], [type, unit], name);
      assert.ok(family.help.length > 0, name);
    }
  });

  it('says how packets of a broadcast wait to be sent', () => {
    const studio = new Studio();
    studio.monitor.start();
    studio.run(1);
    studio.metrics.record('network:send', 0.004);
    studio.metrics.sample('queue:network', 3);
    studio.run(1);
    const families = parseOpenMetrics(openMetrics(studio.monitor));
    assert.ok(Math.abs(valueOf(of(families, 'queue_packets'))! / 3 - 1) < 0.02);
    const sent = of(families, 'stage_seconds').samples.find(
      ({ name, labels }) => name.endsWith('_count') && labels['stage'] === 'network:send',
    );
    assert.equal(sent!.value, 1);
    assert.deepEqual(studio.monitor.snapshot().buffers.network!.headroom, null, 'which no browser tells');
    studio.monitor.stop();
  });

  it('says what the snapshot says', async () => {
    const { monitor } = await full();
    const families = parseOpenMetrics(openMetrics(monitor));
    const { disk, encoder, diagnosis, memory } = monitor.snapshot();
    assert.equal(valueOf(of(families, 'fps'), { stage: 'capture' }), 30);
    assert.equal(valueOf(of(families, 'fps'), { stage: 'encode' }), encoder.frameRate);
    assert.equal(valueOf(of(families, 'bitrate_kbps'), { kind: 'recording' }), disk.bitrate! / 1000);
    assert.equal(valueOf(of(families, 'dropped_frames'), { cause: 'late' }), 16);
    assert.equal(valueOf(of(families, 'memory_bytes'), { kind: 'heap' }), memory.heap);
    assert.equal(valueOf(of(families, 'own_cpu_ratio')), 0.4);
    assert.equal(valueOf(of(families, 'gc_pauses')), 8);
    assert.equal(valueOf(of(families, 'audio_loudness_lufs'), { over: 'all' }), -Infinity);
    assert.equal(valueOf(of(families, 'operations'), { operation: 'say "hi"\\ \n', outcome: 'failed' }), 1);
    const states = of(families, 'state').samples.filter(({ value }) => value === 1);
    assert.deepEqual(
      states.map(({ labels }) => labels['state']),
      [diagnosis.state],
    );
    assert.equal(valueOf(of(families, 'trouble'), { cause: 'encoder' }), 2);
    assert.equal(valueOf(of(families, 'trouble'), { cause: 'network' }), 0);
  });

  it('says nothing of frames that nobody counts, as MediaRecorder does not, and never 0', () => {
    const { metrics, monitor } = new Studio({ preview: () => null, sends: false });
    // Each producer has one, which looks for what is counted.
    new ProducerMetrics(metrics);
    metrics.counter('record:seconds').add(5);
    monitor.look();
    assert.doesNotMatch(openMetrics(monitor), /stream_manager_\w*frames/);
    assert.deepEqual(
      Object.keys(monitor.snapshot().totals).filter((name) => /^frames/.test(name)),
      [],
    );
    metrics.counter('frames:captured').add(30);
    metrics.counter('frames:taken');
    metrics.counter('frames:seconds').add(1);
    monitor.look();
    const frames = of(parseOpenMetrics(openMetrics(monitor)), 'frames');
    assert.deepEqual(
      ['captured', 'taken'].map((stage) => valueOf(frames, { stage })),
      [30, 0],
    );
  });

  it('tells no trouble of what is not measured, and never that there is none', async () => {
    const causes = (monitor: PerformanceMonitor) =>
      of(parseOpenMetrics(openMetrics(monitor)), 'trouble').samples.map(({ labels }) => labels['cause']);
    const { monitor } = await full();
    for (const cause of ['cpu', 'memory', 'network', 'encoder']) assert.ok(causes(monitor).includes(cause), cause);
    const studio = new Studio({ preview: () => null, sends: false });
    studio.page.heap = undefined;
    studio.page.PressureObserver = undefined;
    studio.monitor.start();
    studio.run(6);
    for (const cause of ['cpu', 'memory', 'network', 'preview'])
      assert.equal(causes(studio.monitor).includes(cause), false, cause);
    assert.ok(causes(studio.monitor).includes('encoder'));
  });

  it('has histograms whose buckets add up, in the unit of their name', async () => {
    const { monitor } = await full();
    const { samples } = of(parseOpenMetrics(openMetrics(monitor)), 'encoding_time_ms');
    const buckets = samples.filter(({ name }) => name.endsWith('_bucket'));
    // All took 15 ms.
    assert.deepEqual(buckets.map(({ labels, value }) => [labels['le'], value]).filter(([, value]) => value !== 0)[0], [
      '20.0',
      224,
    ]);
    assert.equal(samples.find(({ name }) => name.endsWith('_count'))!.value, 224);
    const sum = samples.find(({ name }) => name.endsWith('_sum'))!.value;
    assert.ok(Math.abs(sum - 224 * 15) < 1, String(sum));
  });

  it('gives every sample the labels of the page, by names that the format allows', async () => {
    const { monitor } = await full();
    const text = openMetrics(monitor, { producer: 'Door "1"', 'my-label': 'x' });
    for (const { samples } of parseOpenMetrics(text).values())
      for (const { labels } of samples) assert.deepEqual([labels['producer'], labels['my_label']], ['Door "1"', 'x']);
  });

  it('never counts backwards', async () => {
    const studio = await full();
    const counted = () =>
      [...parseOpenMetrics(openMetrics(studio.monitor)).values()]
        .filter(({ type }) => type !== 'gauge')
        .flatMap(({ samples }) =>
          samples.map(({ name, labels, value }) => [`${name} ${JSON.stringify(labels)}`, value] as const),
        );
    let before = new Map(counted());
    for (let round = 0; round < 5; round++) {
      if (round === 2) studio.monitor.reset();
      studio.run(2, { late: 1 });
      const now = new Map(counted());
      for (const [name, value] of before) assert.ok(now.get(name)! >= value, `${name}: ${value}, ${now.get(name)}`);
      before = now;
    }
  });

  it('fits into a push, also with as many names as there can be, however long, and all that is timed', async () => {
    const { monitor, metrics } = await full({ memory: new MemoryMonitor() });
    monitor.memory.watch('cache', () => 1e9 / 3);
    for (const name of Object.keys({ ...POINTS, ...FRAME_TIMERS }) as Timed[])
      for (let count = 0; count < 100_000; count++) metrics.record(name, count / 5000);
    for (let count = 0; count < 100; count++) {
      const long = `${count} ${'a name without end '.repeat(20)}`;
      for (let times = 0; times < 1000; times++) monitor.log.latency(long, times / 70);
      monitor.log.succeeded(long);
      monitor.log.failed(long, Object.assign(new Error(), { code: long }));
    }
    monitor.look();
    const { length } = new TextEncoder().encode(openMetrics(monitor, { session: 'k3j5h2k4jh6' }));
    assert.ok(length < MOST_PUSHED, String(length));
  });

  it('adds up what several registries call the same', () => {
    const { monitor } = new Studio({ preview: () => null, sends: false });
    const state = (seconds: number) => {
      const metrics = new Metrics();
      metrics.counter('bytes:written').add(100);
      metrics.record('encode', seconds);
      return metrics.state();
    };
    const counted = () => [state(0.01), state(0.3)];
    const families = parseOpenMetrics(openMetrics({ counted, snapshot: () => monitor.snapshot() }));
    assert.equal(valueOf(of(families, 'written_bytes')), 200);
    const { samples } = of(families, 'encoding_time_ms');
    assert.equal(samples.find(({ name }) => name.endsWith('_count'))!.value, 2);
    assert.equal(samples.find(({ labels }) => labels['le'] === '50.0')!.value, 1);
  });

  it('is nothing but its end where nothing is told', () => {
    const families = parseOpenMetrics(openMetrics(new Studio({ preview: () => null }).monitor));
    assert.ok(!families.has('stream_manager_fps') && !families.has('stream_manager_bitrate_kbps'));
  });

  it('is what promtool reads, as OpenMetrics and as older Prometheus text', { skip: lacksPromtool }, async () => {
    const { monitor } = await full();
    assertPromtoolReads(openMetrics(monitor, { producer: 'Door "1"' }));
  });
});
