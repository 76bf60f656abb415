import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { WebSocket as NodeWebSocket } from 'ws';
import type { EmbeddedServer } from '../../../demo/server/start-server.mjs';
import type { LiveSocket, LiveSocketState } from '../../../src/core/channel/index.js';
import { ManualClock } from './manual-clock.js';
import { catching, connect, open, QUICK, scripted, start, until } from './server.js';

let server: EmbeddedServer;
let socket: LiveSocket;

afterEach(async () => {
  socket.close();
  await server.close();
});

/** What was told from now on. */
function told(): [LiveSocketState['state'], number][] {
  const states: [LiveSocketState['state'], number][] = [];
  socket.store.subscribe(({ state, reconnects }) => states.push([state, reconnects]));
  return states;
}

/** A WebSocket of which it is counted how many were made. */
function counting() {
  const made: NodeWebSocket[] = [];
  class Counted extends NodeWebSocket {
    constructor(...given: ConstructorParameters<typeof NodeWebSocket>) {
      super(...given);
      made.push(this);
    }
  }
  return { Counted: Counted as unknown as typeof WebSocket, made };
}

/** A turn of the loop in which whatever was on its way gets through: the server answers another one. */
async function another(): Promise<void> {
  const other = connect(server);
  await open(other);
  await other.send('through');
  other.close();
}

describe('LiveSocket at its end', () => {
  it('is closed, and was not looking for another link', async () => {
    server = await start();
    socket = connect(server);
    await open(socket);
    const states = told();
    socket.close();
    assert.deepEqual(states, [['closed', 0]]);
  });

  it('is closed by a server that takes its token back, and was not looking for another link', async () => {
    server = await start();
    let unauthorize = () => {};
    class Revoked extends NodeWebSocket {
      constructor(...given: ConstructorParameters<typeof NodeWebSocket>) {
        super(...given);
        unauthorize = () => this.emit('close', 4401, Buffer.alloc(0));
      }
    }
    socket = connect(server, { WebSocket: Revoked as unknown as typeof WebSocket });
    await open(socket);
    const states = told();
    unauthorize();
    assert.deepEqual(states, [['closed', 0]]);
    assert.equal(socket.store.get().error?.code, 'unauthorized');
  });

  it('makes no other link where it is closed by who hears that the old one is silent', async () => {
    server = await start();
    const { Counted, made } = counting();
    socket = connect(server, { heartbeat: QUICK, WebSocket: Counted });
    await open(socket);
    socket.store.subscribe(({ state }) => state === 'reconnecting' && socket.close());
    server.faults.silence();
    await until(socket, ({ state }) => state === 'closed');
    server.faults.silence(false);
    await another();
    assert.equal(made.length, 1);
  });

  it('stays closed where it is closed by who hears that the session is lost', async () => {
    server = await start();
    const { Counted, made } = counting();
    socket = connect(server, { WebSocket: Counted });
    await open(socket);
    const states = told();
    socket.onSessionLost(() => socket.close());
    await server.restart();
    await until(socket, ({ state }) => state === 'closed');
    const links = made.length;
    await another();
    assert.deepEqual(states, [
      ['reconnecting', 1],
      ['closed', 1],
    ]);
    assert.equal(made.length, links);
  });

  it('goes on where somebody throws who hears that the session is lost', async () => {
    const taken: unknown[] = [];
    const { Catching, caught } = catching();
    server = await start({ onMessage: ({ data }) => taken.push(data) });
    socket = connect(server, { WebSocket: Catching });
    await open(socket);
    socket.onSessionLost(() => {
      throw new Error('of a listener');
    });
    await server.stop();
    await until(socket, ({ state }) => state === 'reconnecting');
    const waiting = socket.send('waiting');
    await server.restart();
    await waiting;
    assert.deepEqual(taken, ['waiting']);
    assert.deepEqual(caught.map(String), ['Error: of a listener']);
  });

  it('asks for no token once it is closed, and leaves no timer', async (test) => {
    let asked = 0;
    const getToken = () => String(++asked);
    server = await start();
    socket = connect(server, { getToken });
    socket.close();
    await another();
    assert.equal(asked, 0);

    let told = () => {};
    const gone = new Promise<void>((resolve) => (told = resolve));
    const leaving = await scripted((_, link) => {
      link.on('close', told);
      link.send('{"type":"bye"}');
    });
    test.after(() => leaving.close());
    const clock = new ManualClock();
    socket = connect(leaving, { getToken, clock });
    await gone;
    // It waits before it comes again.
    while (clock.timers === 0) await new Promise(setImmediate);
    socket.close();
    assert.equal(clock.timers, 0);
    assert.equal(asked, 1);
  });
});
