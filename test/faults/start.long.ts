import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { startServer } from '../../demo/server/start-server.mjs';
import { BACK, LiveStage, status, until } from '../support/live-stage.js';
import { inEachBrowser } from '../support/stage.js';

inEachBrowser('a broadcast that begins', (name) => {
  let stage: LiveStage;
  before(async () => (stage = await LiveStage.open(name)));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  it('goes live: pictures and sound arrive, and its end is told', async (test) => {
    const tab = await stage.tab();
    const since = performance.now();
    assert.equal(await tab.call('start'), 'done');
    test.diagnostic(`live after ${Math.round(performance.now() - since)} ms`);
    const { video, audio } = await until(() => stage.sessions.find(({ video }) => video.frames > 20));
    assert.ok(video.packets > 0 && audio.packets > 0);
    assert.deepEqual(
      stage.asked
        .map(({ method }) => method)
        .filter((method) => method !== 'OPTIONS')
        .slice(0, 2),
      ['POST', 'PATCH'],
    );
    await stage.endsClean(tab);
    assert.equal(stage.of('DELETE').length, 1);
    assert.deepEqual(
      tab.faults,
      [],
      JSON.stringify(stage.asked.map(({ method, status, url }) => [method, status, url])),
    );
  });

  it('goes live where the server takes no candidates after the offer', async () => {
    stage.media.faults.noPatch();
    const tab = await stage.settled();
    assert.equal(stage.sessions[0]!.candidates.taken, 0);
    await stage.endsClean(tab);
  });

  it('begins ICE anew where the server knows another ETag', async () => {
    stage.media.faults.wrongEtag({ method: 'POST' });
    // Else it would be connected before it knows.
    stage.hidden = true;
    const tab = await stage.settled();
    assert.equal(stage.sessions[0]!.restarts, 1);
    assert.equal(stage.of('POST').length, 1);
    await stage.endsClean(tab);
  });

  it('asks for another token when the first is refused', async () => {
    stage.media.token = 'second';
    const tab = await stage.tab();
    await tab.call('tokens', ['first', 'second']);
    assert.equal(await tab.call('start'), 'done');
    await until(() => stage.sessions.find(({ video }) => video.frames > 3));
    assert.equal(await tab.call('asked'), 2);
    await stage.endsClean(tab);
    const tokens = stage.asked.filter(({ method }) => method !== 'OPTIONS').map(({ headers }) => headers.authorization);
    assert.deepEqual([...new Set(tokens)], ['Bearer first', 'Bearer second'], 'on every request');
  });

  it('fails with what to do when there is no such token', async () => {
    stage.media.token = 'right';
    const tab = await stage.tab({ properties: { token: 'wrong' } });
    assert.equal(await tab.call('start'), 'unauthorized');
    assert.ok(
      stage.of('POST').every(({ headers }) => headers.authorization === 'Bearer wrong'),
      'it was tried',
    );
    const { state, error } = await status(tab);
    assert.equal(state, 'failed');
    assert.match(error!.message, /^The server does not accept the token\. Get a new one/);
    const shown = await tab.page.evaluate(() => {
      const publisher = document.querySelector('stream-publisher')!;
      return publisher.outerHTML + publisher.shadowRoot!.innerHTML;
    });
    assert.doesNotMatch(shown + JSON.stringify(error), /wrong/, 'nobody is told it');
  });

  it('waits for a server that is busy at the start', async () => {
    stage.media.faults.refuse({ method: 'POST', status: 503, retryAfter: 1, times: 2 });
    const tab = await stage.settled();
    await stage.endsClean(tab);
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
      const since = performance.now();
      assert.equal(await tab.call('start'), 'done');
      await until(() => other.sessions.find(({ video }) => video.frames > 3));
      assert.ok(performance.now() - since < BACK);
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

  it('names the header without which it is live all the same', async () => {
    for (const [without, named] of [
      ['access-control-allow-methods', 'Access-Control-Allow-Methods: PATCH'],
      ['access-control-expose-headers', 'Access-Control-Expose-Headers: Location'],
    ] as const) {
      stage.media.faults.withoutHeaders = [without];
      const tab = await stage.tab();
      assert.equal(await tab.call('start'), 'done');
      await tab.call('heard', 'cors');
      const { state, error } = await status(tab);
      assert.deepEqual([state, error!.fatal], ['live', false]);
      assert.match(error!.message, new RegExp(named));
      await tab.call('stop');
      await tab.close();
      await until(() => stage.sessions.length === 0, 5, 'no session');
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
    const first = await stage.settled();
    const second = await stage.tab();
    await second.call('begin');
    await second.call('heard', 'in-use');
    assert.equal((await status(second)).state, 'connecting');
    await first.call('stop');
    assert.equal(await second.call('reached', 'live'), 'live');
    await second.call('settled');
    await stage.endsClean(second);
  });
});
