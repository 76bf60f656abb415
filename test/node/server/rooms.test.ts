import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { openPeer } from '../../../demo/server/peer.mjs';
import { startServer, type EmbeddedServer } from '../../../demo/server/start-server.mjs';
import { cleanUp, eventually, RtcClient } from '../../support/rtc-client.js';

let server: EmbeddedServer;
const clients: RtcClient[] = [];

async function publish() {
  const opened = await RtcClient.open(`${server.url}/whip/studio`);
  clients.push(opened.client);
  return opened.answer.status;
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server.close();
});
after(cleanUp);

describe('a room that the newest publisher has', () => {
  it('has one, also where another one comes while the last one is on its way out', async () => {
    let close = () => {};
    const closing = new Promise<void>((resolve) => (close = resolve));
    let peers = 0;
    server = await startServer({
      mounts: {},
      inUse: 'replace',
      openPeer: async (options) => {
        const peer = await openPeer(options);
        if (peers++ > 0) return peer;
        return { ...peer, close: (goodbye) => closing.then(() => peer.close(goodbye)) };
      },
    });
    await publish();
    const [first] = server.sessions;
    const second = publish();
    await eventually(() => first!.ended === 'replaced');
    const third = await publish();
    close();
    assert.deepEqual([await second, third], [409, 201]);
    assert.equal(server.sessions.length, 1);
    assert.equal(await publish(), 201);
    assert.equal(server.sessions.length, 1);
  });
});
