import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock, type TestContext } from 'node:test';
import type { AudioMix } from '../../../src/core/audio/index.js';
import { MediaProducer } from '../../../src/core/producer/index.js';
import { FakeMachine, FakePermission, FakeTrack, settled } from './devices.js';

let machine: FakeMachine;
let producer: MediaProducer;

const MIC_1 = { kind: 'audioinput', deviceId: 'mic-1', label: 'Desk Microphone' } as const;
const MIC_2 = { kind: 'audioinput', deviceId: 'mic-2', label: 'Clip Microphone' } as const;
const CAM_1 = { kind: 'videoinput', deviceId: 'cam-1', label: 'Desk Camera' } as const;

beforeEach(() => {
  machine = new FakeMachine();
  producer = new MediaProducer({ platform: machine });
});

afterEach(() => producer.stop());

const names = () => producer.store.get().devices.map(({ label }) => label);
const active = () => producer.store.get().active;
const open = () => machine.live.map(({ label }) => label);
const told = () => producer.error && [producer.error.code, producer.error.fatal];

describe('the devices to choose from', () => {
  it('are listed with the first capture, with labels, and follow what is plugged', async () => {
    assert.deepEqual(names(), []);
    await producer.start();
    await settled();
    assert.deepEqual(names(), ['Desk Camera', 'Top Camera', 'Desk Microphone']);
    assert.deepEqual(active(), { video: 'cam-1', audio: 'mic-1' });
    machine.plug(MIC_2);
    await settled();
    assert.equal(names().at(-1), 'Clip Microphone');
  });

  it('are no other list when nothing about them has changed', async () => {
    await producer.start();
    await settled();
    const { devices } = producer.store.get();
    machine.tellDevices();
    machine.tellDevices();
    await settled();
    assert.equal(producer.store.get().devices, devices);
  });

  it('are listed ahead of a capture for who prepares one, and not followed after it', async () => {
    let told = 0;
    const unsubscribe = producer.store.subscribe(() => void told++);
    await producer.prepare();
    await producer.prepare();
    unsubscribe();
    assert.equal(told, 1, 'whoever prepares again with each change changes nothing');
    assert.equal(names().length, 3);
    assert.deepEqual(machine.calls, []);
    await producer.start();
    producer.stop();
    machine.plug(MIC_2);
    await settled();
    assert.equal(names().length, 3);
  });
});

describe('a microphone that is unplugged', () => {
  it('is missed while the picture goes on, and taken again when it is plugged in again', async () => {
    machine.statuses.microphone = new FakePermission('granted');
    await producer.start();
    await settled();
    machine.unplug('mic-1');
    assert.equal(producer.state, 'live');
    assert.deepEqual(told(), ['microphone-silent', false]);
    await settled();
    machine.plug(MIC_1);
    await settled();
    assert.equal(producer.error, null);
    assert.deepEqual(
      machine.live.map(({ label }) => label),
      ['Desk Camera', 'Desk Microphone'],
    );
  });

  it('is not asked for anew where nobody knows that it is allowed', async () => {
    await producer.start();
    await settled();
    machine.unplug('mic-1');
    await settled();
    machine.plug(MIC_1);
    await settled();
    assert.equal(machine.calls.length, 1);
    assert.deepEqual(told(), ['microphone-silent', false]);
  });

  it('gives way to the next one where the page wants it, and comes back', async () => {
    machine.plug(MIC_2);
    producer.deviceFallback = true;
    await producer.start();
    await settled();
    machine.unplug('mic-1');
    await settled();
    assert.equal(active().audio, 'mic-2');
    assert.deepEqual(told(), ['none', false]);
    assert.match(producer.error!.message, /The microphone is gone\. “Clip Microphone” is used/);
    machine.plug(MIC_1);
    await settled();
    assert.equal(active().audio, 'mic-1');
    assert.equal(producer.error, null);
  });

  it('is missed also when only the list of devices tells', async () => {
    machine.plug(MIC_2);
    producer.deviceFallback = true;
    await producer.start();
    await settled();
    machine.unplug('mic-1', { silently: true });
    await settled();
    assert.equal(active().audio, 'mic-2');
  });

  it('tries every other one, and says so when none can be had', async () => {
    machine.plug(MIC_2);
    machine.broken = ['mic-2'];
    producer.deviceFallback = true;
    await producer.start();
    await settled();
    const missed = new Promise<void>((resolve) => {
      producer.store.subscribe(
        ({ error }) => error,
        () => resolve(),
      );
    });
    machine.unplug('mic-1');
    await missed;
    assert.equal(producer.state, 'live');
    assert.deepEqual(told(), ['microphone-silent', false]);
  });

  it('leaves the choice alone that a person makes meanwhile', async () => {
    machine.plug(MIC_2);
    producer.deviceFallback = true;
    await producer.start();
    await settled();
    machine.unplug('mic-1');
    await settled();
    await producer.switchDevice('audio', 'mic-2');
    machine.plug(MIC_1);
    await settled();
    assert.equal(active().audio, 'mic-2');
  });
});

describe('a microphone that is plugged in again while another one is chosen', () => {
  it('is not taken: who chooses has chosen', async () => {
    machine.plug(MIC_2);
    machine.plug({ kind: 'audioinput', deviceId: 'mic-3', label: 'Third Microphone' });
    producer.deviceFallback = true;
    await producer.start();
    await settled();
    machine.unplug('mic-1');
    await settled();
    assert.equal(active().audio, 'mic-2');
    let open!: () => void;
    machine.slow.set('mic-3', new Promise((resolve) => (open = resolve)));
    const chosen = producer.switchDevice('audio', 'mic-3');
    await settled();
    machine.plug(MIC_1);
    await settled();
    open();
    await chosen;
    await settled();
    assert.equal(active().audio, 'mic-3');
  });
});

describe('a microphone that is muted', () => {
  it('is told after three seconds, and no longer when it is heard', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    await producer.start();
    const microphone = machine.opened[1]!;
    microphone.mute(true);
    t.mock.timers.tick(2900);
    assert.equal(producer.error, null);
    microphone.mute(false);
    t.mock.timers.tick(3000);
    assert.equal(producer.error, null, 'for a moment');
    microphone.mute(true);
    t.mock.timers.tick(3000);
    assert.deepEqual(told(), ['microphone-silent', false]);
    microphone.mute(false);
    assert.equal(producer.error, null);
  });

  it('gives way to the next one where the page wants it', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    machine.plug(MIC_2);
    producer.deviceFallback = true;
    await producer.start();
    machine.opened[1]!.mute(true);
    mock.timers.tick(3000);
    mock.timers.reset();
    await settled();
    assert.equal(active().audio, 'mic-2');
    assert.deepEqual(told(), ['microphone-silent', false]);
  });
});

describe('a microphone that makes nothing but zeros, as who reads it says', () => {
  it('gives way to the next one where the page wants it, and stays where it does not', async () => {
    machine.plug(MIC_2);
    await producer.start();
    producer.silent();
    await settled();
    assert.equal(active().audio, 'mic-1');
    producer.stop();
    producer.deviceFallback = true;
    await producer.start();
    producer.silent();
    await settled();
    assert.equal(active().audio, 'mic-2');
    assert.deepEqual(told(), ['microphone-silent', false]);
    producer.stop();
    producer.silent();
  });

  describe('where the system’s default is listed beside the microphones themselves, as in Chromium', () => {
    const DEFAULT = {
      kind: 'audioinput',
      deviceId: 'default',
      label: 'Default - Desk Microphone',
      groupId: 'desk',
    } as const;

    beforeEach(() => {
      const desk = { ...MIC_1, groupId: 'desk' };
      machine.devices = [{ ...CAM_1, groupId: 'desk' }, DEFAULT, desk];
      producer.deviceFallback = true;
    });

    it('gives way to other hardware, and not to itself by its own id', async () => {
      machine.plug({ ...MIC_2, groupId: 'clip' });
      await producer.start();
      assert.equal(machine.opened[1]!.getSettings().deviceId, 'default');
      producer.silent();
      await settled();
      assert.equal(active().audio, 'mic-2');
      assert.match(producer.error!.message, /Clip Microphone/);
      producer.silent();
      await settled();
      assert.equal(active().audio, 'mic-2', 'the first is known to be silent, by both of its ids');
    });

    it('stays where all that is listed is itself', async () => {
      await producer.start();
      producer.silent();
      await settled();
      assert.equal(active().audio, 'default');
      assert.equal(machine.calls.length, 1);
      assert.deepEqual(told(), ['microphone-silent', false]);
    });

    for (const group of ['desk', ''])
      it(`goes on when the system chooses another one${group ? '' : ', where hardware has no group'}`, async () => {
        const [camera] = machine.devices;
        const desk = { ...MIC_1, groupId: group };
        machine.devices = [camera!, { ...DEFAULT, groupId: group }, desk];
        for (const fallback of [false, true]) {
          producer.deviceFallback = fallback;
          await producer.start({ video: 'none', audio: ['microphone'] });
          await settled();
          const clip = { ...MIC_2, groupId: group && 'clip' };
          machine.devices = [
            camera!,
            { ...DEFAULT, label: 'Default - Clip Microphone', groupId: clip.groupId },
            desk,
            clip,
          ];
          machine.tellDevices();
          await settled();
          assert.deepEqual([producer.state, producer.error, active().audio], ['live', null, 'default']);
          machine.opened.at(-1)!.end();
          await settled();
          assert.equal(producer.state, fallback ? 'live' : 'ended', 'when it is really gone');
          producer.stop();
        }
      });

    it('gives way to the new default when the system has chosen one', async () => {
      await producer.start();
      machine.devices = machine.devices.map((one) =>
        one === DEFAULT ? { ...DEFAULT, label: 'Default - Clip Microphone', groupId: 'clip' } : one,
      );
      producer.silent();
      await settled();
      assert.deepEqual(told(), ['microphone-silent', false]);
      assert.match(producer.error!.message, /Default - Clip Microphone/);
    });
  });
});

describe('a microphone that is mixed with the sound of the system, and makes nothing but zeros', () => {
  let peak: number;
  let asked: (MediaStreamTrack | undefined)[];
  const pass = (t: TestContext, seconds: number) => t.mock.timers.tick(seconds * 1000);

  beforeEach(() => {
    peak = 0;
    asked = [];
    const mix: AudioMix = {
      track: new FakeTrack('audio', 'mix').track,
      context: null,
      suspended: false,
      settled: Promise.resolve(),
      onstatechange: null,
      replace: () => true,
      peak: (of) => {
        asked.push(of);
        return peak;
      },
      close: () => {},
    };
    producer = new MediaProducer({ platform: machine, mixer: () => mix });
  });

  const start = async (t: TestContext) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    await producer.start({ video: 'screen', audio: ['microphone', 'system'] });
    await settled();
  };

  it('is told after three seconds, and no longer when it is heard; behind a sound after ten', async (t) => {
    await start(t);
    pass(t, 2.9);
    assert.equal(producer.error, null);
    pass(t, 0.4);
    assert.deepEqual(told(), ['microphone-silent', false]);
    assert.ok(asked.every((of) => of?.label === 'Desk Microphone'));
    peak = 0.001;
    pass(t, 0.3);
    assert.equal(producer.error, null);
    peak = 0;
    pass(t, 9.9);
    assert.equal(producer.error, null);
    pass(t, 0.4);
    assert.deepEqual(told(), ['microphone-silent', false]);
  });

  it('is not missed while it is paused, and gives way to the next one where the page wants it', async (t) => {
    machine.plug(MIC_2);
    producer.deviceFallback = true;
    await start(t);
    producer.pause();
    pass(t, 30);
    producer.resume();
    pass(t, 2.9);
    assert.equal(producer.error, null);
    pass(t, 0.4);
    await settled();
    assert.equal(active().audio, 'mic-2');
    assert.deepEqual(told(), ['microphone-silent', false]);
    asked = [];
    pass(t, 0.3);
    const labels = asked.map((of) => of?.label);
    assert.ok(
      labels.includes('Clip Microphone') && !labels.includes('Desk Microphone'),
      'the one before is looked at alone',
    );
  });
});

describe('a microphone that delivers nothing while another one stands in', () => {
  const CLIP = ['Desk Camera', 'Clip Microphone'];
  const labels = () => producer.stream!.getTracks().map(({ label }) => label);
  /** What whoever looks at the samples finds; null where nobody can. */
  let peak: number | null;
  let mixes: { of: string; closed: boolean }[];

  const mixer = ([track]: readonly MediaStreamTrack[]): AudioMix => {
    const made = { of: track!.label, closed: false };
    mixes.push(made);
    return {
      track: track!,
      context: null,
      suspended: false,
      settled: Promise.resolve(),
      onstatechange: null,
      replace: () => false,
      peak: () => peak,
      close: () => void (made.closed = true),
    };
  };

  const fallenBack = () => fallenBackBy(() => producer.silent());

  async function muted(): Promise<void> {
    mock.timers.enable({ apis: ['setTimeout'] });
    await fallenBackBy(() => {
      machine.opened[1]!.mute(true);
      mock.timers.tick(3000);
      mock.timers.reset();
    });
  }

  async function fallenBackBy(what: () => void): Promise<void> {
    machine.plug(MIC_2);
    producer = new MediaProducer({ platform: machine, mixer });
    producer.deviceFallback = true;
    await producer.start();
    await settled();
    what();
    await settled();
    assert.equal(active().audio, 'mic-2');
  }

  /** Until whoever looks has looked. */
  const looked = () => new Promise((resolve) => setTimeout(resolve, 300));

  beforeEach(() => {
    peak = 0;
    mixes = [];
  });

  it('is taken again as soon as one of its samples is not zero, without being asked for', async () => {
    await fallenBack();
    assert.deepEqual(open(), ['Desk Camera', 'Desk Microphone', 'Clip Microphone']);
    await looked();
    assert.equal(active().audio, 'mic-2', 'zeros are no reason');
    peak = 0.001;
    await looked();
    assert.equal(active().audio, 'mic-1');
    assert.deepEqual(labels(), ['Desk Camera', 'Desk Microphone']);
    assert.ok(producer.stream!.getTracks().every(({ readyState }) => readyState === 'live'));
    assert.deepEqual(open(), ['Desk Camera', 'Desk Microphone']);
    assert.equal(machine.calls.length, 2);
    assert.equal(producer.error, null);
    assert.deepEqual(mixes, [{ of: 'Desk Microphone', closed: true }]);
  });

  it('may fall silent, and come back, again and again', async () => {
    await fallenBack();
    peak = 0.5;
    await looked();
    assert.equal(active().audio, 'mic-1');
    peak = 0;
    producer.silent();
    await settled();
    assert.equal(active().audio, 'mic-2');
    peak = 0.5;
    await looked();
    assert.equal(active().audio, 'mic-1');
    assert.deepEqual(open(), ['Desk Camera', 'Desk Microphone']);
  });

  it('is taken again when the platform says that it is unmuted, where nobody can look at samples', async () => {
    peak = null;
    await muted();
    await looked();
    assert.equal(active().audio, 'mic-2');
    machine.opened[1]!.mute(false);
    await settled();
    assert.equal(active().audio, 'mic-1');
    assert.equal(producer.error, null);
  });

  it('is not taken for being unmuted alone where samples can be looked at', async () => {
    await muted();
    machine.opened[1]!.mute(false);
    await looked();
    assert.equal(active().audio, 'mic-2');
    peak = 0.1;
    await looked();
    assert.equal(active().audio, 'mic-1');
  });

  it('is taken again when it is plugged in again', async () => {
    await fallenBack();
    machine.unplug('mic-1');
    await settled();
    assert.deepEqual(open(), CLIP);
    machine.plug(MIC_1);
    await settled();
    assert.equal(active().audio, 'mic-1');
    assert.deepEqual(open(), ['Desk Camera', 'Desk Microphone']);
    assert.equal(producer.error, null);
  });

  it('is let go when a person chooses, when the producer stops, and not when the camera is switched', async () => {
    await fallenBack();
    await producer.switchDevice('video', 'cam-2');
    assert.deepEqual(open(), ['Desk Microphone', 'Clip Microphone', 'Top Camera']);
    await producer.switchDevice('audio', 'mic-2');
    assert.deepEqual(open(), ['Clip Microphone', 'Top Camera']);
    peak = 1;
    await looked();
    assert.equal(active().audio, 'mic-2');
    producer.stop();
    assert.deepEqual(machine.live, []);

    machine = new FakeMachine();
    await fallenBack();
    producer.stop();
    assert.deepEqual(machine.live, []);
    await settled();
    assert.deepEqual(
      mixes.map(({ closed }) => closed),
      [true, true],
    );
  });

  it('is taken again also when the one that stands in is gone by then', async () => {
    await fallenBack();
    machine.unplug('mic-2');
    await settled();
    assert.deepEqual(told(), ['microphone-silent', false]);
    assert.equal(producer.state, 'live');
    peak = 0.5;
    await looked();
    assert.equal(active().audio, 'mic-1');
    assert.equal(producer.error, null);
    assert.deepEqual(labels(), ['Desk Camera', 'Desk Microphone']);
  });

  it('gives way to a third one, and not to the one that is known to be silent, when the second is muted', async () => {
    await fallenBack();
    machine.plug({ kind: 'audioinput', deviceId: 'mic-3', label: 'Third Microphone' });
    await settled();
    producer.silent();
    await settled();
    assert.equal(active().audio, 'mic-3');
    assert.deepEqual(open(), ['Desk Camera', 'Desk Microphone', 'Third Microphone']);
    peak = 0.5;
    await looked();
    assert.equal(active().audio, 'mic-1');
    assert.deepEqual(open(), ['Desk Camera', 'Desk Microphone']);
  });

  it('stays disabled when it is taken again while paused', async () => {
    await fallenBack();
    producer.pause();
    peak = 0.5;
    await looked();
    assert.ok(producer.stream!.getTracks().every(({ enabled }) => !enabled));
    producer.resume();
    assert.ok(producer.stream!.getTracks().every(({ enabled }) => enabled));
  });
});

describe('the sound of a system that is no longer shared', () => {
  it('is told as that, and is no lost microphone', async () => {
    const mix = { track: new FakeTrack('audio', 'mix').track, peak: () => null, close: () => {}, replace: () => true };
    producer = new MediaProducer({ platform: machine, mixer: () => mix as unknown as AudioMix });
    await producer.start({ video: 'none', audio: ['microphone', 'system'] });
    machine.opened.find(({ label }) => label === 'system')!.end();
    assert.equal(producer.state, 'live');
    assert.deepEqual(told(), ['none', false]);
    assert.match(producer.error!.message, /^The sound of the system is no longer shared/);
  });

  it('leaves nothing behind where it ended while the microphone was asked for', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
    let peaks = 0;
    const peak = () => (peaks++, 0);
    const mix = { track: new FakeTrack('audio', 'mix').track, peak, close: () => {}, replace: () => true };
    const mixer = () => {
      machine.opened.find(({ label }) => label === 'screen')!.end();
      return mix as unknown as AudioMix;
    };
    producer = new MediaProducer({ platform: machine, mixer });
    await producer.start({ video: 'screen', audio: ['microphone', 'system'] });
    assert.equal(producer.state, 'ended');
    t.mock.timers.tick(10_000);
    assert.deepEqual([peaks, producer.error], [0, null]);
  });
});

describe('one of two devices of the same name', () => {
  const TWIN = { ...CAM_1, deviceId: 'cam-twin' };
  it('is missed when it is unplugged, and taken again when it is back', async () => {
    machine.plug(TWIN);
    producer.deviceFallback = true;
    await producer.start();
    await settled();
    assert.equal(active().video, 'cam-1');
    machine.unplug('cam-1');
    await settled();
    assert.equal(active().video, 'cam-2');
    machine.plug(CAM_1);
    await settled();
    assert.equal(active().video, 'cam-1');
    machine.unplug('cam-1', { silently: true });
    await settled();
    assert.equal(active().video, 'cam-2', 'also where only the list tells');
  });
});

describe('a camera that is unplugged', () => {
  it('ends no session that is about to have another one', async () => {
    let open!: () => void;
    machine.slow.set('cam-2', new Promise((resolve) => (open = resolve)));
    await producer.start();
    await settled();
    const switched = producer.switchDevice('video', 'cam-2');
    await settled();
    machine.unplug('cam-1');
    await settled();
    assert.equal(producer.state, 'live');
    open();
    await switched;
    assert.deepEqual([producer.state, active().video, producer.error], ['live', 'cam-2', null]);
  });

  it('ends it when the other one cannot be had', async () => {
    let open!: () => void;
    machine.slow.set('cam-2', new Promise((resolve) => (open = resolve)));
    machine.broken = ['cam-2'];
    await producer.start();
    await settled();
    machine.gate = new Promise((resolve) => (open = resolve));
    const switched = assert.rejects(producer.switchDevice('video', 'cam-2'));
    await settled();
    machine.unplug('cam-1');
    open();
    await switched;
    await settled();
    assert.equal(producer.state, 'ended');
    assert.deepEqual(machine.live, []);
  });

  it('ends the session', async () => {
    await producer.start();
    machine.unplug('cam-1');
    assert.equal(producer.state, 'ended');
    assert.deepEqual(machine.live, []);
  });

  it('gives way to another one where the page wants it, in the same stream, and comes back', async () => {
    producer.deviceFallback = true;
    await producer.start();
    await settled();
    const { stream } = producer;
    machine.unplug('cam-1');
    assert.equal(producer.state, 'live');
    await settled();
    assert.equal(active().video, 'cam-2');
    assert.equal(producer.stream, stream);
    machine.plug(CAM_1);
    await settled();
    assert.equal(active().video, 'cam-1');
    assert.equal(producer.error, null);
  });

  it('may take as long as it takes to be replaced: after a second it is told that the last picture stands', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let opens!: () => void;
    machine.slow.set('cam-2', new Promise((resolve) => (opens = resolve)));
    producer.deviceFallback = true;
    await producer.start();
    await settled();
    machine.unplug('cam-1');
    await settled();
    t.mock.timers.tick(900);
    assert.equal(producer.error, null);
    t.mock.timers.tick(100);
    assert.deepEqual(told(), ['no-media', false]);
    t.mock.timers.tick(60_000);
    assert.equal(producer.state, 'live');
    opens();
    await settled();
    assert.equal(active().video, 'cam-2');
    assert.deepEqual(told(), ['none', false]);
  });

  it('ends the session all the same when there is no other', async () => {
    machine.devices.splice(1, 1);
    producer.deviceFallback = true;
    await producer.start();
    await settled();
    machine.unplug('cam-1');
    await settled();
    assert.equal(producer.state, 'ended');
    assert.deepEqual(machine.live, []);
  });

  it('leaves nothing behind when it is stopped while another one is looked for', async () => {
    producer.deviceFallback = true;
    await producer.start();
    await settled();
    machine.unplug('cam-1');
    producer.stop();
    await settled();
    assert.equal(producer.state, 'idle');
    assert.deepEqual(machine.live, []);
  });
});
