import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { startServer, type EmbeddedServer } from '../../../demo/server/start-server.mjs';
import { openDatachannelPeer } from '../../support/datachannel-peer.js';
import { cleanUp, eventually, FRAGMENT } from '../../support/rtc-client.js';
import { WeriftClient } from '../../support/werift-client.js';

describe('libdatachannel behind the HTTP of the embedded server', () => {
  let server: EmbeddedServer;
  let client: WeriftClient;

  afterEach(async () => {
    await client.close();
    await server.close();
  });
  after(cleanUp);

  for (const trickle of [false, true])
    it(`takes a publisher in ${trickle ? 'whose candidates trickle' : 'by its offer'}, and ends with DELETE`, async () => {
      server = await startServer({ mounts: {}, openPeer: openDatachannelPeer });
      client = await WeriftClient.publish(`${server.url}/whip/studio`, { trickle });
      client.play();
      const [session] = server.sessions;
      await eventually(() => session!.video.frames > 60);
      assert.equal(session!.connection, 'connected');
      await client.end();
      assert.equal(server.sessions.length, 0);
    });

  it('refuses a restart, which it cannot do, and goes on', async () => {
    server = await startServer({ mounts: {}, openPeer: openDatachannelPeer });
    client = await WeriftClient.publish(`${server.url}/whip/studio`);
    client.play();
    const [session] = server.sessions;
    const { etag } = session!;
    const fragment = 'a=ice-ufrag:other\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\nm=video 9 RTP/AVP 0\r\na=mid:0\r\n';
    assert.equal((await client.patch({ ...FRAGMENT, 'If-Match': '*' }, fragment)).status, 422);
    assert.equal(session!.etag, etag);
    const { frames } = session!.video;
    await eventually(() => session!.video.frames > frames + 30);
  });
});
