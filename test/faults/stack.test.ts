import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { openDatachannelPeer } from '../support/datachannel-peer.js';
import { LiveStage, until } from '../support/live-stage.js';
import { cleanUp } from '../support/rtc-client.js';
import { inEachBrowser } from '../support/stage.js';

after(cleanUp);

inEachBrowser('a broadcast to libdatachannel', (name) => {
  let stage: LiveStage;
  before(async () => (stage = await LiveStage.open(name, { openPeer: openDatachannelPeer })));
  afterEach(() => stage.clear());
  after(() => stage?.close());

  it('goes live with pictures and sound, and ends with DELETE', async (test) => {
    const tab = await stage.live();
    const { video, audio } = stage.sessions[0]!;
    await until(() => audio.packets > 20);
    assert.deepEqual([video.codec, audio.codec], ['VP8', 'opus']);
    test.diagnostic(`${video.packets} packets of the picture, ${audio.packets} of sound`);
    await stage.endsClean(tab);
    assert.deepEqual(
      stage.of('DELETE').map(({ status }) => status),
      [200],
    );
  });

  it('publishes anew where the server cannot begin ICE anew', async () => {
    // It has to be begun anew: the server knows another ETag than it told, and so does not learn where the client is.
    stage.media.faults.wrongEtag({ method: 'POST' });
    stage.hidden = true;
    const tab = await stage.live();
    assert.ok(stage.of('PATCH').some(({ headers, status }) => headers['if-match'] === '*' && status === 422));
    assert.equal(stage.of('POST').length, 2);
    await stage.endsClean(tab);
  });
});
