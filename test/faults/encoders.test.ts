import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it, type TestContext } from 'node:test';
import { lacks, type Tab } from '../support/browser.js';
import { assertConforms, assertSeeks } from '../support/conforms.js';
import { STILLBORN } from '../support/encoders.js';
import { decode, inspect } from '../support/ffmpeg.js';
import { widestGap } from '../support/media.js';
import { type Listed, type PageSetup, type RecorderStatus, seconds, Stage, type Stopped } from '../support/stage.js';
import { assertKept, roll, survivors, told } from '../support/survival.js';

/** Encoders of pictures in the worker fail from the moment on that the page says so, as a driver that is gone makes them. */
const FAILING = `
  {
    let gone = false;
    new BroadcastChannel('encoders').onmessage = () => (gone = true);
    const { encode } = VideoEncoder.prototype;
    VideoEncoder.prototype.encode = function (...given) {
      if (!gone) return encode.apply(this, given);
      this.close();
      throw new DOMException('The driver is gone.', 'EncodingError');
    };
  }
`;

/** From that moment on the last sounds come out only when the page says so: a take is long handing over, or finishing. */
const HELD = `
  {
    let gone = false;
    new BroadcastChannel('encoders').onmessage = () => (gone = true);
    const { flush } = AudioEncoder.prototype;
    AudioEncoder.prototype.flush = function () {
      if (!gone) return flush.call(this);
      const page = new BroadcastChannel('flush');
      page.postMessage('begun');
      return new Promise((end) => (page.onmessage = end)).then(() => flush.call(this));
    };
  }
`;

const SETUP: PageSetup = {
  source: 'devices',
  library: 'manual',
  attributes: { width: 640, height: 480 },
  recorders: [{ 'recording-name': 'take', format: 'webm' }],
};

// Chromium's MediaRecorder is the only one that comes second: in Firefox it is the first choice.
describe('a take whose encoders all fail (chromium)', { skip: lacks('chromium') }, () => {
  let stage: Stage;
  before(async () => (stage = await Stage.open('chromium')));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  const status = async (tab: Tab) => (await tab.call<RecorderStatus[]>('status'))[0]!;

  /** Records for two seconds; answers the media time at which that was. */
  async function record(setup: PageSetup, prelude: string): Promise<{ tab: Tab; at: number }> {
    stage.server.workerPrelude = prelude;
    const tab = await stage.tab(setup);
    assert.deepEqual(await tab.call('start'), ['recording']);
    await tab.call('recorded', 2);
    const { activeEngine, duration } = await status(tab);
    assert.equal(activeEngine, 'webcodecs');
    return { tab, at: duration };
  }

  /** The same, and takes the encoders away. */
  async function begin(setup = SETUP): Promise<{ tab: Tab; at: number }> {
    const begun = await record(setup, FAILING);
    await begun.tab.page.evaluate(() => new BroadcastChannel('encoders').postMessage('gone'));
    return begun;
  }

  const handedOver = (tab: Tab) =>
    tab.page.waitForFunction(
      () =>
        (globalThis as unknown as { take: { recorders: { activeEngine: string }[] } }).take.recorders[0]!
          .activeEngine === 'mediarecorder',
      { timeout: 20_000 },
    );

  it('goes on with MediaRecorder, says so, and is one recording', async (test) => {
    const { tab, at } = await begin();
    await handedOver(tab);
    const { error, state, guarantee } = await status(tab);
    assert.equal(state, 'recording');
    assert.deepEqual([error!.code, error!.fatal], ['encoder-failed', false]);
    assert.ok(guarantee!.caveats.length > 0);
    await tab.call('recorded', at + 4);
    const [take] = await tab.call<Stopped[]>('stop');
    assert.equal(take!.engine, 'mediarecorder');
    assert.equal(take!.reason, null);
    const { file, video, audio } = await assertConforms(stage, tab, take!);
    await assertSeeks(tab, file);
    const next = video.findIndex(({ pts, key }) => key && pts > at);
    assert.ok(next > 0, 'MediaRecorder begins with a key frame');
    const gap = Math.max(...video.slice(1).map(({ pts }, index) => pts - video[index]!.pts));
    test.diagnostic(
      `asked at ${at.toFixed(2)} s of ${take!.duration.toFixed(2)} s; widest step between frames ` +
        `${(gap * 1000).toFixed(0)} ms, widest gap of sound ${(widestGap(audio) * 1000).toFixed(0)} ms`,
    );
    assert.ok(gap < 1.5, `${gap} s`);
    assert.ok(widestGap(audio) < 0.5, `${widestGap(audio)} s`);
    const listed = await tab.call<Listed[]>('recordings');
    assert.deepEqual(
      listed.map(({ name, state }) => [name, state]),
      [['take', 'saved']],
    );
    assert.deepEqual(tab.faults, []);
  });

  for (const format of ['webm', 'mp4']) {
    it(`goes on, and has all of the sound, when they fail with their first pictures (${format})`, async (test) => {
      stage.server.workerPrelude = STILLBORN;
      const tab = await stage.tab({ ...SETUP, recorders: [{ 'recording-name': 'take', format }] });
      assert.deepEqual(await tab.call('start'), ['recording']);
      await handedOver(tab);
      const { error, state, activeFormat } = await status(tab);
      assert.deepEqual([state, activeFormat], ['recording', format]);
      assert.deepEqual([error!.code, error!.fatal], ['encoder-failed', false]);
      await tab.call('recorded', 4);
      const [take] = await tab.call<Stopped[]>('stop');
      assert.equal(take!.reason, null);
      const { file, video, audio } = await assertConforms(stage, tab, take!);
      await assertSeeks(tab, file);
      test.diagnostic(
        `${take!.mimeType}: the first picture stands until ${video[1]!.pts.toFixed(2)} s; ` +
          `widest gap of sound ${(widestGap(audio) * 1000).toFixed(0)} ms`,
      );
      assert.ok(audio[0]!.pts < 0.05, `the sound begins at ${audio[0]!.pts} s`);
      assert.ok(widestGap(audio) < 0.5, `${widestGap(audio)} s`);
      assert.ok(video[0]!.pts < 0.05, `the picture begins at ${video[0]!.pts} s`);
      assert.ok(video[1]!.pts < 2, `and goes on at ${video[1]!.pts} s`);
      assert.deepEqual(tab.faults, []);
    });
  }

  it('is recovered, less what is promised, when the browser is killed after they did so in an MP4', async (test) => {
    stage.server.workerPrelude = STILLBORN;
    const tab = await stage.tab({ source: 'clock', recorders: [{ 'recording-name': 'take', format: 'mp4' }] });
    const { from } = await roll(tab, 1);
    await handedOver(tab);
    await tab.call('recorded', 3);
    const { guarantee } = await status(tab);
    const until = await stage.browser.kill();
    await stage.browser.start();
    const [survivor] = await survivors(stage, await stage.tab({ library: 'auto' }), { from, until });
    test.diagnostic(told(survivor!, 'killed after 3 s'));
    assertKept(survivor!, guarantee!.lossOnCrash);
  });

  it('begins its file anew where nothing had been written', async () => {
    stage.server.workerPrelude = STILLBORN;
    const tab = await stage.tab({ ...SETUP, attributes: { ...SETUP.attributes, audio: 'none' } });
    assert.deepEqual(await tab.call('start'), ['recording']);
    await handedOver(tab);
    await tab.call('recorded', 3);
    const [take] = await tab.call<Stopped[]>('stop');
    assert.deepEqual([take!.engine, take!.reason], ['mediarecorder', null]);
    const file = await stage.fetch(tab, take!);
    const [{ duration, streams, packets }, { errors, frames }] = await Promise.all([inspect(file), decode(file)]);
    assert.deepEqual(errors, []);
    assert.deepEqual(
      streams.map(({ codec_type }) => codec_type),
      ['video'],
    );
    assert.ok(Math.abs(duration - take!.duration) < 0.05 && duration > 2.9, `${duration} s, ${take!.duration} s told`);
    assert.ok(packets[0]!.key && packets[0]!.pts < 0.05, `begins at ${packets[0]!.pts} s`);
    assert.equal(frames, packets.length);
    assert.deepEqual(
      (await tab.call<Listed[]>('recordings')).map(({ state }) => state),
      ['saved'],
    );
    assert.deepEqual(tab.faults, []);
  });

  it('is paused and goes on after that', async () => {
    const { tab, at } = await begin();
    await handedOver(tab);
    await tab.call('recorded', at + 1.5);
    await tab.call('pause');
    await seconds(0.5);
    await tab.call('resume');
    await tab.call('recorded', at + 3);
    const [take] = await tab.call<Stopped[]>('stop');
    await assertConforms(stage, tab, take!);
    assert.deepEqual(tab.faults, []);
  });

  it('waits in a pause that begins while it is handed over, and goes on after it', async () => {
    const { tab, at } = await record(SETUP, FAILING + HELD);
    await tab.page.evaluate(
      () =>
        new Promise((begun) => {
          new BroadcastChannel('flush').onmessage = () => begun(null);
          new BroadcastChannel('encoders').postMessage('gone');
        }),
    );
    await tab.call('pausing');
    await tab.page.evaluate(() => new BroadcastChannel('flush').postMessage('end'));
    await handedOver(tab);
    await tab.page.waitForFunction(
      () =>
        (globalThis as unknown as { take: { recorders: { state: string }[] } }).take.recorders[0]!.state === 'paused',
    );
    await tab.call('resume');
    await tab.call('recorded', at + 3);
    const [take] = await tab.call<Stopped[]>('stop');
    await assertConforms(stage, tab, take!);
    assert.deepEqual(tab.faults, []);
  });

  for (const later of [0, 3])
    it(`is recovered as one recording when the browser is killed ${later} s after that`, (test) =>
      recovers(later, test));

  async function recovers(later: number, test: TestContext): Promise<void> {
    const { tab, at } = await begin();
    await handedOver(tab);
    if (later > 0) await tab.call('recorded', at + later);
    await stage.browser.kill();
    await stage.browser.start();
    const again = await stage.tab({ library: 'manual' });
    const [found] = await again.call<Listed[]>('recordings');
    assert.equal(found!.state, 'interrupted');
    assert.equal(await again.call('recover', found!.id), 'done');
    const [recovered] = await again.call<Listed[]>('recordings');
    assert.equal(recovered!.state, 'recovered');
    const file = await stage.fetch(again, recovered!);
    const [{ duration, streams }, { errors }] = await Promise.all([inspect(file), decode(file)]);
    assert.deepEqual(errors, []);
    assert.equal(streams.length, 2);
    test.diagnostic(`${duration.toFixed(2)} s, ${later} s after the ${at.toFixed(2)} s at which the encoders went`);
    assert.ok(duration > at + Math.max(0, later - 1) - 0.5, `${duration} s`);
  }

  it('ends whole, as it did, where the container cannot be gone on with, or the engine was asked for', async () => {
    for (const recorder of [{ format: 'mp4' }, { format: 'webm', engine: 'webcodecs' }]) {
      const { tab } = await begin({ ...SETUP, recorders: [{ 'recording-name': 'take', ...recorder }] });
      await tab.call('finished');
      const { error } = await status(tab);
      assert.deepEqual([error!.code, error!.fatal], ['encoder-failed', false]);
      const listed = await tab.call<Listed[]>('recordings');
      const [{ duration, streams }, { errors }] = await (async (file) => Promise.all([inspect(file), decode(file)]))(
        await stage.fetch(tab, listed[0]!),
      );
      assert.deepEqual(errors, []);
      assert.equal(streams.length, 2);
      assert.ok(duration > 1.5);
      await stage.clear();
    }
  });
});
