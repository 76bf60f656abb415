import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { CDPSession } from 'puppeteer-core';
import { lacks, type Tab } from '../support/browser.js';
import { decode, probe } from '../support/ffmpeg.js';
import { type Listed, type LogEntry, type PageSetup, type RecorderStatus, Stage } from '../support/stage.js';

const NOISE: PageSetup = {
  source: 'noise',
  recorders: [{ 'recording-name': 'take', format: 'webm', 'video-bitrate': 6_000_000 }],
  library: 'off',
};
const MEGABYTE = 2 ** 20;

describe('storage that is used up (chromium)', { skip: lacks('chromium') }, () => {
  let stage: Stage;
  let session: CDPSession | null = null;
  before(async () => (stage = await Stage.open('chromium')));
  afterEach(async () => {
    await session?.detach();
    session = null;
    await stage.clear();
  });
  after(() => stage?.close());

  async function setQuota(tab: Tab, bytes: number): Promise<void> {
    // It holds as long as the session that asked for it.
    session ??= await tab.page.createCDPSession();
    await session.send('Storage.overrideQuotaForOrigin', { origin: stage.server.origin, quotaSize: bytes });
  }

  /** The take has ended by itself, whole; the error says why. */
  async function assertFinished(tab: Tab, test: { diagnostic(text: string): void }): Promise<Listed> {
    await tab.call('finished');
    const [status] = await tab.call<RecorderStatus[]>('status');
    assert.equal(status!.error?.code, 'disk-full');
    const faults = (await tab.call<LogEntry[]>('log')).filter(({ type }) => type === 'oa-error');
    assert.ok(
      faults.some(({ code, message }) => code === 'disk-full' && message),
      JSON.stringify(faults),
    );
    const [take, ...others] = await tab.call<Listed[]>('quiet');
    assert.ok(take && others.length === 0);
    assert.equal(take.state, 'saved');
    assert.equal(take.reason, 'disk-full');
    assert.ok(take.duration > 1);
    const file = await stage.fetch(tab, take);
    assert.deepEqual((await decode(file)).errors, []);
    const { duration } = await probe(file);
    assert.ok(Math.abs(duration - take.duration) < 0.1, `${duration} s by ffprobe, ${take.duration} s listed`);
    test.diagnostic(`${take.duration.toFixed(1)} s, ${(take.size / MEGABYTE).toFixed(1)} MB kept`);
    return take;
  }

  it('ends a take early, whole and with a reserve', async (test) => {
    const tab = await stage.tab(NOISE);
    await setQuota(tab, 6 * MEGABYTE);
    assert.deepEqual(await tab.call('start'), ['recording']);
    await assertFinished(tab, test);
  });

  // What is left is the reserve, and two seconds of what is written, of the recording and of the room for its copy.
  for (const [quota, least] of [
    [12, 0.2],
    [20, 0.31],
  ] as const)
    it(`ends a take of MediaRecorder early, with room for the copy that gives it its duration (${quota} MB)`, async (test) => {
      const tab = await stage.tab({ ...NOISE, recorders: [{ ...NOISE.recorders![0], engine: 'mediarecorder' }] });
      await setQuota(tab, quota * MEGABYTE);
      assert.deepEqual(await tab.call('start'), ['recording']);
      const { size } = await assertFinished(tab, test);
      const share = size / MEGABYTE / quota;
      assert.ok(share > least, `${share} of it`);
    });

  it('lets an MP4 of MediaRecorder, which is finished where it lies, have all but the reserve', async (test) => {
    const recorder = { ...NOISE.recorders![0], format: 'mp4', engine: 'mediarecorder' };
    const tab = await stage.tab({ ...NOISE, recorders: [recorder] });
    await setQuota(tab, 20 * MEGABYTE);
    assert.deepEqual(await tab.call('start'), ['recording']);
    const { size } = await assertFinished(tab, test);
    const share = size / MEGABYTE / 20;
    assert.ok(share > 0.6, `${share} of it`);
  });

  for (const [name, left] of [
    ['a write is refused from one moment to the next', MEGABYTE / 8],
    ['not a byte is left from one moment to the next', 0],
  ] as const) {
    it(`ends a take whole when ${name}`, async (test) => {
      const tab = await stage.tab(NOISE);
      await setQuota(tab, 500 * MEGABYTE);
      assert.deepEqual(await tab.call('start'), ['recording']);
      await tab.call('recorded', 2);
      const { usage } = await tab.call<{ usage: number }>('estimate');
      await setQuota(tab, usage + left);
      await assertFinished(tab, test);
    });
  }

  it('holds nothing of ours when the browser is killed while it is being looked at', async () => {
    // What kind of storage it is, is told by how long the size of a file takes, over and over.
    stage.server.workerPrelude = `{
      const { getSize } = FileSystemSyncAccessHandle.prototype;
      let calls = 0;
      FileSystemSyncAccessHandle.prototype.getSize = function () {
        if (++calls === 50) {
          const request = new XMLHttpRequest();
          request.open('GET', '${stage.server.origin}/hold?step=looking', false);
          request.send();
        }
        return getSize.call(this);
      };
    }`;
    const tab = await stage.tab({ source: 'clock' });
    await tab.call('live');
    const held = stage.server.held();
    await tab.call('starting');
    await held;
    await stage.browser.kill();
    stage.server.workerPrelude = '';
    await stage.browser.start();

    const library = await stage.tab({ library: 'auto' });
    assert.deepEqual(await library.call<Listed[]>('settled'), []);
    assert.deepEqual(await library.call('raw'), []);
    const root = `navigator.storage.getDirectory().then((root) => Array.fromAsync(root.keys()))`;
    assert.deepEqual(await library.page.evaluate(root), ['onair-elements']);
  });

  it('says so, and leaves nothing, when it is used up from the start', async () => {
    const tab = await stage.tab(NOISE);
    await setQuota(tab, 1024);
    assert.deepEqual(await tab.call('start'), ['failed']);
    const [status] = await tab.call<RecorderStatus[]>('status');
    assert.equal(status!.error?.code, 'disk-full');
    await setQuota(tab, 500 * MEGABYTE);
    assert.deepEqual(await tab.call<Listed[]>('recordings'), []);
    assert.deepEqual(await tab.call('raw'), []);
  });
});
