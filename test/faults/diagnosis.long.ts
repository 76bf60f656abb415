import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, describe, it, type TestContext } from 'node:test';
import { processTree } from '../../bench/support/processes.mjs';
import { strictCsp } from '../../demo/server/server.mjs';
import { startServer } from '../../demo/server/start-server.mjs';
import { lacks, type Tab } from '../support/browser.js';
import type { MediaServer } from '../support/live-stage.js';
import { inEachBrowser, type PageSetup, seconds, Stage } from '../support/stage.js';

interface Look {
  /** Milliseconds since the epoch. */
  at: number;
  state: 'idle' | 'ok' | 'warn' | 'bad';
  cause: string | null;
  found: { cause: string; measure: string; value: number }[];
  /** What is shown: the state in a word, and what it is of. */
  word: string;
  summary: string;
}

const prelude = (name: string) => readFileSync(new URL(`../pages/${name}.prelude.js`, import.meta.url), 'utf8');

const METER: PageSetup['tags'] = { 'perf-meter': {} };

/** A page whose browser does not tell how busy the machine is: others keep it busy, and that is no fault of ours. */
const open = (stage: Stage, setup: PageSetup, before = '') =>
  stage.tab({ tags: METER, library: 'off', ...setup }, { prelude: `delete globalThis.PressureObserver;${before}` });

const notLinux = process.platform !== 'linux' && 'processes are stopped by way of /proc';

/** Seconds that the meter's figures are of: what was before is in them for as long. */
const WINDOW = 5;

/** What a busy machine does not show in time is a finding, too, and true. */
const BARE = { 'no-preview': true };
/** Small, so that the machine has room for all of it. */
const CLOCK: PageSetup = { source: 'clock', options: { width: 320, height: 240 }, attributes: BARE };

/** Lets the worker of the take be slow from now on (test/pages/slow.prelude.js). */
const slow = (tab: Tab, what: { encoder?: number; disk?: number }) =>
  tab.page.evaluate((what) => new BroadcastChannel('slow').postMessage(what), what);

interface Fault {
  /** What goes on meanwhile: a take, only what a live producer does, or a take and a broadcast. */
  during?: 'start' | 'live' | 'air';
  cause: string;
  state?: 'warn' | 'bad';
  /** What the meter must say, once. */
  says: RegExp;
  begin(): Promise<unknown>;
  end(): Promise<unknown>;
}

/**
 * Waits until all is well, lets a fault happen, and takes it back. The meter must come to be in trouble by this cause, find
 * no other one from beginning to end, and be well again.
 */
async function assertFound(
  test: TestContext,
  tab: Tab,
  { during = 'start', cause, state = 'bad', says, begin, end }: Fault,
): Promise<void> {
  await tab.call(during);
  if (during === 'air') await tab.call('knowsTheWay');
  await tab.call<Look>('shows', 'ok');
  // What it took to start is in no window any more.
  await seconds(WINDOW);
  await tab.call<Look>('shows', 'ok');
  const began = await tab.page.evaluate(() => Date.now());
  await begin();
  const { word, summary, found } = await tab.call<Look>('shows', state, cause);
  test.diagnostic(`${summary}; ${found.map(({ measure, value }) => `${measure} ${value.toFixed(3)}`).join(', ')}`);
  assert.equal(word, state === 'bad' ? 'Trouble' : 'Warning');
  await seconds(WINDOW);
  await end();
  await tab.call<Look>('shows', 'ok');
  assertOnly(await tab.call<Look[]>('looksSince', began), cause, says);
}

function assertOnly(looks: readonly Look[], cause: string, says: RegExp): void {
  const others = looks.filter(({ found }) => found.some((finding) => finding.cause !== cause));
  assert.deepEqual(others, [], `found beside ${cause}`);
  const said = looks.filter((look) => look.cause === cause).map(({ summary }) => summary);
  assert.ok(said.length > 0 && said.every((summary) => says.test(summary)), said.join('; '));
}

const CAMERA = /^Camera(: \d+\s?% of frames never came| slow: \d+\s?% of its frames come)$/;
/** Who adapts to a trouble has it no more, and goes on at less than was asked for. */
const ADAPTED = 'Quality lowered to \\d+\\s?%';
const ENCODER = new RegExp(
  `^(Encoder behind: \\d+\\s?% of frames lost|Encoder near its limit: busy \\d+\\s?% of the time|${ADAPTED})$`,
);
const DISK = new RegExp(
  `^(Disk behind: \\d+\\s?% of frames lost|Disk slow: busy \\d+\\s?% of the time|Disk behind: .+ until frames are lost|Disk behind: nothing was written for .+|${ADAPTED})$`,
);
const PAGE = /^Page blocked \d+\s?% of the time$/;
const NETWORK = /^Network too slow for this quality$/;
/** Who loses packets is given less to send, too. */
const LOSES = /^(Network: \d+\s?% of packets lost|Network too slow for this quality)$/;

inEachBrowser(
  'a meter names what is wrong, and nothing else',
  (name) => {
    let stage: Stage;
    before(async () => (stage = await Stage.open(name)));
    afterEach(() => stage.clear());
    after(() => stage?.close());

    // Where MediaRecorder records, frames are counted by nobody.
    const counted: PageSetup = { ...CLOCK, recorders: [{ engine: 'webcodecs' }] };

    it('a camera that gives 15 of 30 frames', async (test) => {
      const setup = { ...counted, source: 'devices', attributes: { ...BARE, 'frame-rate': 30, audio: 'none' } };
      const tab = await open(stage, setup, prelude('devices'));
      const rate = (frames: number) => () => tab.page.evaluate(`setCameraRate(${frames})`);
      await assertFound(test, tab, { cause: 'capture', says: CAMERA, begin: rate(15), end: rate(30) });
    });

    it('an encoder that is slow', async (test) => {
      stage.server.workerPrelude = prelude('slow');
      const options = { ...CLOCK.options, rate: 10 };
      const tab = await open(stage, { ...counted, options, attributes: { ...BARE, quality: 'fixed' } });
      const pace = (encoder: number) => () => slow(tab, { encoder });
      await assertFound(test, tab, { cause: 'encoder', says: ENCODER, begin: pace(180), end: pace(0) });
    });

    it('a disk that is slow', async (test) => {
      stage.server.workerPrelude = prelude('slow');
      const tab = await open(stage, CLOCK);
      const pace = (disk: number) => () => slow(tab, { disk });
      await assertFound(test, tab, { cause: 'disk', says: DISK, begin: pace(20), end: pace(0) });
    });

    it('a page that is blocked', async (test) => {
      const tab = await open(stage, { source: 'devices' });
      const block = () => tab.call('blockedFor', WINDOW, 0.6);
      await assertFound(test, tab, { cause: 'page', says: PAGE, begin: block, end: async () => {} });
    });

    describe('of a take that is published, too', () => {
      let media: MediaServer;
      before(async () => (media = await startServer()));
      afterEach(() => media.faults.clear());
      after(() => media?.close());

      async function aired(setup: PageSetup = {}): Promise<Tab> {
        stage.server.policy = `${strictCsp}; connect-src *`;
        const broadcast = { src: `${media.url}/whip/${name}`, 'max-bitrate': 1_000_000 };
        const attributes = { ...BARE, quality: 'fixed' };
        return open(stage, { ...CLOCK, attributes, tags: { ...METER, 'stream-publisher': broadcast }, ...setup });
      }

      it('a network that is narrow', async (test) => {
        const tab = await aired();
        const most = (bitrate: number | null) => async () => void (media.faults.bitrate = bitrate);
        const fault = { cause: 'network', says: NETWORK, begin: most(100_000), end: most(null) };
        await assertFound(test, tab, { during: 'air', ...fault });
        const exported = await tab.call<string>('openMetrics');
        assert.match(exported, /^stream_manager_sent_bytes_total \d{5,}$/m);
        assert.match(exported, /^stream_manager_bitrate_kbps\{kind="network"\} \d/m);
        assert.match(exported, /^stream_manager_fps\{stage="network"\} \d/m);
        // Firefox says nothing of how packets wait.
        const waits = name === 'chromium';
        assert.equal(/^stream_manager_stage_seconds_count\{stage="network:send"\} \d\d/m.test(exported), waits);
        assert.equal(/^stream_manager_queue_packets \d/m.test(exported), waits);
      });

      it('a network that loses packets', async (test) => {
        const tab = await aired();
        const share = (drop: number) => async () => void (media.faults.drop = drop);
        const fault = { cause: 'network', says: LOSES, begin: share(0.12), end: share(0) };
        await assertFound(test, tab, { during: 'air', ...fault });
      });

      it('a page that is blocked, which holds up no network', async (test) => {
        const tab = await aired();
        const block = () => tab.call('blockedFor', WINDOW, 0.6);
        await assertFound(test, tab, { during: 'air', cause: 'page', says: PAGE, begin: block, end: async () => {} });
      });

      it('a disk that is slow, which holds up no network', async (test) => {
        stage.server.workerPrelude = prelude('slow');
        const tab = await aired();
        const pace = (disk: number) => () => slow(tab, { disk });
        await assertFound(test, tab, { during: 'air', cause: 'disk', says: DISK, begin: pace(20), end: pace(0) });
      });
    });
  },
  1,
);

describe('a meter names what is wrong, and nothing else (chromium)', { skip: lacks('chromium') }, () => {
  let stage: Stage;
  before(async () => (stage = await Stage.open('chromium')));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  it('an encoder that others take the processors from', async (test) => {
    const recorders = [{ format: 'webm' }];
    const tab = await open(stage, { source: 'room', recorders, attributes: { ...BARE, quality: 'fixed' } });
    // More of them, until it is behind: what it takes is the machine's.
    const begin = async () => {
      for (let count = 0; count < 48; count += 4) {
        await tab.call('burn', 4);
        await seconds(WINDOW / 2);
        if ((await tab.call<Look[]>('looksSince', 0)).at(-1)?.state === 'bad') return;
      }
    };
    await assertFound(test, tab, { cause: 'encoder', says: ENCODER, begin, end: () => tab.call('cool') });
  });
});

describe(
  'a meter names a camera that is slow while nothing is recorded (chromium)',
  { skip: lacks('chromium') || notLinux },
  () => {
    let stage: Stage;
    before(async () => (stage = await Stage.open('chromium')));
    after(() => stage?.close());

    it('by the count of the camera itself', async (test) => {
      const tab = await open(stage, { source: 'devices', attributes: { ...BARE, width: 640, height: 480 } });
      let stopping = false;
      // The process of the camera stands still for half of the time.
      const stutter = async () => {
        const { pid } = processTree(tab.page.browser().process()!.pid!).find(({ pid }) =>
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('VideoCaptureService'),
        )!;
        for (; !stopping; await seconds(0.15)) {
          process.kill(pid, 'SIGSTOP');
          await seconds(0.15);
          process.kill(pid, 'SIGCONT');
        }
      };
      let over = Promise.resolve();
      const begin = async () => void (over = stutter());
      const end = () => {
        stopping = true;
        return over;
      };
      await assertFound(test, tab, { during: 'live', cause: 'capture', says: CAMERA, begin, end }).finally(end);
    });
  },
);

describe('a meter names memory (chromium)', { skip: lacks('chromium') }, () => {
  let stage: Stage;
  // With a limit that a test can come near to.
  before(
    async () =>
      (stage = await Stage.open('chromium', { args: ['--js-flags=--max-old-space-size=256 --max-semi-space-size=4'] })),
  );
  afterEach(() => stage.clear());
  after(() => stage?.close());

  it('that is short', async (test) => {
    const tab = await open(stage, CLOCK);
    const limit = (await tab.call<number>('heapLimit')) / 2 ** 20;
    const session = await tab.page.createCDPSession();
    const end = async () => {
      await tab.call('release');
      await session.send('HeapProfiler.collectGarbage');
    };
    const begin = () => tab.call('retain', Math.round(limit * 0.8));
    const says = /^Memory short: \d+\s?% of the limit in use$/;
    await assertFound(test, tab, { cause: 'memory', state: 'warn', says, begin, end });
  });

  it('that grows', async (test) => {
    const tab = await open(stage, CLOCK);
    const says = /^Memory grows by .+ an hour$/;
    // The growth of less than a minute is told of by nobody.
    const begin = async () => {
      for (let second = 0; second < 75; second++) {
        await tab.call('retain', 1);
        await seconds(1);
      }
    };
    await tab.call('start');
    // From here on each look is remembered.
    await tab.call('looksSince', 0);
    await begin();
    const { summary } = await tab.call<Look>('shows', 'bad', 'memory');
    test.diagnostic(summary);
    assertOnly(await tab.call<Look[]>('looksSince', 0), 'memory', says);
  });
});

describe('a meter says of memory that it is not measured (firefox)', { skip: lacks('firefox') }, () => {
  let stage: Stage;
  before(async () => (stage = await Stage.open('firefox')));
  after(() => stage?.close());

  it('and finds nothing where arrays are kept', async () => {
    const tab = await open(stage, { ...CLOCK, tags: { 'perf-meter': { view: 'full' } } });
    await tab.call('start');
    await tab.call('shows', 'ok');
    await tab.call('retain', 300);
    await seconds(WINDOW);
    const { state } = await tab.call<Look>('shows', 'ok');
    assert.equal(state, 'ok');
    assert.match(await tab.call<string>('row', 6), /^Memory Not measured in this browser/);
  });
});
