import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { EmbeddedServer } from '../../../demo/server/start-server.mjs';
import { OnAirError, RequestChannel, type LiveSocket } from '../../../src/core/channel/index.js';
import { ManualClock } from './manual-clock.js';
import { connect, open, start } from './server.js';

let server: EmbeddedServer;
let socket: LiveSocket;

afterEach(async () => {
  socket.close();
  await server.close();
});

const code = (expected: string) => (error: unknown) => error instanceof OnAirError && error.code === expected;

describe('RequestChannel without its server', () => {
  it('never sends what was given up before it could be, and keeps no trace of it', async () => {
    const done: unknown[] = [];
    server = await start({ responders: { ban: ({ body }) => ({ body: done.push(body) }) } });
    await server.stop();
    const clock = new ManualClock();
    socket = connect(server);
    const channel = new RequestChannel(socket, { clock });
    const controller = new AbortController();
    const late = assert.rejects(channel.request('ban', 'late', { timeout: 1 }), code('timeout'));
    const off = assert.rejects(channel.request('ban', 'off', { signal: controller.signal }), code('aborted'));
    const wanted = channel.request('ban', 'wanted');
    const left = channel.stream('ban', 'left');
    clock.pass(1000);
    controller.abort();
    await left.return!();
    await Promise.all([late, off]);
    assert.equal(socket.pendingMessages, 1);
    await server.restart();
    await wanted;
    // What comes after it shows that nothing was between.
    await channel.request('ban', 'last');
    assert.deepEqual(done, ['wanted', 'last']);
  });

  it('sends again what it was given, not what has become of it', async () => {
    const came: unknown[] = [];
    let told = () => {};
    const first = new Promise<void>((resolve) => (told = resolve));
    server = await start({
      responders: {
        translate: ({ body, bytes }) => {
          told();
          return came.push([body, [...bytes!]]) > 1 ? {} : new Promise(() => {});
        },
      },
    });
    socket = connect(server);
    await open(socket);
    const [body, bytes] = [{ text: 'hello' }, new Uint8Array([1, 2, 3])];
    const asked = new RequestChannel(socket).request('translate', body, { bytes, safe: true });
    await first;
    body.text = 'of another request';
    bytes.fill(0);
    await server.restart();
    await asked;
    assert.deepEqual(came, Array(2).fill([{ text: 'hello' }, [1, 2, 3]]));
  });

  it('says of each request that the token is refused, of those before and after', async () => {
    server = await start({ token: 'right' });
    socket = connect(server, { getToken: () => 'wrong' });
    const channel = new RequestChannel(socket);
    await assert.rejects(channel.request('echo'), code('unauthorized'));
    await assert.rejects(channel.request('echo'), code('unauthorized'));
    await assert.rejects(channel.stream('parts', { count: 1 }).next(), code('unauthorized'));
    assert.equal(channel.pending, 0);
  });
});
