import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acquire, type CaptureConfig } from '../../../src/core/capture/index.js';
import { captureFault } from '../../../src/core/capture/faults.js';
import { OnAirError } from '../../../src/core/errors.js';
import { FakeMachine, refusal } from './devices.js';

const BOTH: CaptureConfig = { video: 'camera', audio: ['microphone'] };
const SCREEN: CaptureConfig = { video: 'screen', audio: [] };

async function failure(machine: FakeMachine, config: CaptureConfig = BOTH): Promise<OnAirError> {
  try {
    await acquire(config, { platform: machine });
  } catch (error) {
    assert.ok(error instanceof OnAirError, String(error));
    assert.deepEqual(machine.live, [], 'nothing stays open');
    return error;
  }
  return assert.fail('it was granted');
}

function machine(change: Partial<FakeMachine>): FakeMachine {
  return Object.assign(new FakeMachine(), change);
}

const notAllowed = (message = 'The request is not allowed by the user agent or the platform in the current context.') =>
  refusal('NotAllowedError', message);

describe('a refused capture', () => {
  it('is denied when the person or a remembered choice blocked it, and names the device', async () => {
    const error = await failure(
      machine({
        userFailure: notAllowed('Permission denied'),
        permissions: { camera: 'denied', microphone: 'granted' },
      }),
    );
    assert.equal(error.code, 'denied');
    assert.match(error.message, /^The camera is blocked for this page\. .*try again/);
    assert.equal((error.cause as Error).name, 'NotAllowedError');
  });

  it('is denied when the browser does not tell more', async () => {
    assert.equal((await failure(machine({ userFailure: notAllowed() }))).code, 'denied');
  });

  it('is dismissed when the permission would still be asked for', async () => {
    const error = await failure(
      machine({ userFailure: notAllowed(), permissions: { camera: 'prompt', microphone: 'prompt' } }),
    );
    assert.equal(error.code, 'dismissed');
  });

  it('is dismissed by the text of Chromium where the state is not told', async () => {
    assert.equal((await failure(machine({ userFailure: notAllowed('Permission dismissed') }))).code, 'dismissed');
  });

  it('is the policy when the page may not use the device, and nobody is asked', async () => {
    const fake = machine({ forbidden: ['microphone'] });
    const error = await failure(fake);
    assert.equal(error.code, 'policy');
    assert.match(error.message, /^The microphone/);
    assert.deepEqual(fake.calls, []);
  });

  it('is the system by the text of Chromium, or when the page is allowed and refused all the same', async () => {
    assert.equal((await failure(machine({ userFailure: notAllowed('Permission denied by system') }))).code, 'system');
    const allowed = machine({ userFailure: notAllowed(), permissions: { camera: 'granted', microphone: 'granted' } });
    assert.equal((await failure(allowed)).code, 'system');
  });

  it('is insecure on an insecure page', async () => {
    const fake = machine({ secure: false });
    const error = await failure(fake);
    assert.equal(error.code, 'insecure');
    assert.match(error.message, /https/);
    assert.deepEqual(fake.calls, []);
  });

  it('is unsupported without media devices, and without screen sharing', async () => {
    assert.equal((await failure(Object.assign(new FakeMachine(), { mediaDevices: null }))).code, 'unsupported');
    const phone = new FakeMachine();
    Object.assign(phone.mediaDevices, { getDisplayMedia: undefined });
    assert.equal((await failure(phone, SCREEN)).code, 'unsupported');
  });

  it('is none without such a device, and says which one is missing', async () => {
    const fake = new FakeMachine();
    fake.devices = fake.devices.filter((device) => device.kind === 'videoinput');
    const error = await failure(fake);
    assert.equal(error.code, 'none');
    assert.match(error.message, /^The microphone was not found/);
  });

  it('is busy when another program holds the device, in the words of either engine', async () => {
    for (const error of [
      refusal('NotReadableError', 'Could not start video source'),
      refusal('AbortError', 'Starting videoinput failed'),
      refusal('AbortError', 'Timeout starting video source'),
    ]) {
      assert.equal((await failure(machine({ userFailure: error }))).code, 'busy', error.message);
    }
  });

  it('is overconstrained and says by what', async () => {
    const error = await failure(
      machine({ userFailure: refusal('OverconstrainedError', '', { constraint: 'frameRate' }) }),
    );
    assert.equal(error.code, 'overconstrained');
    assert.match(error.message, /frameRate/);
  });

  it('is aborted when it is given up, also by the browser', async () => {
    assert.equal((await failure(machine({ userFailure: refusal('AbortError', 'Invalid state') }))).code, 'aborted');
    assert.equal((await failure(machine({ userFailure: 'a string' }))).code, 'aborted');
  });

  it('is an invalid value when nothing is asked for', async () => {
    assert.equal((await failure(new FakeMachine(), { video: 'none', audio: [] })).code, 'invalid-value');
  });

  for (const [name, secure, code] of [
    ['SecurityError', true, 'policy'],
    ['SecurityError', false, 'insecure'],
    ['NotSupportedError', true, 'unsupported'],
    ['TypeError', true, 'unsupported'],
    ['TypeError', false, 'insecure'],
    ['PermissionDeniedError', true, 'denied'],
    ['DevicesNotFoundError', true, 'none'],
    ['TrackStartError', true, 'busy'],
    ['ConstraintNotSatisfiedError', true, 'overconstrained'],
    ['InvalidStateError', true, 'aborted'],
    ['SomethingNewError', true, 'aborted'],
  ] as const) {
    it(`is "${code}" by a ${name} of ${secure ? 'a page that is' : 'one that is not'} secure`, async () => {
      const fake = machine({ secure });
      const error = await captureFault(refusal(name), 'both', fake);
      assert.equal(error.code, code);
      assert.match(error.message, /^[A-Z].+\.$/);
    });
  }
});

describe('a refused screen', () => {
  it('is dismissed when the picker is closed', async () => {
    const error = await failure(machine({ displayFailure: notAllowed('Permission denied by user') }), SCREEN);
    assert.equal(error.code, 'dismissed');
    assert.match(error.message, /^Nothing was chosen to share/);
  });

  it('is denied when it is blocked for good', async () => {
    const blocked = machine({ displayFailure: notAllowed(), permissions: { 'display-capture': 'denied' } });
    assert.equal((await failure(blocked, SCREEN)).code, 'denied');
  });

  it('is the system when the system forbids it', async () => {
    const fake = machine({ displayFailure: notAllowed('Permission denied by system') });
    assert.equal((await failure(fake, SCREEN)).code, 'system');
  });

  it('says that it needs a gesture', async () => {
    const error = await failure(machine({ displayFailure: refusal('InvalidStateError') }), SCREEN);
    assert.equal(error.code, 'invalid-state');
    assert.match(error.message, /click/);
  });
});

describe('what was half granted', () => {
  it('is released: the screen was shared, the microphone refused', async () => {
    const fake = machine({ userFailure: notAllowed(), permissions: { microphone: 'denied' } });
    const error = await failure(fake, { video: 'screen', audio: ['microphone', 'system'] });
    assert.equal(error.code, 'denied');
    assert.equal(fake.opened.length, 2);
  });

  it('is released: the sound of the system was all that was wanted, and was not shared', async () => {
    const fake = machine({ displaySound: false });
    const error = await failure(fake, { video: 'none', audio: ['system'] });
    assert.equal(error.code, 'none');
    assert.equal(error.fatal, true);
  });
});
