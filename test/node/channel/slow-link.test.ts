import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, describe, it } from 'node:test';
import type { WebSocket as NodeWebSocket } from 'ws';
import type { LiveSocket } from '../../../src/core/channel/index.js';
import { ManualClock } from './manual-clock.js';
import { connect, open, scripted } from './server.js';

let server: Awaited<ReturnType<typeof scripted>>;
let socket: LiveSocket;

afterEach(async () => {
  socket.close();
  await server.close();
});

describe('a message that is on its way for longer than a link may be silent', () => {
  it('arrives, over few links, and each of these says meanwhile that it is there', async () => {
    const links: NodeWebSocket[] = [];
    let pings = 0;
    // It welcomes, and says nothing else by itself.
    server = await scripted(({ type, session = null }, link) => {
      if (type === 'ping') pings++;
      if (type !== 'hello') return;
      links.push(link);
      pings = 0;
      link.send(JSON.stringify({ type: 'welcome', session: 'one', received: 0, resumed: session !== null }));
    });
    const clock = new ManualClock();
    socket = connect(server, { clock });
    const arrived = new Promise<unknown>((resolve) => socket.onMessage(({ data }) => resolve(data)));
    do {
      await open(socket);
      // On each it is begun anew, and takes a minute.
      clock.pass(60_000);
    } while (socket.store.get().state !== 'open' && links.length < 10);
    assert.equal(links.length, 5);
    const last = links.at(-1)!;
    last.send(JSON.stringify({ type: 'message', seq: 1, data: 'large' }));
    assert.equal(await arrived, 'large');
    const closed = once(last, 'close');
    socket.close();
    await closed;
    assert.ok(pings >= 10, `${pings} times`);
  });
});
