import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StreamPublisher } from '../../../src/core/live/index.js';
import { MediaProducer } from '../../../src/core/producer/index.js';
import { FakeConnection, FakeStream, FakeTrack, never, settle, status } from './fakes.js';
import { ENDPOINT, last, live, now, page, publisher, setUp, states, stream } from './broadcast.js';

const methods = () => page.server.requests.map(({ method }) => method);

describe('a publisher', () => {
  it('goes live: the offer, then the local description, then the candidates in one request', async () => {
    await live();
    assert.deepEqual(states, ['connecting', 'live']);
    assert.deepEqual(methods(), ['POST', 'PATCH']);
    const [post, patch] = page.server.requests;
    assert.match(post!.body, /a=rtcp-mux-only/);
    assert.doesNotMatch(post!.body, /a=candidate/);
    assert.match(patch!.body, /a=candidate:1 mine\r\na=end-of-candidates/);
    assert.doesNotMatch(patch!.body, /of-before/, 'candidates of other credentials');
    assert.equal(patch!.headers.get('If-Match'), '"1"');
    assert.deepEqual(last().calls, ['createOffer', 'setLocalDescription', 'setRemoteDescription']);
    assert.deepEqual(last().configuration, {
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'require',
      iceCandidatePoolSize: 1,
      iceServers: [],
    });
  });

  it('lets the browser remember what the server allows: past its cache it would ask before each request', async () => {
    await live();
    await publisher.stop();
    assert.deepEqual(
      page.server.requests.map(({ method, cache }) => [method, cache]),
      [
        ['POST', 'default'],
        ['PATCH', 'default'],
        ['DELETE', 'default'],
      ],
    );
  });

  it('waits for nothing between its description and that of the server', async () => {
    let described = () => {};
    page.server.answers['POST']!.push((request) => {
      const connection = last();
      const { setLocalDescription } = connection;
      connection.setLocalDescription = async (offer) => {
        await setLocalDescription(offer);
        await new Promise<void>((resolve) => (described = resolve));
      };
      return page.server.usual(request);
    });
    const started = publisher.start();
    await settle();
    assert.deepEqual(last().calls, ['createOffer', 'setLocalDescription', 'setRemoteDescription']);
    described();
    await page.clock.pass(0.2);
    await started;
  });

  it('tells how it gets through', async () => {
    await live();
    await page.clock.pass(3);
    const { stats } = now();
    assert.ok(stats!.bitrate! > 0);
    assert.equal(stats!.roundTrip, 0.02);
    assert.equal(stats!.lost, 0);
    assert.equal(stats!.attempts, 1);
    assert.equal(stats!.recoveries, 0);
    assert.ok(stats!.uptime >= 4 && stats!.uptime < 6, String(stats!.uptime));
  });

  it('does not count as live what the machine slept', async () => {
    await live(5);
    const { uptime } = now().stats!;
    // Timers that were due meanwhile are late.
    page.clock.time += 3_600_000;
    await page.clock.pass(2);
    assert.equal(publisher.state, 'live');
    assert.ok(now().stats!.uptime < uptime + 15, String(now().stats!.uptime));
    page.clock.time += 3_600_000;
    last().turn('failed');
    await page.clock.pass(3);
    assert.equal(publisher.state, 'live');
    assert.ok(now().stats!.uptime < uptime + 30, String(now().stats!.uptime));
  });

  it('takes the servers of Link up before the local description', async () => {
    setUp({ iceServers: [{ urls: 'stun:own' }] });
    page.server.answers['POST']!.push((request) => {
      const answer = page.server.usual(request);
      answer.headers.set('Link', '<turn:theirs>; rel="ice-server"; username="a;b"; credential="c,d"');
      return answer;
    });
    await live();
    assert.deepEqual(last().calls.slice(0, 4), [
      'setConfiguration',
      'createOffer',
      'setConfiguration',
      'setLocalDescription',
    ]);
    assert.deepEqual(last().configuration.iceServers, [
      { urls: 'stun:own' },
      { urls: 'turn:theirs', username: 'a;b', credential: 'c,d' },
    ]);
    assert.equal(last().configuration.iceCandidatePoolSize, 1, 'what was found already stays, or is found anew');
  });

  it('ends at the server, and leaves tracks alone', async () => {
    await live();
    const over = publisher.stop();
    assert.equal(publisher.state, 'idle');
    await over;
    assert.equal(page.server.sessions.size, 0);
    assert.equal(last().connectionState, 'closed');
    assert.deepEqual(
      stream.tracks.map(({ stopped }) => stopped),
      [0, 0],
    );
  });

  it('joins a start that is pending, and gives it up when it is stopped', async () => {
    page.server.answers['POST']!.push(never);
    const first = publisher.start();
    assert.equal(publisher.start(), first);
    await page.clock.pass(0.1);
    const over = publisher.stop();
    await assert.rejects(first, { code: 'aborted' });
    assert.equal(publisher.state, 'idle');
    // The server may begin something yet.
    await page.clock.pass(15);
    await over;
    assert.deepEqual(states, ['connecting', 'idle']);
  });

  it('begins ICE anew after three seconds of silence, in the same session', async () => {
    await live();
    last().heard = false;
    await page.clock.pass(2.4);
    assert.equal(publisher.state, 'live');
    await page.clock.pass(0.8);
    assert.equal(publisher.state, 'recovering');
    assert.deepEqual(
      [now().reason, now().attempt, now().error?.code, now().error?.fatal],
      ['silence', 1, 'stream-lost', false],
    );
    last().heard = true;
    await page.clock.pass(1);
    assert.equal(publisher.state, 'live');
    assert.deepEqual(methods(), ['POST', 'PATCH', 'PATCH', 'PATCH']);
    const [, , restart, trickle] = page.server.requests;
    assert.equal(restart!.headers.get('If-Match'), '*');
    assert.match(restart!.body, /a=ice-ufrag:mine1/);
    assert.equal(trickle!.headers.get('If-Match'), '"again"');
    assert.match(trickle!.body, /a=candidate:1 mine1/);
    assert.match(last().remoteDescription!.sdp, /a=ice-ufrag:again/);
    assert.equal(page.connections.length, 1);
    await page.clock.pass(1);
    const { stats } = now();
    assert.equal(stats!.recoveries, 1);
    assert.ok(stats!.recoveryTime! > 0 && stats!.recoveryTime! < 1, String(stats!.recoveryTime));
  });

  it('publishes anew where a restart is in vain: the old connection and session end first', async () => {
    await live();
    last().heard = false;
    await page.clock.pass(3.2);
    await page.clock.pass(2.2);
    assert.equal(publisher.state, 'live');
    assert.equal(page.connections.length, 2);
    assert.equal(page.connections[0]!.connectionState, 'closed');
    assert.deepEqual(
      methods().filter((method) => method !== 'PATCH'),
      ['POST', 'DELETE', 'POST'],
    );
    assert.equal(page.server.sessions.size, 1);
  });

  it('does the same where the server does not know the session any more', async () => {
    await live();
    page.server.sessions.clear();
    last().turn('disconnected');
    await page.clock.pass(0.3);
    assert.equal(publisher.state, 'live');
    assert.equal(page.connections.length, 2);
  });

  it('tries again until the server is back, each time after the last', async () => {
    await live();
    const { uptime } = now().stats!;
    page.server.down = true;
    last().turn('failed');
    await page.clock.pass(30);
    assert.equal(publisher.state, 'recovering');
    assert.equal(now().error?.code, 'unreachable');
    const tries = page.server
      .of('POST')
      .slice(1)
      .map(({ at }) => at);
    const gaps = tries.slice(1).map((at, index) => (at - tries[index]!) / 1000);
    assert.deepEqual(
      gaps.slice(0, 4).map((gap) => Math.round(gap * 10) / 10),
      [0.3, 1.2, 2.7, 2.7],
    );
    assert.ok(Math.max(...gaps) <= 3);
    page.server.down = false;
    page.server.sessions.clear();
    await page.clock.pass(3.2);
    assert.equal(publisher.state, 'live');
    assert.equal(now().error, null);
    assert.equal(page.server.sessions.size, 1);
    await page.clock.pass(1);
    // Not of the half minute in between.
    assert.ok(now().stats!.uptime >= uptime && now().stats!.uptime < uptime + 6, String(now().stats!.uptime));
  });

  it('does not wait when the network is there again, or the page is looked at', async () => {
    for (const stir of [
      () => page.window.dispatchEvent(new Event('online')),
      () => page.document.dispatchEvent(new Event('visibilitychange')),
      () => page.document.dispatchEvent(new Event('resume')),
    ]) {
      setUp();
      await live();
      page.server.down = true;
      last().turn('failed');
      await page.clock.pass(8);
      page.server.down = false;
      const before = page.clock.time;
      stir();
      await page.clock.pass(0.1);
      assert.equal(publisher.state, 'live');
      assert.ok(page.clock.time - before <= 100);
    }
  });

  it('is less patient with silence after the network or the page has changed', async () => {
    const isLive = async (stir: () => void) => {
      setUp();
      await live();
      last().heard = false;
      stir();
      await page.clock.pass(2);
      return publisher.state === 'live';
    };
    assert.equal(await isLive(() => {}), true);
    for (const type of ['online', 'offline'])
      assert.equal(await isLive(() => page.window.dispatchEvent(new Event(type))), false, type);
    for (const type of ['visibilitychange', 'resume'])
      assert.equal(await isLive(() => page.document.dispatchEvent(new Event(type))), false, type);
  });

  it('does not wait on another network, and makes nothing of what is told of the same one', async () => {
    const network = Object.assign(new EventTarget(), { type: 'wifi' });
    Object.assign(page.platform, { network });
    await live();
    page.server.down = true;
    last().turn('failed');
    await page.clock.pass(8);
    page.server.down = false;
    network.dispatchEvent(new Event('change'));
    await page.clock.pass(0.1);
    assert.equal(publisher.state, 'recovering');
    network.type = 'cellular';
    network.dispatchEvent(new Event('change'));
    await page.clock.pass(0.1);
    assert.equal(publisher.state, 'live');
  });

  it('makes one attempt at a time', async () => {
    await live();
    page.server.answers['PATCH']!.push(never);
    page.server.answers['POST']!.push(never, never);
    last().turn('failed');
    last().turn('disconnected');
    page.window.dispatchEvent(new Event('online'));
    await page.clock.pass(2.5);
    assert.equal(page.server.of('POST').length, 2);
    await page.clock.pass(3);
    assert.equal(page.server.of('POST').length, 3);
    assert.equal(page.connections.filter(({ connectionState }) => connectionState !== 'closed').length, 1);
  });

  it('obeys Retry-After, whatever happens meanwhile', async () => {
    await live();
    page.server.answers['POST']!.push(status(503, { 'Retry-After': '7' }));
    page.server.sessions.clear();
    last().turn('failed');
    await page.clock.pass(0.1);
    const refused = page.clock.time;
    page.window.dispatchEvent(new Event('online'));
    await page.clock.pass(6.8);
    assert.equal(page.server.of('POST').length, 2);
    await page.clock.pass(0.4);
    assert.equal(publisher.state, 'live');
    assert.ok(page.server.of('POST')[2]!.at - refused >= 6900);
  });

  it('tries again where its own session is still in the way', async () => {
    await live();
    page.server.answers['POST']!.push(status(409), status(403));
    last().turn('failed');
    last().heard = false;
    await page.clock.pass(4.5);
    assert.equal(publisher.state, 'live');
    assert.equal(page.server.of('POST').length, 4);
    assert.equal(page.server.sessions.size, 1);
  });

  it('sends candidates in the offer where the server takes none later and does not come up without', async () => {
    FakeConnection.connects = false;
    page.server.answers['PATCH']!.push(status(405));
    const started = publisher.start();
    await page.clock.pass(1);
    FakeConnection.connects = true;
    await page.clock.pass(1);
    await started;
    const [first, second] = page.server.of('POST');
    assert.doesNotMatch(first!.body, /a=candidate/);
    assert.ok(second);
    assert.deepEqual(last().calls, ['createOffer', 'setLocalDescription', 'setRemoteDescription']);
    assert.equal(page.server.sessions.size, 1, 'the first one is ended');
    assert.equal(page.server.of('PATCH').length, 1);
  });

  it('stays with what comes up without the candidates that the server refused', async () => {
    page.server.answers['PATCH']!.push(status(501));
    await live();
    await page.clock.pass(3);
    assert.equal(publisher.state, 'live');
    assert.equal(page.server.of('POST').length, 1);
  });

  it('begins ICE anew where the server has another ETag', async () => {
    page.server.answers['PATCH']!.push(status(412));
    FakeConnection.connects = false;
    const started = publisher.start();
    await page.clock.pass(0.3);
    assert.deepEqual(
      page.server.of('PATCH').map(({ headers }) => headers.get('If-Match')),
      ['"1"', '*', '"again"'],
    );
    last().turn('connected');
    await page.clock.pass(0.1);
    await started;
  });

  it('sends candidates in the offer where the server has another ETag, and cannot begin ICE anew either', async () => {
    page.server.answers['PATCH']!.push(status(412), status(422));
    FakeConnection.connects = false;
    const started = publisher.start();
    await page.clock.pass(0.1);
    last().turn('connected');
    await page.clock.pass(0.1);
    await started;
    const [, second, ...more] = page.server.of('POST');
    assert.ok(second);
    assert.equal(more.length, 0);
    assert.equal(page.server.of('PATCH').length, 2);
    assert.equal(page.server.sessions.size, 1, 'the first one is ended');
  });

  it('waits longer and longer, too, for a server that ends each session at once', async () => {
    const started = publisher.start();
    await page.clock.pass(0.2);
    await started;
    for (let second = 0; second < 20; second += 0.1) {
      page.server.sessions.clear();
      if (last().connectionState === 'connected') last().turn('failed');
      await page.clock.pass(0.1);
    }
    assert.ok(page.server.of('POST').length < 12, `${page.server.of('POST').length} offers in 20 s`);
  });

  it('ends a session whose answer comes with the stop', async () => {
    let answer!: (response: Response) => void;
    page.server.answers['POST']!.push(() => new Promise((resolve) => (answer = resolve)));
    const starting = publisher.start();
    await page.clock.pass(0.1);
    answer(page.server.usual(page.server.requests[0]!));
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
    void publisher.stop();
    await assert.rejects(starting, { code: 'aborted' });
    await page.clock.pass(0.1);
    assert.equal(page.server.sessions.size, 0);
  });

  it('asks for another token, and fails where none is taken', async () => {
    const given = ['old', 'new'];
    setUp({ getToken: async () => given.shift() ?? 'new' });
    page.server.answers['POST']!.push(status(401));
    await live();
    assert.equal(page.server.of('PATCH')[0]!.headers.get('Authorization'), 'Bearer new');

    setUp({ token: 'wrong' });
    page.server.answers['POST']!.push(status(401));
    const started = publisher.start();
    await page.clock.pass(0.1);
    await assert.rejects(started, { code: 'unauthorized', fatal: true });
    assert.equal(publisher.state, 'failed');
    assert.equal(page.server.requests.length, 1);
  });

  it('takes a token up that a page sets while it is live', async () => {
    setUp({ token: 'first' });
    await live();
    publisher.settings = { ...publisher.settings, token: 'second' };
    page.server.sessions.clear();
    last().turn('failed');
    await page.clock.pass(0.3);
    assert.equal(page.server.of('POST')[1]!.headers.get('Authorization'), 'Bearer second');
  });

  it('waits for a token as long as it takes, and asks nobody twice at a time', async () => {
    let give!: (token: string) => void;
    let asked = 0;
    setUp({
      getToken: () => {
        asked++;
        return new Promise((resolve) => (give = resolve));
      },
    });
    const started = publisher.start();
    await page.clock.pass(60);
    assert.equal(page.server.requests.length, 0);
    give('late');
    await page.clock.pass(0.2);
    await started;
    assert.equal(asked, 1);
  });

  it('fails with a sentence where no token can be had', async () => {
    setUp({ getToken: () => Promise.reject(new Error('signed out')) });
    const started = publisher.start();
    await page.clock.pass(0.1);
    await assert.rejects(started, { code: 'unauthorized', message: /Sign in again/ });
  });

  it('follows another track without another offer, and publishes anew for another kind', async () => {
    await live();
    // No event tells a page of what it does to a stream itself.
    const camera = new FakeTrack('video', 'other');
    stream.tracks = [stream.tracks[0]!, camera];
    await page.clock.pass(1.1);
    assert.equal(last().getSenders()[1]!.track, camera);
    assert.equal(page.server.of('POST').length, 1);
    stream.tracks[0]!.stop();
    await page.clock.pass(1.1);
    assert.equal(last().getSenders()[0]!.track, null, 'sound is gone');
    assert.equal(page.server.of('POST').length, 1);

    setUp();
    stream.tracks = [new FakeTrack('video')];
    await live();
    stream.tracks = [...stream.tracks, new FakeTrack('audio')];
    stream.dispatchEvent(new Event('addtrack'));
    await page.clock.pass(0.3);
    assert.equal(publisher.state, 'live');
    assert.equal(page.connections.length, 2);
    assert.equal(last().getSenders().length, 2);
    assert.equal(page.server.sessions.size, 1);
  });

  for (const [how, end, seconds] of [
    ['a device that goes', () => stream.tracks[0]!.dispatchEvent(new Event('ended')), 0.1],
    ['a page that stops its tracks, of which nobody tells', () => {}, 1.1],
  ] as const)
    it(`ends with its source: ${how}`, async () => {
      await live();
      for (const track of stream.tracks) track.readyState = 'ended';
      end();
      await page.clock.pass(seconds);
      assert.equal(publisher.state, 'ended');
      assert.equal(page.server.sessions.size, 0);
    });

  it('ends its session when the page is left, and comes back with it', async () => {
    await live();
    page.window.dispatchEvent(new Event('pagehide'));
    await settle();
    assert.equal(page.server.sessions.size, 0);
    assert.equal(page.server.of('DELETE')[0]!.keepalive, true);
    await page.clock.pass(100);
    assert.equal(page.server.of('POST').length, 1);
    page.window.dispatchEvent(new Event('pageshow'));
    await page.clock.pass(0.2);
    assert.equal(publisher.state, 'live');
  });

  it('ends sessions that could not be ended, as soon as the server is there', async () => {
    await live();
    page.server.down = true;
    const over = publisher.stop();
    await page.clock.pass(0.5);
    page.server.down = false;
    await page.clock.pass(1);
    await over;
    assert.equal(page.server.sessions.size, 0);
  });

  it('tells what a start comes to that is not granted', async () => {
    for (const [arrange, code] of [
      [() => page.server.answers['POST']!.push(status(404)), 'publish-refused'],
      [() => page.server.answers['POST']!.push(status(403)), 'in-use'],
      [() => (page.server.down = true), 'unreachable'],
      [() => (FakeConnection.connects = false), 'no-route'],
      [() => (publisher.settings = { url: 'ftp://x' }), 'publish-refused'],
      [() => (publisher.settings = {}), 'publish-refused'],
      [() => (publisher.source = null), 'no-source'],
      [() => (stream.tracks = []), 'no-source'],
      [() => Object.assign(page.platform, { connect: undefined }), 'unsupported'],
    ] as const) {
      setUp();
      arrange();
      const started = publisher.start();
      await page.clock.pass(30);
      await assert.rejects(started, { code, fatal: true });
      assert.equal(publisher.state, 'failed');
      assert.equal(now().error?.code, code);
      assert.equal(page.server.sessions.size, 0, 'nothing is left at the server');
    }
  });

  it('bounds what is sent, and changes that at once', async () => {
    setUp({ maxBitrate: 2_000_000, maxFrameRate: 24, simulcast: true });
    await live();
    const { sender } = last().transceivers[1]!;
    assert.deepEqual(
      sender.parameters.encodings.map(({ rid, maxBitrate, maxFramerate, scaleResolutionDownBy }) => [
        rid,
        maxBitrate,
        maxFramerate,
        scaleResolutionDownBy,
      ]),
      [
        ['f', 1_400_000, 24, 1],
        ['h', 460_000, 24, 2],
        ['q', 140_000, 24, 4],
      ],
    );
    assert.equal(sender.settings, 0, 'it was made with these, and its encoder need not begin anew');
    publisher.settings = { ...publisher.settings, maxBitrate: 1_000_000, maxFrameRate: null };
    publisher.limit();
    await settle();
    publisher.limit();
    await settle();
    assert.equal(sender.settings, 1);
    assert.deepEqual(
      sender.parameters.encodings.map(({ maxBitrate, maxFramerate }) => [maxBitrate, maxFramerate]),
      [
        [700_000, undefined],
        [230_000, undefined],
        [70_000, undefined],
      ],
    );
  });

  it('bounds a picture that comes back by what was asked for while it was away', async () => {
    await live();
    const [sound, camera] = stream.tracks as [FakeTrack, FakeTrack];
    const { sender } = last().transceivers[1]!;
    stream.tracks = [sound];
    await page.clock.pass(1.1);
    assert.equal(sender.track, null);
    publisher.settings = { ...publisher.settings, maxBitrate: 300_000 };
    publisher.limit();
    await settle();
    stream.tracks = [sound, camera];
    await page.clock.pass(1.1);
    assert.equal(sender.track, camera);
    assert.equal(sender.parameters.encodings[0]!['maxBitrate'], 300_000);
  });

  it('tells its producer of the connection, and what presses on it', async () => {
    const producer = new MediaProducer();
    // With it comes what counts.
    await producer.prepare();
    const source = new FakeStream([new FakeTrack('video')]);
    producer.store.set({
      state: 'live',
      stream: source as unknown as MediaStream,
      tracks: source.tracks as unknown as MediaStreamTrack[],
    });
    publisher.source = producer;
    await live();
    assert.equal(producer.store.get().connection, last() as unknown);
    const { histograms } = producer.metrics!.snapshot();
    const [send, queue] = [histograms['network:send']!, histograms['queue:network']!];
    assert.ok(send.count >= 3 && queue.count === send.count, 'with each look');
    assert.ok(Math.abs(send.p50 / 0.004 - 1) < 0.02, 'a packet waits for 4 ms');
    // 10 of them in each half second.
    assert.ok(Math.abs(queue.p50 / 0.08 - 1) < 0.02, String(queue.p50));
    producer.store.set({ state: 'idle', stream: null, tracks: [] });
    await page.clock.pass(0.1);
    assert.equal(publisher.state, 'ended');
    assert.equal(producer.store.get().connection, null);
    assert.equal(producer.store.get().network, null);
  });

  it('lets its producer know of the other broadcast of two, when the one that was there first has ended', async () => {
    const producer = new MediaProducer();
    const source = new FakeStream([new FakeTrack('video')]);
    producer.store.set({
      state: 'live',
      stream: source as unknown as MediaStream,
      tracks: source.tracks as unknown as MediaStreamTrack[],
    });
    const known = () => producer.store.get().connection as unknown;
    publisher.source = producer;
    await live();
    const first = last();
    const other = new StreamPublisher({ url: `${ENDPOINT}/other` }, { platform: page.platform });
    other.source = producer;
    const started = other.start();
    await page.clock.pass(2);
    await started;
    const second = last();
    assert.ok(second !== first && known() === first);
    const ended = other.stop();
    await page.clock.pass(1);
    await ended;
    assert.equal(known(), first, 'what the other one ends is its own');
    const again = other.start();
    await page.clock.pass(2);
    await again;
    const over = publisher.stop();
    await page.clock.pass(2);
    await over;
    assert.equal(known(), last(), 'it is told of within two seconds');
    const end = other.stop();
    await page.clock.pass(1);
    await end;
    assert.equal(known(), null);
  });

  it('counts in the registry of its producer that it is live, how long that took, and what it fails of', async () => {
    const producer = new MediaProducer();
    await producer.prepare();
    const counted = () => {
      const { counters, histograms } = producer.metrics!.snapshot();
      const named = ['succeeded:publish', 'failed:publish', 'error:unauthorized'].map((name) => counters[name] ?? 0);
      return [...named, histograms['latency:publish']?.count ?? 0];
    };
    producer.store.set({
      state: 'live',
      stream: stream as unknown as MediaStream,
      tracks: stream.tracks as unknown as MediaStreamTrack[],
    });
    publisher.source = producer;
    page.server.answers['POST']!.push(status(500));
    const begun = publisher.start();
    await page.clock.pass(1);
    await begun;
    last().turn('failed');
    await page.clock.pass(5);
    assert.equal(publisher.state, 'live');
    assert.deepEqual(counted(), [1, 0, 0, 1], 'once, however often it comes back');
    assert.ok(producer.metrics!.snapshot().histograms['latency:publish']!.max >= 0.3, 'from the start on');
    await publisher.stop();
    page.server.answers['POST']!.push(status(401));
    const started = publisher.start();
    await page.clock.pass(0.1);
    await assert.rejects(started, { code: 'unauthorized' });
    assert.deepEqual(counted(), [1, 1, 1, 1]);
    const stopped = publisher.start();
    await publisher.stop();
    await assert.rejects(stopped, { code: 'aborted' });
    assert.deepEqual(counted(), [1, 1, 1, 1], 'what was given up is neither');
  });
});
