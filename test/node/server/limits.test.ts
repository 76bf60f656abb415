import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { RateLimit } from '../../../demo/server/limits.mjs';
import { startServer, type EmbeddedServer, type ServerOptions } from '../../../demo/server/start-server.mjs';
import { ask, cleanUp, eventually, RtcClient } from '../../support/rtc-client.js';

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

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server.close();
});
after(cleanUp);

const SDP = { 'Content-Type': 'application/sdp' };

describe('limits', () => {
  it('of a body', async () => {
    await start({ limits: { body: 1000 } });
    assert.equal((await ask(`${server.url}/whip/studio`, 'POST', SDP, 'x'.repeat(1000))).status, 400);
    assert.equal((await ask(`${server.url}/whip/studio`, 'POST', SDP, 'x'.repeat(1001))).status, 413);
  });

  it('of sessions', async () => {
    await start({ limits: { sessions: 1 } });
    const { client } = await publish();
    const { answer } = await publish('other');
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '5');
    await client.session('DELETE');
    assert.equal((await publish('other')).answer.status, 201);
  });

  it('of requests in ten seconds, by address', async () => {
    const rate = new RateLimit(2);
    assert.deepEqual(
      [rate.take('a', 0), rate.take('a', 1000), rate.take('a', 2000), rate.take('b', 2000), rate.take('a', 10_000)],
      [0, 0, 8, 0, 0],
    );
    await start({ limits: { requests: 2 } });
    const statuses = [];
    for (let times = 0; times < 3; times++) statuses.push((await ask(`${server.url}/whip/studio`, 'GET')).status);
    assert.deepEqual(statuses, [405, 405, 429]);
    const { headers } = await ask(`${server.url}/whip/studio`, 'GET');
    assert.ok(Number(headers.get('retry-after')) >= 1 && Number(headers.get('retry-after')) <= 10);
    assert.equal((await ask(`${server.url}/healthz`, 'GET')).status, 200);
  });

  it('of the time in which nothing comes', async () => {
    await start({ limits: { idle: 1 } });
    const { client } = await publish();
    client.play();
    const [session] = server.sessions;
    await eventually(() => session!.video.frames > 60);
    assert.equal(session!.ended, '', 'what plays is not idle');
    client.pause();
    await eventually(() => session!.ended !== '');
    assert.equal(session!.ended, 'idle');
    assert.equal(server.sessions.length, 0);
  });

  it('of the time for which a room is kept for a publisher of whom nothing is heard', async () => {
    await start({ limits: { away: 0.5 } });
    const { client } = await publish();
    client.play();
    const [session] = server.sessions;
    await eventually(() => session!.video.frames > 60);
    assert.equal((await publish()).answer.status, 409, 'who plays is there');
    // Not closed: its goodbye, if it arrives, would end the session.
    client.pause();
    await eventually(() => performance.now() - session!.heardAt > 500);
    assert.equal((await publish()).answer.status, 201);
    assert.equal(session!.ended, 'replaced');
    assert.equal(server.sessions.length, 1);
  });

  it('of the time that a request takes to come', async () => {
    await start({ limits: { request: 1 } });
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write(
      'POST /whip/studio HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: 10\r\n\r\nslow',
    );
    const [head] = (await once(socket, 'data')) as [Buffer];
    assert.match(head.toString(), /^HTTP\/1\.1 408 /);
    socket.destroy();
  });

  it('of sockets', async () => {
    await start({ limits: { sockets: 1 } });
    const address = `${server.url.replace('http', 'ws')}/socket`;
    const first = new WebSocket(address, 'onair.channel.v1');
    await once(first, 'open');
    const second = new WebSocket(address, 'onair.channel.v1');
    const [error] = (await once(second, 'error')) as [Error];
    assert.match(error.message, /503/);
    const elsewhere = new WebSocket(`${server.url.replace('http', 'ws')}/elsewhere`);
    assert.match(((await once(elsewhere, 'error')) as [Error])[0].message, /404/);
    first.terminate();
  });

  it('of sessions of sockets: the one ends that has been without a link for longest', async () => {
    await start({ limits: { sockets: 3 } });
    const greet = async () => {
      const link = new WebSocket(`${server.url.replace('http', 'ws')}/socket`, 'onair.channel.v1');
      await once(link, 'open');
      link.send('{"type":"hello","session":null,"received":0}');
      const [welcome] = (await once(link, 'message')) as [Buffer];
      return { link, id: (JSON.parse(welcome.toString()) as { session: string }).session };
    };
    const kept = () => server.socketSessions.map(({ id }) => id);
    const stays = await greet();
    const left: string[] = [];
    for (let times = 0; times < 10; times++) {
      const { link, id } = await greet();
      link.terminate();
      await eventually(() => server.socketSessions.filter(({ connected }) => connected).length === 1);
      left.push(id);
      assert.deepEqual(kept(), [stays.id, ...left.slice(-2)]);
    }
    stays.link.terminate();
  });
});

describe('the embedded server', () => {
  it('is healthy, and says how much it has to do', async () => {
    await start();
    await publish();
    const { status, headers, text } = await ask(`${server.url}/healthz`, 'GET');
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'application/json');
    const { seconds, ...rest } = JSON.parse(text) as { seconds: number };
    assert.deepEqual(rest, { status: 'ok', sessions: 1, sockets: 0 });
    assert.ok(seconds > 0);
  });

  it('leaves nothing behind when it is closed: its process ends by itself', async () => {
    await start();
    const script = fileURLToPath(new URL('closes.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (data: Buffer) => (said += data.toString()));
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(said), { sessions: 2, sockets: 1, left: [] });
  });
});
