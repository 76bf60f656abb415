import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { StreamPool, type CaptureConfig, type PoolClock } from '../../../src/core/capture/index.js';
import type { OnAirError } from '../../../src/core/errors.js';
import { FakeMachine, refusal } from './devices.js';

const BOTH: CaptureConfig = { video: 'camera', audio: ['microphone'] };
const CAMERA: CaptureConfig = { video: 'camera', audio: [] };
const SCREEN: CaptureConfig = { video: 'screen', audio: [] };

/** Time that goes on when a test says so. */
class FakeClock implements PoolClock {
  #now = 1000;
  #timers = new Map<symbol, { at: number; call: () => void }>();

  now = () => this.#now;

  after = (milliseconds: number, call: () => void) => {
    const timer = Symbol();
    this.#timers.set(timer, { at: this.#now + milliseconds, call });
    return () => void this.#timers.delete(timer);
  };

  get waiting(): number {
    return this.#timers.size;
  }

  pass(seconds: number): void {
    this.#now += seconds * 1000;
    for (const [timer, { at, call }] of [...this.#timers]) {
      if (at > this.#now || !this.#timers.delete(timer)) continue;
      call();
    }
  }
}

let machine: FakeMachine;
let clock: FakeClock;
let page: EventTarget;
let pool: StreamPool;

const make = (settings: { ttl?: number; maxStreams?: number } = {}) =>
  (pool = new StreamPool({ platform: machine, clock, page, ...settings }));
const states = () => pool.store.get().streams.map(({ state }) => state);
const code = (expected: string) => (error: OnAirError) => error.code === expected;

function hold(): () => void {
  let open!: () => void;
  machine.gate = new Promise((resolve) => (open = resolve));
  return open;
}

beforeEach(() => {
  machine = new FakeMachine();
  clock = new FakeClock();
  page = new EventTarget();
  make();
});

describe('a pool of streams', () => {
  it('gives the same stream to all that ask for the same, with one capture', async () => {
    const one = await pool.acquire(BOTH);
    const two = await pool.acquire({ audio: ['microphone'], video: 'camera', frameRate: 30 });
    assert.equal(one.stream, two.stream);
    assert.equal(machine.calls.length, 1);
    assert.deepEqual(
      pool.store.get().streams.map(({ leases }) => leases),
      [2],
    );
  });

  it('asks once while the first request is still pending', async () => {
    const open = hold();
    const both = [pool.acquire(BOTH), pool.acquire(BOTH)];
    assert.deepEqual(states(), ['pending']);
    open();
    const [one, two] = await Promise.all(both);
    assert.equal(one!.stream, two!.stream);
    assert.equal(machine.calls.length, 1);
    assert.equal(pool.store.get().reuseRate, 0.5);
  });

  it('tells what its devices call themselves, once they are open, and since when', async () => {
    const open = hold();
    const asked = pool.acquire(BOTH);
    clock.pass(3);
    const told = () => pool.store.get().streams.map(({ label, since }) => [label, (pool.now() - since) / 1000]);
    assert.deepEqual(told(), [['', 3]]);
    open();
    await asked;
    assert.deepEqual(told(), [['Desk Camera, Desk Microphone', 3]]);
  });

  it('tells each lease whether its stream was there already', async () => {
    const open = hold();
    const both = [pool.acquire(BOTH), pool.acquire(BOTH)];
    open();
    const leases = [...(await Promise.all(both)), await pool.acquire(CAMERA)];
    assert.deepEqual(
      leases.map(({ reused }) => reused),
      [false, true, false],
    );
  });

  it('keeps apart what is captured differently', async () => {
    for (const config of [
      BOTH,
      CAMERA,
      { ...BOTH, width: 640 },
      { ...BOTH, height: 360 },
      { ...BOTH, frameRate: 60 },
      { ...BOTH, facingMode: 'user' as const },
      { ...BOTH, videoDevice: 'cam-2' },
      { ...BOTH, audioDevice: 'mic-1' },
      { ...BOTH, likedVideoDevice: { id: 'cam-2', label: '' } },
      { ...BOTH, likedAudioDevice: { id: 'mic-1', label: '' } },
      { ...BOTH, echoCancellation: false },
      { ...BOTH, noiseSuppression: false },
      { ...BOTH, autoGainControl: false },
      { ...BOTH, channelCount: 2 },
      { ...BOTH, sampleRate: 44100 },
      { ...BOTH, latency: 0.01 },
    ])
      await pool.acquire(config);
    assert.equal(machine.calls.length, 16);
    await pool.acquire({ ...BOTH, audio: ['microphone', 'system'] });
    await pool.acquire({ video: 'none', audio: ['system'] });
    await pool.acquire(SCREEN);
    await pool.acquire({ ...SCREEN, audio: ['system'] });
    assert.equal(pool.store.get().created, 20);
    const { length } = machine.calls;
    await pool.acquire({ ...CAMERA, echoCancellation: false });
    assert.equal(machine.calls.length, length, 'nobody hears how a picture without sound is processed');
  });

  it('stops a track that no lease needs any more, and gives out what is left to nobody', async () => {
    const [one, two] = await Promise.all([pool.acquire(BOTH), pool.acquire(BOTH)]);
    const [camera] = machine.opened;
    one.drop(one.capture.video!);
    assert.equal(camera!.readyState, 'live');
    two.drop(two.capture.video!);
    assert.equal(camera!.readyState, 'ended');
    assert.equal(machine.live.length, 1);
    await pool.acquire(BOTH);
    assert.equal(machine.calls.length, 2);
  });

  it('lets a device go with its last lease, at once', async () => {
    const one = await pool.acquire(BOTH);
    const two = await pool.acquire(BOTH);
    one.release();
    one.release();
    assert.equal(machine.live.length, 2);
    two.release();
    assert.deepEqual(machine.live, []);
    assert.deepEqual(states(), []);
    assert.equal(clock.waiting, 0);
  });

  it('stops the clones of a lease with it, and of all with the stream', async () => {
    const one = await pool.acquire(CAMERA);
    const two = await pool.acquire(CAMERA);
    one.clone();
    two.clone();
    const [first, second] = machine.opened[0]!.clones;
    one.release();
    assert.deepEqual([first!.readyState, second!.readyState], ['ended', 'live']);
    pool.releaseAll();
    assert.equal(second!.readyState, 'ended');
  });

  it('gives a request up for those who give up, and for all when nobody is left', async () => {
    const open = hold();
    const [stay, go] = [new AbortController(), new AbortController()];
    const staying = pool.acquire(BOTH, { signal: stay.signal });
    const going = pool.acquire(BOTH, { signal: go.signal });
    go.abort();
    await assert.rejects(going, code('aborted'));
    assert.deepEqual(states(), ['pending']);
    stay.abort();
    await assert.rejects(staying, code('aborted'));
    open();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(machine.live, []);
    assert.deepEqual(states(), []);
  });

  it('tells everyone who waits what went wrong, and asks anew the next time', async () => {
    machine.userFailure = refusal('NotReadableError');
    await Promise.all([0, 1].map(() => assert.rejects(pool.acquire(BOTH), code('busy'))));
    machine.userFailure = null;
    await pool.acquire(BOTH);
    assert.equal(machine.calls.length, 2);
  });

  it('counts what was opened and what was shared, and nothing that was refused or given up', async () => {
    machine.userFailure = refusal('NotReadableError');
    await Promise.allSettled([pool.acquire(BOTH), pool.acquire(BOTH)]);
    machine.userFailure = null;
    const counts = () => {
      const { created, reused, reuseRate } = pool.store.get();
      return [created, reused, reuseRate];
    };
    assert.deepEqual(counts(), [0, 0, null]);
    await Promise.allSettled([pool.acquire(BOTH), pool.acquire(BOTH, { signal: AbortSignal.abort() })]);
    assert.deepEqual(counts(), [1, 0, 0]);
    await pool.acquire(BOTH);
    assert.deepEqual(counts(), [1, 1, 0.5]);
    // It was opened for those who waited with the one who asked.
    const first = new AbortController();
    const gone = pool.acquire(CAMERA, { signal: first.signal });
    const lease = pool.acquire(CAMERA);
    first.abort();
    await assert.rejects(gone, code('aborted'));
    assert.equal((await lease).reused, false);
    assert.deepEqual(counts(), [2, 1, 1 / 3]);
  });
});

describe('a stream without a lease', () => {
  it('gives way to another camera, where only one can be open', async () => {
    machine.oneCamera = true;
    make({ ttl: 300 });
    const [one, other] = ['cam-1', 'cam-2'].map((videoDevice) => ({ ...CAMERA, videoDevice }));
    (await pool.acquire(one!)).release();
    const lease = await pool.acquire(other!);
    assert.deepEqual(
      machine.live.map(({ label }) => label),
      ['Top Camera'],
    );
    // What is in use does not.
    await assert.rejects(pool.acquire(one!), code('busy'));
    assert.deepEqual(states(), ['live']);
    lease.release();
  });

  it('is kept for longer than a timer can be', async (t) => {
    const { mock } = t.mock.method(globalThis, 'setTimeout');
    pool = new StreamPool({ platform: machine, page, ttl: 40 * 86_400 });
    (await pool.acquire(BOTH)).release();
    pool.clear();
    assert.deepEqual(
      mock.calls.map(({ arguments: [, milliseconds] }) => milliseconds),
      [2 ** 31 - 1],
    );
  });

  it('is kept as long as the pool is told to, and serves the next lease without asking', async () => {
    make({ ttl: 300 });
    (await pool.acquire(BOTH)).release();
    assert.deepEqual(states(), ['parked']);
    clock.pass(299);
    const again = await pool.acquire(BOTH);
    assert.equal(machine.calls.length, 1);
    assert.deepEqual(states(), ['live']);
    again.release();
    clock.pass(301);
    assert.deepEqual(machine.live, []);
    const { created, reused, parked, expired, evicted, reuseRate } = pool.store.get();
    assert.deepEqual([created, reused, parked, expired, evicted, reuseRate], [1, 1, 2, 1, 0, 0.5]);
  });

  it('is kept as long as its lease asks for', async () => {
    (await pool.acquire(BOTH, { keepWarm: 10 })).release();
    const [stream] = pool.store.get().streams;
    assert.equal(stream!.expiresAt! - clock.now(), 10_000);
    clock.pass(10);
    assert.deepEqual(states(), []);
  });

  it('is kept as long as any of its leases asked for, whoever lets go last', async () => {
    const [warm, cold] = [await pool.acquire(BOTH, { keepWarm: 10 }), await pool.acquire(BOTH)];
    warm.release();
    clock.pass(4);
    cold.release();
    const [stream] = pool.store.get().streams;
    assert.equal(stream!.expiresAt! - clock.now(), 6000);
    const again = await pool.acquire(BOTH);
    again.release();
    assert.equal(pool.store.get().streams[0]!.expiresAt, stream!.expiresAt, 'nor does a lease that is short');
    clock.pass(6);
    assert.deepEqual(machine.live, []);
  });

  it('is stopped at once where what a lease asked for is over by then', async () => {
    const [warm, cold] = [await pool.acquire(BOTH, { keepWarm: 10 }), await pool.acquire(BOTH)];
    warm.release();
    clock.pass(10);
    cold.release();
    assert.deepEqual(machine.live, []);
  });

  it('is kept as long as before when somebody asks for it and gives up', async () => {
    (await pool.acquire(BOTH, { keepWarm: 10 })).release();
    const [stream] = pool.store.get().streams;
    await assert.rejects(pool.acquire(BOTH, { signal: AbortSignal.abort() }), code('aborted'));
    assert.deepEqual(states(), ['parked']);
    assert.equal(pool.store.get().streams[0]!.expiresAt, stream!.expiresAt);
  });

  it('gives way to those that were used later', async () => {
    make({ ttl: 300, maxStreams: 2 });
    for (const videoDevice of ['cam-1', 'cam-2', 'Desk Camera']) {
      (await pool.acquire({ ...CAMERA, videoDevice })).release();
      clock.pass(1);
    }
    assert.deepEqual(
      pool.store.get().streams.map(({ config }) => config.videoDevice),
      ['cam-2', 'Desk Camera'],
    );
    assert.equal(pool.store.get().evicted, 1);
    pool.configure({ maxStreams: 0 });
    assert.deepEqual(machine.live, []);
  });

  it('never comes back when it has ended, or is muted', async () => {
    make({ ttl: 300 });
    (await pool.acquire(CAMERA)).release();
    machine.opened[0]!.end();
    assert.deepEqual(states(), []);
    (await pool.acquire(CAMERA)).release();
    machine.opened[1]!.muted = true;
    await pool.acquire(CAMERA);
    assert.equal(machine.calls.length, 3);
    assert.equal(machine.opened[1]!.readyState, 'ended');
  });

  it('is no screen, and no sound of one', async () => {
    make({ ttl: 300 });
    (await pool.acquire(SCREEN)).release();
    (await pool.acquire({ video: 'none', audio: ['system'] }, { keepWarm: 60 })).release();
    assert.deepEqual(machine.live, []);
  });

  it('is made to give less, when nobody else holds it', async () => {
    make({ ttl: 300 });
    const large = await pool.acquire(CAMERA);
    const small = { ...CAMERA, width: 640, height: 360 };
    await pool.acquire(small);
    assert.equal(machine.calls.length, 2, 'the other lease would suffer');
    large.release();
    await pool.acquire({ ...CAMERA, width: 320, height: 180 });
    assert.equal(machine.calls.length, 2);
    const ideals = { width: { ideal: 320 }, height: { ideal: 180 }, frameRate: { ideal: 30 } };
    assert.deepEqual(machine.opened[0]!.applied, [ideals]);
    await pool.acquire(CAMERA);
    assert.equal(machine.calls.length, 3, 'it is no longer the large one');
  });

  it('is made to give what a new capture would, where less is asked for by leaving it open', async () => {
    make({ ttl: 300 });
    (await pool.acquire({ ...CAMERA, width: 1920, height: 1080, frameRate: 60 })).release();
    await pool.acquire(CAMERA);
    assert.equal(machine.calls.length, 1);
    const fresh = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
    assert.deepEqual(machine.opened[0]!.applied, [fresh]);
  });

  it('is stopped by hand, one or all', async () => {
    make({ ttl: 300 });
    for (const config of [BOTH, CAMERA]) (await pool.acquire(config)).release();
    pool.clear(pool.store.get().streams[0]!.id);
    assert.equal(states().length, 1);
    pool.clear();
    assert.deepEqual(machine.live, []);
  });
});

describe('a stream that is in use', () => {
  it('gives black and silence when nobody needs it for now, and is as it was for those who do', async () => {
    make({ ttl: 300 });
    const camera = await pool.acquire(CAMERA);
    const other = await pool.acquire(CAMERA);
    const track = machine.opened[0]!;
    camera.hold(true);
    assert.equal(track.enabled, true);
    other.hold(true);
    assert.equal(track.enabled, false);
    camera.clone();
    assert.equal(track.clones[0]!.enabled, true, 'a clone is as new');
    other.hold(false);
    assert.equal(track.enabled, true);
    other.release();
    assert.equal(track.enabled, false);
    camera.release();
    assert.equal(track.enabled, false, 'parked');
    await pool.acquire(CAMERA);
    assert.equal(track.enabled, true);
  });

  it('is shared also while it is muted, and opened anew when it is muted and nobody uses it', async () => {
    make({ ttl: 300 });
    const one = await pool.acquire(BOTH);
    machine.opened[1]!.mute(true);
    const two = await pool.acquire(BOTH);
    assert.equal(two.stream, one.stream);
    assert.equal(machine.calls.length, 1);
    machine.opened[1]!.mute(false);
    one.release();
    two.release();
    machine.opened[1]!.mute(true);
    assert.notEqual((await pool.acquire(BOTH)).stream, one.stream);
    assert.equal(machine.calls.length, 2);
  });

  it('is not given to others once a track has ended', async () => {
    const one = await pool.acquire(CAMERA);
    machine.opened[0]!.end();
    const two = await pool.acquire(CAMERA);
    assert.notEqual(one.stream, two.stream);
    one.release();
    assert.equal(machine.live.length, 1);
  });

  it('is taken back when the page goes away, and its holder is told', async () => {
    make({ ttl: 300 });
    const lease = await pool.acquire(BOTH);
    let revoked = 0;
    lease.onrevoke = () => revoked++;
    (await pool.acquire(CAMERA)).release();
    page.dispatchEvent(new Event('pagehide'));
    assert.deepEqual(machine.live, []);
    assert.equal(revoked, 1);
    assert.deepEqual(states(), []);
    await pool.acquire(BOTH);
    assert.deepEqual(states(), ['live'], 'the pool goes on after the page came back');
  });

  it('is told of by frozen snapshots, on change', async () => {
    let told = 0;
    pool.store.subscribe(
      ({ streams }) => streams,
      () => told++,
    );
    const lease = await pool.acquire(BOTH);
    assert.ok(Object.isFrozen(pool.store.get().streams[0]));
    const before = told;
    pool.configure({});
    pool.clear();
    assert.equal(told, before, 'nothing has changed');
    lease.release();
    assert.equal(told, before + 1);
  });

  it('is told of once for each change, with all that comes of it', async () => {
    make({ ttl: 300, maxStreams: 1 });
    const told: string[] = [];
    pool.store.subscribe(({ streams, created, reused, parked, evicted, reuseRate }) => {
      const rows = streams.map(({ state, leases }) => `${state} ${leases}`).join(', ');
      told.push(`${rows}: ${[created, reused, parked, evicted].join(' ')}, ${reuseRate}`);
    });
    const since = () => told.splice(0);
    const lease = await pool.acquire(CAMERA);
    assert.deepEqual(since(), ['pending 0: 0 0 0 0, null', 'live 1: 1 0 0 0, 0']);
    lease.release();
    assert.deepEqual(since(), ['parked 0: 1 0 1 0, 0']);
    const again = await pool.acquire(CAMERA);
    assert.deepEqual(since(), ['live 1: 1 1 1 0, 0.5']);
    const sound = await pool.acquire({ video: 'none', audio: ['microphone'] });
    assert.deepEqual(since(), ['live 1, pending 0: 1 1 1 0, 0.5', `live 1, live 1: 2 1 1 0, ${1 / 3}`]);
    again.release();
    assert.deepEqual(since(), [`parked 0, live 1: 2 1 2 0, ${1 / 3}`]);
    clock.pass(1);
    sound.release();
    assert.deepEqual(since(), [`parked 0: 2 1 3 1, ${1 / 3}`]);
  });

  it('refuses settings that are none', () => {
    assert.throws(() => pool.configure({ ttl: -1 }), code('invalid-value'));
    assert.throws(() => pool.configure({ maxStreams: NaN }), code('invalid-value'));
  });
});
