import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startServer, type EmbeddedServer } from '../../../demo/server/start-server.mjs';
import { Janus, lacksJanus } from '../../support/janus.js';
import { cleanUp, eventually, RtcClient } from '../../support/rtc-client.js';
import { WeriftClient } from '../../support/werift-client.js';

describe('Janus behind the HTTP of the embedded server', { skip: lacksJanus() }, () => {
  let janus: Janus;
  let server: EmbeddedServer;

  before(async () => {
    janus = await Janus.start();
    server = await startServer({ mounts: {}, openPeer: janus.openPeer });
  });
  after(async () => {
    await server.close();
    await janus.close();
    cleanUp();
  });

  for (const codec of ['VP8', 'H264'] as const)
    it(`takes ${codec} in, and ends with DELETE`, async () => {
      const { client, answer } = await RtcClient.open(`${server.url}/whip/studio`, { codec });
      assert.equal(answer.status, 201);
      client.play();
      const [session] = server.sessions;
      await eventually(() => session!.video.frames > 60);
      assert.equal(session!.connection, 'connected');
      assert.ok(session!.video.keyFrames >= 1);
      assert.equal((await client.session('DELETE')).status, 200);
      client.close();
      assert.equal(server.sessions.length, 0);
    });

  it('connects by candidates that trickle, and goes on over a restart of ICE', async () => {
    const client = await WeriftClient.publish(`${server.url}/whip/studio`, { trickle: true });
    client.play();
    const [session] = server.sessions;
    await eventually(() => session!.video.frames > 30);
    assert.equal((await client.restart()).status, 200);
    const { frames } = session!.video;
    await eventually(() => session!.video.frames > frames + 60);
    await client.close();
  });
});
