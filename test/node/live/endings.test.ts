import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Endings } from '../../../src/core/live/endings.js';
import type { WhipSession } from '../../../src/core/live/whip-session.js';
import { FakeClock } from './fakes.js';

describe('sessions that are owed to a server', () => {
  it('are not asked for without end where it ends none at all', async () => {
    const endings = new Endings(new FakeClock());
    let asked = 0;
    const close = () => {
      asked++;
      return Promise.reject(new Error());
    };
    for (let session = 0; session < 50; session++) {
      endings.add({ close } as unknown as WhipSession);
      asked = 0;
      await endings.settle(1);
    }
    assert.equal(asked, 8);
    assert.equal(endings.isOwing, true);
  });

  it('are those that may begin yet, too', async () => {
    const endings = new Endings(new FakeClock());
    assert.equal(endings.isOwing, false);
    let done!: () => void;
    endings.expect(new Promise((resolve) => (done = resolve)));
    assert.equal(endings.isOwing, true);
    const all = endings.settleAll([0], 3);
    done();
    await all;
    assert.equal(endings.isOwing, false);
  });
});
