import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, afterEach, describe, it } from 'node:test';
import { startServer, type EmbeddedServer, type ServerOptions } from '../../../demo/server/start-server.mjs';
import { ask, cleanUp, eventually, FRAGMENT, RtcClient } from '../../support/rtc-client.js';

let server: EmbeddedServer;
const clients: RtcClient[] = [];

const start = async (options: ServerOptions = {}) => {
  server = await startServer({ mounts: {}, ...options });
};

async function publish(room = 'studio') {
  const opened = await RtcClient.open(`${server.url}/whip/${room}`);
  clients.push(opened.client);
  return opened;
}

/** A publisher whose frames arrive. */
async function live() {
  const { client } = await publish();
  client.play();
  const session = server.sessions.at(-1)!;
  await eventually(() => session.video.frames > 10);
  return { client, session };
}

/** Resolves once it answers. */
async function isThere(): Promise<void> {
  const health = () => ask(`${server.url}/healthz`, 'GET').catch(() => null);
  while ((await health())?.status !== 200) await new Promise(setImmediate);
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server.close();
});
after(cleanUp);

describe('faults of requests', () => {
  it('are answered as many times as they were asked for, to the methods they are for', async () => {
    await start();
    server.faults.refuse({ method: 'POST', status: 503, retryAfter: 7, times: 2 });
    for (const expected of [503, 503, 201]) {
      const { answer } = await publish();
      assert.equal(answer.status, expected);
      assert.equal(answer.headers.get('retry-after'), expected === 503 ? '7' : null);
    }
    server.faults.refuse({ method: 'DELETE', status: 500 });
    server.faults.refuse({ kind: 'whep', status: 418 });
    const [client] = clients.slice(-1);
    assert.equal((await client!.session('DELETE')).status, 500);
    assert.equal((await client!.session('DELETE')).status, 200);
    assert.equal((await RtcClient.open(`${server.url}/whep/studio`, { kind: 'whep' })).answer.status, 418);
  });

  it('send elsewhere', async () => {
    await start();
    server.faults.redirect();
    const { answer } = await publish();
    assert.equal(answer.status, 307);
    assert.equal(answer.headers.get('location'), '/whip/studio?elsewhere');
    assert.equal((await ask(`${server.url}/whip/studio?elsewhere`, 'OPTIONS')).status, 204);
    server.faults.redirect({ status: 308, to: 'https://elsewhere.example/whip' });
    assert.equal((await publish()).answer.headers.get('location'), 'https://elsewhere.example/whip');
    assert.equal(server.sessions.length, 0);
  });

  it('come late', async () => {
    await start();
    server.faults.delay({ seconds: 0.3, method: 'POST' });
    const before = performance.now();
    assert.equal((await publish()).answer.status, 201);
    assert.ok(performance.now() - before >= 300);
  });

  it('tell a wrong ETag, no Location, and know no PATCH', async () => {
    await start();
    server.faults.wrongEtag({ method: 'POST' });
    const { client } = await publish();
    const body = 'a=ice-ufrag:none\r\n';
    const patch = () => client.session('PATCH', { ...FRAGMENT, 'If-Match': client.etag }, body);
    assert.equal((await patch()).status, 412);
    server.faults.noPatch();
    assert.equal((await patch()).status, 405);
    assert.equal((await patch()).status, 405);
    server.faults.clear();
    assert.equal((await patch()).status, 412);
    server.faults.noLocation();
    const { answer } = await publish('other');
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('location'), null);
    server.faults.withoutHeaders = ['access-control-expose-headers'];
    assert.equal((await ask(`${server.url}/whip/a`, 'OPTIONS')).headers.get('access-control-expose-headers'), null);
  });
});

describe('faults of media', () => {
  it('lose packets below RTP, in the share that was asked for', async () => {
    await start();
    const { session } = await live();
    const { video } = session;
    const [packets, lost] = [video.packets, video.lost];
    server.faults.drop = 0.2;
    await eventually(() => video.packets - packets > 400);
    const share = (video.lost - lost) / (video.packets - packets + video.lost - lost);
    assert.ok(share > 0.17 && share < 0.23, `${share} of 0.2`);
    server.faults.drop = 0;
  });

  it('ask for a key frame when packets are lost', async () => {
    await start();
    const { client } = await live();
    const asked = client.keyFrameRequests;
    server.faults.drop = 0.2;
    await eventually(() => client.keyFrameRequests > asked);
  });

  it('kill a session without a goodbye', async () => {
    await start();
    const { client, session } = await live();
    await session.kill();
    assert.equal(server.sessions.length, 0);
    assert.equal(session.ended, 'killed');
    assert.equal((await client.session('DELETE')).status, 404);
    assert.equal(client.state, 'connected', 'it was told nothing');
    assert.equal((await publish()).answer.status, 201);
  });

  it('go silent: ICE stays, and nothing else is heard or said, until it goes on', async () => {
    await start();
    const { client, session } = await live();
    server.faults.silence();
    const { frames } = session.video;
    let answered = false;
    const late = ask(`${server.url}/whip/other`, 'DELETE').then(() => (answered = true));
    client.allowed = 0;
    // Consent is asked for every few seconds; well beyond that the connection would be lost without it.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    assert.equal(session.video.frames, frames);
    assert.equal(client.allowed, 0);
    assert.equal(answered, false);
    assert.equal(client.state, 'connected');
    server.faults.silence(false);
    await late;
    await eventually(() => session.video.frames > frames + 30 && client.allowed > 0);
  });

  it('begin nothing afterwards for those who have given up meanwhile', async () => {
    let given = () => {};
    const gone = new Promise<void>((resolve) => (given = resolve));
    await start({ onRequest: ({ status }) => status === 0 && given() });
    const { client } = await publish();
    server.faults.silence();
    const { meet } = server.faults;
    const over = new AbortController();
    server.faults.meet = (...asked) => {
      over.abort();
      return meet.apply(server.faults, asked);
    };
    const headers = { 'Content-Type': 'application/sdp' };
    const { signal } = over;
    await assert.rejects(fetch(`${server.url}/whip/other`, { method: 'POST', headers, body: client.offer, signal }));
    await gone;
    server.faults.meet = meet;
    server.faults.silence(false);
    assert.equal((await publish('other')).answer.status, 201, 'nobody is there');
    assert.equal(server.sessions.length, 2);
  });

  it('go away as a whole, and come back on the same port with nothing left of before', async () => {
    await start();
    const { client } = await live();
    const { url } = server;
    await server.stop();
    assert.equal(server.sessions.length, 0);
    await assert.rejects(ask(`${url}/healthz`, 'GET'));
    await server.restart();
    assert.equal(server.url, url);
    assert.equal((await ask(`${url}/healthz`, 'GET')).status, 200);
    assert.equal((await client.session('DELETE')).status, 404);
    await live();
  });

  it('go away by a button only where there is one', async () => {
    await start();
    assert.equal((await ask(`${server.url}/kill`, 'POST')).status, 405);
    await server.close();
    await start({ killSwitch: true });
    const kill = (query: string, headers = {}) => ask(`${server.url}/kill${query}`, 'POST', headers);
    assert.equal((await kill('?seconds=1e9')).status, 400);
    assert.equal((await kill('', { Origin: 'https://evil.example' })).status, 405);
    assert.equal((await kill('?seconds=0')).status, 202);
    await isThere();
    assert.equal(server.sessions.length, 0);
  });

  it('come back once from buttons that were pressed at once', async () => {
    await start({ killSwitch: true });
    const kill = 'POST /kill?seconds=0 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    // All of them are there before the first one is acted on.
    socket
      .on('error', () => {})
      .resume()
      .write(kill.repeat(3));
    await once(socket, 'close');
    await isThere();
    await server.restart();
    await isThere();
  });

  it('are over when it is closed, even while it is coming back', async () => {
    await start();
    const { url } = server;
    const back = server.restart();
    await server.close();
    await back;
    await assert.rejects(ask(`${url}/healthz`, 'GET'));
  });
});
