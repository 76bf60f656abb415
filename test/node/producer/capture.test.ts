import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acquire } from '../../../src/core/capture/index.js';
import type { OnAirError } from '../../../src/core/errors.js';
import { FakeMachine } from './devices.js';

describe('a capture', () => {
  it('asks for 1280x720 at 30 as ideals, with one prompt for camera and microphone', async () => {
    const platform = new FakeMachine();
    await acquire({ video: 'camera', audio: ['microphone'] }, { platform });
    assert.deepEqual(platform.calls, [
      {
        api: 'user',
        constraints: {
          video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
          audio: { sampleRate: { ideal: 48000 } },
        },
      },
    ]);
  });

  it('lets the numbers of the page win, and leaves the other side to the camera', async () => {
    const platform = new FakeMachine();
    await acquire({ video: 'camera', audio: [], width: 640, frameRate: 15, facingMode: 'user' }, { platform });
    assert.deepEqual(platform.calls[0]!.constraints, {
      video: { width: { ideal: 640 }, frameRate: { ideal: 15 }, facingMode: { ideal: 'user' } },
      audio: false,
    });
  });

  it('asks for the screen in the very task of the gesture, and then for the microphone', async () => {
    const platform = new FakeMachine();
    const pending = acquire({ video: 'screen', audio: ['microphone', 'system'] }, { platform });
    assert.deepEqual(
      platform.calls.map(({ api }) => api),
      ['display'],
    );
    const { video, audio } = await pending;
    assert.equal(video?.label, 'screen');
    assert.deepEqual(
      audio.map(({ label }) => label),
      ['Desk Microphone', 'system'],
    );
    const { constraints } = platform.calls[0]!;
    assert.deepEqual(constraints.video, { width: { max: 1920 }, height: { max: 1080 }, frameRate: { max: 30 } });
    assert.deepEqual(constraints.audio, { echoCancellation: false, noiseSuppression: false, autoGainControl: false });
  });

  it('goes on without the sound of the system where it was not shared, and says so', async () => {
    const platform = new FakeMachine();
    platform.displaySound = false;
    const { video, audio, faults } = await acquire({ video: 'screen', audio: ['system'] }, { platform });
    assert.equal(video?.label, 'screen');
    assert.deepEqual(audio, []);
    assert.deepEqual(
      faults.map(({ code, fatal }) => ({ code, fatal })),
      [{ code: 'none', fatal: false }],
    );
  });

  it('lets go of the picture of the screen when only its sound was wanted', async () => {
    const platform = new FakeMachine();
    const { video, audio } = await acquire({ video: 'camera', audio: ['system'] }, { platform });
    assert.equal(video?.label, 'Desk Camera');
    assert.equal(audio[0]?.label, 'system');
    assert.deepEqual(
      platform.live.map(({ label }) => label),
      ['system', 'Desk Camera'],
    );
  });
});

describe('the sound of a microphone', () => {
  it('is asked for as the page says, as ideals, and for the rest as the browser does', async () => {
    const platform = new FakeMachine();
    const sound = { echoCancellation: false, noiseSuppression: true, autoGainControl: false };
    const numbers = { channelCount: 2, sampleRate: 44100, latency: 0.02 };
    await acquire({ video: 'none', audio: ['microphone'], ...sound, ...numbers }, { platform });
    assert.deepEqual(platform.calls[0]!.constraints.audio, {
      echoCancellation: { ideal: false },
      noiseSuppression: { ideal: true },
      autoGainControl: { ideal: false },
      channelCount: { ideal: 2 },
      sampleRate: { ideal: 44100 },
      latency: { ideal: 0.02 },
    });
  });

  it('is never asked for with numbers that cannot be, and nobody is asked', async () => {
    const wrong = [{ channelCount: 0 }, { sampleRate: NaN }, { latency: -1 }, { width: -640 }, { frameRate: Infinity }];
    for (const value of wrong) {
      const platform = new FakeMachine();
      await assert.rejects(
        acquire({ video: 'camera', audio: ['microphone'], ...value }, { platform }),
        (error: OnAirError) => error.code === 'invalid-value',
      );
      assert.deepEqual(platform.calls, []);
    }
  });
});

describe('a device that is named', () => {
  const config = (videoDevice: string) => ({ video: 'camera', audio: [], videoDevice }) as const;

  it('is found by id, by label in any case, and by a part of a label that only one has', async () => {
    for (const name of ['cam-2', 'top camera', 'Top']) {
      const platform = new FakeMachine();
      assert.equal((await acquire(config(name), { platform })).video?.label, 'Top Camera');
      assert.equal(platform.calls.length, 1);
    }
  });

  it('is found by id before labels are told, with one request', async () => {
    const platform = new FakeMachine();
    platform.allowed = false;
    assert.equal((await acquire(config('cam-2'), { platform })).video?.label, 'Top Camera');
    assert.equal(platform.calls.length, 1);
  });

  it('is found by label after the first permission, and the first camera is let go', async () => {
    const platform = new FakeMachine();
    platform.allowed = false;
    assert.equal((await acquire(config('Top Camera'), { platform })).video?.label, 'Top Camera');
    assert.deepEqual(
      platform.live.map(({ label }) => label),
      ['Top Camera'],
    );
  });

  it('is overconstrained when there is none of that name, and nothing stays open', async () => {
    for (const allowed of [true, false]) {
      const platform = new FakeMachine();
      platform.allowed = allowed;
      await assert.rejects(
        acquire(config('Garden Camera'), { platform }),
        (error: OnAirError) => error.code === 'overconstrained' && /Garden Camera/.test(error.message),
      );
      assert.deepEqual(platform.live, []);
    }
  });
});
