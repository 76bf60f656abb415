import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { WebSocket as NodeWebSocket, WebSocketServer } from 'ws';
import type { EmbeddedServer, ServerOptions } from '../../../demo/server/start-server.mjs';
import { LiveSocket, type LiveSocketOptions } from '../../../src/core/channel/index.js';
import { OnAirError } from '../../../src/core/errors.js';
import { address, catching, connect, open, plain, QUICK, start, until } from './server.js';

let server: EmbeddedServer;
let socket: LiveSocket;

afterEach(async () => {
  socket?.close();
  await server?.close();
});

/** A server that notes what comes, and a socket to it. */
async function connected(options: LiveSocketOptions = {}, serverOptions: ServerOptions = {}) {
  const taken: unknown[] = [];
  server = await start({ onMessage: ({ data }) => taken.push(data), ...serverOptions });
  socket = connect(server, options);
  await open(socket);
  return taken;
}

const code = (expected: string) => (error: unknown) => error instanceof OnAirError && error.code === expected;
const range = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

/** A WebSocket that tells when it was pinged so many times. */
function hearing(times: number) {
  let told = () => {};
  const pinged = new Promise<void>((resolve) => (told = resolve));
  class Heard extends NodeWebSocket {
    constructor(...given: ConstructorParameters<typeof NodeWebSocket>) {
      super(...given);
      this.on('message', (data: Buffer) => data.toString().includes('"ping"') && --times === 0 && told());
    }
  }
  return { Heard: Heard as unknown as typeof WebSocket, pinged };
}

/** A WebSocket whose frames are counted. */
function counting() {
  const sent: unknown[] = [];
  const came: unknown[] = [];
  class Counted extends NodeWebSocket {
    constructor(...given: ConstructorParameters<typeof NodeWebSocket>) {
      super(...given);
      this.on('message', (data) => came.push(data));
    }

    override send(data: Buffer): void {
      sent.push(data);
      super.send(data);
    }
  }
  return { Counted: Counted as unknown as typeof WebSocket, sent, came };
}

describe('LiveSocket', () => {
  it('resolves what is sent once the server has taken it, JSON and bytes', async () => {
    const messages: { data: unknown; bytes: Uint8Array | null }[] = [];
    await connected({}, { onMessage: (message) => messages.push({ data: message.data, bytes: message.bytes }) });
    await socket.send({ hello: 'world', list: [1, null, true] });
    await socket.send('samples', new Float32Array([0.5, -0.5]));
    assert.deepEqual(messages[0], { data: { hello: 'world', list: [1, null, true] }, bytes: null });
    assert.equal(messages[1]?.data, 'samples');
    assert.deepEqual([...new Float32Array(new Uint8Array(messages[1]!.bytes!).buffer)], [0.5, -0.5]);
    assert.equal(socket.pendingMessages, 0);
    assert.equal(socket.pendingBytes, 0);
  });

  it('says in one frame what is sent in one turn, and takes as much', async () => {
    const { Counted, sent, came } = counting();
    const taken = await connected({ WebSocket: Counted });
    const back: unknown[] = [];
    socket.onMessage(({ data }) => back.push(data));
    sent.length = came.length = 0;
    for (const index of range(100)) void server.socketSessions[0]!.send(index, index % 2 ? new Uint8Array(8) : null);
    await Promise.all(range(100).map((index) => socket.send(index, index % 2 ? new Uint8Array(8) : null)));
    while (back.length < 100) await new Promise(setImmediate);
    assert.deepEqual([taken, back], [range(100), range(100)]);
    // Messages, and what they are acknowledged by, or that and messages in one.
    assert.ok(sent.length <= 2 && came.length <= 2, `${sent.length} frames went and ${came.length} came`);
  });

  it('sends what was given before it was connected, in order', async () => {
    const taken: unknown[] = [];
    server = await start({ onMessage: ({ data }) => taken.push(data) });
    socket = connect(server);
    await Promise.all(range(100).map((index) => socket.send(index)));
    assert.deepEqual(taken, range(100));
  });

  it('waits for the taker: what is acknowledged was done with', async () => {
    let finish = () => {};
    const written = new Promise<void>((resolve) => (finish = resolve));
    await connected({}, { onMessage: () => written });
    let delivered = false;
    const sent = socket.send('chunk').then(() => (delivered = true));
    // The server is asked something that it answers: it has the chunk, and is not done with it.
    while (server.socketSessions[0]?.received !== 1) await new Promise(setImmediate);
    assert.equal(delivered, false);
    finish();
    await sent;
  });

  it('loses nothing and doubles nothing over links that are cut again and again', async () => {
    const taken = await connected();
    const back: number[] = [];
    socket.onMessage(({ data }) => back.push(data as number));
    const sent: Promise<void>[] = [];
    for (const round of range(5)) {
      const session = server.socketSessions[0]!;
      for (const index of range(200, round * 200)) {
        sent.push(socket.send(index, index % 3 === 0 ? new Uint8Array(100) : null));
        void session.send(index);
        if (index % 50 === 0) await new Promise(setImmediate);
      }
      const reconnected = until(socket, ({ reconnects, state }) => reconnects === round + 1 && state === 'open');
      server.cutSockets();
      await reconnected;
    }
    await Promise.all(sent);
    while (back.length < 1000) await new Promise(setImmediate);
    assert.deepEqual(taken, range(1000));
    assert.deepEqual(back, range(1000));
    assert.equal(server.socketSessions.length, 1, 'it is one session');
  });

  it('notices a link that has gone silent, replaces it, and delivers what was swallowed', async () => {
    const taken = await connected({ heartbeat: QUICK });
    const { session } = socket.store.get();
    server.faults.silence();
    const delivered = socket.send('into the void');
    await until(socket, ({ state }) => state === 'reconnecting');
    server.faults.silence(false);
    await delivered;
    assert.deepEqual(taken, ['into the void']);
    assert.equal(socket.store.get().session, session);
  });

  it('does not wait for the old link to end', async () => {
    await connected({ heartbeat: QUICK });
    server.faults.silence();
    await until(socket, ({ state }) => state === 'reconnecting');
    // The server still holds the old connection, whose close it has not seen.
    assert.equal(server.socketSessions[0]?.connected, true);
    server.faults.silence(false);
    await open(socket);
  });

  it('is let go by a server that hears nothing of it, and kept by one that does', async () => {
    server = await start({ sockets: { interval: 0.1, timeout: 0.1 } });
    const mute = await plain(server);
    const welcome = once(mute, 'message');
    mute.send(JSON.stringify({ type: 'hello', session: null, received: 0 }));
    await welcome;
    const pings: unknown[] = [];
    mute.on('message', (data: Buffer) => pings.push((JSON.parse(data.toString()) as { type: string }).type));
    await once(mute, 'close');
    assert.deepEqual(pings, ['ping']);
    // This one answers pings, although its own timers are far away.
    const { Heard, pinged } = hearing(5);
    socket = connect(server, { heartbeat: { interval: 600 }, WebSocket: Heard });
    await pinged;
    assert.equal(socket.store.get().reconnects, 0);
    assert.equal(socket.store.get().state, 'open');
  });

  it('tells what may have arrived from what has not when the server has lost the session', async () => {
    let hold = true;
    const taken: unknown[] = [];
    await connected({}, { onMessage: ({ data }) => (hold ? new Promise(() => {}) : taken.push(data)) });
    const uncertain = assert.rejects(socket.send('uncertain'), code('session-lost'));
    while (server.socketSessions[0]?.received !== 1) await new Promise(setImmediate);
    let lost = 0;
    socket.onSessionLost(() => lost++);
    const before = socket.store.get().session;
    hold = false;
    const gone = until(socket, ({ state }) => state === 'reconnecting');
    await server.stop();
    await gone;
    const waiting = socket.send('not sent before');
    await server.restart();
    await uncertain;
    await waiting;
    assert.deepEqual(taken, ['not sent before']);
    assert.equal(lost, 1);
    assert.notEqual(socket.store.get().session, before);
  });

  it('refuses at the door what does not fit, and says when there is room', async () => {
    server = await start();
    await server.stop();
    socket = connect(server, { buffer: { messages: 2 } });
    const sent = [socket.send(1), socket.send(2)];
    assert.throws(() => void socket.send(3), code('buffer-full'));
    const room = socket.room();
    await server.restart();
    await room;
    await Promise.all([...sent, socket.send(3)]);
  });

  it('carries a recording in chunks as fast as they are taken', async () => {
    let bytes = 0;
    let last = 0;
    await connected(
      { buffer: { bytes: 512 * 1024 } },
      {
        onMessage: ({ data, bytes: chunk }) => {
          assert.equal((data as { offset: number }).offset, bytes);
          bytes += chunk!.length;
          last = chunk![0]!;
        },
      },
    );
    const size = 64 * 1024;
    for (const index of range(100)) {
      await socket.room(size + 100);
      void socket.send({ recording: 'take', offset: index * size }, new Uint8Array(size).fill(index));
      if (index === 50) server.cutSockets();
    }
    await socket.send({ recording: 'take', offset: 100 * size }, new Uint8Array([7]));
    assert.equal(bytes, 100 * size + 1);
    assert.equal(last, 7);
  });

  it('is refused for good by a wrong token, and comes in with a fresh one', async () => {
    server = await start({ token: 'right' });
    socket = connect(server);
    const { error } = await until(socket, ({ state }) => state === 'closed');
    assert.equal(error?.code, 'unauthorized');
    assert.throws(() => void socket.send(1), code('unauthorized'));

    const tokens = ['old', 'right'];
    socket = connect(server, { getToken: async () => tokens.shift()! });
    await open(socket);

    const wrong = connect(server, { getToken: () => 'wrong' });
    assert.equal((await until(wrong, ({ state }) => state === 'closed')).error?.code, 'unauthorized');
  });

  it('tries again where no token can be had, as where no server can', async () => {
    server = await start({ token: 'right' });
    let times = 0;
    socket = connect(server, {
      getToken: async () => {
        if (++times < 3) throw new Error('offline');
        return 'right';
      },
    });
    await open(socket);
    assert.equal(times, 3);
  });

  it('does not besiege a server that speaks something else', async () => {
    const other = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(other, 'listening');
    let links = 0;
    const twice = new Promise<void>((resolve) => {
      other.on('connection', (link) => {
        if (++links === 2) resolve();
        link.on('message', () => link.send('what?'));
      });
    });
    const { port } = other.address() as AddressInfo;
    socket = new LiveSocket(`ws://127.0.0.1:${port}`, {
      WebSocket: NodeWebSocket as unknown as typeof WebSocket,
      reconnect: { max: 0.5 },
    });
    const began = performance.now();
    await twice;
    assert.ok(performance.now() - began >= 500, 'it waits as long as for a server that is not there');
    socket.close();
    for (const link of other.clients) link.terminate();
    await new Promise((resolve) => other.close(resolve));
    server = await start();
  });

  it('goes on with the messages of a frame where somebody who listens throws, and with none once it is closed', async () => {
    const { Catching, caught } = catching();
    await connected({ WebSocket: Catching });
    const back: unknown[] = [];
    socket.onMessage(({ data }) => {
      if (data === 1) throw new Error('of a listener');
      back.push(data);
      if (data === 3) socket.close();
    });
    for (const index of range(6)) void server.socketSessions[0]!.send(index);
    await until(socket, ({ state }) => state === 'closed');
    assert.deepEqual(back, [0, 2, 3]);
    await new Promise(setImmediate);
    assert.deepEqual(caught.map(String), ['Error: of a listener']);
  });

  it('ends the session on both sides when it is closed, and rejects what waits', async () => {
    await connected({}, { onMessage: () => new Promise(() => {}) });
    const waiting = socket.send('never taken');
    socket.close();
    await assert.rejects(waiting, code('aborted'));
    assert.equal(socket.store.get().state, 'closed');
    assert.equal(socket.store.get().error, null);
    assert.throws(() => void socket.send(1), code('invalid-state'));
    while (server.socketSessions.length > 0) await new Promise(setImmediate);
  });

  it('measures the round trip', async () => {
    await connected({ heartbeat: QUICK });
    const { roundTrip } = await until(socket, ({ roundTrip }) => roundTrip !== null);
    assert.ok(roundTrip! >= 0 && roundTrip! < 1);
  });
});

describe('the server of LiveSocket', () => {
  const hello = JSON.stringify({ type: 'hello', session: null, received: 0 });

  it('closes links that do not keep to the protocol, with a code', async () => {
    server = await start({ sockets: { timeout: 0.1 }, limits: { message: 1000 } });
    const closes = async (...frames: (string | Buffer)[]) => {
      const link = await plain(server);
      const closed = once(link, 'close');
      // What comes before the welcome is a fault of its own.
      if (frames[0] === hello) {
        const welcome = once(link, 'message');
        link.send(frames.shift()!);
        await welcome;
      }
      for (const frame of frames) link.send(frame);
      const [reason] = (await closed) as [number];
      return reason;
    };
    assert.equal(await closes('{'), 4400);
    assert.equal(await closes('{"type":"message","seq":1,"data":1}'), 4400, 'no hello');
    assert.equal(await closes(hello, '{"type":"message","seq":2,"data":1}'), 4400, 'one is missing');
    assert.equal(await closes(hello, Buffer.from([0, 0, 1, 0, 1])), 4400, 'its head is longer than it is');
    const head = Buffer.from('[{"type":"message","seq":1,"data":1,"bytes":2}]');
    assert.equal(await closes(hello, Buffer.from([0, 0, 0, head.length, ...head, 1])), 4400, 'a byte is missing');
    assert.equal(await closes(`[${hello},${hello}]`), 4400, 'hello goes alone');
    assert.equal(await closes(hello, `{"type":"message","seq":1,"data":"${'x'.repeat(1000)}"}`), 1009, 'too large');
    assert.equal(await closes(), 4408, 'no hello in time');
  });

  it('forgets a session whose client stays away', async () => {
    server = await start({ sockets: { keep: 0.1 } });
    const link = await plain(server);
    const welcome = once(link, 'message');
    link.send(hello);
    await welcome;
    const ended = once(server.socketSessions[0]!.signal, 'abort');
    link.terminate();
    await ended;
    assert.equal(server.socketSessions.length, 0);
  });

  it('lets pages of other origins in only when it is told to', async () => {
    server = await start({ origins: ['https://studio.example'] });
    const opens = (origin: string) =>
      new Promise((resolve) => {
        const link = new NodeWebSocket(address(server), 'onair.channel.v1', { origin });
        link.on('open', () => resolve(true)).on('error', () => resolve(false));
      });
    assert.equal(await opens('https://studio.example'), true);
    assert.equal(await opens('http://localhost:8000'), true);
    assert.equal(await opens('https://evil.example'), false);
    assert.equal(await opens('null'), false);
  });
});
