import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { startServer, type EmbeddedServer, type ServerOptions } from '../../../demo/server/start-server.mjs';
import { ask, cleanUp, eventually, FRAGMENT, RtcClient, type Codec } from '../../support/rtc-client.js';
import { WeriftClient } from '../../support/werift-client.js';

let server: EmbeddedServer;
const clients: { close(): unknown }[] = [];

const start = async (options: ServerOptions = {}) => {
  server = await startServer({ mounts: {}, ...options });
};
const at = (path: string) => server.url + path;

async function publish(options: { room?: string; codec?: Codec; token?: string } = {}) {
  const { room = 'studio', ...rest } = options;
  const opened = await RtcClient.open(at(`/whip/${room}`), rest);
  clients.push(opened.client);
  return opened;
}

async function watch(options: { room?: string; codec?: Codec; token?: string; attributes?: string[] } = {}) {
  const { room = 'studio', ...rest } = options;
  const opened = await RtcClient.open(at(`/whep/${room}`), { kind: 'whep', ...rest });
  clients.push(opened.client);
  return opened;
}

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await server.close();
});
after(cleanUp);

const SDP = { 'Content-Type': 'application/sdp' };
const fragment = (ufrag: string, pwd = 'a'.repeat(24)) =>
  `a=ice-ufrag:${ufrag}\r\na=ice-pwd:${pwd}\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n` +
  'a=candidate:1 1 UDP 2114977791 127.0.0.1 9 typ host\r\na=end-of-candidates\r\n';
const ufragOf = (sdp: string) => /a=ice-ufrag:(\S+)/.exec(sdp)![1]!;

describe('WHIP', () => {
  for (const codec of ['VP8', 'H264'] as const)
    it(`takes ${codec} in and counts what arrives`, async () => {
      await start();
      const { client, answer } = await publish({ codec });
      assert.equal(answer.status, 201);
      assert.match(answer.headers.get('location') ?? '', /^\/whip\/studio\/[\w-]{36}$/);
      assert.match(answer.headers.get('etag') ?? '', /^"[\w-]{36}"$/);
      assert.equal(answer.headers.get('accept-patch'), 'application/trickle-ice-sdpfrag');
      client.play();
      const [session] = server.sessions;
      await eventually(() => session!.video.frames >= 60);
      const { video } = session!;
      assert.equal(video.codec, codec);
      assert.equal(session!.connection, 'connected');
      assert.ok(video.packets >= 3 * 60 && video.packets <= 3 * (video.frames + 1), 'three packets make a frame');
      assert.ok(video.keyFrames >= 1 && video.keyFrames < 10);
      assert.equal(video.bytes, video.packets * 1000);
      assert.ok(video.bitrate > 200_000 && video.bitrate < 1_500_000, `${video.bitrate} of about 720000`);
      assert.ok(performance.now() - video.lastPacketAt < 1000);
      if (codec === 'VP8') assert.deepEqual([video.width, video.height], [640, 480]);
      // A sequence number that begins anew after 65535 is no loss.
      await eventually(() => video.packets > 600);
      assert.equal(video.lost, 0);
    });

  it('tells how much may be sent by REMB, and takes up no transport-wide congestion control', async () => {
    await start({ bitrate: 3_000_000 });
    const { client } = await publish();
    client.play();
    await eventually(() => client.allowed > 0);
    assert.ok(Math.abs(client.allowed - 3_000_000) < 100, String(client.allowed));
    server.faults.bitrate = 300_000;
    await eventually(() => Math.abs(client.allowed - 300_000) < 10);

    const offer = client.offer
      .replace('a=rtcp-fb:96 goog-remb', 'a=rtcp-fb:96 goog-remb\r\na=rtcp-fb:96 transport-cc')
      .replace(
        'a=sendonly',
        'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\na=sendonly',
      );
    const { status, text } = await ask(at('/whip/other'), 'POST', SDP, offer);
    assert.equal(status, 201);
    assert.doesNotMatch(text, /transport-/);
    assert.match(text, /goog-remb/);
  });

  it('adds candidates that trickle in, if they come with the ETag and belong to the credentials', async () => {
    await start();
    const { client } = await publish();
    const [session] = server.sessions;
    const ufrag = ufragOf(client.offer);
    const patch = (headers: Record<string, string>, body: string) => client.session('PATCH', headers, body);
    assert.equal((await patch(FRAGMENT, fragment(ufrag))).status, 428);
    assert.equal((await patch({ ...FRAGMENT, 'If-Match': '"another"' }, fragment(ufrag))).status, 412);
    assert.deepEqual(session!.candidates, { taken: 0, old: 0 });
    assert.equal((await patch({ ...FRAGMENT, 'If-Match': client.etag }, fragment(ufrag))).status, 204);
    assert.deepEqual(session!.candidates, { taken: 1, old: 0 });
    assert.equal((await patch({ ...FRAGMENT, 'If-Match': client.etag }, fragment('older'))).status, 204);
    assert.deepEqual(session!.candidates, { taken: 1, old: 1 });
    assert.equal((await patch({ 'If-Match': client.etag }, fragment(ufrag))).status, 415);
    assert.equal((await patch({ ...FRAGMENT, 'If-Match': client.etag }, 'no fragment')).status, 400);
    assert.equal(session!.restarts, 0);
  });

  it('connects by candidates that trickle only', async () => {
    await start();
    const client = await WeriftClient.publish(at('/whip/studio'), { trickle: true });
    clients.push(client);
    client.play();
    await eventually(() => (server.sessions[0]?.video.frames ?? 0) > 10);
    assert.ok(server.sessions[0]!.candidates.taken > 0);
  });

  it('connects to a client whose addresses are hidden and cannot be found', async () => {
    await start();
    const { client } = await RtcClient.open(at('/whip/studio'), { hidden: true });
    clients.push(client);
    client.play();
    const [session] = server.sessions;
    await eventually(() => session!.video.frames > 10);
    assert.equal(session!.connection, 'connected');
  });

  it('restarts ICE: other credentials, another ETag, and media go on', async () => {
    await start();
    const client = await WeriftClient.publish(at('/whip/studio'));
    clients.push(client);
    client.play();
    const [session] = server.sessions;
    await eventually(() => session!.video.frames > 10);
    const { etag } = session!;
    const { status, headers, text } = await client.restart();
    assert.equal(status, 200);
    assert.notEqual(ufragOf(text), ufragOf(client.answer));
    assert.equal(headers.get('etag'), session!.etag);
    assert.notEqual(session!.etag, etag);
    assert.equal(session!.restarts, 1);
    const { frames } = session!.video;
    await eventually(() => session!.video.frames > frames + 30);
    const late = await client.patch({ ...FRAGMENT, 'If-Match': etag }, fragment(ufragOf(client.offer)));
    assert.equal(late.status, 412, 'the old ETag stands for the old ICE session');
  });

  it('ends with DELETE, and knows nothing of it afterwards', async () => {
    await start();
    const { client } = await publish();
    const [session] = server.sessions;
    assert.equal((await client.session('DELETE')).status, 200);
    assert.equal(server.sessions.length, 0);
    assert.equal(session!.ended, 'deleted');
    assert.equal((await client.session('DELETE')).status, 404);
    assert.equal((await client.session('PATCH', { ...FRAGMENT, 'If-Match': client.etag }, fragment('x'))).status, 404);
    assert.equal((await publish()).answer.status, 201, 'the room is free');
  });

  it('tells a client by DTLS that its session has ended, as it has to (RFC 7675, 5.2)', async () => {
    await start({ inUse: 'replace' });
    const { client } = await publish();
    await eventually(() => client.state === 'connected');
    const since = performance.now();
    await publish();
    await eventually(() => client.state !== 'connected');
    // Who is not told finds out by itself, after 30 s.
    assert.ok(performance.now() - since < 20_000, client.state);
  });

  it('lets one publish in a room, or the newest', async () => {
    await start();
    await publish();
    assert.equal((await publish()).answer.status, 409);
    assert.equal((await publish({ room: 'next.door' })).answer.status, 201);
    await server.close();
    await start({ inUse: 'replace' });
    await publish();
    const [first] = server.sessions;
    assert.equal((await publish()).answer.status, 201);
    assert.equal(first!.ended, 'replaced');
    assert.equal(server.sessions.length, 1);
  });

  it('lets one of two in that come at once', async () => {
    await start();
    const both = await Promise.all([publish(), publish()]);
    assert.deepEqual(both.map(({ answer }) => answer.status).sort(), [201, 409]);
    assert.equal(server.sessions.length, 1);
  });

  it('asks for a token, of all but preflights, and takes another one when it is changed', async () => {
    await start({ token: 'secret' });
    const refused = await publish({ token: 'guess' });
    assert.equal(refused.answer.status, 401);
    assert.equal(refused.answer.headers.get('www-authenticate'), 'Bearer');
    assert.equal((await ask(at('/whip/studio'), 'OPTIONS')).status, 204);
    const { client, answer } = await publish({ token: 'secret' });
    assert.equal(answer.status, 201);
    assert.equal((await ask(client.url, 'DELETE')).status, 401);
    server.token = 'other';
    assert.equal((await client.session('DELETE')).status, 401);
    assert.equal((await client.session('DELETE', { Authorization: 'Bearer other' })).status, 200);
    server.token = (token) => token === 'asked';
    assert.equal((await publish({ token: 'asked' })).answer.status, 201);
  });

  it('names ICE servers by Link', async () => {
    await start({
      iceServers: [
        { urls: 'stun:stun.example' },
        { urls: ['turn:turn.example?transport=udp', 'turns:turn.example'], username: 'a"b;c', credential: 'd\\e,f' },
      ],
    });
    const { answer } = await publish();
    const login = '; username="a\\"b;c"; credential="d\\\\e,f"; credential-type="password"';
    assert.equal(
      answer.headers.get('link'),
      '<stun:stun.example>; rel="ice-server", ' +
        `<turn:turn.example?transport=udp>; rel="ice-server"${login}, <turns:turn.example>; rel="ice-server"${login}`,
    );
  });

  it('says what is wrong with an offer', async () => {
    await start();
    const { client } = await publish();
    const post = async (body: string, headers = SDP) => (await ask(at('/whip/other'), 'POST', headers, body)).status;
    assert.equal(await post(client.offer, { 'Content-Type': 'text/plain' }), 415);
    assert.equal(await post('hello'), 400);
    assert.equal(await post(''), 400);
    assert.equal(await post(client.offer.replace('a=sendonly', 'a=recvonly')), 422);
    assert.equal(await post(client.offer.replace(/a=rtcp-mux\r?\n/, '')), 422);
    assert.equal(await post(client.offer.replaceAll('VP8/90000', 'VP7/90000')), 422);
    assert.equal(await post(client.offer.replace('m=video', 'm=application')), 422);
    assert.equal(await post(client.offer + client.offer.slice(client.offer.indexOf('m='))), 422);
    assert.equal(server.sessions.length, 1, 'none of them left anything behind');
  });

  it('answers methods and paths that it does not have', async () => {
    await start();
    const { client } = await publish();
    const status = async (method: string, url: string) => (await ask(url, method)).status;
    for (const method of ['GET', 'HEAD', 'PUT']) {
      assert.equal(await status(method, at('/whip/studio')), 405, method);
      assert.equal(await status(method, client.url), 405, method);
    }
    assert.equal(await status('POST', client.url), 405);
    assert.equal(await status('POST', at('/whip/')), 404);
    assert.equal(await status('POST', at('/whip/no%20room')), 404);
    assert.equal(await status('POST', at(`/whip/${'x'.repeat(65)}`)), 404);
    assert.equal(await status('DELETE', client.url.replace('/studio/', '/other/')), 404, 'another room');
    assert.equal(await status('DELETE', client.url.replace('/whip/', '/whep/')), 404, 'another kind');
    assert.equal(server.sessions.length, 1);
  });

  it('lets pages of this machine in, and of origins that it is told of, and exposes what they need to read', async () => {
    await start({ origins: ['https://studio.example'], headers: ['Studio-Name'] });
    const preflight = await ask(at('/whip/studio'), 'OPTIONS', {
      Origin: 'https://studio.example',
      'Access-Control-Request-Method': 'POST',
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), 'https://studio.example');
    assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /POST, PATCH, DELETE/);
    assert.equal(
      preflight.headers.get('access-control-allow-headers'),
      'Authorization, Content-Type, If-Match, Studio-Name',
    );
    assert.equal(preflight.headers.get('accept-post'), 'application/sdp');
    const exposed = preflight.headers.get('access-control-expose-headers') ?? '';
    for (const name of ['Location', 'ETag', 'Link', 'Retry-After', 'Accept-Patch'])
      assert.ok(exposed.includes(name), name);
    for (const origin of ['http://localhost:8000', 'http://127.0.0.1:1', 'http://[::1]:80'])
      assert.equal((await ask(at('/whip/studio'), 'OPTIONS', { Origin: origin })).status, 204, origin);
    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example'])
      assert.equal((await ask(at('/whip/studio'), 'POST', { ...SDP, Origin: origin }, 'v=0')).status, 403, origin);
  });

  it('tells of each request what was asked and how it was answered', async () => {
    const requests: string[] = [];
    await start({
      onRequest: ({ kind, method, url, status, body }) =>
        requests.push([kind, method, url, status, body.length > 0].join(' ')),
    });
    const { client } = await publish();
    await client.session('DELETE');
    await eventually(() => requests.length === 2);
    const { pathname } = new URL(client.url);
    assert.deepEqual(requests, ['whip POST /whip/studio 201 true', `whip DELETE ${pathname} 200 false`]);
  });
});

describe('WHEP', () => {
  for (const codec of ['VP8', 'H264'] as const)
    it(`plays ${codec}, beginning with a key frame`, async () => {
      await start();
      const { client } = await publish({ codec });
      client.play();
      await eventually(() => server.sessions[0]!.video.frames > 30);
      const asked = client.keyFrameRequests;
      const { client: viewer, answer } = await watch({ codec });
      assert.equal(answer.status, 201);
      assert.match(answer.headers.get('location') ?? '', /^\/whep\/studio\//);
      await eventually(() => viewer.frames > 30);
      assert.ok(client.keyFrameRequests > asked);
      assert.equal((await viewer.session('DELETE')).status, 200);
      assert.deepEqual(
        server.sessions.map(({ kind }) => kind),
        ['whip'],
      );
    });

  it('has a picture shown as soon as it is there, by browsers that can be told so', async () => {
    await start();
    const { client } = await publish();
    client.play();
    await eventually(() => server.sessions[0]!.video.frames > 0);
    const offered = 'a=extmap:9 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';
    const { client: told, answer } = await watch({ attributes: [offered] });
    assert.ok(answer.text.includes(offered));
    await eventually(() => told.frames > 10);
    assert.deepEqual([...told.extensions.get(9)!], [0, 0, 0], 'no least delay, and no most');

    const { client: plain, answer: other } = await watch();
    assert.ok(!other.text.includes('playout-delay'));
    await eventually(() => plain.frames > 10);
    assert.equal(plain.extensions.size, 0);
  });

  it('says to come again while nobody publishes', async () => {
    await start();
    const { answer } = await watch();
    assert.equal(answer.status, 409);
    assert.equal(answer.headers.get('retry-after'), '1');
  });

  it('goes on when the publisher comes back', async () => {
    await start();
    const first = await publish();
    first.client.play();
    await eventually(() => server.sessions[0]!.video.frames > 0);
    const { client: viewer } = await watch();
    await eventually(() => viewer.frames > 10);
    await first.client.session('DELETE');
    const second = await publish();
    second.client.play();
    const before = viewer.frames;
    await eventually(() => viewer.frames > before + 30);
  });

  it('ends when the publisher comes back with a codec that the viewer was not told of', async () => {
    await start();
    const first = await publish({ codec: 'VP8' });
    first.client.play();
    await eventually(() => server.sessions[0]!.video.frames > 0);
    await watch({ codec: 'VP8' });
    const [, viewer] = server.sessions;
    await first.client.session('DELETE');
    const second = await publish({ codec: 'H264' });
    second.client.play();
    await eventually(() => viewer!.ended !== '');
    assert.equal(viewer!.ended, 'codec');
  });

  it('does not offer what is not published', async () => {
    await start();
    const { client } = await publish({ codec: 'H264' });
    client.play();
    await eventually(() => server.sessions[0]!.video.packets > 0);
    assert.equal((await watch({ codec: 'VP8' })).answer.status, 422);
    assert.equal(server.sessions.length, 1);
  });

  it('serves several viewers, each with numbers of its own', async () => {
    await start();
    const { client } = await publish();
    client.play();
    await eventually(() => server.sessions[0]!.video.frames > 0);
    const viewers = await Promise.all([watch(), watch(), watch()]);
    for (const { client: viewer } of viewers) await eventually(() => viewer.frames > 30);
    assert.equal(server.sessions[0]!.video.lost, 0);
  });
});
