import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openInputs } from '../../../src/core/record/codec-inputs.js';

/** Safari's: a track that can be given to a worker, of which a clone is. */
class Picture {
  readonly clones: { stopped: number }[] = [];

  getSettings(): MediaTrackSettings {
    return {};
  }

  clone(): MediaStreamTrack {
    const clone = { stopped: 0, stop: () => void clone.stopped++ };
    this.clones.push(clone);
    return clone as unknown as MediaStreamTrack;
  }

  get track(): MediaStreamTrack {
    return this as unknown as MediaStreamTrack;
  }
}

const told = { onSuspended: () => {}, onClogged: () => {} };

describe('pictures that go to the worker as a clone of their track', () => {
  before(() => {
    // Whether tracks can be given away is tried with one; here a port stands for it.
    const captureStream = () => ({ getVideoTracks: () => [new MessageChannel().port1] });
    Object.assign(globalThis, { document: { createElement: () => ({ captureStream }) } });
  });
  after(() => Reflect.deleteProperty(globalThis, 'document'));

  it('keep no camera on where the sound is refused', async () => {
    const picture = new Picture();
    const sound = {} as MediaStreamTrack; // Node has no context that could read it.
    const opened = openInputs(picture.track, sound, () => {}, told, null);
    await assert.rejects(opened);
    assert.deepEqual(
      picture.clones.map(({ stopped }) => stopped),
      [1],
    );
  });

  it('keep none on when the take is over, whether or not they went', async () => {
    const picture = new Picture();
    const inputs = await openInputs(picture.track, null, () => {}, told, null);
    assert.equal(inputs.video?.via, 'track');
    assert.deepEqual(inputs.transfer, picture.clones);
    inputs.close();
    assert.equal(picture.clones[0]!.stopped, 1);
  });
});
