import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { EncoderLadder, USUAL_WAY, type EncoderWay } from '../../../src/core/encode/index.js';
import {
  asFrame,
  FakeEncoder,
  FakeFrame,
  FakeVideoEncoder,
  forgetEncoded,
  settle,
  useCodecFakes,
} from '../record/codec-fakes.js';

const SIZE = { width: 64, height: 48, frameRate: 30 };

function ladder({ way = USUAL_WAY }: { way?: EncoderWay } = {}) {
  const clock = { now: 0 };
  mock.method(performance, 'now', () => clock.now * 1000);
  const told = { pictures: 0, keys: [] as boolean[], lost: 0, failures: [] as unknown[], colours: [] as unknown[] };
  const made = new EncoderLadder({
    codecString: 'vp8',
    size: SIZE,
    bitrate: 1e6,
    way,
    onPicture: ({ key }, _, meta) => {
      told.colours.push(meta?.decoderConfig?.colorSpace);
      told.pictures++;
      told.keys.push(key);
    },
    onLost: (pictures) => (told.lost += pictures),
    onFailure: (cause) => told.failures.push(cause),
  });
  const encode = async () => {
    if (!made.ready()) return false;
    const frame = new FakeFrame(null, { timestamp: clock.now * 1e6 });
    made.encode(asFrame(frame), { keyFrame: made.keyDue, made: true });
    frame.close();
    await settle();
    return true;
  };
  /** Lets time pass, with a picture each tenth of a second and a look four times a second. */
  const pass = async (seconds: number) => {
    for (const end = clock.now + seconds; clock.now < end; clock.now += 0.05) {
      if (Math.round(clock.now * 20) % 2 === 0) await encode();
      if (Math.round(clock.now * 20) % 5 === 0) made.look(clock.now);
    }
  };
  return { ladder: made, told, encode, pass, clock };
}

const last = () => FakeVideoEncoder.all.at(-1)!;
const hardwareOf = (encoder: FakeVideoEncoder) => encoder.configs[0]!['hardwareAcceleration'] ?? 'no-preference';

describe('the ladder of encoders', () => {
  useCodecFakes();
  beforeEach(forgetEncoded);
  afterEach(() => mock.reset());

  it('says of the colours what the pictures say, whatever the encoder does', async () => {
    const { ladder: made, told } = ladder();
    const bt601 = { matrix: 'smpte170m', primaries: 'smpte170m', transfer: 'smpte170m', fullRange: false };
    const rgb = { matrix: 'rgb', primaries: 'bt709', transfer: 'iec61966-2-1', fullRange: true };
    for (const [at, colour] of [bt601, rgb, {}].entries()) {
      const frame = Object.assign(new FakeFrame(null, { timestamp: at * 1e6 }), {
        colorSpace: { ...colour, toJSON: () => colour },
      });
      made.ready();
      made.encode(asFrame(frame), { keyFrame: made.keyDue, made: true });
      frame.close();
      await settle();
    }
    const encoders = { matrix: 'bt709' };
    assert.deepEqual(told.colours, [bt601, encoders, encoders]);
  });

  it('takes software after a failure, and what was chosen again after the next', async () => {
    const { encode, told } = ladder();
    for (let failures = 0; failures < 4; failures++) {
      await encode();
      last().fail();
    }
    assert.deepEqual(FakeVideoEncoder.all.map(hardwareOf), [
      'no-preference',
      'prefer-software',
      'no-preference',
      'prefer-software',
    ]);
    assert.deepEqual(told.keys, [true, true, true, true]);
  });

  it('makes one that was only reclaimed again as it was', async () => {
    const { encode } = ladder({ way: { hardware: 'prefer-hardware', latencyMode: 'realtime' } });
    await encode();
    last().fail(Object.assign(new Error('idle'), { name: 'QuotaExceededError' }));
    await encode();
    assert.deepEqual(FakeVideoEncoder.all.map(hardwareOf), ['prefer-hardware', 'prefer-hardware']);
  });

  it('replaces one that gives nothing for 3 s, the first time or later, and counts what was in it', async () => {
    for (const before of [0, 1]) {
      forgetEncoded();
      const { pass, told, encode, clock } = ladder();
      await pass(before);
      FakeVideoEncoder.stalled = true;
      const pictures = told.pictures;
      await pass(2.9);
      assert.equal(FakeVideoEncoder.all.length, 1);
      await pass(0.7);
      assert.equal(FakeVideoEncoder.all[0]!.state, 'closed');
      assert.ok(told.lost > 25, `${told.lost}`);
      FakeVideoEncoder.stalled = false;
      await encode();
      assert.equal(FakeVideoEncoder.all.length, 2);
      const again = FakeVideoEncoder.encoded.filter(({ timestamp }) => timestamp > (before + 3) * 1e6);
      assert.equal(again.find(({ key }) => key)?.key, true);
      assert.ok(told.pictures > pictures);
      mock.reset();
      assert.ok(clock.now < before + 4);
    }
  });

  it('does not take for a stall that it was not looked at, or that no picture came', async () => {
    const { pass, ladder: made, clock, encode } = ladder();
    await pass(1);
    clock.now += 60;
    made.look(clock.now);
    await encode();
    await pass(1);
    FakeVideoEncoder.stalled = true;
    await encode();
    clock.now += 5;
    made.look(clock.now);
    assert.equal(FakeVideoEncoder.all.length, 1, 'what came out while nobody looked is not known yet');
  });

  it('gives up after five that make nothing', async () => {
    const { told, encode } = ladder();
    FakeVideoEncoder.dead = true;
    for (let pictures = 0; pictures < 20; pictures++) await encode();
    assert.equal(FakeVideoEncoder.all.length, 6);
    assert.equal(told.failures.length, 1);
  });

  it('gives up after five also where each of them makes a picture and fails then', async () => {
    const { told, encode } = ladder();
    for (let pictures = 0; pictures < 20; pictures++) if (await encode()) last().fail();
    assert.equal(FakeVideoEncoder.all.length, 6);
    assert.equal(told.pictures, 6);
    assert.equal(told.failures.length, 1);
  });

  it('has five again after one that made pictures for ten seconds, or was reclaimed after as many', async () => {
    const { told, encode, pass, clock } = ladder();
    for (let failures = 0; failures < 12; failures++) {
      await pass(10.2);
      last().fail();
    }
    for (let pauses = 0; pauses < 12; pauses++) {
      await encode();
      clock.now += 60;
      last().fail(Object.assign(new Error('idle'), { name: 'QuotaExceededError' }));
    }
    assert.equal(FakeVideoEncoder.all.length, 24);
    assert.deepEqual(told.failures, []);
    for (let failures = 0; failures < 12; failures++) {
      await pass(9.5);
      if (told.failures.length === 0) last().fail();
    }
    assert.equal(FakeVideoEncoder.all.length, 24 + 5);
    assert.equal(told.failures.length, 1);
  });

  it('goes on with another bitrate as it is, and with another size by a key frame', async () => {
    const { ladder: made, encode, told } = ladder();
    await encode();
    made.configure({ size: SIZE, bitrate: 8e5 });
    await encode();
    made.configure({ size: { ...SIZE, width: 32, height: 24 }, bitrate: 8e5 });
    await encode();
    await encode();
    assert.deepEqual(told.keys, [true, false, true, false]);
    assert.equal(FakeVideoEncoder.all.length, 1);
    assert.deepEqual(
      last().configs.map(({ bitrate, width }) => [bitrate, width]),
      [
        [1e6, 64],
        [8e5, 64],
        [8e5, 32],
      ],
    );
    last().fail();
    await encode();
    assert.deepEqual(last().configs[0]!['width'], 32, 'another one goes on with it');
  });

  it('replaces one that refuses other settings', async () => {
    const { ladder: made, encode, told } = ladder();
    await encode();
    mock.method(last(), 'configure', () => {
      throw new Error('no');
    });
    made.configure({ size: SIZE, bitrate: 8e5 });
    await encode();
    assert.equal(FakeVideoEncoder.all.length, 2);
    assert.equal(last().configs[0]!['bitrate'], 8e5);
    assert.equal(told.pictures, 2);
  });

  it('ends although a flush never settles, and counts what did not come out', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const { ladder: made, encode, told } = ladder();
    await encode();
    FakeVideoEncoder.stalled = FakeEncoder.hung = true;
    await encode();
    let over = false;
    const finished = made.finish().then(() => (over = true));
    mock.timers.tick(2900);
    await settle();
    assert.ok(!over);
    mock.timers.tick(200);
    await settle();
    mock.timers.tick(3000);
    await finished;
    assert.equal(told.lost, 1);
    assert.equal(last().state, 'closed');
    mock.timers.reset();
  });
});
