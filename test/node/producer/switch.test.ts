import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, type TestContext } from 'node:test';
import type { AudioMix } from '../../../src/core/audio/index.js';
import { StreamPool } from '../../../src/core/capture/index.js';
import type { OnAirError } from '../../../src/core/errors.js';
import { MediaProducer } from '../../../src/core/producer/index.js';
import { FakeMachine, FakeStream, FakeTrack, hold, settled } from './devices.js';

let machine: FakeMachine;
let producer: MediaProducer;

beforeEach(() => {
  machine = new FakeMachine();
  machine.devices.push({ kind: 'audioinput', deviceId: 'mic-2', label: 'Clip Microphone' });
  producer = new MediaProducer({ platform: machine });
});

afterEach(() => producer.stop());

const labels = () => producer.stream?.getTracks().map(({ label }) => label);
const open = () => machine.live.map(({ label }) => label);
const code = (expected: string) => (error: OnAirError) => error.code === expected;

describe('a device that takes the place of another', () => {
  it('is in the same stream, opened alone and without asking for the other', async () => {
    await producer.start();
    const { stream } = producer;
    await producer.switchDevice('video', 'Top Camera');
    assert.equal(producer.stream, stream);
    assert.equal(producer.state, 'live');
    assert.deepEqual(labels(), ['Desk Microphone', 'Top Camera']);
    assert.deepEqual(open(), ['Desk Microphone', 'Top Camera']);
    const { constraints } = machine.calls[1]!;
    assert.equal(constraints.audio, false);
    await producer.switchDevice('audio', 'mic-2');
    assert.deepEqual(open(), ['Top Camera', 'Clip Microphone']);
    assert.deepEqual(producer.store.get().active, { video: 'cam-2', audio: 'mic-2' });
  });

  it('is opened first, told with a new list of tracks, and the old one stops last', async () => {
    await producer.start();
    const events: string[] = [];
    const old = machine.opened[0]!;
    const { getUserMedia } = machine.mediaDevices;
    machine.mediaDevices.getUserMedia = async (constraints) => {
      const stream = await getUserMedia(constraints);
      events.push(`opened, old ${old.readyState}`);
      return stream;
    };
    let taken!: () => void;
    producer.store.subscribe(
      ({ tracks }) => tracks,
      (tracks) => {
        assert.ok(Object.isFrozen(tracks));
        events.push(`told, old ${old.readyState}`);
        producer.waitUntil(new Promise<void>((resolve) => (taken = resolve)));
      },
    );
    const switched = producer.switchDevice('video', 'cam-2').then(() => events.push(`done, old ${old.readyState}`));
    while (events.length < 2) await settled();
    await settled();
    taken();
    await switched;
    assert.deepEqual(events, ['opened, old live', 'told, old live', 'done, old ended']);
  });

  it('does not wait for those who never take it over', { timeout: 5000 }, async () => {
    await producer.start();
    producer.store.subscribe(
      ({ tracks }) => tracks,
      () => producer.waitUntil(new Promise(() => {})),
    );
    await producer.switchDevice('video', 'cam-2');
    assert.deepEqual(open(), ['Desk Microphone', 'Top Camera']);
  });

  it('is found by a part of its label; none of that name is an error, and the old one goes on', async () => {
    await producer.start();
    await producer.switchDevice('video', 'top');
    await assert.rejects(producer.switchDevice('video', 'Garden'), code('overconstrained'));
    assert.equal(producer.state, 'live');
    assert.deepEqual(labels(), ['Desk Microphone', 'Top Camera']);
    assert.equal(producer.error?.code, 'overconstrained');
    assert.equal(producer.error?.fatal, false);
    await producer.switchDevice('video', 'cam-1');
    assert.equal(producer.error, null);
  });

  it('leaves the old one in place when it cannot be opened', async () => {
    machine.broken = ['mic-2'];
    await producer.start();
    const before = producer.store.get().tracks;
    await assert.rejects(producer.switchDevice('audio', 'mic-2'), code('busy'));
    assert.equal(producer.store.get().tracks, before);
    assert.deepEqual(open(), ['Desk Camera', 'Desk Microphone']);
  });

  it('is opened after the old one is closed where two cameras cannot be open at once', async () => {
    machine.oneCamera = true;
    await producer.start();
    await producer.switchDevice('video', 'cam-2');
    assert.deepEqual(open(), ['Desk Microphone', 'Top Camera']);
    assert.equal(producer.state, 'live');
  });

  it('gives way to the old one again where it cannot be opened after that either', async () => {
    machine.oneCamera = true;
    machine.broken = ['cam-2'];
    await producer.start();
    await assert.rejects(producer.switchDevice('video', 'cam-2'), code('busy'));
    assert.equal(producer.state, 'live');
    assert.deepEqual(open(), ['Desk Microphone', 'Desk Camera']);
    assert.deepEqual(labels(), ['Desk Microphone', 'Desk Camera']);
  });

  describe('and takes long to open where two cameras cannot be open at once', () => {
    let switched: Promise<string>;
    let opens: () => void;

    const told = () => producer.error && [producer.error.code, producer.error.fatal];

    /** Seconds pass; what waits for promises has its turn in each. */
    async function pass(t: TestContext, seconds: number): Promise<void> {
      for (let tenth = 0; tenth < seconds * 10; tenth++) {
        t.mock.timers.tick(100);
        await settled();
      }
    }

    async function begin(t: TestContext): Promise<void> {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      machine.oneCamera = true;
      machine.slow.set('cam-2', new Promise((resolve) => (opens = resolve)));
      await producer.start();
      await settled();
      switched = producer.switchDevice('video', 'cam-2').then(
        () => 'done',
        ({ code }: OnAirError) => code,
      );
      // The old one is closed when the refusal is understood, which is loaded then.
      while (open().length > 1) await settled();
      assert.deepEqual(open(), ['Desk Microphone']);
    }

    it('is told after a second of the last picture, and no longer when it is there', async (t) => {
      await begin(t);
      await pass(t, 0.9);
      assert.equal(told(), null);
      await pass(t, 0.2);
      assert.deepEqual(told(), ['no-media', false]);
      opens();
      assert.equal(await switched, 'done');
      assert.equal(told(), null);
      assert.deepEqual(labels(), ['Desk Microphone', 'Top Camera']);
    });

    it('is not told when it is there within the second', async (t) => {
      await begin(t);
      await pass(t, 0.9);
      opens();
      assert.equal(await switched, 'done');
      await pass(t, 5);
      assert.equal(told(), null);
    });

    it('is given up after three, the old one is opened again, and it is let go should it come later', async (t) => {
      await begin(t);
      await pass(t, 2.9);
      assert.deepEqual(open(), ['Desk Microphone']);
      await pass(t, 0.2);
      assert.equal(await switched, 'aborted');
      assert.deepEqual(told(), ['aborted', false]);
      assert.match(producer.error!.message, /The camera/);
      assert.equal(producer.state, 'live');
      assert.deepEqual(labels(), ['Desk Microphone', 'Desk Camera']);
      opens();
      await settled();
      assert.deepEqual(open(), ['Desk Microphone', 'Desk Camera']);
    });

    it('ends the session where the old one does not open again either', async (t) => {
      await begin(t);
      machine.broken = ['cam-1'];
      await pass(t, 3.1);
      assert.equal(await switched, 'aborted');
      assert.equal(producer.state, 'ended');
      assert.deepEqual(open(), []);
    });

    it('is given up by a stop, and nothing stays open', async (t) => {
      await begin(t);
      await pass(t, 2);
      producer.stop();
      assert.equal(await switched, 'aborted');
      opens();
      await pass(t, 3);
      assert.deepEqual(machine.live, []);
      assert.equal(producer.state, 'idle');
      assert.equal(producer.error, null);
    });
  });

  it('is asked for with what the page set: echo cancellation and all', async () => {
    await producer.start({ video: 'none', audio: ['microphone'], echoCancellation: false, channelCount: 2 });
    await producer.switchDevice('audio', 'mic-2');
    const { deviceId, ...asked } = machine.calls[1]!.constraints.audio as MediaTrackConstraints;
    assert.deepEqual(deviceId, { exact: 'mic-2' });
    assert.deepEqual(asked, machine.calls[0]!.constraints.audio);
    assert.deepEqual(asked.echoCancellation, { ideal: false });
  });

  it('is asked for once, by its id, without what is in use already', async () => {
    await producer.start();
    assert.equal(machine.calls.length, 1);
    for (const [kind, id, other] of [
      ['video', 'cam-2', 'audio'],
      ['audio', 'mic-2', 'video'],
    ] as const) {
      machine.calls.length = 0;
      await producer.switchDevice(kind, id);
      await settled();
      assert.equal(machine.calls.length, 1);
      const { api, constraints } = machine.calls[0]!;
      assert.equal(api, 'user');
      assert.deepEqual((constraints[kind] as MediaTrackConstraints).deviceId, { exact: id });
      assert.equal(constraints[other], false);
    }
  });

  it('is not opened again when it is the one in use', async () => {
    await producer.start();
    await producer.switchDevice('video', 'cam-1');
    assert.equal(machine.calls.length, 1);
  });

  it('waits for the devices that are being asked for, and for the switch before', async () => {
    const grant = hold(machine);
    void producer.start();
    const switches = [producer.switchDevice('video', 'cam-2'), producer.switchDevice('audio', 'mic-2')];
    grant();
    await Promise.all(switches);
    assert.deepEqual(open(), ['Top Camera', 'Clip Microphone']);
  });

  it('captures nothing while paused, and goes on with the others', async () => {
    await producer.start();
    producer.pause();
    await producer.switchDevice('video', 'cam-2');
    assert.ok(producer.stream!.getTracks().every(({ enabled }) => !enabled));
    assert.ok(machine.live.every(({ enabled }) => !enabled));
    producer.resume();
    assert.ok(producer.stream!.getTracks().every(({ enabled }) => enabled));
    assert.ok(machine.live.every(({ enabled }) => enabled));
  });

  it('is given up by a stop, and nothing stays open', async () => {
    await producer.start();
    const grant = hold(machine);
    const switched = producer.switchDevice('video', 'cam-2');
    await settled();
    producer.stop();
    await assert.rejects(switched, code('aborted'));
    grant();
    await settled();
    assert.deepEqual(open(), []);
    assert.equal(producer.state, 'idle');
    assert.equal(producer.error, null);
  });

  it('stays with others that capture the old one', async () => {
    const pool = new StreamPool({ platform: machine, page: null });
    const [one, two] = [1, 2].map(() => new MediaProducer({ platform: machine, pool }));
    await Promise.all([one!.start(), two!.start()]);
    await one!.switchDevice('video', 'cam-2');
    assert.deepEqual(open(), ['Desk Camera', 'Desk Microphone', 'Top Camera']);
    two!.stop();
    assert.deepEqual(open(), ['Desk Microphone', 'Top Camera']);
    one!.stop();
    assert.deepEqual(open(), []);
  });

  it('is none where nothing of the kind is captured, or the stream is the page’s', async () => {
    await assert.rejects(producer.switchDevice('video', 'cam-2'), code('invalid-state'));
    producer.use(new FakeStream([new FakeTrack('video')]).stream);
    await assert.rejects(producer.switchDevice('video', 'cam-2'), code('invalid-state'));
    producer.use(null);
    await producer.start({ video: 'screen', audio: ['microphone'] });
    await assert.rejects(producer.switchDevice('video', 'cam-2'), code('invalid-state'));
    await producer.switchDevice('audio', 'mic-2');
    assert.deepEqual(labels(), ['screen', 'Clip Microphone']);
  });

  it('is swapped within the mix, and the track of the mix stays', async () => {
    const mixed = new FakeTrack('audio', 'mix');
    const swaps: string[] = [];
    const mix: AudioMix = {
      track: mixed.track,
      context: null,
      suspended: false,
      settled: Promise.resolve(),
      onstatechange: null,
      replace: (old, next) => swaps.push(`${old.label} -> ${next.label}`) > 0,
      peak: () => null,
      close: () => {},
    };
    producer = new MediaProducer({ platform: machine, mixer: () => mix });
    await producer.start({ video: 'screen', audio: ['microphone', 'system'] });
    await producer.switchDevice('audio', 'Clip');
    assert.deepEqual(swaps, ['Desk Microphone -> Clip Microphone']);
    assert.deepEqual(labels(), ['screen', 'mix']);
    assert.deepEqual(open(), ['screen', 'system', 'Clip Microphone']);
  });
});

describe('a microphone that the mix cannot take', () => {
  it('is let go, and the old one goes on', async () => {
    const mix: AudioMix = {
      track: new FakeTrack('audio', 'mix').track,
      context: null,
      suspended: false,
      settled: Promise.resolve(),
      onstatechange: null,
      replace: () => false,
      peak: () => null,
      close: () => {},
    };
    producer = new MediaProducer({ platform: machine, mixer: () => mix });
    await producer.start({ video: 'screen', audio: ['microphone', 'system'] });
    await assert.rejects(producer.switchDevice('audio', 'Clip'), code('unsupported'));
    assert.deepEqual(open(), ['screen', 'system', 'Desk Microphone']);
    assert.equal(producer.store.get().active.audio, 'mic-1');
    assert.deepEqual([producer.error?.code, producer.error?.fatal], ['unsupported', false]);
    producer.stop();
    assert.deepEqual(machine.live, []);
  });
});

describe('a choice', () => {
  const visit = () => (producer = new MediaProducer({ platform: machine }));

  it('is remembered for the next visit, and a device that the page names wins', async () => {
    await producer.start();
    await producer.switchDevice('video', 'cam-2');
    producer.stop();
    await visit().start();
    assert.deepEqual(labels(), ['Top Camera', 'Desk Microphone']);
    producer.stop();
    await visit().start({ video: 'camera', audio: [], videoDevice: 'Desk Camera' });
    assert.deepEqual(labels(), ['Desk Camera']);
  });

  it('holds for the next start of the same producer without any storage', async () => {
    Object.assign(machine, { storage: null });
    await producer.start();
    await producer.switchDevice('video', 'Top Camera');
    producer.stop();
    await producer.start();
    assert.deepEqual(labels(), ['Top Camera', 'Desk Microphone']);
  });

  it('is only wished for by the next start of the same producer: it may be gone', async () => {
    for (const storage of [machine.storage, null]) {
      Object.assign(machine, { storage });
      await producer.start();
      await producer.switchDevice('video', 'Top Camera');
      assert.equal(producer.config!.videoDevice, undefined);
      machine.unplug('cam-2');
      await settled();
      assert.equal(producer.state, 'ended');
      await producer.start();
      assert.deepEqual(labels(), ['Desk Camera', 'Desk Microphone']);
      producer.stop();
      machine.plug({ kind: 'videoinput', deviceId: 'cam-2', label: 'Top Camera' });
    }
  });

  it('keeps what another one changes meanwhile, and nothing of a capture that is over', async () => {
    await producer.start({ video: 'camera', audio: ['microphone'], videoDevice: 'cam-1', audioDevice: 'mic-1' });
    await Promise.all([producer.switchDevice('video', 'cam-2'), producer.switchDevice('audio', 'mic-2')]);
    const { videoDevice, audioDevice, likedVideoDevice, likedAudioDevice } = producer.config!;
    assert.deepEqual([videoDevice, audioDevice], [undefined, undefined]);
    assert.deepEqual([likedVideoDevice?.id, likedAudioDevice?.id], ['cam-2', 'mic-2']);

    producer.store.subscribe(
      ({ tracks }) => tracks,
      () => producer.waitUntil(new Promise(() => {})),
    );
    const switched = assert.rejects(producer.switchDevice('video', 'cam-1'), code('aborted'));
    await settled();
    producer.stop();
    await producer.start({ video: 'screen', audio: [] });
    await switched;
    assert.equal(producer.config!.video, 'screen');
  });

  it('tells that there is none where it is given as none', async () => {
    await producer.start();
    await assert.rejects(producer.switchDevice('audio', undefined as unknown as string), code('overconstrained'));
    assert.equal(producer.error?.code, 'overconstrained');
  });

  it('is found by its label where ids have changed, and passed over where it is gone', async () => {
    await producer.start();
    await producer.switchDevice('video', 'cam-2');
    producer.stop();
    machine.devices[1] = { kind: 'videoinput', deviceId: 'new-id', label: 'Top Camera' };
    await visit().start();
    await settled();
    assert.equal(producer.store.get().active.video, 'new-id');
    producer.stop();
    machine.devices.splice(1, 1);
    await visit().start();
    await settled();
    assert.equal(producer.store.get().active.video, 'cam-1');
  });

  it('is only wished for before labels are told', async () => {
    machine.storage.setItem('onair-elements/video-device', JSON.stringify({ id: 'cam-2', label: 'Top Camera' }));
    machine.allowed = false;
    await producer.start();
    const { deviceId } = machine.calls[0]!.constraints.video as MediaTrackConstraints;
    assert.deepEqual(deviceId, { ideal: 'cam-2' });
  });

  it('does no harm when what is kept is none of ours, or storage refuses', async () => {
    machine.storage.setItem('onair-elements/video-device', 'nonsense');
    machine.storage.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    await producer.start();
    await producer.switchDevice('video', 'cam-2');
    assert.equal(producer.error, null);
  });
});
