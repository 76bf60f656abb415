import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { WebSocket as NodeWebSocket } from 'ws';
import type { EmbeddedServer } from '../../../demo/server/start-server.mjs';
import { RequestChannel, type LiveSocket } from '../../../src/core/channel/index.js';
import { eventually } from '../../support/rtc-client.js';
import { connect, open, plain, start } from '../channel/server.js';

let server: EmbeddedServer;
let socket: LiveSocket | undefined;

afterEach(async () => {
  socket?.close();
  socket = undefined;
  await server.close();
});

/** How a request for a socket at this path, as it stands here, is answered. */
async function upgrade(path: string): Promise<string> {
  const link = connectTcp(Number(new URL(server.url).port), '127.0.0.1');
  const key = Buffer.from('sixteen bytes of').toString('base64');
  link.write(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  const [answer] = (await once(link, 'data')) as [Buffer];
  link.destroy();
  return answer.toString().split('\r\n', 1)[0]!;
}

/** The code that a link is closed with after these frames. */
async function closes(...frames: object[]): Promise<number> {
  const link = await plain(server);
  for (const frame of frames) link.send(JSON.stringify(frame));
  const [code] = (await once(link, 'close')) as [number];
  return code;
}

const isHealthy = async () => assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
const hello = { type: 'hello', session: null, received: 0 };

describe('the server of sockets', () => {
  it('outlives paths that are none', async () => {
    server = await start();
    for (const path of ['//', '//socket', '/%', '/%00', 'http://%/socket', '*'])
      assert.equal(await upgrade(path), 'HTTP/1.1 404 Not Found', path);
    assert.equal(await upgrade('/socket?session=1'), 'HTTP/1.1 101 Switching Protocols');
    await isHealthy();
  });

  it('waits at its end for nobody that it has refused', { timeout: 10_000 }, async (test) => {
    server = await start();
    const link = connectTcp({ port: Number(new URL(server.url).port), host: '127.0.0.1', allowHalfOpen: true });
    test.signal.addEventListener('abort', () => link.destroy());
    link.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const [answer] = (await once(link, 'data')) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1\.1 404 /);
    await server.close();
    link.destroy();
  });

  it('outlives tokens that are none', async () => {
    server = await start({ token: 'right' });
    for (const token of [1, true, {}, ['right']]) assert.equal(await closes({ ...hello, token }), 4400);
    assert.equal(await closes({ ...hello, token: null }), 4401);
    assert.equal(await closes(hello), 4401);
    await isHealthy();
  });

  it('lets a client come again where its token could not be looked at', async () => {
    let asked = 0;
    server = await start({
      token: async (token) => {
        if (++asked === 1) throw new Error('The database is away.');
        return token === 'right';
      },
    });
    assert.equal(await closes({ ...hello, token: 'right' }), 1011);
    socket = connect(server, { getToken: () => 'right' });
    await open(socket);
  });

  it('begins one session for a link, however often it says hello', async () => {
    let admit = (_: boolean) => {};
    server = await start({ token: () => new Promise<boolean>((resolve) => (admit = resolve)) });
    const code = await closes(hello, hello);
    admit(true);
    await isHealthy();
    assert.equal(code, 4400);
    assert.equal(server.socketSessions.length, 0);
  });

  it('outlives what its responders cannot even tell', async () => {
    const knot: Record<string, unknown> = {};
    knot['itself'] = knot;
    server = await start({
      responders: {
        knotted: () => {
          throw Object.assign(new Error('knotted'), { detail: knot });
        },
      },
    });
    const link = await plain(server);
    const welcome = once(link, 'message');
    link.send(JSON.stringify(hello));
    await welcome;
    link.send(JSON.stringify({ type: 'message', seq: 1, data: { request: 1, type: 'knotted' } }));
    await once(link, 'close');
    await isHealthy();
    assert.equal(server.socketSessions.length, 0, 'nobody waits for an answer that never comes');
  });

  it('reads no more than those can follow who take it, says meanwhile that it is there, and loses nothing', async () => {
    const [size, count] = [256 * 1024, 100];
    let write = () => {};
    const writable = new Promise<void>((resolve) => (write = resolve));
    let [bytes, pings] = [0, 0];
    server = await start({
      sockets: { interval: 0.1, timeout: 0.1 },
      onMessage: async (message) => {
        await writable;
        bytes += message.bytes!.length;
      },
    });
    class Heard extends NodeWebSocket {
      constructor(...given: ConstructorParameters<typeof NodeWebSocket>) {
        super(...given);
        this.on('message', (data: Buffer) => data.toString().includes('"ping"') && pings++);
      }
    }
    socket = connect(server, {
      buffer: { bytes: 2 * size * count },
      WebSocket: Heard as unknown as typeof WebSocket,
    });
    await open(socket);
    const sent = Array.from({ length: count }, (_, index) => socket!.send(index, new Uint8Array(size)));
    const [session] = server.socketSessions;
    await eventually(() => session!.held);
    const before = pings;
    await eventually(() => pings >= before + 5);
    assert.ok(session!.received <= 20, `${session!.received} of ${count} were read`);
    assert.equal(session!.taken, 0);
    write();
    await Promise.all(sent);
    assert.equal(bytes, size * count);
    assert.equal(session!.held, false);
    assert.equal(session!.links, 1);
    assert.equal(socket.store.get().reconnects, 0);
  });

  it('says parts of an answer no faster than they are taken in, and ends no session for them', async () => {
    const [size, count] = [64 * 1024, 1000];
    server = await start({
      responders: {
        async *flood() {
          for (let index = 0; index < count; index++) yield { body: index, bytes: new Uint8Array(size) };
        },
      },
    });
    socket = connect(server);
    await open(socket);
    const [session] = server.socketSessions;
    let [parts, bytes] = [0, 0];
    for await (const part of new RequestChannel(socket).stream('flood')) {
      assert.equal(part.data, parts++);
      bytes += part.bytes!.length;
    }
    assert.equal(bytes, size * count);
    assert.equal(session!.links, 1);
    assert.equal(server.socketSessions[0], session);
  });
});
