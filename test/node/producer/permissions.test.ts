import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { CaptureConfig } from '../../../src/core/capture/index.js';
import { MediaProducer } from '../../../src/core/producer/index.js';
import { FakeMachine, FakePermission, refusal, settled } from './devices.js';

let machine: FakeMachine;
let producer: MediaProducer;

beforeEach(() => {
  machine = new FakeMachine();
  producer = new MediaProducer({ platform: machine });
});

async function fail(config?: CaptureConfig): Promise<CaptureConfig | null> {
  await assert.rejects(producer.start(config));
  assert.equal(producer.state, 'failed');
  await settled();
  assert.deepEqual(machine.live, [], 'nothing stays open');
  return producer.store.get().instead;
}

const denied = () => refusal('NotAllowedError', 'Permission denied');

describe('what can be had of a capture that failed', () => {
  it('is the sound alone, when there is no camera', async () => {
    machine.devices = machine.devices.filter(({ kind }) => kind === 'audioinput');
    const instead = await fail();
    assert.equal(instead?.video, 'none');
    await producer.start(instead!);
    assert.deepEqual(
      machine.live.map(({ label }) => label),
      ['Desk Microphone'],
    );
    assert.equal(producer.store.get().instead, null);
  });

  it('is the picture alone, when the microphone is blocked', async () => {
    machine.userFailure = denied();
    machine.permissions = { camera: 'granted', microphone: 'denied' };
    const instead = await fail({ video: 'camera', audio: ['microphone'], width: 320 });
    assert.deepEqual([instead?.video, instead?.audio, instead?.width], ['camera', [], 320]);
  });

  it('is what another program does not hold, by the words of the engine', async () => {
    machine.userFailure = refusal('NotReadableError', 'Could not start video source');
    assert.equal((await fail())?.video, 'none');
    machine.userFailure = refusal('NotReadableError', 'Failed to allocate audiosource');
    assert.deepEqual((await fail())?.audio, []);
  });

  it('is what the page around this one allows', async () => {
    machine.forbidden = ['camera'];
    assert.deepEqual((await fail())?.audio, ['microphone']);
  });

  it('is nothing when both are missing, blocked or unknown, or only one was asked for', async () => {
    machine.userFailure = denied();
    machine.permissions = { camera: 'denied', microphone: 'denied' };
    assert.equal(await fail(), null);
    machine.permissions = {};
    assert.equal(await fail(), null);
    machine.userFailure = refusal('NotReadableError', 'It is broken');
    assert.equal(await fail(), null);
    machine.permissions = { camera: 'denied' };
    machine.userFailure = denied();
    assert.equal(await fail({ video: 'camera', audio: [] }), null);
  });

  it('is found out without opening anything', async () => {
    machine.userFailure = denied();
    machine.permissions = { camera: 'denied', microphone: 'prompt' };
    assert.equal((await fail())?.video, 'none');
    assert.equal(machine.calls.length, 1);
  });
});

describe('a person who changes their mind', () => {
  beforeEach(() => {
    machine.statuses.camera = new FakePermission('denied');
    machine.statuses.microphone = new FakePermission('granted');
  });

  it('finds the start offered again, and nothing captured by itself', async () => {
    machine.userFailure = denied();
    await fail();
    assert.equal(producer.error?.code, 'denied');
    machine.statuses.camera!.set('granted');
    assert.equal(producer.state, 'idle');
    assert.equal(producer.error, null);
    assert.equal(machine.calls.length, 1);
  });

  it('ends the capture by taking the permission back, which is told as that', async () => {
    machine.statuses.camera!.state = 'granted';
    await producer.start();
    await settled();
    machine.statuses.camera!.set('denied');
    assert.equal(producer.state, 'failed');
    assert.equal(producer.error?.code, 'denied');
    assert.equal(producer.error?.fatal, true);
    assert.deepEqual(machine.live, []);
    await settled();
    machine.statuses.camera!.set('prompt');
    assert.equal(producer.state, 'idle');
  });

  it('is understood also where the track ends before the permission is told', async () => {
    machine.statuses.camera!.state = 'granted';
    await producer.start();
    await settled();
    machine.opened[0]!.end();
    assert.equal(producer.state, 'ended');
    await settled();
    machine.statuses.camera!.set('denied');
    assert.equal(producer.state, 'failed');
    assert.equal(producer.error?.code, 'denied');
  });

  for (const fallback of [false, true])
    it(`is understood of a microphone, too, ${fallback ? 'and no other one is asked for' : 'which is not plugged in again'}`, async () => {
      machine.statuses.camera!.state = 'granted';
      producer.deviceFallback = fallback;
      machine.plug({ kind: 'audioinput', deviceId: 'mic-2', label: 'Clip Microphone' });
      machine.plug({ kind: 'audioinput', deviceId: 'mic-3', label: 'Third Microphone' });
      await producer.start();
      await settled();
      machine.userFailure = denied();
      machine.opened[1]!.end();
      machine.statuses.microphone!.set('denied');
      await settled();
      assert.equal(producer.state, 'live');
      assert.deepEqual([producer.error?.code, producer.error?.fatal], ['denied', false]);
      assert.ok(machine.calls.length <= 2, 'one may have been asked for before it was told');
    });

  it('keeps the picture when only the microphone is taken back', async () => {
    machine.statuses.camera!.state = 'granted';
    producer.deviceFallback = true;
    machine.plug({ kind: 'audioinput', deviceId: 'mic-2', label: 'Clip Microphone' });
    await producer.start();
    await settled();
    machine.statuses.microphone!.set('denied');
    await settled();
    assert.equal(producer.state, 'live');
    assert.deepEqual([producer.error?.code, producer.error?.fatal], ['denied', false]);
    assert.equal(machine.calls.length, 1, 'no other microphone is asked for');
  });

  it('is no longer followed after a stop', async () => {
    machine.userFailure = denied();
    await fail();
    producer.stop();
    const states: string[] = [];
    producer.store.subscribe(({ state }) => states.push(state));
    machine.statuses.camera!.set('granted');
    assert.deepEqual(states, []);
  });
});

describe('a missing device', () => {
  it('is not what the sound of a system is, and its failure stays', async () => {
    machine.displaySound = false;
    await fail({ video: 'none', audio: ['system'] });
    machine.tellDevices();
    await settled();
    assert.equal(producer.state, 'failed');
  });

  it('turns the failure into an offer when it is plugged in', async () => {
    machine.devices = machine.devices.filter(({ kind }) => kind === 'audioinput');
    await fail();
    machine.plug({ kind: 'audioinput', deviceId: 'mic-2', label: 'Clip Microphone' });
    await settled();
    assert.equal(producer.state, 'failed');
    machine.plug({ kind: 'videoinput', deviceId: 'cam-9', label: 'New Camera' });
    await settled();
    assert.equal(producer.state, 'idle');
  });
});
