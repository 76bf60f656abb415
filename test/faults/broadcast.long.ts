import assert from 'node:assert/strict';
import { after, afterEach, before, it, type TestContext } from 'node:test';
import { startServer } from '../../demo/server/start-server.mjs';
import type { Tab } from '../support/browser.js';
import { LiveStage, until, type PublisherStatus } from '../support/live-stage.js';
import { inEachBrowser, seconds, type LogEntry } from '../support/stage.js';

/** Milliseconds after which media is to be seen again, from when that is possible. */
const BACK = 5000;

inEachBrowser('a broadcast', (name) => {
  let stage: LiveStage;
  before(async () => (stage = await LiveStage.open(name)));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  const status = (tab: Tab) => tab.call<PublisherStatus>('status');
  const began = () => performance.now();

  /** A page that is live, and whose reports of the other side have begun. */
  async function live(setup: Parameters<LiveStage['tab']>[0] = {}): Promise<Tab> {
    const tab = await stage.tab(setup);
    assert.equal(await tab.call('start'), 'done');
    await until(() => stage.sessions.find(({ video }) => video.frames > 20));
    await tab.call('settled');
    return tab;
  }

  async function comesBack(test: TestContext, tab: Tab, since: number): Promise<void> {
    const took = await stage.flows(since);
    test.diagnostic(`pictures again after ${Math.round(took)} ms`);
    assert.ok(took < BACK, `${Math.round(took)} ms`);
    await tab.call('reached', 'live');
    await leavesNothing(tab);
  }

  /** Nobody holds a session when the broadcast is over, and nothing was thrown that nobody caught. */
  async function leavesNothing(tab: Tab): Promise<void> {
    const { state, stats, error } = await status(tab);
    assert.equal(state, 'live');
    assert.equal(error, null);
    assert.ok(stats);
    assert.equal(stage.sessions.length, 1, 'one session, and no orphan');
    await tab.call('stop');
    await until(() => stage.sessions.length === 0, 5, 'no session');
    assert.deepEqual(await tab.call('tracks'), ['live', 'live'], 'tracks are the producer’s');
    const log = await tab.call<LogEntry[]>('log');
    assert.deepEqual(
      log.filter(({ type }) => type === 'unhandledrejection'),
      [],
    );
  }

  it('goes live: pictures and sound arrive, and its end is told', async (test) => {
    const tab = await stage.tab();
    const since = began();
    assert.equal(await tab.call('start'), 'done');
    test.diagnostic(`live after ${Math.round(began() - since)} ms`);
    const { video, audio } = await until(() => stage.sessions.find(({ video }) => video.frames > 20));
    assert.ok(video.packets > 0 && audio.packets > 0);
    assert.deepEqual(
      stage.asked
        .map(({ method }) => method)
        .filter((method) => method !== 'OPTIONS')
        .slice(0, 2),
      ['POST', 'PATCH'],
    );
    await leavesNothing(tab);
    assert.equal(stage.of('DELETE').length, 1);
    assert.deepEqual(
      tab.faults,
      [],
      JSON.stringify(stage.asked.map(({ method, status, url }) => [method, status, url])),
    );
  });

  it('comes back when the server is killed and started again', async (test) => {
    const tab = await live();
    await stage.media.stop();
    assert.equal(await tab.call('reached', 'recovering'), 'recovering');
    const lost = await status(tab);
    assert.equal(lost.error?.fatal, false);
    assert.ok(lost.reason);
    await seconds(3);
    await stage.media.restart();
    await comesBack(test, tab, began());
    const log = await tab.call<LogEntry[]>('log');
    assert.deepEqual(
      log
        .filter(({ type }) => type === 'oa-statechange')
        .map(({ state }) => state)
        .slice(-5),
      ['connecting', 'live', 'recovering', 'live', 'idle'],
    );
  });

  for (const [how, goodbye] of [
    ['killed', false],
    ['ended', true],
  ] as const)
    it(`comes back when its session is ${how} at the server`, async (test) => {
      const tab = await live();
      const since = began();
      await stage.sessions[0]!.end(how, goodbye);
      await comesBack(test, tab, since);
      assert.ok(stage.of('POST').length >= 2);
    });

  it('comes back after three seconds of silence', async (test) => {
    const tab = await live();
    stage.media.faults.silence();
    await seconds(3);
    stage.media.faults.silence(false);
    await comesBack(test, tab, began());
  });

  it('comes back when the network does', async (test) => {
    const tab = await live();
    if (name === 'chromium') await tab.page.setOfflineMode(true);
    await stage.sessions[0]!.kill();
    if (name === 'firefox') await stage.media.stop();
    await tab.call('reached', 'recovering');
    await seconds(4);
    if (name === 'firefox') await stage.media.restart();
    const since = began();
    if (name === 'chromium') await tab.page.setOfflineMode(false);
    // Firefox cannot be told to be offline here; what it does when it is online again, it does.
    else await tab.page.evaluate(() => dispatchEvent(new Event('online')));
    await comesBack(test, tab, since);
  });

  it('goes live where the server takes no candidates after the offer', async () => {
    stage.media.faults.noPatch();
    const tab = await live();
    assert.equal(stage.sessions[0]!.candidates.taken, 0);
    await leavesNothing(tab);
  });

  it('begins ICE anew where the server knows another ETag', async () => {
    stage.media.faults.wrongEtag({ method: 'POST' });
    const tab = await live();
    assert.equal(stage.sessions[0]!.restarts, 1);
    assert.equal(stage.of('POST').length, 1);
    await leavesNothing(tab);
  });

  it('asks for another token when the first is refused', async () => {
    stage.media.token = 'second';
    const tab = await stage.tab();
    await tab.call('tokens', ['first', 'second']);
    assert.equal(await tab.call('start'), 'done');
    await until(() => stage.sessions.find(({ video }) => video.frames > 3));
    assert.equal(await tab.call('asked'), 2);
    await leavesNothing(tab);
    const tokens = stage.asked.filter(({ method }) => method !== 'OPTIONS').map(({ headers }) => headers.authorization);
    assert.deepEqual([...new Set(tokens)], ['Bearer first', 'Bearer second'], 'on every request');
  });

  it('comes back as soon as there is a token that the server takes', async (test) => {
    stage.media.token = 'first';
    const tab = await stage.tab();
    // The second one takes two seconds to come.
    await tab.call('tokens', ['first']);
    assert.equal(await tab.call('start'), 'done');
    await until(() => stage.sessions.find(({ video }) => video.frames > 20));
    await tab.call('settled');
    stage.media.token = 'second';
    await tab.call('tokens', ['first', 'second'], 2);
    await stage.sessions[0]!.kill();
    await until(() => stage.asked.find(({ status }) => status === 401));
    const since = began();
    await comesBack(test, tab, since + 2000);
  });

  it('fails with what to do when there is no such token', async () => {
    stage.media.token = 'right';
    const tab = await stage.tab({ attributes: { token: 'wrong' } });
    assert.equal(await tab.call('start'), 'unauthorized');
    const { state, error } = await status(tab);
    assert.equal(state, 'failed');
    assert.match(error!.message, /^The server does not accept the token\. Get a new one/);
    assert.equal(
      await tab.page.evaluate(() => document.querySelector('stream-publisher')!.outerHTML.includes('wrong')),
      true,
    );
  });

  it('comes back when the server asks to wait, and not before', async (test) => {
    const tab = await live();
    stage.media.faults.refuse({ method: 'POST', status: 503, retryAfter: 3 });
    await stage.sessions[0]!.kill();
    const refused = await until(() => stage.asked.find(({ status }) => status === 503));
    const allowed = refused.at + 3000;
    await comesBack(test, tab, allowed);
    const next = stage.of('POST').find(({ at }) => at > refused.at)!;
    assert.ok(next.at >= allowed, `${Math.round(next.at - refused.at)} ms later`);
  });

  it('waits for a server that is busy at the start', async () => {
    stage.media.faults.refuse({ method: 'POST', status: 503, retryAfter: 1, times: 2 });
    const tab = await live();
    await leavesNothing(tab);
  });

  it('follows 307 and 308, within a server and to another one', async () => {
    const tab = await stage.tab();
    for (const status of [307, 308]) {
      stage.media.faults.redirect({ status });
      assert.equal(await tab.call('start'), 'done');
      await tab.call('stop');
    }
    const other = await startServer({ token: 'secret', origins: '*' });
    try {
      stage.media.faults.redirect({ status: 307, to: `${other.url}/whip/elsewhere` });
      await tab.call('tokens', ['secret']);
      assert.equal(await tab.call('start'), 'done');
      await until(() => other.sessions.find(({ video }) => video.frames > 3));
      await tab.call('stop');
      assert.equal(other.sessions.length, 0);
    } finally {
      await other.close();
    }
  });

  it('goes live past a TURN server that is dead', async () => {
    const other = await startServer({
      iceServers: [{ urls: 'turn:127.0.0.1:3479?transport=udp', username: 'a;b,c"d', credential: 'x' }],
    });
    try {
      const tab = await stage.tab({ attributes: { src: `${other.url}/whip/room` } });
      const since = began();
      assert.equal(await tab.call('start'), 'done');
      await until(() => other.sessions.find(({ video }) => video.frames > 3));
      assert.ok(began() - since < BACK);
      await tab.call('stop');
      assert.equal(other.sessions.length, 0);
    } finally {
      await other.close();
    }
  });

  it('names the header that the server lacks', async () => {
    for (const [without, named] of [
      ['access-control-allow-origin', 'Access-Control-Allow-Origin'],
      ['access-control-allow-headers', 'Access-Control-Allow-Headers: Content-Type'],
    ] as const) {
      stage.media.faults.withoutHeaders = [without];
      const tab = await stage.tab();
      assert.equal(await tab.call('start'), 'cors');
      assert.match((await status(tab)).error!.message, new RegExp(named));
    }
  });

  it('says that nobody answers, and that the page’s own policy stops it', async () => {
    const tab = await stage.tab({ attributes: { src: 'http://127.0.0.1:9/whip/room' } });
    assert.equal(await tab.call('start'), 'unreachable');
    const { policy } = stage.pages;
    stage.pages.policy = policy.replace(' connect-src *', ` connect-src 'self'`);
    try {
      const strict = await stage.tab();
      assert.equal(await strict.call('start'), 'connection-blocked');
    } finally {
      stage.pages.policy = policy;
    }
  });

  it('says that somebody else publishes there, and goes live once he does not', async () => {
    const first = await live();
    const second = await stage.tab();
    await second.call('begin');
    await second.call('heard', 'in-use');
    assert.equal((await status(second)).state, 'connecting');
    await first.call('stop');
    assert.equal(await second.call('reached', 'live'), 'live');
    await second.call('settled');
    await leavesNothing(second);
  });

  it('ends at the server when its page goes', async () => {
    for (const go of [
      (tab: Tab) => tab.reload(),
      (tab: Tab) => tab.page.goto('about:blank'),
      (tab: Tab) => tab.close(),
    ]) {
      const tab = await live();
      await go(tab);
      await until(() => stage.sessions.length === 0, 5, 'no session');
      await until(() => stage.of('DELETE').find(({ status }) => status === 200));
    }
  });

  it('ends when its producer stops', async () => {
    const tab = await live();
    await tab.call('stopProducer');
    assert.equal(await tab.call('reached', 'ended'), 'ended');
    await until(() => stage.sessions.length === 0);
  });

  it('leaves the recording of the same producer alone', async () => {
    const tab = await live({ record: true });
    assert.equal(await tab.call('record'), 'done');
    const since = began();
    await stage.sessions[0]!.kill();
    await stage.flows(since);
    await tab.call('reached', 'live');
    const lasted = (began() - since) / 1000;
    const take = await tab.call<{ duration: number; state: string }>('endRecording');
    assert.equal(take.state, 'saved');
    assert.ok(take.duration > lasted - 0.5, `${take.duration} of ${lasted} s`);
    await leavesNothing(tab);
  });
});
