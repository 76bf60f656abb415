import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { EmbeddedServer } from '../../../demo/server/start-server.mjs';
import { RequestChannel, type LiveSocket } from '../../../src/core/channel/index.js';
import { OnAirError } from '../../../src/core/errors.js';
import { connect, open, start } from './server.js';

let server: EmbeddedServer;
let socket: LiveSocket;

afterEach(async () => {
  socket.close();
  await server.close();
});

const refused = (error: unknown) => error instanceof OnAirError && error.code === 'invalid-value' && !error.fatal;

describe('a message that is larger than the server takes', () => {
  it('is rejected, and those before and behind it arrive once and in order', async () => {
    const taken: unknown[] = [];
    server = await start({ onMessage: ({ data, bytes }) => taken.push([data, bytes?.length ?? 0]) });
    socket = connect(server);
    await open(socket);
    const { session } = socket.store.get();
    const sent = [1, 2, 3].map((index) => socket.send(index, new Uint8Array(index * 1000)));
    const tooLarge = [
      assert.rejects(socket.send('chunk', new Uint8Array(2 * 1024 * 1024)), refused),
      assert.rejects(socket.send('é'.repeat(600_000)), refused),
    ];
    sent.push(socket.send(4, new Uint8Array(1_000_000)), socket.send(5));
    await Promise.all([...sent, ...tooLarge]);
    await socket.send(6);
    assert.deepEqual(taken, [
      [1, 1000],
      [2, 2000],
      [3, 3000],
      [4, 1_000_000],
      [5, 0],
      [6, 0],
    ]);
    assert.equal(socket.store.get().session, session, 'it is one session');
    assert.equal(socket.pendingBytes, 0);
  });

  it('is no answer to those who wait for one: their request is rejected', async () => {
    server = await start({ limits: { message: 100_000 } });
    socket = connect(server);
    const channel = new RequestChannel(socket);
    const bytes = new Uint8Array(100_000);
    await assert.rejects(channel.request('echo', null, { bytes, safe: true }), refused);
    const { bytes: back } = await channel.request('echo', null, { bytes: bytes.subarray(0, 90_000) });
    assert.equal(back?.length, 90_000);
  });
});
