import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { type Tab } from '../support/browser.js';
import { assertConforms } from '../support/conforms.js';
import { decode, packets, probe } from '../support/ffmpeg.js';
import { barColours, makeFlashFilm, widestGap } from '../support/media.js';
import { BOTH_FORMATS } from '../support/survival.js';
import {
  inEachBrowser,
  type Listed,
  type PageSetup,
  type RecorderStatus,
  Stage,
  type Stopped,
} from '../support/stage.js';
import { type Devices, liveTracks, plug, VIRTUAL } from '../support/two-devices.js';

const CAMERA: PageSetup = {
  source: 'devices',
  attributes: { width: 640, height: 480, 'frame-rate': 20 },
  recorders: [{ 'recording-name': 'take' }],
  library: 'off',
};

/** Sources of which a part can be ended as a device's or a screen's would end. */
const CLOCK = { source: 'clock' };
const FILM = { source: 'film', options: { url: '/files/flash.webm' } };
const DUBBED = { source: 'dubbed', options: { url: '/files/flash.webm' } };

/** A worker in which something throws, and nobody catches it, when the page says so. */
const THROWING = `
  new BroadcastChannel('throw').onmessage = () => {
    throw new Error('Nobody catches this.');
  };
`;

inEachBrowser('a take in the life of a page', (name) => {
  let stage: Stage;
  let tab: Tab;
  before(async () => {
    stage = await Stage.open(name);
    if (name === 'firefox') await makeFlashFilm(stage.server.file('flash.webm'), 6);
  });
  afterEach(() => stage.clear());
  after(() => stage?.close());

  async function rolling(setup: PageSetup = CAMERA): Promise<void> {
    tab = await stage.tab(setup);
    const states = await tab.call<string[]>('start');
    assert.deepEqual(
      states,
      states.map(() => 'recording'),
    );
    await tab.call('recorded', 0.8);
  }

  /** What the library lists once no take runs any more; the page is left clean. */
  async function kept(): Promise<Listed[]> {
    const listed = await tab.call<Listed[]>('quiet');
    for (const recording of listed) {
      assert.equal(recording.state, 'saved');
      assert.deepEqual((await decode(await stage.fetch(tab, recording))).errors, []);
    }
    assert.deepEqual(tab.faults, []);
    await tab.call('removeAll');
    assert.deepEqual(await tab.call('raw'), [], 'nothing is left on disk');
    await tab.close();
    return listed;
  }

  it('is recorded by two recorders of one producer at once', async () => {
    await rolling({
      ...CAMERA,
      recorders: name === 'chromium' ? BOTH_FORMATS : [{ 'recording-name': 'a' }, { 'recording-name': 'b' }],
    });
    const takes = await tab.call<Stopped[]>('stop');
    assert.equal(takes.length, 2);
    assert.notEqual(takes[0]!.id, takes[1]!.id);
    const listed = await kept();
    assert.equal(listed.length, 2);
  });

  it('goes on when its recorder is moved in the document', async () => {
    await rolling();
    const before = await tab.call<RecorderStatus[]>('status');
    await tab.call('move');
    await tab.call('recorded', before[0]!.duration + 0.8);
    const [take] = await tab.call<Stopped[]>('stop');
    assert.ok(take!.duration > before[0]!.duration + 0.7);
    assert.equal((await kept()).length, 1);
  });

  it('is finished and kept when its recorder is removed', async () => {
    await rolling();
    await tab.call('remove');
    const [take, ...others] = await kept();
    assert.ok(take && others.length === 0);
    assert.ok(take.duration > 0.7);
  });

  it('is finished and kept when its producer stops', async () => {
    await rolling();
    await tab.call('stopProducer');
    assert.equal((await kept()).length, 1);
  });

  it('keeps all of what it recorded beside moments in which nothing came', async () => {
    const options = { sound: false, rate: 4 };
    tab = await stage.tab({ source: 'clock', options, recorders: [{ 'recording-name': 'take' }], library: 'off' });
    await tab.call('live');
    await tab.call('starting');
    for (const until of [1.5, 3]) {
      await tab.call('pause');
      await tab.call('resume');
      await tab.call('pause');
      await tab.call('resume');
      await tab.call('recorded', until);
    }
    const [take] = await tab.call<Stopped[]>('stop');
    assert.ok(take!.duration > 2.9, `${take!.duration} s`);
    assert.equal((await kept()).length, 1);
  });

  it('is finished once when it is stopped twice', async () => {
    await rolling();
    const [first, second] = await tab.call<Listed[]>('stopTwice');
    assert.equal(first!.id, second!.id);
    assert.equal((await kept()).length, 1);
  });

  it('is kept, or was none, when it is stopped while it starts', async () => {
    tab = await stage.tab(CAMERA);
    await tab.call('live');
    const outcome = await tab.call<string>('startAndStop');
    const [status] = await tab.call<RecorderStatus[]>('status');
    // A take that nothing had come for is no failure: whoever stopped it is told, and nothing else.
    assert.match(outcome, /^(done|no-media)$/);
    assert.deepEqual([status!.state, status!.error], ['idle', null]);
    const [take, ...others] = await kept();
    assert.deepEqual(others, []);
    if (outcome === 'done') assert.ok(take!.duration > 0);
    else assert.equal(take, undefined);
  });

  it('leaves nothing when it is discarded', async () => {
    await rolling();
    assert.equal(await tab.call('attempt', 'discard'), 'done');
    assert.equal((await kept()).length, 0);
  });

  it('is finished and kept when something in its worker throws', async () => {
    stage.server.workerPrelude = THROWING;
    await rolling();
    await tab.page.evaluate(() => new BroadcastChannel('throw').postMessage(null));
    await tab.call('finished');
    const [status] = await tab.call<RecorderStatus[]>('status');
    assert.deepEqual([status!.error!.code, status!.error!.fatal], ['worker-failed', false]);
    const [take, ...others] = await kept();
    assert.ok(take && others.length === 0);
    assert.ok(take.duration > 0.7);
    assert.equal(take.reason, 'worker-failed');
  });

  it('ends by itself after max-duration', async () => {
    tab = await stage.tab({ ...CAMERA, recorders: [{ 'recording-name': 'take', 'max-duration': 1.5 }] });
    await tab.call('start');
    await tab.call('finished');
    const [take] = await kept();
    assert.ok(take!.duration >= 1.5 && take!.duration < 2.5, `${take!.duration} s`);
  });

  it('is finished and kept when its picture ends', async () => {
    await rolling({
      ...(name === 'firefox' ? FILM : CLOCK),
      recorders: [{ 'recording-name': 'take' }],
      library: 'off',
    });
    await tab.call('endVideo');
    const [take] = await kept();
    assert.ok(take!.duration > 0.7);
    assert.equal(take!.reason, null);
  });

  it('goes on in silence when its sound ends', async () => {
    await rolling({
      ...(name === 'firefox' ? DUBBED : CLOCK),
      recorders: [{ 'recording-name': 'take' }],
      library: 'off',
    });
    await tab.call('endSound');
    await tab.call('recorded', 3);
    const [take] = await tab.call<Stopped[]>('stop');
    const file = await stage.fetch(tab, take!);
    const all = await packets(file);
    for (const kind of ['video', 'audio'] as const) {
      const track = all.filter(({ type }) => type === kind);
      const { pts = 0, duration = 0 } = track.at(-1) ?? {};
      assert.ok(pts + duration > 2.9, `${kind} ends at ${pts + duration} s`);
      if (kind === 'audio') assert.ok(widestGap(track) < 0.5, `a gap of ${widestGap(track)} s of sound`);
    }
    assert.equal((await kept()).length, 1);
  });

  it('is finished and kept when the page stops the tracks, of which no event tells', async () => {
    await rolling({
      ...(name === 'firefox' ? FILM : CLOCK),
      recorders: [{ 'recording-name': 'take' }],
      library: 'off',
    });
    await tab.call('stopTracks');
    const [take, ...others] = await kept();
    assert.ok(take && others.length === 0);
    assert.ok(take.duration > 0.7);
  });

  if (name === 'chromium') {
    it('goes on without a gap when the clock of its picture begins anew', async () => {
      await rolling({ source: 'anew', recorders: BOTH_FORMATS, library: 'off' });
      await tab.call('recorded', 2);
      await tab.page.evaluate(() =>
        (globalThis as unknown as { take: { source: { beginAnew(): void } } }).take.source.beginAnew(),
      );
      await tab.call('recorded', 5);
      for (const take of await tab.call<Stopped[]>('stop')) {
        const all = await packets(await stage.fetch(tab, take));
        for (const kind of ['video', 'audio'] as const) {
          const track = all.filter(({ type }) => type === kind);
          assert.ok(track.at(-1)!.pts > 4.8, `${kind} ends at ${track.at(-1)!.pts} s`);
          assert.ok(widestGap(track) < 0.5, `a gap of ${widestGap(track)} s of ${kind}`);
        }
      }
      assert.equal((await kept()).length, 2);
    });

    it('shows the slide that was turned to last, also where that was in a pause', async () => {
      const turn = () =>
        tab.page.evaluate(() => (globalThis as unknown as { take: { source: { turn(): void } } }).take.source.turn());
      for (const paused of [false, true]) {
        await rolling({ source: 'slides', recorders: BOTH_FORMATS, library: 'off' });
        await tab.call('recorded', 2);
        if (paused) await tab.call('pause');
        await turn();
        // It is there by then.
        await tab.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
        if (paused) await tab.call('resume');
        await tab.call('recorded', 5);
        for (const take of await tab.call<Stopped[]>('stop')) {
          const file = await stage.fetch(tab, take);
          const { duration } = await probe(file);
          const bars = await barColours(file, 8, duration - 1.2);
          const last = Math.min(...bars[0]!) > 200 && Math.max(...bars[7]!) < 60;
          assert.ok(last, `${paused ? 'in a pause' : 'while it runs'}: ${JSON.stringify(bars)}`);
        }
        await kept();
      }
    });

    // Firefox's MediaRecorder waits for a second picture.
    it('has all of its sound beside a picture that was drawn once', async () => {
      await rolling({ source: 'still', recorders: BOTH_FORMATS, library: 'off' });
      await tab.call('recorded', 2);
      const takes = await tab.call<Stopped[]>('stop');
      for (const take of takes) {
        const { streams, duration } = await probe(await stage.fetch(tab, take));
        assert.deepEqual(streams.map(({ codec_type }) => codec_type).sort(), ['audio', 'video']);
        assert.ok(duration > 1.9, `${duration} s`);
      }
      assert.equal((await kept()).length, 2);
    });
  }

  for (const [kind, setup] of Object.entries({
    given: { ...CAMERA, source: 'clock', attributes: {} },
    captured: CAMERA,
  }))
    it(`is finished and kept when its producer is given another stream than the one that was ${kind}`, async () => {
      await rolling(setup);
      await tab.call('replaceStream', 'card');
      await tab.call('finished');
      const [take] = await tab.call<Listed[]>('recordings');
      assert.ok(take!.duration > 0.7);
      const bars = await barColours(await stage.fetch(tab, take!), 8, take!.duration - 0.5);
      assert.ok(Number.isFinite(bars[0]![0]), 'there is a picture');
      const card = Math.min(...bars[0]!) > 200 && Math.max(...bars[7]!) < 60;
      assert.ok(!card, `the other stream is in it: ${JSON.stringify(bars)}`);
      assert.equal((await kept()).length, 1);
    });

  /** A take of devices that can be taken away. */
  async function takeOfDevices(): Promise<void> {
    const attributes = { width: 640, height: 480 };
    tab = await stage.tab({ source: 'devices', library: 'manual', attributes }, { prelude: VIRTUAL });
    assert.deepEqual(await tab.call('start'), ['recording']);
  }

  it('goes on through a switch of its devices while it is paused', async () => {
    await takeOfDevices();
    await tab.call('recorded', 1);
    await tab.call('pause');
    assert.equal((await tab.call<{ outcome: string }>('switchDevice', 'video', 'video 2')).outcome, 'done');
    assert.equal((await tab.call<{ outcome: string }>('switchDevice', 'audio', 'audio 2')).outcome, 'done');
    await tab.call('resume');
    await tab.call('recorded', 3);
    const [take] = await tab.call<Stopped[]>('stop');
    assert.deepEqual(tab.faults, []);
    await assertConforms(stage, tab, take!);
  });

  it('ends, whole, when its camera is unplugged and none is to take the place', async () => {
    await takeOfDevices();
    await tab.call('recorded', 1.5);
    await plug(tab, 'video 2', 'audio 1', 'audio 2');
    await tab.call('finished');
    assert.equal((await tab.call<Devices>('devices')).state, 'ended');
    assert.deepEqual(await liveTracks(tab), []);
    assert.deepEqual(tab.faults, []);
  });

  it('says in a private window that it keeps its files in memory', async () => {
    const apart =
      name === 'firefox' ? await Stage.open(name, { prefs: { 'browser.privatebrowsing.autostart': true } }) : null;
    try {
      const inside = apart ? undefined : await stage.browser.privateWindow();
      const on = apart ?? stage;
      const page = await on.browser.tab(on.server.page('record.html'), inside ? { inside } : {});
      await page.call('open', CAMERA);
      assert.deepEqual(await page.call('start'), ['recording'], JSON.stringify(await page.call('log')));
      const [status] = await page.call<RecorderStatus[]>('status');
      assert.equal(status!.guarantee!.storage, 'memory');
      assert.equal(status!.guarantee!.caveats[0], 'caveat.memory');
      const [take] = await page.call<Stopped[]>('stop');
      assert.equal(take!.state, 'saved');
      await inside?.close();
    } finally {
      await apart?.close();
    }
  });
});
