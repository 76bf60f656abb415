import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AudioMix } from '../../../src/core/audio/index.js';
import { StreamPool } from '../../../src/core/capture/index.js';
import { MediaProducer } from '../../../src/core/producer/index.js';
import type { OnAirError } from '../../../src/core/errors.js';
import { FakeMachine, FakeStream, FakeTrack, refusal } from './devices.js';

let machine: FakeMachine;
let producer: MediaProducer;
let states: string[];

beforeEach(() => {
  machine = new FakeMachine();
  producer = new MediaProducer({ platform: machine });
  states = [];
  producer.store.subscribe(
    ({ state }) => state,
    (state) => states.push(state),
  );
});

afterEach(() => producer.stop());

const labels = () => producer.stream?.getTracks().map(({ label }) => label);
const code = (expected: string) => (error: OnAirError) => error.code === expected;

/** Keeps requests waiting until the function that it answers is called. */
function hold(): () => void {
  let open!: () => void;
  machine.gate = new Promise((resolve) => (open = resolve));
  return open;
}

/** Until everything that was promised has been delivered. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a producer that starts', () => {
  it('captures nothing before', () => {
    assert.equal(producer.state, 'idle');
    assert.deepEqual(machine.calls, []);
  });

  it('goes from idle through requesting to live, with a stream', async () => {
    await producer.start();
    assert.deepEqual(states, ['requesting', 'live']);
    assert.deepEqual(labels(), ['Desk Camera', 'Desk Microphone']);
  });

  it('counts captures that succeed and that fail, and how long they take; none that is given up', async () => {
    const counted = () => {
      const counts = producer.metrics!.counts();
      const timed = producer.metrics!.snapshot().histograms['latency:capture']?.count ?? 0;
      return [counts['succeeded:capture'] ?? 0, counts['failed:capture'] ?? 0, counts['error:busy'] ?? 0, timed];
    };
    await producer.start();
    assert.deepEqual(counted(), [1, 0, 0, 1]);
    producer.stop();
    machine.userFailure = refusal('NotReadableError');
    await assert.rejects(producer.start(), code('busy'));
    assert.deepEqual(counted(), [1, 1, 1, 1]);
    machine.userFailure = null;
    const open = hold();
    const started = producer.start();
    producer.stop();
    open();
    await assert.rejects(started, code('aborted'));
    await settled();
    assert.deepEqual(counted(), [1, 1, 1, 1]);
  });

  it('asks a camera for what the machine can hold, unless the page says what it wants', async () => {
    machine.machine = { memory: 16, cores: 12, tier: null, mobile: false, touch: false };
    await producer.start();
    producer.stop();
    await producer.start({ video: 'camera', audio: [], width: 320, frameRate: 10 });
    assert.deepEqual(
      machine.calls.map(({ constraints }) => constraints.video),
      [
        { width: { ideal: 1920 }, height: { ideal: 1080 }, frameRate: { ideal: 60 } },
        { width: { ideal: 320 }, frameRate: { ideal: 10 } },
      ],
    );
  });

  it('joins a request that is pending: one prompt', async () => {
    const open = hold();
    const both = [producer.start(), producer.start()];
    open();
    await Promise.all(both);
    assert.equal(machine.calls.length, 1);
  });

  it('does nothing when live, and resumes when paused', async () => {
    await producer.start();
    await producer.start();
    producer.pause();
    await producer.start();
    assert.equal(producer.state, 'live');
    assert.equal(machine.calls.length, 1);
  });

  it('starts again with what it captured last', async () => {
    await producer.start({ video: 'none', audio: ['microphone'] });
    producer.stop();
    await producer.start();
    assert.deepEqual(labels(), ['Desk Microphone']);
  });

  it('fails with a named error, and may try again', async () => {
    machine.userFailure = refusal('NotReadableError');
    await assert.rejects(producer.start(), code('busy'));
    assert.equal(producer.state, 'failed');
    assert.equal(producer.error?.code, 'busy');
    machine.userFailure = null;
    await producer.start();
    assert.equal(producer.state, 'live');
    assert.equal(producer.error, null);
  });

  it('rejects quietly when nobody listens', async (t) => {
    const unhandled = t.mock.fn();
    process.on('unhandledRejection', unhandled);
    machine.userFailure = refusal('NotReadableError');
    const failed = new Promise<void>((resolve) => {
      producer.store.subscribe(({ state }) => {
        if (state === 'failed') resolve();
      });
    });
    void producer.start();
    await failed;
    await settled();
    process.off('unhandledRejection', unhandled);
    assert.equal(unhandled.mock.callCount(), 0);
  });

  it('is live although the sound of the system is missing, and says so', async () => {
    machine.displaySound = false;
    await producer.start({ video: 'screen', audio: ['system'] });
    assert.equal(producer.state, 'live');
    assert.equal(producer.error?.code, 'none');
    assert.equal(producer.error?.fatal, false);
  });
});

describe('a producer that stops', () => {
  it('releases every device, as often as it is asked', async () => {
    await producer.start();
    producer.stop();
    producer.stop();
    assert.deepEqual(states, ['requesting', 'live', 'idle']);
    assert.deepEqual(machine.live, []);
    assert.equal(producer.stream, null);
  });

  it('gives a request up, and releases what is granted late', async () => {
    const open = hold();
    const pending = producer.start();
    producer.stop();
    assert.equal(producer.state, 'idle');
    await assert.rejects(pending, code('aborted'));
    open();
    await settled();
    assert.equal(machine.opened.length, 2);
    assert.deepEqual(machine.live, []);
    assert.equal(producer.state, 'idle');
  });

  it('keeps the late answer of an old request from a new one', async () => {
    const openOld = hold();
    const old = producer.start();
    producer.stop();
    const openNew = hold();
    const next = producer.start({ video: 'none', audio: ['microphone'] });
    openNew();
    await next;
    openOld();
    await assert.rejects(old, code('aborted'));
    await settled();
    assert.equal(producer.state, 'live');
    assert.deepEqual(
      machine.live.map(({ label }) => label),
      ['Desk Microphone'],
    );
  });

  it('may be stopped by whoever hears that it is requesting', async () => {
    const unsubscribe = producer.store.subscribe(({ state }) => {
      if (state === 'requesting') producer.stop();
    });
    await assert.rejects(producer.start(), code('aborted'));
    unsubscribe();
    await settled();
    assert.equal(producer.state, 'idle');
    assert.deepEqual(machine.live, []);
  });

  it('forgets an error', async () => {
    machine.userFailure = refusal('NotReadableError');
    await assert.rejects(producer.start());
    producer.stop();
    assert.equal(producer.state, 'idle');
    assert.equal(producer.error, null);
  });

  it('does not start again once it is destroyed', async () => {
    await producer.start();
    producer.destroy();
    assert.deepEqual(machine.live, []);
    await assert.rejects(producer.start(), code('invalid-state'));
    producer.use(new FakeStream([new FakeTrack('video')]).stream);
    assert.equal(producer.state, 'idle');
  });
});

describe('a producer that is paused', () => {
  it('captures nothing, holds its devices, and goes on', async () => {
    await producer.start();
    producer.pause();
    assert.equal(producer.state, 'paused');
    assert.deepEqual(
      machine.live.map(({ enabled }) => enabled),
      [false, false],
    );
    producer.resume();
    assert.equal(producer.state, 'live');
    assert.deepEqual(
      machine.live.map(({ enabled }) => enabled),
      [true, true],
    );
  });

  it('takes no notice of pause and resume that do not fit', async () => {
    producer.pause();
    producer.resume();
    assert.deepEqual(states, []);
    await producer.start();
    producer.resume();
    assert.deepEqual(states, ['requesting', 'live']);
  });
});

describe('producers that capture the same', () => {
  it('share one capture, pause apart, and let it go with the last', async () => {
    const pool = new StreamPool({ platform: machine, page: null });
    const [one, two] = [1, 2].map(() => new MediaProducer({ platform: machine, pool }));
    await Promise.all([one!.start(), two!.start()]);
    assert.equal(machine.calls.length, 1);
    one!.pause();
    assert.ok(two!.stream!.getTracks().every(({ enabled }) => enabled));
    assert.ok(one!.stream!.getTracks().every(({ enabled }) => !enabled));
    one!.stop();
    assert.equal(two!.state, 'live');
    assert.equal(machine.live.length, 2);
    two!.stop();
    assert.deepEqual(machine.live, []);
  });

  it('keep the devices open for the next start, for as long as they are told to', async () => {
    const pool = new StreamPool({ platform: machine, page: null });
    producer = new MediaProducer({ platform: machine, pool });
    producer.keepWarm = 60;
    await producer.start();
    producer.stop();
    assert.equal(machine.live.length, 2);
    await producer.start();
    assert.equal(machine.calls.length, 1);
    pool.releaseAll();
    assert.equal(producer.state, 'idle', 'the page goes away');
  });
});

describe('a source that ends by itself', () => {
  it('ends the session with the picture: "Stop sharing"', async () => {
    await producer.start({ video: 'screen', audio: ['microphone'] });
    machine.opened[0]!.end();
    assert.equal(producer.state, 'ended');
    assert.equal(producer.stream, null);
    assert.deepEqual(machine.live, [], 'the microphone is released too');
  });

  it('ends the session with the last sound', async () => {
    await producer.start({ video: 'none', audio: ['microphone'] });
    machine.opened[0]!.end();
    assert.equal(producer.state, 'ended');
  });

  it('goes on with the picture when the microphone is gone, and says so', async () => {
    await producer.start();
    machine.opened.find(({ kind }) => kind === 'audio')!.end();
    assert.equal(producer.state, 'live');
    assert.equal(producer.error?.code, 'microphone-silent');
    assert.equal(producer.error?.fatal, false);
  });

  it('says nothing after a stop', async () => {
    await producer.start();
    const tracks = [...machine.live];
    producer.stop();
    for (const track of tracks) track.end();
    assert.equal(producer.state, 'idle');
  });
});

describe('a given stream', () => {
  it('is live at once, and is never stopped', async () => {
    const tracks = [new FakeTrack('video'), new FakeTrack('audio')];
    const given = new FakeStream(tracks).stream;
    producer.use(given);
    assert.equal(producer.state, 'live');
    assert.equal(producer.stream, given);
    producer.use(null);
    assert.equal(producer.state, 'idle');
    producer.use(given);
    await producer.start();
    producer.destroy();
    assert.deepEqual(
      tracks.map(({ readyState }) => readyState),
      ['live', 'live'],
    );
  });

  it('is paused and restored as the page had it', () => {
    const [muted, open] = [new FakeTrack('audio'), new FakeTrack('video')];
    muted.enabled = false;
    producer.use(new FakeStream([muted, open]).stream);
    producer.pause();
    assert.deepEqual([muted.enabled, open.enabled], [false, false]);
    producer.stop();
    assert.deepEqual([muted.enabled, open.enabled], [false, true]);
  });

  it('takes the place of devices, which are released, and of a pending request', async () => {
    await producer.start();
    const given = new FakeStream([new FakeTrack('video')]).stream;
    producer.use(given);
    assert.deepEqual(machine.live, []);
    producer.stop();
    const open = hold();
    const pending = producer.start();
    producer.use(given);
    open();
    await assert.rejects(pending, code('aborted'));
    await settled();
    assert.equal(producer.stream, given);
    assert.deepEqual(machine.live, []);
  });

  it('does not stop devices when it is taken away without having been given', async () => {
    await producer.start();
    producer.use(null);
    assert.equal(producer.state, 'live');
  });

  it('fails when none of its tracks is live', () => {
    const ended = new FakeTrack('video');
    ended.stop();
    producer.use(new FakeStream([ended]).stream);
    assert.equal(producer.state, 'failed');
    assert.equal(producer.error?.code, 'no-source');
  });

  it('ends with its last track, also with one that came later', () => {
    const first = new FakeTrack('audio');
    const later = new FakeTrack('audio');
    const given = new FakeStream([first]);
    producer.use(given.stream);
    given.tracks.push(later);
    given.dispatchEvent(Object.assign(new Event('addtrack'), { track: later }));
    first.end();
    assert.equal(producer.state, 'live');
    later.end();
    assert.equal(producer.state, 'ended');
  });
});

describe('microphone and system sound together', () => {
  const track = new FakeTrack('audio', 'mix');
  let mix: AudioMix & { suspended: boolean };
  let closed: boolean;

  beforeEach(() => {
    closed = false;
    mix = {
      track: track.track,
      context: null,
      suspended: false,
      settled: Promise.resolve(),
      onstatechange: null,
      replace: () => false,
      peak: () => null,
      close: () => (closed = true),
    };
    producer = new MediaProducer({ platform: machine, mixer: () => mix });
  });

  it('become one track, and all of it is released', async () => {
    await producer.start({ video: 'screen', audio: ['microphone', 'system'] });
    assert.deepEqual(labels(), ['screen', 'mix']);
    producer.stop();
    assert.ok(closed);
    assert.deepEqual(machine.live, []);
  });

  it('tell while the browser holds the sound back, and when it no longer does', async () => {
    mix.suspended = true;
    await producer.start({ video: 'screen', audio: ['microphone', 'system'] });
    assert.equal(producer.state, 'live');
    assert.equal(producer.error?.code, 'audio-suspended');
    mix.suspended = false;
    mix.onstatechange?.();
    assert.equal(producer.error, null);
  });

  it('release every device when they cannot be mixed', async () => {
    producer = new MediaProducer({
      platform: machine,
      mixer: () => {
        throw new Error('no Web Audio');
      },
    });
    await assert.rejects(producer.start({ video: 'screen', audio: ['microphone', 'system'] }));
    assert.equal(producer.state, 'failed');
    assert.deepEqual(machine.live, []);
  });
});
