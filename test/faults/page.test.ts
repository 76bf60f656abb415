import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { lacks, type Tab } from '../support/browser.js';
import { decode } from '../support/ffmpeg.js';
import { frameTimes, missingFrames } from '../support/media.js';
import { type LogEntry, type RecorderStatus, seconds, Stage, type Stopped } from '../support/stage.js';

const CAMERA_20 = {
  source: 'devices',
  attributes: { width: 640, height: 480, 'frame-rate': 20 },
  library: 'off',
} as const;
const CAMERA_30 = {
  source: 'devices',
  attributes: { width: 1280, height: 720, 'frame-rate': 30 },
  library: 'off',
} as const;

describe('a page that does not answer (chromium)', { skip: lacks('chromium') }, () => {
  let stage: Stage;
  before(async () => (stage = await Stage.open('chromium')));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  /** Records, lets something happen, and answers the times of the frames that were kept. */
  async function during(tab: Tab, happen: () => Promise<unknown>): Promise<{ times: number[]; take: Stopped }> {
    assert.deepEqual(await tab.call('start'), ['recording']);
    await tab.call('recorded', 1);
    await happen();
    await seconds(1);
    const [take] = await tab.call<Stopped[]>('stop');
    const file = await stage.fetch(tab, take!);
    assert.deepEqual((await decode(file)).errors, []);
    return { times: await frameTimes(file), take: take! };
  }

  it('loses no frame of 640x480 at 20 a second while the page is blocked for 3 s', async (test) => {
    const tab = await stage.tab(CAMERA_20);
    const { times } = await during(tab, () => tab.call('block', 3000));
    const { expected, missing } = missingFrames(times, 20);
    test.diagnostic(`${expected - missing} of ${expected} frames`);
    assert.equal(missing, 0);
  });

  it('loses at most 8 % of 1280x720 at 30 a second while the page keeps a core busy for 3 s', async (test) => {
    const tab = await stage.tab(CAMERA_30);
    const { times } = await during(tab, () => tab.call('block', 3000));
    const { expected, missing } = missingFrames(times, 30);
    test.diagnostic(`${expected - missing} of ${expected} frames`);
    assert.ok(missing <= expected * 0.08, `${missing} of ${expected} frames are missing`);
  });

  it('keeps at least 95 % of the frames while the page is hidden', async (test) => {
    const tab = await stage.tab(CAMERA_20);
    const { times } = await during(tab, async () => {
      const other = await stage.tab({});
      await other.page.bringToFront();
      assert.equal(await tab.page.evaluate('document.visibilityState'), 'hidden');
      await seconds(4);
      await tab.page.bringToFront();
    });
    const { expected, missing } = missingFrames(times, 20);
    test.diagnostic(`${expected - missing} of ${expected} frames`);
    assert.ok(missing <= expected * 0.05, `${missing} of ${expected} frames are missing`);
  });

  it('is promised so by the guarantee', async () => {
    const tab = await stage.tab(CAMERA_20);
    await tab.call('start');
    const [status] = await tab.call<RecorderStatus[]>('status');
    assert.equal(status!.activeEngine, 'webcodecs');
    assert.equal(status!.guarantee!.blockedPage, 'kept');
    assert.equal(status!.guarantee!.hiddenPage, 'kept');
    await tab.call('stop');
  });

  it('is not held up for over 50 ms by start, stop or recovery', async (test) => {
    const tab = await stage.tab({ ...CAMERA_20, recorders: [{ 'recording-name': 'timed' }] });
    await tab.call('live');
    // What loading the page costs is over when a frame has been shown.
    await seconds(0.5);
    await tab.call('clearLog');
    for (let round = 0; round < 3; round++) {
      await tab.call('start');
      await tab.call('recorded', 0.5);
      await tab.call('stop');
    }
    const own = (await tab.call<LogEntry[]>('log'))
      .filter(({ type }) => type === 'longtask')
      .map(({ duration }) => duration!);
    test.diagnostic(`start and stop, three times: ${own.length} tasks over 50 ms (${own.join(', ')})`);

    await tab.call('start');
    await tab.call('firstBytes');
    await tab.reload();
    await tab.call('open', { library: 'manual' });
    await seconds(0.5);
    await tab.call('clearLog');
    await tab.call('recoverAll');
    const recovering = (await tab.call<LogEntry[]>('log'))
      .filter(({ type }) => type === 'longtask')
      .map(({ duration }) => duration!);
    test.diagnostic(`recovery: ${recovering.length} tasks over 50 ms (${recovering.join(', ')})`);
    assert.deepEqual([...own, ...recovering], []);
  });
});

describe('a page that does not answer (firefox)', { skip: lacks('firefox') }, () => {
  let stage: Stage;
  before(async () => (stage = await Stage.open('firefox')));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  it('loses frames during 3 s of a blocked page only where the guarantee says so', async (test) => {
    const tab = await stage.tab({ source: 'devices', library: 'off' });
    assert.deepEqual(await tab.call('start'), ['recording']);
    const [status] = await tab.call<RecorderStatus[]>('status');
    await tab.call('recorded', 1);
    await tab.call('block', 3000);
    await seconds(1);
    const [take] = await tab.call<Stopped[]>('stop');
    const times = await frameTimes(await stage.fetch(tab, take!));
    const widest = Math.max(...times.slice(1).map((time, index) => time - times[index]!));
    test.diagnostic(
      `${status!.activeEngine}, promise "${status!.guarantee!.blockedPage}", widest gap ${widest.toFixed(2)} s, ${times.length} frames`,
    );
    if (status!.guarantee!.blockedPage === 'kept') assert.ok(widest < 0.5, `a gap of ${widest} s`);
    else assert.ok(widest < 4);
  });
});
