import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { StreamPool } from '../../../src/core/capture/index.js';
import { MediaProducer, type ConnectionStatus } from '../../../src/core/producer/index.js';
import { FakeMachine, FakeStream, FakeTrack, refusal } from './devices.js';
import { uncaught } from '../../support/uncaught.js';

const MICROPHONE = { video: 'none', audio: ['microphone'] } as const;

let machine: FakeMachine;
let page: EventTarget;
let pool: StreamPool;
let producer: MediaProducer;

beforeEach(() => {
  machine = new FakeMachine();
  page = new EventTarget();
  pool = new StreamPool({ platform: machine, page });
  producer = new MediaProducer({ platform: machine, pool });
});

describe('the figures of a producer', () => {
  it('come with the first capture, so that a page that never captures does not load them', async () => {
    assert.deepEqual([producer.metrics, producer.monitor], [null, null]);
    await producer.start();
    assert.equal(producer.monitor!.metrics, producer.metrics);
    assert.equal(producer.monitor, producer.monitor);
    assert.equal(producer.monitor!.snapshot().frames.captured, 0);
  });

  it('come with a given stream too', async () => {
    producer.use(new FakeStream([new FakeTrack('video')]).stream);
    await producer.prepare();
    assert.ok(producer.metrics);
  });

  it('count captures that were opened, and those that were open already', async () => {
    await producer.start();
    const other = new MediaProducer({ platform: machine, pool: new StreamPool({ platform: machine, page }) });
    await other.start();
    assert.deepEqual(producer.monitor!.snapshot().pool, { created: 1, reused: 0, reuseRate: 0 });
    producer.stop();
    producer.keepWarm = 10;
    await producer.start();
    producer.stop();
    await producer.start();
    assert.deepEqual(producer.monitor!.snapshot().pool, { created: 2, reused: 1, reuseRate: 1 / 3 });
    assert.equal(other.monitor!.snapshot().pool.created, 1, 'each its own');
    producer.stop();
    machine.userFailure = refusal('NotReadableError');
    await producer.start(MICROPHONE).catch(() => {});
    assert.equal(producer.monitor!.snapshot().pool.created, 2, 'what failed is no capture');
  });

  it('hold the frame rate against the one that was asked for, or that the camera has settled for', async () => {
    await producer.start({ video: 'camera', audio: [], frameRate: 24 });
    assert.equal(producer.monitor!.snapshot().targetFrameRate, 24);
    const track = new FakeTrack('video', 'canvas', { frameRate: 15 });
    producer.use(new FakeStream([track]).stream);
    assert.equal(producer.monitor!.snapshot().targetFrameRate, 15);
    producer.stop();
    await producer.start(MICROPHONE);
    assert.equal(producer.monitor!.snapshot().targetFrameRate, null);
  });
});

describe('a producer as a driver of sensors', () => {
  it('has a type, an id of its own, and a name', () => {
    assert.equal(producer.type, 'producer');
    assert.notEqual(producer.id, new MediaProducer().id);
    assert.equal(producer.name, producer.id);
    const named = new MediaProducer({ id: 'door', name: 'Door camera' });
    assert.deepEqual([named.id, named.name], ['door', 'Door camera']);
  });

  it('tells whether it is connected, since when, and what went wrong last', async () => {
    assert.deepEqual(producer.status, { connected: false, since: null, lastError: null });
    const before = Date.now();
    await producer.start();
    const { connected, since } = producer.status;
    assert.ok(connected && Number(since) >= before && Number(since) <= Date.now());
    producer.pause();
    assert.equal(producer.status.since, since, 'paused, and still connected');
    producer.stop();
    assert.deepEqual(producer.status, { connected: false, since: null, lastError: null });
  });

  it('remembers an error after the state has forgotten it', async () => {
    machine.userFailure = refusal('NotReadableError');
    await producer.start().catch(() => {});
    assert.equal(producer.status.lastError?.code, 'busy');
    producer.stop();
    assert.equal(producer.error, null);
    assert.equal(producer.status.lastError?.code, 'busy');
  });

  it('has its status right before anybody is told of the change', async () => {
    const told: ConnectionStatus[] = [];
    producer.store.subscribe(() => told.push(producer.status));
    await producer.start();
    machine.opened[0]!.end();
    assert.deepEqual(
      told.map(({ connected }) => connected),
      [false, true, false],
    );
    assert.ok(told.every((status) => Object.isFrozen(status)));
  });
});

/** What is closed and stopped, in order. */
let undone: string[];

class NamedTrack extends FakeTrack {
  override stop(): void {
    undone.push(this.label);
    super.stop();
  }

  override clone(): MediaStreamTrack {
    const clone = new NamedTrack(this.kind, `clone of ${this.label}`);
    this.clones.push(clone);
    return clone.track;
  }
}

describe('what a producer has acquired', () => {
  const mix = new FakeTrack('audio', 'mix').track;
  const screen = { video: 'screen', audio: ['system', 'microphone'] } as const;
  const opened = () => machine.opened as NamedTrack[];

  beforeEach(() => {
    undone = [];
    const { getUserMedia, getDisplayMedia } = machine.mediaDevices;
    const named = (stream: Promise<MediaStream>) =>
      stream.then((made) => {
        const tracks = (made as unknown as FakeStream).tracks.map(({ kind, label }) => new NamedTrack(kind, label));
        machine.opened.splice(-tracks.length, tracks.length, ...tracks);
        return new FakeStream(tracks).stream;
      });
    machine.mediaDevices.getUserMedia = (constraints) => named(getUserMedia(constraints));
    machine.mediaDevices.getDisplayMedia = (constraints) => named(getDisplayMedia(constraints));
    producer = new MediaProducer({
      platform: machine,
      pool,
      mixer: () => ({
        track: mix,
        context: null,
        suspended: false,
        settled: Promise.resolve(),
        onstatechange: null,
        peak: () => null,
        replace: () => false,
        close: () => undone.push('mix'),
      }),
    });
  });

  /** The screen was opened first, then the microphone; the clones are of the picture, the microphone, and the system's sound. */
  const clones = ['clone of system', 'clone of Desk Microphone', 'clone of screen'];
  const devices = ['Desk Microphone', 'system', 'screen'];

  for (const [why, undo] of [
    ['a stop', () => producer.stop()],
    ['a stop while paused', () => (producer.pause(), producer.stop())],
    ['its end', () => producer.destroy()],
    ['another stream in its place', () => producer.use(new FakeStream([new FakeTrack('video')]).stream)],
    ['the end of the source', () => opened()[0]!.end()],
  ] as const) {
    it(`is released last first, each once, by ${why}`, async () => {
      await producer.start(screen);
      undo();
      producer.stop();
      producer.destroy();
      page.dispatchEvent(new Event('pagehide'));
      assert.deepEqual(undone, ['mix', ...clones, ...devices]);
    });
  }

  it('is released last first, each once, by a page that goes away, for all that hold it', async () => {
    await producer.start(screen);
    page.dispatchEvent(new Event('pagehide'));
    assert.equal(producer.state, 'idle');
    producer.stop();
    assert.deepEqual(undone, ['mix', ...clones, ...devices]);
  });

  it('is released by the pool of the page also where somebody who hears of it fails', async (test) => {
    const reported = uncaught(test) as Error[];
    await producer.start(screen);
    const leave = producer.store.subscribe(() => {
      throw new Error('a listener');
    });
    pool.releaseAll();
    leave();
    await new Promise((resolve) => setTimeout(resolve));
    assert.ok(reported.length > 0);
    for (const { message } of reported) assert.equal(message, 'a listener');
    assert.deepEqual(undone, ['mix', ...clones, ...devices]);
  });

  it('is released where the rest cannot be had', async () => {
    machine.userFailure = refusal('NotReadableError');
    await producer.start(screen).catch(() => {});
    assert.equal(producer.state, 'failed');
    assert.deepEqual(undone, ['system', 'screen']);
  });
});
