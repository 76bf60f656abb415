import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { Metrics, runsOf } from '../../../src/core/metrics/index.js';
import {
  ConnectionProbe,
  makeGrowth,
  openMetrics,
  PageWatch,
  PerformanceMonitor,
  TakeSilence,
} from '../../../src/core/monitor/index.js';
import { performanceMonitorOf, type MediaProducer } from '../../../src/core/producer/index.js';
import { RunMeter } from '../../../src/core/record/run-meter.js';
import { FakePage, settle } from './fake-page.js';
import { Studio } from './studio.js';

function near(actual: unknown, expected: number, within = 0.02): void {
  assert.ok(
    typeof actual === 'number' && Math.abs(actual - expected) <= within * expected,
    `${String(actual)} is not ${expected}`,
  );
}

describe('the monitor', () => {
  it('tells each stage of the last seconds, by the clock of who counted', async () => {
    const studio = new Studio();
    studio.monitor.start();
    for (let second = 0; second < 8; second++) {
      studio.run(1);
      await settle();
    }
    const { window, capture, preview, encoder, disk, network, buffers, path, points, page, cost } =
      studio.monitor.snapshot();
    assert.equal(window, 5);
    assert.deepEqual([capture.frameRate, capture.target, capture.lost], [30, 30, 0]);
    assert.deepEqual([encoder.frameRate, encoder.lost], [30, 0]);
    near(encoder.busy, 0.3);
    near(disk.bitrate, 2e6);
    near(disk.busy, 0.02);
    near(preview.frameRate, 30);
    near(network!.bitrate, 1e6);
    assert.deepEqual([network!.roundTrip, network!.available, network!.limited], [0.05, 5e6, 'none']);
    near(buffers.encoder!.headroom, 0.23);
    near(buffers.encoder!.waiting, 1);
    near(buffers.disk!.headroom, 100);
    assert.equal(buffers.network, null);
    near(path.encode!.p95, 0.01);
    near(path.total!.max, 0.02);
    assert.deepEqual([path.send, path.mux], [null, null], 'what nobody stamps');
    assert.deepEqual(Object.keys(points).sort(), ['disk:write', 'encode']);
    assert.deepEqual([page.blocked, page.source], [0, 'frames']);
    assert.equal(cost, 0, 'a clock that stands still');
    studio.monitor.stop();
  });

  it('is not misled by when the worker tells: of lumps it makes the rate that there was', () => {
    const studio = new Studio();
    studio.monitor.start();
    studio.run(10);
    studio.page.pass(1); // The worker is late,
    studio.work({ captured: 30 });
    studio.run(1); // and tells of two seconds at once.
    assert.equal(studio.monitor.snapshot().capture.frameRate, 30);
    assert.equal(studio.monitor.snapshot().diagnosis.state, 'ok');
  });

  it('tells nothing of rates before it can: null, and never 0', () => {
    const studio = new Studio({ preview: () => null, sends: false });
    const { capture, preview, encoder, disk, network, audio, page, path, cost } = studio.monitor.look();
    assert.deepEqual(
      [
        capture.frameRate,
        capture.lost,
        preview.frameRate,
        encoder.busy,
        disk.bitrate,
        network,
        audio,
        page.blocked,
        cost,
      ],
      Array(9).fill(null),
    );
    assert.deepEqual(new Set(Object.values(path)), new Set([null]));
  });

  it('says of what the engine lacks that it is not supported, and never 0', async () => {
    const page = new FakePage();
    Object.assign(page, {
      heap: null,
      storage: null,
      getBattery: null,
      PressureObserver: null,
      PerformanceObserver: null,
      vitals: () => Promise.reject(new Error()),
    });
    const video = {
      paused: false,
      currentTime: 3,
      getVideoPlaybackQuality: () => ({ totalVideoFrames: 0, droppedVideoFrames: 0 }),
    };
    const monitor = new PerformanceMonitor({
      platform: page,
      preview: () => video as unknown as HTMLVideoElement,
      camera: () => ({}) as MediaStreamTrack,
    });
    monitor.start();
    await settle();
    page.pass(2);
    await settle();
    page.pass(1);
    const { capture, preview, machine, memory, page: told } = monitor.snapshot();
    const lacking = [
      capture.frameRate,
      preview.frameRate,
      preview.lost,
      ...(Object.values(machine) as unknown[]),
      memory.heap,
      memory.agent,
      memory.limit,
      memory.used,
      memory.slope,
      memory.grown,
      told.worst,
      ...(Object.values(told.vitals) as unknown[]),
    ];
    assert.deepEqual(new Set(lacking), new Set(['unsupported']));
    assert.equal(told.source, 'timer');
    assert.doesNotMatch(openMetrics(monitor), /stream_manager_(fps|memory|battery|storage|inp|lcp|cls|cpu)/);
    monitor.stop();
  });

  it('takes the rate of a camera from the camera while nobody counts', () => {
    const track = { enabled: true, muted: false, stats: { totalFrames: 500 } };
    const { page, monitor } = new Studio({ camera: () => track as unknown as MediaStreamTrack, sends: false });
    monitor.start();
    for (let second = 0; second < 6; second++) {
      track.stats = { totalFrames: track.stats.totalFrames + 24 };
      page.pass(1);
    }
    near(monitor.snapshot().capture.frameRate, 24);
    assert.deepEqual([monitor.snapshot().diagnosis.state, monitor.snapshot().diagnosis.cause], ['warn', 'capture']);
  });

  it('holds against no camera the time before its first frame', () => {
    const track = { enabled: true, muted: false, stats: { totalFrames: 0 } };
    let open = false;
    const camera = () => (open ? (track as unknown as MediaStreamTrack) : null);
    const { page, monitor } = new Studio({ camera, preview: () => null, sends: false });
    monitor.start();
    page.pass(5);
    open = true;
    page.pass(3);
    assert.equal(monitor.snapshot().capture.frameRate, null, 'it is cold');
    for (let second = 0; second < 4; second++) {
      track.stats = { totalFrames: track.stats.totalFrames + 30 };
      page.pass(1);
      const { capture, diagnosis } = monitor.snapshot();
      assert.deepEqual([capture.frameRate ?? 30, diagnosis.cause], [30, null]);
    }
    near(monitor.snapshot().capture.frameRate, 30);
  });

  it('holds nothing against a camera whose track is disabled or muted, and has its full rate at once when it goes on', () => {
    const track = { enabled: true, muted: false, stats: { totalFrames: 500 } };
    const { page, monitor } = new Studio({
      camera: () => track as unknown as MediaStreamTrack,
      preview: () => null,
      sends: false,
      active: () => true,
    });
    const told: unknown[] = [];
    /** Looks, while the camera gives so many frames a second; its count stands still while the track gives none. */
    const looks = (count: number, frames: number) => {
      told.length = 0;
      for (let look = 0; look < count; look++) {
        track.stats = { totalFrames: track.stats.totalFrames + frames };
        page.pass(1);
        const { capture, diagnosis } = monitor.snapshot();
        assert.deepEqual([diagnosis.state, diagnosis.cause], ['ok', null]);
        told.push(capture.frameRate);
      }
      return told;
    };
    monitor.start();
    looks(8, 30);
    for (const [held, on] of [
      [{ enabled: false }, { enabled: true }],
      [{ muted: true }, { muted: false }],
    ] as const) {
      Object.assign(track, held);
      assert.deepEqual(looks(10, 0), Array(10).fill(null));
      Object.assign(track, on);
      assert.deepEqual(looks(4, 30).slice(1), [30, 30, 30]);
    }
    monitor.stop();
  });

  it('counts into the rate of a preview no time in which it was paused, or was not there', () => {
    let shown = true;
    const studio: Studio = new Studio({
      preview: () => (shown ? (studio.video as unknown as HTMLVideoElement) : null),
      sends: false,
    });
    const { monitor, video } = studio;
    const rate = () => monitor.snapshot().preview.frameRate;
    monitor.start();
    studio.run(8);
    assert.equal(rate(), 30);
    for (const stand of [(still: boolean) => (video.paused = still), (still: boolean) => (shown = !still)]) {
      stand(true);
      const { totals } = video;
      for (let second = 0; second < 10; second++) {
        studio.run(1);
        video.totals = totals;
        assert.equal(rate(), null);
      }
      stand(false);
      studio.run(1);
      for (let second = 0; second < 3; second++) {
        studio.run(1);
        assert.equal(rate(), 30);
      }
    }
    monitor.stop();
  });

  it('sees most of what blocks a page for short times, again and again', () => {
    const { page, monitor } = new Studio({ preview: () => null, sends: false });
    page.types = [];
    monitor.start();
    for (let turn = 0; turn < 20; turn++) {
      page.block(0.3);
      page.pass(0.2);
    }
    const { blocked } = monitor.snapshot().page;
    // Of each half second others wait for 0.25: what they may always have to wait is none of it.
    assert.ok(blocked! > 0.25 && blocked! <= 0.5, String(blocked));
  });

  it('goes by how late a timer is where the browser tells of no long frames', () => {
    const studio = new Studio({ preview: () => null, sends: false });
    studio.page.types = [];
    studio.monitor.start();
    studio.run(6);
    studio.page.block(3);
    studio.run(1);
    const { page, diagnosis } = studio.monitor.snapshot();
    assert.ok(page.blocked! > 0.3, String(page.blocked));
    assert.deepEqual([diagnosis.state, diagnosis.cause, page.worst], ['bad', 'page', 'unsupported']);
  });

  it('names the script that blocked the page', () => {
    const studio = new Studio({ preview: () => null, sends: false });
    studio.monitor.start();
    studio.run(3);
    studio.page.block(2);
    studio.run(1);
    const { worst } = studio.monitor.snapshot().page;
    assert.deepEqual(worst, {
      ...(worst as object),
      blocked: 1.95,
      duration: 2,
      script: 'https://page.example/slow.js work',
    });
    studio.run(8);
    assert.equal(studio.monitor.snapshot().page.worst, null, 'that was then');
  });

  it('counts a frame that is heard of after the look that was due in it into the time that it was in', () => {
    const { page, monitor } = new Studio({ preview: () => null, sends: false });
    /** What is told of a page that blocks for twenty seconds, and after it. */
    const told = () => {
      page.time += 20_000;
      // The look that was due meanwhile; and then the browser tells.
      page.pass(0);
      page.time += 1;
      page.tell('long-animation-frame', { duration: 20_000, blockingDuration: 19_950, scripts: [] });
      return Array.from({ length: 8 }, () => {
        page.pass(1);
        return monitor.snapshot().page.blocked!;
      });
    };
    monitor.start();
    page.pass(10);
    const shares = told();
    assert.ok(
      shares.slice(0, 4).every((share) => share > 0.8 && share <= 1),
      shares.join(),
    );
    assert.ok(
      shares.slice(4).every((share) => share >= 0 && share < 0.01),
      shares.join(),
    );
    // Of more frames than are kept nobody knows when the first one was.
    const { tell } = page;
    page.tell = (type, entry) => {
      for (let frame = 0; frame < 40; frame++)
        tell.call(page, type, frame ? { duration: 60, blockingDuration: 10, scripts: [] } : entry);
    };
    const most = told();
    assert.ok(
      most.every((share) => share <= 1),
      most.join(),
    );
    monitor.stop();
  });

  it('waits between two looks neither shorter nor longer than makes sense, whatever it is set to', () => {
    for (const [interval, wait] of [
      [1, 1],
      [60, 60],
      [0.001, 0.05],
      [0, 0.05],
      [-1, 0.05],
      [Infinity, 3600],
      [2 ** 31, 3600],
      [NaN, 3600],
    ] as const) {
      const { page, monitor } = new Studio({ interval, sends: false });
      monitor.start();
      const waits = page.timers.map(({ due }) => (due - page.time) / 1000);
      monitor.stop();
      assert.deepEqual(waits, [wait], String(interval));
    }
  });

  it('throws away what lies across a turn of visibility, and looks at nothing while the page is hidden', () => {
    const studio = new Studio();
    studio.page.measureMemory = async () => ({ bytes: 50e6 });
    studio.monitor.start();
    studio.run(6);
    const observing = () => [studio.page.timers.length, studio.page.observers.size, studio.page.pressures.size];
    const seen = observing();
    assert.deepEqual(seen, [2, 1, 1]);
    studio.page.turn(true);
    assert.deepEqual(observing(), [0, 0, 0]);
    const before = studio.monitor.snapshot();
    for (let second = 0; second < 300; second++) studio.work({ captured: 30, previewDropped: 30 });
    studio.page.time += 300_000;
    assert.equal(studio.monitor.snapshot(), before);
    studio.page.turn(false);
    assert.deepEqual(observing(), seen);
    studio.page.pass(1);
    assert.equal(studio.monitor.snapshot().window, 0);
    studio.run(2);
    const { window, preview, diagnosis } = studio.monitor.snapshot();
    assert.deepEqual([window, preview.lost, diagnosis.state], [2, 0, 'ok']);
  });

  it('tells no change of state before there is a window that could tell', () => {
    const studio = new Studio();
    studio.monitor.start();
    studio.run(6, { late: 9, encode: 0.04 });
    studio.page.turn(true);
    studio.page.turn(false);
    studio.run(1);
    const { window, diagnosis } = studio.monitor.snapshot();
    assert.deepEqual([window, diagnosis.state, diagnosis.cause], [0, 'bad', 'encoder']);
    studio.run(1);
    assert.equal(studio.monitor.snapshot().diagnosis.state, 'ok');
    studio.run(2);
    assert.deepEqual(
      studio.monitor.report().incidents.map(({ state }) => state),
      ['idle', 'bad', 'ok'],
    );
  });

  it('does not look at a preview while the page is hidden, and holds nothing of that time against it', () => {
    const studio = new Studio();
    const { page, monitor } = studio;
    const hiddenFor = (seconds: number) => {
      page.turn(true);
      for (let second = 0; second < seconds; second++) studio.work({ captured: 30, previewDropped: 30 });
      page.time += seconds * 1000;
    };
    monitor.start();
    studio.run(6);
    for (let push = 0; push < 3; push++) {
      hiddenFor(15);
      assert.equal(monitor.look().preview.lost, null, 'running');
    }
    page.turn(false);
    studio.run(3);
    assert.equal(monitor.snapshot().preview.lost, 0);
    // Stopped, it hears of no turn, and is asked all the same by who exports.
    monitor.stop();
    for (let push = 0; push < 3; push++) {
      hiddenFor(15);
      assert.equal(monitor.look().preview.lost, null, 'stopped');
    }
    page.turn(false);
    monitor.look();
    studio.work({ captured: 30 });
    page.time += 1000;
    assert.equal(monitor.look().preview.lost, 0);
  });

  it('tells of a page that nobody observes nothing, and never 0 or what was', async () => {
    const studio = new Studio({ sends: false });
    const { page, monitor } = studio;
    page.types = ['long-animation-frame', 'gc'];
    monitor.start();
    await settle();
    page.press('critical');
    studio.run(3);
    const { blocked } = monitor.snapshot().page;
    const { cpu, battery, gc } = monitor.snapshot().machine;
    assert.deepEqual([blocked, cpu, battery, gc], [0, 'critical', { level: 0.8, charging: true }, 0]);
    monitor.stop();
    for (let look = 0; look < 2; look++) {
      studio.work({ captured: 30 });
      page.time += 15_000;
      monitor.look();
    }
    const { window, machine, diagnosis, page: told } = monitor.snapshot();
    assert.equal(window, 15);
    assert.deepEqual([told.blocked, machine.cpu, machine.ownCpu, machine.battery, machine.gc], Array(5).fill(null));
    assert.deepEqual(diagnosis.findings, []);
    assert.doesNotMatch(openMetrics(monitor), /busy_ratio\{stage="(page|gc)"|cpu_pressure|battery_ratio/);
  });

  it('judges no page by less than a second, and is as it was until then', () => {
    const studio = new Studio({ interval: 0.25, preview: () => null, sends: false });
    const { page, monitor } = studio;
    monitor.start();
    page.pass(0.25);
    page.tell('long-animation-frame', { duration: 200, blockingDuration: 150, scripts: [] });
    const told: [number, string][] = [];
    for (let look = 0; look < 6; look++) {
      page.pass(0.25);
      const { window, diagnosis } = monitor.snapshot();
      told.push([window, diagnosis.state]);
    }
    assert.deepEqual(told, [
      [0.25, 'idle'],
      [0.5, 'idle'],
      [0.75, 'idle'],
      [1, 'warn'],
      [1.25, 'warn'],
      [1.5, 'warn'],
    ]);
  });

  it('judges no preview by its first frames', () => {
    let shown = false;
    const studio: Studio = new Studio({
      interval: 0.25,
      preview: () => (shown ? (studio.video as unknown as HTMLVideoElement) : null),
      sends: false,
    });
    const { page, monitor, video } = studio;
    monitor.start();
    page.pass(6);
    shown = true;
    const told: unknown[] = [];
    for (let look = 0; look < 6; look++) {
      const { totalVideoFrames, droppedVideoFrames } = video.totals;
      video.totals = { totalVideoFrames: totalVideoFrames + 8, droppedVideoFrames: droppedVideoFrames + 4 };
      page.pass(0.25);
      const { preview, diagnosis } = monitor.snapshot();
      told.push([preview.lost, diagnosis.cause]);
    }
    assert.deepEqual(told, [...Array<unknown>(4).fill([null, null]), [0.5, 'preview'], [0.5, 'preview']]);
  });

  it('tells how a connection is however far looks are apart, but not of what was long ago', async () => {
    const studio = new Studio({ interval: 10 });
    const { page, monitor } = studio;
    monitor.start();
    for (let look = 0; look < 4; look++) {
      for (let second = 0; second < 10; second++) studio.work({ captured: 30 });
      page.pass(10);
      await settle();
    }
    const { network } = monitor.snapshot();
    near(network!.bitrate, 1e6);
    assert.equal(network!.roundTrip, 0.05);
    page.turn(true);
    page.time += 3_600_000;
    page.turn(false);
    assert.equal(monitor.look().network, null, 'an hour ago');
    monitor.stop();
  });

  it('tells no rate of what a connection has not told, or told only once, and never 0 for it', async () => {
    let sent: { bytesSent: number; framesSent?: number };
    const connected = (totals: typeof sent) => {
      sent = totals;
      return {
        getStats: async () => new Map([['1', { type: 'outbound-rtp', ...sent }]]) as unknown as RTCStatsReport,
      };
    };
    let connection: ReturnType<typeof connected> | null = connected({ bytesSent: 9e6 });
    const network = new ConnectionProbe(() => connection);
    const { page, monitor } = new Studio({ network, preview: () => null });
    /** Bits and frames a second at the next look; a megabit and 30 frames are sent until it asks. */
    const next = async (seconds = 1) => {
      sent.bytesSent += seconds * 125_000;
      if (sent.framesSent !== undefined) sent.framesSent += seconds * 30;
      page.pass(1);
      await settle();
      const told = monitor.snapshot().network;
      return told && [told.bitrate, told.frameRate];
    };
    monitor.start();
    assert.deepEqual([await next(), await next(), await next()], [null, [null, null], [1e6, null]], 'sound');
    assert.doesNotMatch(openMetrics(monitor), /fps\{stage="network"|stage="sent"/);
    connection = null;
    for (let second = 0; second < 6; second++) await next();
    assert.equal(await next(), null, 'none');
    connection = connected({ bytesSent: 0, framesSent: 0 });
    assert.deepEqual([await next(), await next(), await next()], [null, [null, null], [1e6, 30]], 'another one');
    connection = connected({ bytesSent: 0, framesSent: 0 });
    for (let second = 0; second < 4; second++) assert.deepEqual(await next(), [1e6, 30], 'at once after that one');
    for (const meanwhile of [0, 300]) {
      const total = () => monitor.snapshot().totals['network:bytes']!;
      const before = total();
      page.turn(true);
      page.time += 300_000;
      page.turn(false);
      // Whatever was sent while nobody looked: the mean of all that time is the rate of none.
      const told = [await next(meanwhile + 1), await next(), await next()];
      assert.deepEqual(told, [null, [null, null], [1e6, 30]], `${meanwhile} s were sent meanwhile`);
      await next();
      // The answer to each look is in the total of the next.
      assert.equal(total() - before, (meanwhile + 4) * 125_000, 'nothing is lost of the total');
    }
    monitor.stop();
  });

  it('makes no rate of an answer that was asked for before a turn of visibility', async () => {
    let sent = 0;
    const answers: (() => void)[] = [];
    const connection = {
      getStats: () =>
        new Promise<RTCStatsReport>((resolve) => {
          const told = { type: 'outbound-rtp', bytesSent: sent, framesSent: 0 };
          answers.push(() => resolve(new Map([['1', told]]) as unknown as RTCStatsReport));
        }),
    };
    const { page, monitor } = new Studio({ network: new ConnectionProbe(() => connection), preview: () => null });
    const answered = async () => {
      answers.shift()!();
      await settle();
    };
    /** A second in which so much is sent; what is asked at its end. */
    const second = (bytes: number) => {
      sent += bytes;
      page.pass(1);
      return monitor.snapshot().network?.bitrate ?? null;
    };
    monitor.start();
    second(125_000);
    await answered();
    second(125_000);
    page.turn(true);
    page.time += 300_000;
    page.turn(false);
    second(0);
    await answered();
    assert.equal(answers.length, 1, 'it is asked anew, and nobody waits for what was asked before');
    await answered();
    assert.equal(second(125_000), null);
    await answered();
    assert.equal(second(125_000), 1e6);
    monitor.stop();
  });

  it('tells how it goes in a hidden page that is looked at once a minute, as Chromium lets it', async () => {
    const studio: Studio = new Studio({ silentFor: () => silence.look() });
    const silence = new TakeSilence(() => studio.metrics.counter('record:seconds').value, studio.page.now);
    const { page, monitor } = studio;
    monitor.start();
    studio.run(6);
    page.turn(true);
    const minute = async (second: Parameters<Studio['work']>[0] | null) => {
      for (let passed = 0; passed < 61; passed++) if (second) studio.work(second);
      page.time += 61_000;
      const { window, capture, network, disk, diagnosis } = monitor.look();
      await settle();
      return { window, told: [capture.frameRate, network?.bitrate, disk.silentFor, diagnosis.state, diagnosis.cause] };
    };
    const well = { captured: 30, encode: 0.01, write: 0.002 };
    for (let minutes = 0; minutes < 2; minutes++) await minute(well);
    assert.deepEqual(await minute(well), { window: 61, told: [30, 1e6, 0, 'ok', null] });
    const { told } = await minute({ ...well, late: 9, encode: 0.04 });
    assert.deepEqual(told.slice(3), ['bad', 'encoder']);
    await minute(null);
    assert.deepEqual((await minute(null)).told.slice(2), [61, 'bad', 'disk']);
    monitor.stop();
  });

  /** A producer of which some takes run, and a monitor of it. */
  function takesOf(count: number) {
    const page = new FakePage();
    const metrics = new Metrics();
    const state = { move: null, connection: null, network: null };
    const producer = { metrics, stream: null, store: { get: () => state } } as unknown as MediaProducer;
    const monitor = performanceMonitorOf(producer, { platform: page });
    const takes = Array.from({ length: count }, () => {
      const worker = new Metrics();
      const meter = new RunMeter(
        () => metrics,
        () => {},
      );
      /** What its worker tells of a second. */
      const tell = (waiting: number) => {
        worker.counter('record:seconds').add(1);
        worker.counter('bytes:written').add(250_000);
        worker.sample('queue:disk', waiting);
        meter.count(structuredClone(worker.drain()));
      };
      return { run: (runs: boolean) => meter.run(runs), tell };
    });
    return { page, metrics, monitor, takes };
  }

  it('knows the sound of a producer by who meters it, and calls silent only what is to be a microphone', () => {
    const page = new FakePage();
    const levels = { silentFor: 8, clips: 0, channels: [], loudness: null, truePeak: null, noiseFloor: null };
    const state = { levels: null as (() => unknown) | null };
    const producer = { metrics: null, stream: null, store: { get: () => state }, config: null as unknown };
    const monitor = performanceMonitorOf(producer as unknown as MediaProducer, { platform: page });
    const told = () => {
      page.time += 1000;
      return monitor.look().diagnosis.findings.map(({ measure }) => measure);
    };
    assert.deepEqual([told(), monitor.snapshot().audio], [[], null], 'nobody meters it');
    state.levels = () => levels;
    assert.deepEqual(told(), ['audio:silent'], 'a given stream');
    producer.config = { video: 'camera', audio: ['microphone'] };
    assert.deepEqual(told(), ['audio:silent']);
    producer.config = { video: 'screen', audio: ['system'] };
    assert.deepEqual(told(), []);
    levels.clips = 40;
    assert.deepEqual(told(), ['audio:clips']);
    state.levels = () => null;
    assert.deepEqual([told(), monitor.snapshot().audio], [[], null], 'it is not measured');
  });

  it('counts the clips of another meter, or of another producer, from when it comes', () => {
    const page = new FakePage();
    const meterOf = (clips: number) => {
      const levels = { silentFor: 0, clips, channels: [], loudness: null, truePeak: null, noiseFloor: null };
      return { levels, measured: () => levels };
    };
    const producerOf = (levels: unknown) => {
      const state = { move: null, levels };
      return { metrics: null, stream: null, config: null, store: { get: () => state }, state };
    };
    const [loud, louder, another] = [meterOf(10), meterOf(900), meterOf(4000)];
    const [first, second] = [producerOf(loud.measured), producerOf(louder.measured)];
    let producer = first;
    const monitor = performanceMonitorOf(() => producer as unknown as MediaProducer, { platform: page });
    const looks = (count: number) => {
      for (let look = 0; look < count; look++) {
        page.time += 1000;
        assert.deepEqual(monitor.look().diagnosis.findings, []);
      }
      return monitor.snapshot().totals['audio:clips'];
    };
    assert.equal(looks(3), 0);
    producer = second;
    assert.equal(looks(3), 0, 'of another producer');
    second.state.levels = another.measured;
    assert.equal(looks(3), 0, 'of the same one');
    another.levels.clips += 2;
    assert.equal(looks(1), 2, 'and of this one from now on');
  });

  it('says what a quality was lowered for also where it came too late to see that', () => {
    const stateOf = (level: number, loweredFor: string) => ({
      move: { quality: { level }, previous: level * 0.8, cause: 'ease' },
      loweredFor,
    });
    let state = stateOf(0.64, 'battery');
    const producer = { metrics: null, stream: null, config: null, store: { get: () => state } };
    const monitor = performanceMonitorOf(producer as unknown as MediaProducer, { platform: new FakePage() });
    assert.equal(monitor.look().diagnosis.cause, 'battery');
    state = stateOf(0.8, 'disk');
    assert.equal(monitor.look().diagnosis.cause, 'disk', 'of another producer');
  });

  /** A producer with a camera and a take, and a monitor of it. */
  function filmOf(frameRate: number) {
    const page = new FakePage();
    const metrics = new Metrics();
    const settings = { groupId: 'desk', frameRate };
    let asked = 0;
    const trackOf = () => ({
      enabled: true,
      muted: false,
      getSettings: () => {
        asked++;
        return settings;
      },
    });
    const stream = { track: trackOf(), getVideoTracks: () => [stream.track] };
    const producer = { metrics, stream, config: null, store: { get: () => ({ move: null }) } };
    const monitor = performanceMonitorOf(producer as unknown as MediaProducer, { platform: page });
    return {
      monitor,
      settings,
      /** How often settings were asked for since the last time. */
      asked: () => [asked, (asked = 0)][0]!,
      turn: () => (stream.track = trackOf()),
      /** What is found, look by look, while so many frames are told each second. */
      looks: (count: number, frames: number) =>
        Array.from({ length: count }, () => {
          metrics.counter('frames:captured').add(frames);
          metrics.counter('frames:taken').add(frames);
          metrics.counter('frames:seconds').add(1);
          page.time += 1000;
          return String(monitor.look().diagnosis.findings.map(({ measure }) => measure));
        }),
    };
  }

  it('asks a camera seldom what it has settled for, and at once when its frames come at another rate', () => {
    const { monitor, settings, asked, looks } = filmOf(30);
    looks(8, 30);
    asked();
    assert.deepEqual(new Set(looks(30, 30)), new Set(['']));
    const often = asked();
    assert.ok(often >= 2 && often <= 3, String(often));
    settings.frameRate = 15;
    assert.deepEqual(new Set(looks(15, 15)), new Set(['']));
    assert.equal(monitor.snapshot().capture.target, 15);
    assert.equal(looks(8, 10).at(-1), 'capture:rate');
  });

  it('holds a camera that takes the place of another one to nothing until all frames are its own', () => {
    for (const [before, after] of [
      [15, 30],
      [30, 15],
      [30, 30],
    ] as const) {
      const { monitor, settings, looks, turn } = filmOf(before);
      looks(8, before);
      assert.equal(monitor.snapshot().capture.target, before);
      turn();
      settings.frameRate = after;
      // What a worker tells each second is of the one before for a while, and between two some frames are missing.
      const found = [...looks(1, before), ...looks(1, Math.min(before, after) - 5), ...looks(15, after)];
      assert.deepEqual(new Set(found), new Set(['']), `${before} to ${after}`);
      assert.equal(monitor.snapshot().capture.target, after);
      assert.equal(looks(8, after * 0.6).at(-1), 'capture:rate', 'one that is slow by itself');
    }
  });

  it('tells what a take holds also while its worker is held up, and tells nothing', () => {
    const { page, metrics, monitor, takes } = takesOf(1);
    const [take] = takes as [(typeof takes)[number]];
    const held = () => monitor.snapshot().memory.own['record'];
    monitor.start();
    page.pass(2);
    assert.equal(held(), 0);
    take.run(true);
    take.tell(5e6);
    page.pass(1);
    near(held(), 5e6);
    take.tell(3e6);
    page.pass(1);
    near(held(), 3e6);
    page.pass(20);
    assert.equal(monitor.snapshot().buffers.disk, null);
    near(held(), 3e6);
    take.run(false);
    page.pass(2);
    assert.equal(held(), 0, 'nothing is recorded');
    assert.equal(runsOf(metrics).size, 0);
    monitor.stop();
  });

  it('tells of two takes at once what both write and hold, and of the one of which nothing is heard', () => {
    const { page, monitor, takes } = takesOf(2);
    const [one, other] = takes as [(typeof takes)[number], (typeof takes)[number]];
    const told = () => {
      const { disk, memory, diagnosis } = monitor.snapshot();
      return { bitrate: disk.bitrate, held: memory.own['record'], silentFor: disk.silentFor, state: diagnosis.state };
    };
    monitor.start();
    one.run(true);
    for (let second = 0; second < 8; second++) {
      one.tell(1e6);
      page.pass(1);
    }
    assert.deepEqual(told(), { bitrate: 2e6, held: 1e6, silentFor: 0, state: 'ok' });
    other.run(true);
    for (let second = 0; second < 8; second++) {
      one.tell(1e6);
      other.tell(2e6);
      page.pass(1);
    }
    assert.deepEqual(told(), { bitrate: 4e6, held: 3e6, silentFor: 0, state: 'ok' });
    for (let second = 0; second < 8; second++) {
      one.tell(1e6);
      page.pass(1);
    }
    assert.deepEqual(told(), { bitrate: 2e6, held: 3e6, silentFor: 7, state: 'bad' });
    assert.deepEqual(
      monitor.snapshot().diagnosis.findings.map(({ measure }) => measure),
      ['disk:silent'],
    );
    other.run(false);
    one.tell(1e6);
    page.pass(1);
    assert.deepEqual(told(), { bitrate: 2e6, held: 1e6, silentFor: 0, state: 'ok' });
    one.run(false);
    page.pass(1);
    assert.deepEqual([told().held, told().silentFor], [0, null]);
    // One that goes on after a pause was not silent in it.
    page.pass(20);
    one.run(true);
    for (let second = 0; second < 3; second++) {
      page.pass(1);
      assert.ok(told().silentFor! <= 2, String(told().silentFor));
    }
    monitor.stop();
  });

  it('is not idle while something is captured that nobody counts', () => {
    let live = true;
    const { page, monitor } = new Studio({ active: () => live, preview: () => null, sends: false });
    monitor.start();
    page.pass(3);
    assert.deepEqual([monitor.snapshot().diagnosis.state, monitor.snapshot().active], ['ok', true]);
    live = false;
    page.pass(1);
    assert.equal(monitor.snapshot().diagnosis.state, 'idle');
  });

  it('notices a take of which nothing is heard any more, while it is so, and no other silence', () => {
    let runs = false;
    const studio: Studio = new Studio({ silentFor: () => silence.look(), active: () => true, sends: false });
    const recorded = () => studio.metrics.counter('record:seconds').value;
    const silence = new TakeSilence(() => (runs ? recorded() : null), studio.page.now);
    const { page, monitor } = studio;
    const told = () => {
      const { state, cause, findings } = monitor.snapshot().diagnosis;
      return [state, cause, findings[0]?.measure ?? null];
    };
    monitor.start();
    page.pass(20);
    assert.deepEqual([monitor.snapshot().disk.silentFor, ...told()], [null, 'ok', null, null], 'there is no take');
    runs = true;
    studio.run(6);
    assert.deepEqual([monitor.snapshot().disk.silentFor, ...told()], [0, 'ok', null, null]);
    const states: string[] = [];
    for (let second = 0; second < 8; second++) {
      page.pass(1);
      states.push(String(told()));
    }
    // Of the last look: what the page hears only after it was blocked is no silence.
    const silent = (state: string) => `${state},disk,disk:silent`;
    assert.deepEqual(states.slice(0, 4), Array(4).fill('ok,,'));
    assert.deepEqual(states.slice(4), [silent('warn'), silent('warn'), silent('bad'), silent('bad')]);
    studio.run(1);
    assert.equal(monitor.snapshot().disk.silentFor, 0);
    page.block(20);
    assert.equal(monitor.snapshot().disk.silentFor, 0, 'the page has not heard it yet');
    studio.run(1);
    assert.equal(monitor.snapshot().disk.silentFor, 0);
    page.turn(true);
    page.time += 3_600_000;
    page.turn(false);
    page.pass(2);
    assert.ok(monitor.snapshot().disk.silentFor! <= 1, 'a page that was hidden did not look');
    runs = false;
    page.pass(20);
    assert.deepEqual([monitor.snapshot().disk.silentFor, ...told()], [null, 'ok', null, null], 'a pause');
  });

  it('knows nothing of a time in which the machine slept', () => {
    const studio = new Studio();
    studio.page.types = [];
    studio.monitor.start();
    studio.run(6);
    studio.page.block(3600);
    studio.run(3);
    assert.equal(studio.monitor.snapshot().diagnosis.state, 'ok');
    const { states } = studio.monitor.report();
    assert.ok(states.ok < 20 && states.bad === 0, JSON.stringify(states));
  });

  it('counts from zero with a reset, while registry, exports and other monitors see no step back', () => {
    const studio = new Studio();
    const other = new PerformanceMonitor({ platform: studio.page, metrics: () => studio.metrics });
    studio.monitor.start();
    studio.run(5, { late: 3 });
    studio.monitor.log.failed('record', new Error('no'));
    const exported = /dropped_frames_total\{cause="late"\} (\d+)/;
    assert.equal(exported.exec(openMetrics(studio.monitor))![1], '15');
    studio.monitor.reset();
    for (const told of [studio.monitor.snapshot(), studio.monitor.report().last])
      assert.deepEqual([told.totals['frames:dropped:late'], told.window], [0, 0], 'at once');
    const { totals, session, uptime } = studio.monitor.look();
    assert.deepEqual(
      [totals['frames:dropped:late'], session.errors.count, session.errors.recent.length, uptime],
      [0, 0, 0, 0],
    );
    assert.equal(exported.exec(openMetrics(studio.monitor))![1], '15');
    assert.equal(other.look().totals['frames:dropped:late'], 15);
    assert.equal(studio.metrics.counter('frames:dropped:late').value, 15);
  });

  it('shows no counter that starts anew as negative', () => {
    const metrics = new Metrics();
    const add = makeGrowth(metrics);
    const counted = (value: number, of: string) => {
      add(of, { count: value });
      return metrics.counter('count').value;
    };
    assert.deepEqual(
      [100, 130, 130, 5, 25].map((value) => counted(value, 'one')),
      [0, 30, 30, 35, 55],
    );
    assert.deepEqual([counted(1000, 'another'), counted(1010, 'another')], [55, 65]);

    const studio = new Studio();
    studio.monitor.start();
    studio.run(4);
    studio.video.totals = { totalVideoFrames: 0, droppedVideoFrames: 0 };
    studio.connection.sent = { bytesSent: 0, framesSent: 0 };
    for (let second = 0; second < 4; second++) {
      studio.run(1);
      const { totals, preview } = studio.monitor.snapshot();
      assert.ok(
        Object.values(totals).every((count) => count >= 0),
        JSON.stringify(totals),
      );
      assert.ok((preview.frameRate as number) > 0);
    }
  });

  it('follows a producer that has nothing to count at first, and another one from then on', () => {
    let metrics: Metrics | null = null;
    const page = new FakePage();
    const monitor = new PerformanceMonitor({ platform: page, metrics: () => metrics });
    monitor.look();
    metrics = new Metrics();
    metrics.counter('pool:created').add();
    assert.equal(monitor.look().totals['pool:created'], 1, 'what it did to begin with');
    metrics = new Metrics();
    metrics.counter('pool:created').add(7);
    assert.equal(monitor.look().totals['pool:created'], 0);
    metrics.counter('pool:created').add(2);
    assert.equal(monitor.look().totals['pool:created'], 2);
  });

  it('exports what all producers have counted that it followed, while it did: no step back, and no jump', () => {
    const [first, second] = [new Metrics(), new Metrics()];
    let metrics: Metrics | null = first;
    const monitor = new PerformanceMonitor({ platform: new FakePage(), metrics: () => metrics });
    const exported = () => {
      monitor.look();
      const text = openMetrics(monitor);
      const [written, encoded] = [/written_bytes_total (\d+)/, /stage_seconds_count\{stage="encode"\} (\d+)/].map(
        (sample) => Number(sample.exec(text)![1]),
      );
      return [written, encoded];
    };
    const count = (registry: Metrics, amount: number) => {
      registry.counter('bytes:written').add(amount);
      registry.record('encode', 0.01);
    };
    count(first, 10_000);
    count(second, 20_000);
    assert.deepEqual(exported(), [10_000, 1]);
    metrics = second;
    assert.deepEqual(exported(), [10_000, 1], 'another one counts from now');
    count(second, 5);
    count(first, 7);
    assert.deepEqual(exported(), [10_005, 2]);
    metrics = null;
    assert.deepEqual(exported(), [10_005, 2], 'none');
    monitor.reset();
    metrics = second;
    count(second, 3);
    assert.deepEqual(exported(), [10_005, 2], 'what it did meanwhile is not known');
    assert.equal(monitor.snapshot().totals['bytes:written'], 0, 'since the reset');
    count(second, 1);
    assert.deepEqual(exported(), [10_006, 3]);
    metrics = first;
    count(first, 4);
    assert.deepEqual(exported(), [10_006, 3]);
    assert.equal(monitor.snapshot().totals['bytes:written'], 0);
  });

  it('reports latencies, operations and errors, and keeps only so many', () => {
    const { monitor } = new Studio();
    monitor.log.latency('start', 0.2);
    monitor.log.latency('start', 0.4);
    for (let count = 0; count < 3; count++) monitor.log.succeeded('take');
    monitor.log.failed('take', Object.assign(new Error('The disk is full.'), { code: 'disk-full' }));
    for (let count = 0; count < 500; count++) {
      monitor.log.latency(`type ${count}`, 1);
      monitor.log.failed(`operation ${count}`, new TypeError(`${count}`));
    }
    const { latency, last } = monitor.report();
    const { operations, errors, successRate } = last.session;
    near(latency['start']!.max, 0.4);
    assert.equal(latency['start']!.count, 2);
    assert.deepEqual(operations['take'], { succeeded: 3, failed: 1, rate: 0.75 });
    assert.deepEqual([errors.count, errors.byCode['disk-full'], errors.byCode['TypeError']], [501, 1, 500]);
    near(successRate, 3 / 504);
    assert.equal(errors.recent.length, 50);
    assert.equal(errors.recent.at(-1)!.message, '499');
    assert.ok(Object.keys(latency).length <= 17 && Object.keys(operations).length <= 34);
    assert.equal(operations['other']!.failed, 485);
  });

  it('adds what is logged to what stages have counted under the same name', () => {
    const { monitor, metrics } = new Studio();
    monitor.look();
    for (const name of ['succeeded:capture', 'failed:capture', 'error:not-found']) metrics.counter(name).add(2);
    monitor.log.succeeded('capture');
    monitor.log.failed('capture', Object.assign(new Error('There is no camera.'), { code: 'not-found' }));
    const { operations, errors, successRate } = monitor.look().session;
    assert.deepEqual(operations['capture'], { succeeded: 3, failed: 3, rate: 0.5 });
    assert.deepEqual([errors.count, errors.byCode, successRate], [3, { 'not-found': 3 }, 0.5]);
    assert.match(openMetrics(monitor), /operations_total\{operation="capture",outcome="succeeded"\} 3\n/);
  });

  it('tells of whatever was thrown what it was', () => {
    const { monitor } = new Studio();
    const foreign = { name: 'NotAllowedError', message: 'no', code: 18 };
    for (const thrown of [foreign, 'no', null, Object.assign(new TypeError('no'), { code: 'refused' })])
      monitor.log.failed('take', thrown);
    assert.deepEqual(
      monitor.look().session.errors.recent.map(({ code, message }) => [code, message]),
      [
        ['NotAllowedError', 'no'],
        ['Error', 'no'],
        ['Error', 'null'],
        ['refused', 'no'],
      ],
    );
  });

  it('keeps a point of each look, the changes of state, and how long each state lasted', () => {
    const studio = new Studio({ history: 20 });
    studio.monitor.start();
    studio.run(30);
    studio.run(10, { late: 10, encode: 0.04 });
    studio.run(30);
    const { history } = studio.monitor;
    assert.equal(history.length, 20);
    assert.deepEqual([history.at(-1)!.capture, history.at(-1)!.state, history.at(-1)!.lost], [30, 'ok', 0]);
    const { incidents, states, uptime, timed } = studio.monitor.report();
    assert.deepEqual(
      incidents.map(({ state, cause }) => `${state} ${cause}`),
      ['idle null', 'ok null', 'bad encoder', 'ok null'],
    );
    assert.match(incidents[2]!.finding!.measure, /^encoder:/);
    assert.equal(uptime, 70);
    near(states.bad, 14, 0.15);
    near(states.ok + states.bad + states.idle + states.warn, 69);
    assert.ok(timed['encode']!.count > 1900);
    assert.ok(Object.isFrozen(studio.monitor.snapshot()) && Object.isFrozen(studio.monitor.snapshot().page));
  });

  it('makes one incident of what flickers about its limit, and tells what is worse at once', () => {
    const studio = new Studio({ window: 1 });
    const { monitor } = studio;
    const told = () => monitor.report().incidents.map(({ state, cause }) => `${state} ${cause}`);
    const slow = { write: 0.06 };
    monitor.start();
    studio.run(3);
    for (let turn = 0; turn < 200; turn++) {
      studio.run(1, slow);
      studio.run(1);
    }
    assert.deepEqual(told(), ['idle null', 'ok null', 'warn disk']);
    studio.run(1, { blocked: 0.6 });
    assert.deepEqual(told().slice(3), ['bad page']);
    studio.run(2, slow);
    assert.deepEqual(told().slice(4), [], 'it may be bad again');
    studio.run(1, slow);
    assert.deepEqual(told().slice(4), ['warn disk']);
    studio.run(3);
    assert.deepEqual(told().slice(5), ['ok null']);
    assert.ok(monitor.report().states.ok > 190, 'how long it was in each is counted look by look');
  });

  it('lets go of the older half of what it keeps when memory is short, while it runs', async () => {
    const studio = new Studio();
    const { page, monitor } = studio;
    monitor.start();
    studio.run(600);
    const last = monitor.history.at(-1);
    const short = async () => {
      page.time += 60_000;
      page.heap = { usedJSHeapSize: 3.5e9, jsHeapSizeLimit: 4e9 };
      monitor.memory.look();
      await settle();
      return monitor.history.length;
    };
    assert.deepEqual([await short(), await short()], [300, 150]);
    assert.equal(monitor.history.at(-1), last);
    assert.equal(monitor.report().timed['encode']!.count, 600 * 30, 'what was counted is still counted');
    monitor.stop();
    assert.equal(await short(), 150);
  });

  it('shows what is timed in the performance panel while it is asked to and runs, and leaves nothing there', async () => {
    /** What shows it is loaded by who asks for it. */
    const loaded = async () => {
      await import('../../../src/core/monitor/trace.js');
      await settle();
    };
    const shown = mock.method(performance, 'measure');
    const first = new Studio();
    const second = new PerformanceMonitor({ platform: first.page, metrics: () => first.metrics });
    try {
      first.metrics.record('encode', 0.01);
      first.monitor.trace = true;
      assert.equal(first.metrics.trace, null, 'it does not run');
      first.monitor.start();
      await loaded();
      first.monitor.look();
      first.metrics.record('encode', 0.01);
      second.trace = true;
      second.start();
      await loaded();
      first.monitor.stop();
      second.look();
      first.metrics.end('disk:write', first.metrics.start('disk:write'));
      second.trace = false;
      second.look();
      first.metrics.record('encode', 0.01);
      assert.deepEqual(
        shown.mock.calls.map(({ arguments: [name] }) => name),
        ['onair encode', 'onair disk:write'],
      );
      const { detail } = shown.mock.calls[0]!.arguments[1] as { detail: { devtools: { track: string } } };
      assert.equal(detail.devtools.track, 'encode');
      assert.deepEqual(performance.getEntriesByType('measure'), []);
    } finally {
      mock.restoreAll();
      second.stop();
    }
  });

  it('reads no clock and writes nothing where nobody times', () => {
    const metrics = new Metrics({ enabled: false, now: () => assert.fail('the clock was read') });
    metrics.record('encode', 1);
    metrics.sample('queue:encoder', 1);
    assert.deepEqual(metrics.state().histograms, {});
    const traced = new Metrics({ now: () => assert.fail('the clock was read') });
    traced.record('encode', 1);
  });

  it('leaves no timer and no observer behind, and subscribes to web vitals once', async () => {
    const page = new FakePage();
    const watch = new PageWatch(page);
    const observed = mock.method(page.document, 'addEventListener');
    for (let round = 0; round < 200; round++) {
      const monitor = new PerformanceMonitor({ platform: page, page: watch });
      monitor.start();
      page.pass(2);
      monitor.stop();
      assert.deepEqual([page.timers.length, page.observers.size, page.pressures.size], [0, 0, 0]);
    }
    await settle();
    const signals = observed.mock.calls.map(
      ({ arguments: [, , options] }) => (options as { signal: AbortSignal }).signal,
    );
    assert.equal(page.subscriptions, 1);
    assert.ok(signals.length === 200 && signals.every(({ aborted }) => aborted));
  });

  it('observes the page once for all monitors', () => {
    const page = new FakePage();
    const watch = new PageWatch(page);
    const monitors = Array.from({ length: 3 }, () => new PerformanceMonitor({ platform: page, page: watch }));
    monitors.forEach((monitor) => monitor.start());
    assert.deepEqual([page.observers.size, page.pressures.size], [1, 1]);
    monitors.slice(1).forEach((monitor) => monitor.stop());
    assert.equal(page.observers.size, 1);
    monitors[0]!.stop();
    assert.equal(page.observers.size, 0);
  });
});
