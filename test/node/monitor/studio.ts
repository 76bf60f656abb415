import { type CounterName, Metrics } from '../../../src/core/metrics/index.js';
import {
  ConnectionProbe,
  PerformanceMonitor,
  type PerformanceMonitorOptions,
} from '../../../src/core/monitor/index.js';
import { FakePage } from './fake-page.js';

/** What a second of a take is like. Frames and packets by second, times in seconds, sizes in bytes. */
export interface Second {
  captured?: number;
  missing?: number;
  late?: number;
  queue?: number;
  disk?: number;
  /** The encoder's work on a frame. */
  encode?: number;
  /** Ten writes of this length. */
  write?: number;
  /** Seconds that the queues may still stand still. */
  headroom?: { encoder?: number; disk?: number };
  previewDropped?: number;
  blocked?: number;
  lostPackets?: number;
  heap?: number;
}

const WELL = { captured: 30, encode: 0.01, write: 0.002, heap: 10e6 };

/** A page with a camera of 30 frames a second, its preview, a take in a worker, and a connection. */
export class Studio {
  readonly page = new FakePage();
  readonly metrics = new Metrics();
  readonly worker = new Metrics();
  readonly video = {
    paused: false,
    currentTime: 10,
    totals: { totalVideoFrames: 100, droppedVideoFrames: 0 },
    getVideoPlaybackQuality: () => this.video.totals,
  };
  readonly connection = {
    sent: { bytesSent: 0, framesSent: 0 },
    fractionLost: 0,
    limited: 'none',
    getStats: async () =>
      new Map<string, object>([
        ['1', { type: 'outbound-rtp', ...this.connection.sent, qualityLimitationReason: this.connection.limited }],
        [
          '2',
          {
            type: 'remote-inbound-rtp',
            fractionLost: this.connection.fractionLost,
            roundTripTime: 0.05,
            jitter: 0.002,
          },
        ],
        ['3', { type: 'candidate-pair', nominated: true, availableOutgoingBitrate: 5e6 }],
      ]) as unknown as RTCStatsReport,
  };
  readonly monitor: PerformanceMonitor;
  target: number | null = 30;

  constructor({ sends = true, ...options }: PerformanceMonitorOptions & { sends?: boolean } = {}) {
    this.monitor = new PerformanceMonitor({
      platform: this.page,
      metrics: () => this.metrics,
      targetFrameRate: () => this.target,
      preview: () => this.video as unknown as HTMLVideoElement,
      ...(sends ? { network: new ConnectionProbe(() => this.connection) } : {}),
      ...options,
    });
  }

  /** Lets seconds of this kind go by, with a monitor that runs. */
  run(seconds: number, second: Second = {}): void {
    for (let count = 0; count < seconds; count++) {
      this.work({ ...WELL, ...second });
      this.page.pass(1);
    }
  }

  /** What stages do in a second, and what the worker then tells the page. */
  work({
    captured = 0,
    missing = 0,
    late = 0,
    queue = 0,
    disk = 0,
    encode = 0,
    write = 0,
    headroom = {},
    previewDropped = 0,
    blocked = 0,
    lostPackets = 0,
    heap = 0,
  }: Second): void {
    const { worker } = this;
    const count = (name: CounterName, amount: number) => worker.counter(name).add(amount);
    const taken = captured - late - queue - disk;
    count('frames:captured', captured);
    count('frames:taken', taken);
    count('frames:dropped:late', late);
    count('frames:dropped:queue', queue);
    count('frames:dropped:disk', disk);
    count('frames:dropped:source', missing);
    count('frames:seconds', 1);
    count('record:seconds', 1);
    count('bytes:written', 250_000);
    for (let frame = 0; frame < taken; frame++) {
      worker.record('encode', encode * 1.5);
      worker.record('frame:encode', encode);
      worker.record('frame:total', encode * 2);
    }
    for (let writes = 0; writes < 10; writes++) worker.record('disk:write', write);
    worker.sample('queue:encoder', 1);
    worker.sample('headroom:encoder', headroom.encoder ?? 0.23);
    worker.sample('headroom:disk', headroom.disk ?? 100);
    this.metrics.merge(structuredClone(worker.drain()));
    this.video.totals = {
      totalVideoFrames: this.video.totals.totalVideoFrames + 30,
      droppedVideoFrames: this.video.totals.droppedVideoFrames + previewDropped,
    };
    const { bytesSent, framesSent } = this.connection.sent;
    this.connection.sent = { bytesSent: bytesSent + 125_000, framesSent: framesSent + 30 };
    this.connection.fractionLost = lostPackets;
    if (this.page.heap) this.page.heap = { ...this.page.heap, usedJSHeapSize: heap };
    if (blocked > 0)
      this.page.tell('long-animation-frame', {
        duration: blocked * 1000,
        blockingDuration: blocked * 1000,
        scripts: [],
      });
  }
}
