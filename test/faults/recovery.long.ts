import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { openDatachannelPeer } from '../support/datachannel-peer.js';
import { decode, packets } from '../support/ffmpeg.js';
import { BACK, LiveStage, status, until } from '../support/live-stage.js';
import { holes, readClock, widestGap } from '../support/media.js';
import { cleanUp } from '../support/rtc-client.js';
import { inEachBrowser, seconds } from '../support/stage.js';

after(cleanUp);

/** Of a TURN server where nobody is. */
const DEAD =
  '<turn:127.0.0.1:3479?transport=udp>; rel="ice-server"; username="a"; credential="x"; credential-type="password"';

// The server itself that is killed, and a token: recovery.test.ts.
inEachBrowser('a broadcast that is interrupted', (name) => {
  let stage: LiveStage;
  before(async () => (stage = await LiveStage.open(name)));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  for (const [how, goodbye] of [
    ['killed', false],
    ['ended', true],
  ] as const)
    it(`comes back when its session is ${how} at the server`, async (test) => {
      const tab = await stage.settled();
      const since = performance.now();
      await stage.sessions[0]!.end(how, goodbye);
      await stage.comesBack(test, tab, since);
      await stage.endsClean(tab);
      assert.ok(stage.of('POST').length >= 2);
    });

  it('comes back after three seconds of silence', async (test) => {
    const tab = await stage.settled();
    stage.media.faults.silence();
    await seconds(3);
    stage.media.faults.silence(false);
    await stage.comesBack(test, tab, performance.now());
    await stage.endsClean(tab);
  });

  it('comes back after thirty seconds of silence, with one session', async (test) => {
    const tab = await stage.settled();
    stage.media.faults.silence();
    await tab.call('reached', 'recovering');
    await seconds(30);
    stage.media.faults.silence(false);
    await stage.comesBack(test, tab, performance.now());
    // What was asked during the silence, and given up, is answered and ended by now.
    await until(() => stage.sessions.length === 1, 5, 'one session');
    await stage.endsClean(tab);
  });

  it('comes back when the network does', async (test) => {
    const tab = await stage.settled();
    if (name === 'chromium') await tab.page.setOfflineMode(true);
    await stage.sessions[0]!.kill();
    if (name === 'firefox') await stage.media.stop();
    await tab.call('reached', 'recovering');
    await seconds(4);
    if (name === 'firefox') await stage.media.restart();
    const since = performance.now();
    if (name === 'chromium') await tab.page.setOfflineMode(false);
    // Firefox cannot be told to be offline here; what it does when it is online again, it does.
    else await tab.page.evaluate(() => dispatchEvent(new Event('online')));
    await stage.comesBack(test, tab, since);
    await stage.endsClean(tab);
  });

  const faults: Record<string, (stage: LiveStage) => void> = {
    'takes no PATCH any more': ({ media }) => media.faults.noPatch(),
    'knows another ETag': (stage) => {
      stage.media.faults.wrongEtag({ method: 'POST' });
      // Else it would be connected before it knows.
      stage.hidden = true;
    },
    'sends it elsewhere by 307': ({ media }) => media.faults.redirect({ status: 307 }),
    'sends it elsewhere by 308': ({ media }) => media.faults.redirect({ status: 308 }),
    'names a TURN server that is dead': ({ media }) => media.faults.answer({ method: 'POST', headers: { Link: DEAD } }),
  };
  for (const [how, fault] of Object.entries(faults))
    it(`comes back when the server ${how}`, async (test) => {
      const tab = await stage.settled();
      fault(stage);
      const since = performance.now();
      await stage.sessions[0]!.kill();
      await stage.comesBack(test, tab, since);
      await stage.endsClean(tab);
    });

  it('comes back when the server asks to wait, and not before', async (test) => {
    const tab = await stage.settled();
    stage.media.faults.refuse({ method: 'POST', status: 503, retryAfter: 3 });
    await stage.sessions[0]!.kill();
    const refused = await until(() => stage.asked.find(({ status }) => status === 503));
    const allowed = refused.at + 3000;
    await stage.comesBack(test, tab, allowed);
    await stage.endsClean(tab);
    const next = stage.of('POST').find(({ at }) => at > refused.at)!;
    assert.ok(next.at >= allowed, `${Math.round(next.at - refused.at)} ms later`);
  });

  it('leaves the take of the same producer without a hole when the server is killed and started again', async (test) => {
    const tab = await stage.settled({ record: true });
    assert.equal(await tab.call('record'), 'done');
    await seconds(1);
    const from = Date.now();
    await stage.media.stop();
    await tab.call('reached', 'recovering');
    await seconds(3);
    await stage.media.restart();
    await stage.comesBack(test, tab, performance.now());
    const to = Date.now();
    await seconds(0.5);
    const take = await tab.call<{ duration: number; state: string }>('endRecording', 'take');
    assert.equal(take.state, 'saved');
    const file = stage.pages.file('take');
    const [clock, { errors }] = await Promise.all([readClock(file, to), decode(file)]);
    assert.deepEqual(errors, []);
    const seen = clock.flatMap(({ at }) => (at === null ? [] : [at / 1000]));
    assert.ok(seen[0]! < from / 1000 && seen.at(-1)! > to / 1000, 'it reaches over the whole of it');
    const sound = widestGap((await packets(file)).filter(({ type }) => type === 'audio'));
    test.diagnostic(
      `holes in the picture: ${holes(seen).toFixed(3)} s; widest gap of the sound: ${sound.toFixed(3)} s`,
    );
    assert.equal(holes(seen), 0);
    assert.ok(sound < 0.05);
    await stage.endsClean(tab);
  });

  it('comes back twenty times in a row', { timeout: 600_000 }, async (test) => {
    const tab = await stage.settled();
    const times: number[] = [];
    for (let round = 0; round < 20; round++) {
      const since = performance.now();
      await stage.sessions[0]!.kill();
      times.push(await stage.flows(since));
      await tab.call('reached', 'live');
      // A look at it each second; the next kill finds it settled.
      await seconds(2);
    }
    test.diagnostic(`pictures again after ${times.map(Math.round).join(', ')} ms`);
    assert.ok(Math.max(...times) < BACK);
    const { stats } = await status(tab);
    assert.equal(stats!.recoveries, 20);
    await stage.endsClean(tab);
  });
});

inEachBrowser('a broadcast to libdatachannel that is interrupted', (name) => {
  let stage: LiveStage;
  before(async () => (stage = await LiveStage.open(name, { openPeer: openDatachannelPeer })));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  it('comes back when the server is killed and started again', async (test) => {
    const tab = await stage.live();
    await stage.media.stop();
    await tab.call('reached', 'recovering');
    await stage.media.restart();
    await stage.comesBack(test, tab, performance.now());
    await stage.endsClean(tab);
  });
});
