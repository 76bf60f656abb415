import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextStep, RECOVERY, type Situation } from '../../../src/core/live/index.js';

const CALM: Situation = {
  interruption: 'request',
  code: 'unreachable',
  status: 0,
  retryAfter: null,
  offline: false,
  owed: false,
  wasLive: true,
  restartable: false,
  attempts: 1,
  alike: 1,
  elapsed: 0,
  visible: true,
};

const step = (news: Partial<Situation>, random = 0) => nextStep({ ...CALM, ...news }, RECOVERY, () => random);
const after = (news: Partial<Situation>, random = 0) => {
  const next = step(news, random);
  return next.do === 'publish' ? next.after : next.do;
};

describe('the recovery of a broadcast', () => {
  for (const interruption of ['silence', 'disconnected', 'failed'] as const)
    it(`begins ICE anew first (${interruption}), and publishes anew where that cannot be, or was in vain`, () => {
      assert.deepEqual(step({ interruption, restartable: true }), { do: 'restart' });
      assert.equal(after({ interruption, attempts: 0 }), 0);
    });

  it('publishes anew at once after a restart in vain, with candidates in the offer, or for other media', () => {
    assert.deepEqual(step({ interruption: 'restart', attempts: 0 }), {
      do: 'publish',
      after: 0,
      firm: false,
      gathered: false,
    });
    assert.deepEqual(step({ interruption: 'trickle' }), { do: 'publish', after: 0, firm: false, gathered: true });
    assert.equal(after({ interruption: 'tracks' }), 0);
  });

  it('waits longer and longer, at most 3 s while the page is visible', () => {
    const waits = [0, 1, 2, 3, 4, 5, 50].map((attempts) => after({ attempts }));
    assert.deepEqual(waits, [0, 0.3, 1.2, 2.7, 2.7, 2.7, 2.7]);
    for (let attempts = 0; attempts < 100; attempts++) assert.ok((after({ attempts }) as number) <= 3);
  });

  it('waits longer while the page is hidden', () => {
    const waits = [3, 4, 5, 6, 7, 50].map((attempts) => after({ attempts, visible: false }));
    assert.deepEqual(waits, [2.7, 5.4, 10.8, 21.6, 30, 30]);
  });

  it('leaves a part to chance, and counts what the last attempt took', () => {
    assert.ok(Math.abs((after({ attempts: 3 }, 1) as number) - 2.16) < 1e-9);
    assert.ok(Math.abs((after({ attempts: 3, elapsed: 2 }) as number) - 0.7) < 1e-9);
    assert.equal(after({ attempts: 3, elapsed: 9 }), 0);
  });

  it('comes back when the server says, neither sooner nor by anything else', () => {
    assert.deepEqual(step({ status: 503, code: 'server-busy', retryAfter: 17, elapsed: 5 }, 1), {
      do: 'publish',
      after: 17,
      firm: true,
      gathered: false,
    });
    assert.equal(after({ status: 503, retryAfter: 2, wasLive: false, attempts: 40 }), 2);
    for (const interruption of ['restart', 'trickle'] as const)
      assert.equal(after({ interruption, status: 503, retryAfter: 17 }), 17, interruption);
  });

  it('waits longer and longer, too, for a server that asks it to come back at once, time and again', () => {
    const busy = { status: 503, code: 'server-busy', retryAfter: 0 } as const;
    assert.deepEqual(
      [1, 2, 3, 50].map((attempts) => after({ ...busy, attempts })),
      [0.3, 1.2, 2.7, 2.7],
    );
    assert.equal(after({ ...busy, wasLive: false, attempts: 4 }), 'fail');
  });

  it('lets others be live who take its place time and again', () => {
    const replaced = { interruption: 'restart', code: 'in-use', status: 404 } as const;
    assert.equal(after({ ...replaced }), 3);
    assert.equal(after({ ...replaced, visible: false }), 30);
  });

  it('waits for the network where there is none, however long that takes, and looks as often as else', () => {
    for (const wasLive of [true, false])
      for (const visible of [true, false])
        assert.deepEqual(step({ offline: true, wasLive, visible, attempts: 50, alike: 50 }), {
          do: 'publish',
          after: visible ? 3 : 30,
          firm: false,
          gathered: false,
        });
  });

  it('never gives up a server that is away once it was live', () => {
    for (const status of [0, 408, 429, 500, 502, 503, 599])
      assert.equal(after({ status, attempts: 1000, alike: 1000 }), 2.7, String(status));
    assert.equal(after({ interruption: 'no-route', code: 'no-route', attempts: 1000, alike: 1000 }), 2.7);
    assert.equal(after({ code: 'unauthorized', attempts: 1000, alike: 1000 }), 2.7, 'nor who gives tokens');
  });

  it('gives a start up that nobody answers', () => {
    assert.deepEqual(
      [1, 2, 3, 4].map((attempts) => after({ wasLive: false, attempts })),
      [0.3, 1.2, 2.7, 'fail'],
    );
    assert.equal(after({ wasLive: false, code: 'cors' }), 'fail', 'at once, where it will stay so');
    assert.equal(after({ wasLive: false, code: 'connection-blocked' }), 'fail');
    assert.equal(after({ wasLive: false, code: 'unauthorized' }), 'fail', 'nobody gives a token');
    assert.equal(after({ wasLive: false, interruption: 'no-route', alike: 1 }), 0.3);
    assert.equal(after({ wasLive: false, interruption: 'no-route', alike: 2 }), 'fail');
    assert.equal(after({ wasLive: false, interruption: 'no-route', alike: 1, attempts: 3 }), 2.7);
    assert.equal(after({ wasLive: false, interruption: 'no-route', alike: 1, attempts: 4 }), 'fail', 'in turns, too');
  });

  it('takes no for an answer, unless it was yes before, or a session may still be in the way', () => {
    for (const status of [400, 401, 403, 404, 405, 415, 422])
      assert.equal(after({ wasLive: false, status }), 'fail', String(status));
    assert.equal(after({ wasLive: false, status: 409 }), 0.3);
    assert.equal(after({ wasLive: false, status: 409, alike: 8 }), 'fail');
    assert.equal(after({ wasLive: false, status: 403, owed: true }), 0.3);
    assert.equal(after({ wasLive: false, status: 403, owed: true, alike: 8 }), 'fail');
  });

  it('takes no for an answer after about a minute where it was yes before, and later while the page is hidden', () => {
    for (const status of [401, 403, 404, 409]) {
      // Between trials that all end alike.
      const waits = (visible: boolean, random: number) => {
        let seconds = 0;
        for (let attempts = 1; ; attempts++) {
          const wait = after({ status, attempts, alike: attempts, visible }, random);
          if (typeof wait === 'string') return seconds;
          seconds += wait;
        }
      };
      const [longest, shortest] = [waits(true, 0), waits(true, 1)];
      assert.ok(shortest > 50 && longest < 75, `${status}: ${shortest} to ${longest} s`);
      assert.ok(waits(false, 1) > 60);
    }
  });

  it('does nothing while the page is away', () => assert.ok((after({ interruption: 'page' }) as number) > 3600));
});
