import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type PublisherSettings } from '../../../src/core/live/index.js';
import { livePlatform } from '../../../src/core/live/platform.js';
import { uncaught } from '../../support/uncaught.js';
import { FakeConnection, FakeTrack, settle, status } from './fakes.js';
import { last, live, now, page, publisher, setUp, states, stream } from './broadcast.js';

afterEach(() => assert.equal(page.server.sessions.size, 0, 'no session is left'));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const count = (method: string) => page.server.of(method).length;
const fails = () => new TypeError('failed to fetch');
const noNetwork = (offline: boolean) => Object.assign(page.platform, { offline });

/** An answer that comes when it is told to. */
function later(method: string): (answer?: (request: Parameters<typeof page.server.usual>[0]) => Response) => void {
  let release!: () => void;
  let answer = page.server.usual;
  page.server.answers[method]!.push((request) => new Promise((resolve) => (release = () => resolve(answer(request)))));
  return (given = answer) => {
    answer = given;
    release();
  };
}

describe('a publisher in trouble', () => {
  it('publishes once where a listener starts it again as soon as it has failed', async () => {
    page.server.answers['POST']!.push(status(404));
    const again: Promise<void>[] = [];
    publisher.store.subscribe(({ state }) => {
      if (state === 'failed' && again.length < 2) again.push(publisher.start());
    });
    await assert.rejects(publisher.start(), { code: 'publish-refused' });
    await page.clock.pass(1);
    await Promise.all(again);
    assert.deepEqual(states, ['connecting', 'failed', 'connecting', 'live']);
    assert.equal(count('POST'), 2);
    assert.equal(page.server.sessions.size, 1);
  });

  it('stays stopped where a listener stops it as soon as something is amiss', async () => {
    page.server.answers['POST']!.push(status(500));
    publisher.store.subscribe(({ error }) => {
      if (error) void publisher.stop();
    });
    await assert.rejects(publisher.start(), { code: 'aborted' });
    await page.clock.pass(10);
    assert.deepEqual(states, ['connecting', 'idle']);
    assert.equal(count('POST'), 1);
    assert.equal(publisher.error, null);
  });

  it('stays stopped where that is done while it comes back', async () => {
    await live();
    page.server.sessions.clear();
    page.server.answers['POST']!.push(status(500), status(500));
    publisher.store.subscribe(({ error }) => {
      if (error?.message.includes('500')) void publisher.stop();
    });
    last().turn('failed');
    await page.clock.pass(20);
    assert.deepEqual(states, ['connecting', 'live', 'recovering', 'idle']);
    assert.equal(count('POST'), 2);
    assert.ok(page.connections.every(({ connectionState }) => connectionState === 'closed'));
  });

  it('ends with its own token, although the page has set those of the next start', async () => {
    setUp({ token: 'ours' });
    await live();
    publisher.settings = { ...publisher.settings, token: 'renewed' };
    publisher.settings = { url: 'https://elsewhere.example/whip', token: 'theirs' };
    await publisher.stop();
    const [end] = page.server.of('DELETE');
    assert.equal(end!.headers.get('Authorization'), 'Bearer ours');
  });

  it('leaves no session behind whose answer could not be read', async () => {
    page.server.answers['POST']!.push((request) => {
      const { headers } = page.server.usual(request);
      const cut = new ReadableStream({ start: (controller) => controller.error(new TypeError('cut off')) });
      return new Response(cut, { status: 201, headers });
    });
    const started = publisher.start();
    await page.clock.pass(2);
    await started;
    assert.deepEqual([publisher.state, count('POST'), page.server.sessions.size], ['live', 2, 1]);
  });

  it('begins anew on a page that was left while its browser was asked for an offer', async () => {
    const { connect } = page.platform;
    Object.assign(page.platform, {
      connect(configuration: RTCConfiguration) {
        Object.assign(page.platform, { connect });
        // Of one that is closed nobody is answered.
        return Object.assign(connect!(configuration), { createOffer: () => new Promise(() => {}) });
      },
    });
    const started = publisher.start();
    await page.clock.pass(0.1);
    assert.equal(page.connections.length, 1);
    page.window.dispatchEvent(new Event('pagehide'));
    await page.clock.pass(1);
    page.window.dispatchEvent(new Event('pageshow'));
    await page.clock.pass(1);
    await started;
    assert.equal(publisher.state, 'live');
  });

  it('comes back, whatever a listener throws', async (test) => {
    const reported = uncaught(test);
    const leave = publisher.store.subscribe(({ state }) => {
      throw new Error(state);
    });
    await live();
    page.server.sessions.clear();
    last().turn('failed');
    await page.clock.pass(0.3);
    assert.equal(publisher.state, 'live');
    last().heard = false;
    await page.clock.pass(3.2);
    assert.equal(publisher.state, 'recovering', 'silence is seen, too');
    assert.ok(reported.length > 4);
    leave();
  });

  describe('whose candidates could not be sent', () => {
    const LINK = '<turn:theirs>; rel="ice-server"; username="a"; credential="b"';
    const TURN = { urls: 'turn:theirs', username: 'a', credential: 'b' };

    /** The second session, which comes up; of the first the candidates are answered like that, and who asks why. */
    async function second(...answers: (() => Response | Error)[]): Promise<void> {
      page.server.answers['POST']!.push((request) => {
        const response = page.server.usual(request);
        response.headers.set('Link', LINK);
        return response;
      });
      page.server.answers['PATCH']!.push(...answers);
      FakeConnection.connects = false;
      const started = publisher.start();
      await page.clock.pass(1);
      FakeConnection.connects = true;
      await page.clock.pass(1);
      await started;
      assert.match(page.server.of('POST')[1]!.body, /a=candidate/);
    }

    it('uses the servers of Link for those that go with the offer', async () => {
      await second(fails);
      assert.deepEqual(last().configuration.iceServers, [TURN]);
    });

    it('waits for those two seconds at most: a TURN server may be dead', async () => {
      page.server.answers['PATCH']!.push(status(405));
      FakeConnection.connects = FakeConnection.gathers = false;
      const started = publisher.start();
      try {
        // A tenth of a second for those that come together, and one and a half without any.
        await page.clock.pass(3.5);
        assert.equal(count('POST'), 1);
        FakeConnection.connects = true;
        await page.clock.pass(0.3);
        await started;
      } finally {
        FakeConnection.connects = FakeConnection.gathers = true;
      }
      assert.match(page.server.of('POST')[1]!.body, /a=candidate:1 mine/, 'what was found by then');
    });

    for (const [how, answers, stays] of [
      ['nobody answered', [fails], false],
      ['the server was busy', [status(503)], false],
      ['the server takes none', [status(405)], true],
      ['the page may not send any', [fails, fails], true],
    ] as const)
      it(`sends them with the offer ${stays ? 'from then on' : 'once'} where ${how}`, async () => {
        await second(...answers);
        await page.clock.pass(3);
        page.server.sessions.clear();
        last().turn('failed');
        await page.clock.pass(0.3);
        assert.equal(publisher.state, 'live');
        assert.equal(/a=candidate/.test(page.server.of('POST')[2]!.body), stays);
      });
  });

  it('keeps no connection that is over', async () => {
    await live();
    page.server.sessions.clear();
    // A fault knows where it was thrown, and by that the connection which it was thrown for.
    page.server.answers['POST']!.push(status(503));
    last().turn('failed');
    await page.clock.pass(3);
    assert.equal(publisher.state, 'live');
    const [current, ...over] = page.connections.splice(0).reverse();
    assert.equal(over.length, 2);
    const kept = over.splice(0).map((connection) => new WeakRef(connection));
    // What is held by a weak reference stays until the end of the task.
    await settle();
    collect();
    assert.deepEqual(
      kept.map((one) => one.deref() === undefined),
      [true, true],
    );
    assert.equal(current!.connectionState, 'connected');
  });

  it('waits as long as a server asks that does not begin ICE anew', async () => {
    await live();
    page.server.answers['PATCH']!.push(status(503, { 'Retry-After': '7' }));
    last().turn('failed');
    await page.clock.pass(6.9);
    assert.equal(count('POST'), 1);
    await page.clock.pass(0.4);
    assert.equal(publisher.state, 'live');
    assert.equal(count('POST'), 2);
  });

  it('does not take somebody who signs in for a server that is away', async () => {
    let give!: (token: string) => void;
    let asked = 0;
    setUp({
      getToken: () => (asked++ === 0 ? 'old' : new Promise<string>((resolve) => (give = resolve))),
    });
    page.server.answers['POST']!.push(status(401));
    const started = publisher.start();
    await page.clock.pass(120);
    assert.equal(count('POST'), 1);
    assert.equal(now().error, null);
    give('new');
    await page.clock.pass(0.2);
    await started;
    assert.equal(count('POST'), 2);
    await page.clock.pass(3);

    page.server.answers['POST']!.push(status(401));
    page.server.sessions.clear();
    last().turn('failed');
    await page.clock.pass(30);
    assert.equal(count('POST'), 3, 'once live, too');
    give('newer');
    await page.clock.pass(0.2);
    assert.equal(publisher.state, 'live');
    assert.equal(count('POST'), 4);
    assert.equal(page.server.sessions.size, 1);
  });

  it('tells, while it is live, of a method that the server does not let this page use', async () => {
    page.server.answers['PATCH']!.push(fails, fails);
    await live();
    assert.deepEqual([now().error?.code, now().error?.fatal], ['cors', false]);
    assert.match(now().error!.message, /Access-Control-Allow-Methods: PATCH/);
  });

  it('tells of it after the end, where only that is not allowed', async () => {
    await live();
    assert.equal(now().error, null);
    page.server.answers['DELETE']!.push(...Array.from({ length: 6 }, () => fails));
    const over = publisher.stop();
    await page.clock.pass(10);
    await over;
    assert.equal(publisher.state, 'idle');
    assert.deepEqual([now().error?.code, now().error?.fatal], ['cors', false]);
    assert.match(now().error!.message, /Access-Control-Allow-Methods: DELETE/);
    page.server.sessions.clear();
  });

  it('comes back with a page that is back before its session has ended', async () => {
    await live();
    const answer = later('DELETE');
    page.window.dispatchEvent(new Event('pagehide'));
    await settle();
    page.window.dispatchEvent(new Event('pageshow'));
    answer();
    await page.clock.pass(0.5);
    assert.equal(publisher.state, 'live');
    assert.equal(count('POST'), 2);
  });

  it('comes back with a page that is back before there is a token', async () => {
    let give!: (token: string) => void;
    setUp({ getToken: () => new Promise<string>((resolve) => (give = resolve)) });
    const started = publisher.start();
    await settle();
    page.window.dispatchEvent(new Event('pagehide'));
    await settle();
    page.window.dispatchEvent(new Event('pageshow'));
    await settle();
    give('late');
    await page.clock.pass(1);
    await started;
    assert.equal(publisher.state, 'live');
  });

  it('is as patient as a server is seldom to be heard, of a restart too', async () => {
    stream.tracks = [new FakeTrack('audio')];
    const started = publisher.start();
    await page.clock.pass(0.2);
    await started;
    // A report each 5 s.
    last().every = 10;
    await page.clock.pass(40);
    last().heard = false;
    for (let second = 0; publisher.state === 'live' && second < 20; second += 0.5) await page.clock.pass(0.5);
    assert.equal(now().reason, 'silence');
    last().heard = true;
    await page.clock.pass(5.5);
    assert.equal(publisher.state, 'live');
    assert.equal(count('POST'), 1, 'it is the same session');
  });

  it('forgets how often it was heard when it sends something else', async () => {
    await live(10);
    stream.tracks = [stream.tracks[0]!];
    await page.clock.pass(1);
    last().every = 10;
    await page.clock.pass(60);
    assert.deepEqual(states, ['connecting', 'live']);
  });

  it('has ended where what it has asked for is answered after the stop', async () => {
    const answer = later('POST');
    const starting = publisher.start();
    await page.clock.pass(0.1);
    let isOver = false;
    void publisher.stop().then(() => (isOver = true));
    await assert.rejects(starting, { code: 'aborted' });
    await page.clock.pass(1);
    assert.equal(isOver, false);
    answer();
    await settle();
    assert.equal(isOver, true);
    assert.equal(count('DELETE'), 1);
    assert.equal(page.server.sessions.size, 0);
  });

  it('has one offer on its way where it is stopped and started again', async () => {
    const answer = later('POST');
    publisher.start().catch(() => {});
    await page.clock.pass(0.1);
    void publisher.stop();
    const started = publisher.start();
    await page.clock.pass(0.5);
    assert.equal(count('POST'), 1);
    answer();
    await page.clock.pass(0.5);
    await started;
    assert.deepEqual(
      page.server.requests.map(({ method }) => method),
      ['POST', 'DELETE', 'POST', 'PATCH'],
    );
    assert.equal(page.server.sessions.size, 1);
  });

  it('tries again where the session of the broadcast before is in the way', async () => {
    await live();
    const answer = later('DELETE');
    void publisher.stop();
    page.server.answers['POST']!.push(status(403));
    const started = publisher.start();
    await page.clock.pass(1.1);
    assert.equal(now().error?.code, 'in-use');
    assert.equal(publisher.state, 'connecting');
    answer();
    await page.clock.pass(1);
    await started;
    assert.equal(page.server.sessions.size, 1);
  });

  it('says of each track what it is, and nothing of those that it has given back', async () => {
    setUp({ contentHint: 'detail' });
    await live();
    const [sound, before] = stream.tracks as [FakeTrack, FakeTrack];
    assert.equal(before.contentHint, 'detail');
    const camera = new FakeTrack('video', 'other');
    stream.tracks = [sound, camera];
    await page.clock.pass(1.1);
    assert.deepEqual([before.contentHint, camera.contentHint], ['', 'detail']);
    const over = publisher.stop();
    await page.clock.pass(1);
    await over;
    assert.equal(camera.contentHint, '');
  });

  it('does not begin ICE anew for candidates that were refused when it was live already', async () => {
    const answer = later('PATCH');
    await live();
    answer(status(412));
    await page.clock.pass(3);
    assert.equal(count('PATCH'), 1);
    assert.deepEqual(states, ['connecting', 'live']);
  });

  it('begins ICE anew one time after the other', async () => {
    page.server.answers['PATCH']!.push(status(412));
    const answer = later('PATCH');
    FakeConnection.connects = false;
    const started = publisher.start();
    await page.clock.pass(0.1);
    last().turn('connected');
    await page.clock.pass(0.1);
    await started;
    last().turn('failed');
    await page.clock.pass(0.1);
    answer();
    await page.clock.pass(0.1);
    assert.deepEqual(last().calls.slice(3), [
      'setLocalDescription',
      'setRemoteDescription',
      'setLocalDescription',
      'setRemoteDescription',
    ]);
  });

  it('does without servers for ICE that make no sense, and says so where there is no way', async () => {
    const iceServers = [{ urls: 'nonsense' }, { urls: 'stun:own' }];
    setUp({ iceServers });
    await live();
    assert.deepEqual(last().configuration.iceServers, [{ urls: 'stun:own' }]);

    await publisher.stop();
    setUp({ iceServers });
    FakeConnection.connects = false;
    const started = publisher.start();
    await page.clock.pass(30);
    await assert.rejects(started, { code: 'no-route', detail: /no such scheme/ });
  });

  it('takes settings that are null for their defaults, as attributes are that were taken away', async () => {
    setUp({ iceServers: null, codec: null, contentHint: null, recovery: null } as unknown as PublisherSettings);
    await live();
  });

  const codecs = [
    { mimeType: 'video/VP8', clockRate: 90_000 },
    { mimeType: 'video/H264', clockRate: 90_000, sdpFmtpLine: 'packetization-mode=1;profile-level-id=42001f' },
    { mimeType: 'video/rtx', clockRate: 90_000 },
    { mimeType: 'video/H264', clockRate: 90_000, sdpFmtpLine: 'packetization-mode=1;profile-level-id=640034' },
  ] as const;

  it('prefers a codec by name, whatever its parameters, of what the browser receives: others it refuses', async () => {
    const [vp8, base, rtx, high] = codecs;
    const has = (...list: readonly RTCRtpCodec[]) => ({ getCapabilities: () => ({ codecs: list }) });
    Object.assign(globalThis, { RTCRtpSender: has(), RTCRtpReceiver: has(...codecs) });
    try {
      setUp({ codec: 'h264' });
      Object.assign(page.platform, { codecs: () => livePlatform.codecs() });
      await live();
      assert.deepEqual(last().order, [base, high, vp8, rtx]);
    } finally {
      Object.assign(globalThis, { RTCRtpSender: undefined, RTCRtpReceiver: undefined });
    }
  });

  it('goes live with another codec where the browser does not take the one that is preferred', async () => {
    setUp({ codec: 'h264' });
    FakeConnection.prefers = false;
    Object.assign(page.platform, { codecs: () => codecs });
    await live();
    assert.equal(now().error, null);
  });

  it('leaves no connection where the browser does not send what it is given', async () => {
    FakeConnection.sends = false;
    await assert.rejects(publisher.start(), { code: 'publish-refused' });
    assert.equal(last().connectionState, 'closed');
  });

  it('does what another policy says, which is asked with its own numbers', async () => {
    const asked: unknown[] = [];
    setUp({
      recovery: {
        starts: 2,
        nextStep: ({ code, status, attempts }, { starts, cap }) => {
          asked.push([code, status, attempts, starts, cap]);
          return attempts < 3 ? { do: 'publish', after: 5, firm: false, gathered: true } : { do: 'fail' };
        },
      },
    });
    page.server.answers['POST']!.push(status(404), status(404), status(404));
    const started = publisher.start();
    await page.clock.pass(9);
    assert.equal(count('POST'), 2);
    assert.match(page.server.of('POST')[1]!.body, /a=candidate/);
    await page.clock.pass(2);
    await assert.rejects(started, { code: 'publish-refused' });
    assert.deepEqual(
      asked,
      [1, 2, 3].map((attempts) => ['publish-refused', 404, attempts, 2, 3]),
    );
  });

  it('waits for the network where there is none at the start, and has all its trials then', async () => {
    noNetwork(true);
    page.document.hidden = true;
    page.server.down = true;
    const started = publisher.start();
    await page.clock.pass(29);
    assert.equal(count('POST'), 1);
    assert.equal(publisher.state, 'connecting');
    assert.deepEqual([now().error?.code, now().error?.fatal, now().attempt], ['unreachable', false, 1]);
    assert.match(now().error!.message, /offline/);
    await page.clock.pass(600);
    assert.equal(publisher.state, 'connecting');
    const before = count('POST');
    noNetwork(false);
    page.document.hidden = false;
    page.window.dispatchEvent(new Event('online'));
    await page.clock.pass(30);
    await assert.rejects(started, { code: 'unreachable', message: /does not answer/ });
    assert.equal(count('POST'), before + 4);
  });

  it('needs no network for a server of its own machine', async () => {
    setUp({ url: 'http://127.0.0.1:8080/whip/room' });
    noNetwork(true);
    page.server.down = true;
    const started = publisher.start();
    await page.clock.pass(10);
    await assert.rejects(started, { code: 'unreachable', message: /does not answer/ });
  });

  it('comes back with the network, as soon as else where the browser is wrong about that', async () => {
    await live();
    noNetwork(true);
    page.server.down = true;
    page.server.sessions.clear();
    last().turn('failed');
    await page.clock.pass(60);
    assert.equal(publisher.state, 'recovering');
    page.server.down = false;
    await page.clock.pass(3.2);
    assert.equal(publisher.state, 'live');
  });

  it('comes back with the network, and asks seldom while it is hidden', async () => {
    await live();
    noNetwork(true);
    page.document.hidden = true;
    page.server.down = true;
    page.window.dispatchEvent(new Event('offline'));
    last().heard = false;
    await page.clock.pass(29);
    assert.equal(publisher.state, 'recovering');
    assert.match(now().error!.message, /offline/);
    assert.ok(count('POST') <= 2);
    noNetwork(false);
    page.server.down = false;
    page.window.dispatchEvent(new Event('online'));
    await page.clock.pass(0.2);
    assert.equal(publisher.state, 'live');
    assert.equal(page.server.sessions.size, 1);
  });
});
