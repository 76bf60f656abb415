import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { StreamPublisher, type Step } from '../../../src/core/live/index.js';
import { uncaught } from '../../support/uncaught.js';
import { FakeConnection, never, status, type Request } from './fakes.js';
import { last, live, now, page, publisher, setUp } from './broadcast.js';

afterEach(() => assert.equal(page.server.sessions.size, 0, 'no session is left'));

const count = (method: string) => page.server.of(method).length;
const fails = () => new TypeError('failed to fetch');
const noNetwork = (offline: boolean) => Object.assign(page.platform, { offline });
/** The same answer to all offers from now on. */
const toOffers = (answer: (request: Request) => Response | Promise<Response>) =>
  page.server.answers['POST']!.push(...Array.from({ length: 999 }, () => answer));

describe('a publisher that takes its time', () => {
  it('ends its session as soon as the server allows that after the stop', async () => {
    await live();
    page.server.answers['DELETE']!.push(status(503, { 'Retry-After': '10' }));
    let isOver = false;
    void publisher.stop().then(() => (isOver = true));
    await page.clock.pass(5);
    assert.equal(isOver, true, 'nobody waits for it');
    assert.equal(page.server.sessions.size, 1);
    await page.clock.pass(6);
    assert.equal(page.server.sessions.size, 0);
    assert.equal(count('DELETE'), 2);
  });

  it('ends its session as soon as the network is back after the stop', async () => {
    await live();
    noNetwork(true);
    page.server.down = true;
    void publisher.stop();
    await page.clock.pass(21);
    noNetwork(false);
    page.server.down = false;
    assert.equal(page.server.sessions.size, 1);
    page.window.dispatchEvent(new Event('online'));
    await page.clock.pass(0.1);
    assert.equal(page.server.sessions.size, 0);
  });

  it('tells nothing of what is sent while it comes back, but how often it has tried', async () => {
    await live();
    const before = now().stats!;
    assert.ok(before.bitrate! > 0 && before.roundTrip !== null);
    page.server.down = true;
    page.server.sessions.clear();
    last().turn('failed');
    await page.clock.pass(10);
    const { uptime, attempts, recoveries, recoveryTime, ...way } = now().stats!;
    assert.deepEqual(
      Object.keys(way).sort(),
      Object.keys(before)
        .filter((name) => !['uptime', 'attempts', 'recoveries', 'recoveryTime'].includes(name))
        .sort(),
    );
    assert.deepEqual([...new Set(Object.values(way))], [null]);
    assert.ok(attempts > before.attempts + 3, String(attempts));
    assert.deepEqual([recoveries, recoveryTime], [0, null]);
    assert.ok(uptime < before.uptime + 1);
    page.server.down = false;
    await page.clock.pass(5);
    assert.ok(now().stats!.bitrate! > 0);
  });

  it('gives a start up where candidates are refused and no connection comes up, in turns', async () => {
    FakeConnection.connects = false;
    page.server.answers['PATCH']!.push(...Array.from({ length: 99 }, () => status(500)));
    const started = publisher.start();
    await page.clock.pass(60);
    assert.equal(publisher.state, 'failed');
    await assert.rejects(started, { code: 'no-route', fatal: true });
    assert.equal(count('POST'), 4);
  });

  it('comes back to a server that has become slower than it is waited for at first', async () => {
    await live();
    const offers = { open: 0, most: 0 };
    const slow = (request: Request) =>
      new Promise<Response>((resolve) => {
        offers.most = Math.max(offers.most, ++offers.open);
        page.clock.setTimeout(() => {
          offers.open--;
          resolve(page.server.usual(request));
        }, 4000);
      });
    toOffers(slow);
    page.server.sessions.clear();
    last().turn('failed');
    await page.clock.pass(15);
    assert.equal(publisher.state, 'live');
    assert.equal(count('POST'), 3);
    assert.ok(offers.most <= 2, `${offers.most} offers at a time`);
    assert.equal(page.server.sessions.size, 1, 'what was answered too late is ended');
    page.server.answers['POST']!.length = 0;
  });

  it('waits as long as the server asks where the page is left meanwhile, and comes back', async () => {
    await live();
    page.server.answers['POST']!.push(status(503, { 'Retry-After': '7' }));
    page.server.sessions.clear();
    last().turn('failed');
    await page.clock.pass(0.1);
    assert.equal(count('POST'), 2);
    for (const type of ['pagehide', 'pageshow']) {
      page.window.dispatchEvent(new Event(type));
      await page.clock.pass(0.4);
    }
    await page.clock.pass(6);
    assert.equal(count('POST'), 2);
    await page.clock.pass(0.4);
    assert.equal(publisher.state, 'live');
    assert.equal(count('POST'), 3);
  });

  it('asks again at once where the network came back during an attempt that was in vain', async () => {
    await live();
    page.document.hidden = true;
    page.server.down = true;
    page.server.sessions.clear();
    last().turn('failed');
    // By then it waits for longer than an attempt takes.
    await page.clock.pass(90);
    const before = count('POST');
    page.server.answers['POST']!.push(never);
    page.window.dispatchEvent(new Event('online'));
    await page.clock.pass(1);
    assert.equal(count('POST'), before + 1);
    page.server.down = false;
    page.window.dispatchEvent(new Event('online'));
    await page.clock.pass(9.2);
    assert.equal(count('POST'), before + 2);
    assert.equal(publisher.state, 'live');
  });

  const policies: Record<string, () => Step> = {
    'begins ICE anew where that cannot be': () => ({ do: 'restart' }),
    throws() {
      throw new Error('of the page');
    },
  };
  for (const [how, nextStep] of Object.entries(policies))
    it(`decides by itself where the policy of a page ${how}`, async (test) => {
      const reported = uncaught(test);
      setUp({ recovery: { nextStep } });
      page.server.answers['POST']!.push(status(500));
      const started = publisher.start();
      await page.clock.pass(0.2);
      assert.equal(count('POST'), 1);
      await page.clock.pass(0.3);
      await started;
      page.server.sessions.clear();
      page.server.answers['POST']!.push(status(500));
      last().turn('failed');
      await page.clock.pass(3);
      assert.equal(publisher.state, 'live');
      assert.equal(count('POST'), 4);
      assert.equal(reported.length > 0, how === 'throws');
    });

  it('says so where another one and it take the place of each other, and does not hurry', async () => {
    const other = new StreamPublisher(publisher.settings, { platform: page.platform });
    other.source = publisher.source;
    const told = [publisher, other].map(({ store }) => {
      const codes = new Set<string>();
      store.subscribe(({ error }) => {
        if (error) codes.add(`${error.code} ${error.fatal}`);
      });
      return codes;
    });
    await live();
    const started = other.start();
    await page.clock.pass(0.5);
    await started;
    toOffers((request) => {
      page.server.sessions.clear();
      for (const one of page.connections) if (one !== last()) one.turn('failed');
      return page.server.usual(request);
    });
    page.server.sessions.clear();
    page.connections[0]!.turn('failed');
    const isTold = () => told.every((codes) => codes.has('in-use false'));
    // How soon is a matter of chance: each waits as long as it happens to.
    for (let waited = 0; waited < 120 && !isTold(); waited += 5) await page.clock.pass(5);
    assert.ok(isTold(), told.map((codes) => [...codes].join()).join(' and '));
    const before = count('POST');
    await page.clock.pass(30);
    const more = count('POST') - before;
    assert.ok(more > 5 && more <= 12, `${more} offers in half a minute`);
    page.server.answers['POST']!.length = 0;
    const over = other.stop();
    await page.clock.pass(10);
    await over;
    assert.equal(publisher.state, 'live');
    assert.equal(page.server.sessions.size, 1);
  });

  it('waits for the network where who gives tokens cannot be asked without, and goes live with it', async () => {
    const getToken = () => (page.platform.offline ? Promise.reject(new Error('in vain')) : 'token');
    setUp({ getToken });
    noNetwork(true);
    const started = publisher.start();
    await page.clock.pass(60);
    assert.equal(publisher.state, 'connecting');
    assert.match(now().error!.message, /offline/);
    assert.equal(count('POST'), 0);
    noNetwork(false);
    page.window.dispatchEvent(new Event('online'));
    await page.clock.pass(0.2);
    await started;
    assert.equal(page.server.of('POST')[0]!.headers.get('Authorization'), 'Bearer token');
  });

  it('takes who gives tokens, and does not answer, for a server that does not', async () => {
    let asked = 0;
    const getToken = () => {
      asked++;
      return Promise.reject(fails());
    };
    setUp({ getToken });
    const started = publisher.start();
    await page.clock.pass(10);
    await assert.rejects(started, { code: 'unreachable', detail: /failed to fetch/ });
    assert.equal(asked, 4);
  });

  it('comes back as soon as there is a token again, however long that takes', async () => {
    let given: string | null = 'old';
    const getToken = () => (given === null ? Promise.reject(new Error('signed out')) : given);
    setUp({ getToken });
    await live();
    given = null;
    const takes = (request: Request) =>
      request.headers.get('Authorization') === 'Bearer new' ? page.server.usual(request) : status(401)();
    toOffers(takes);
    page.server.sessions.clear();
    last().turn('failed');
    await page.clock.pass(300);
    assert.equal(publisher.state, 'recovering');
    assert.deepEqual([now().error?.code, now().error?.fatal], ['unauthorized', false]);
    given = 'new';
    await page.clock.pass(3);
    assert.equal(publisher.state, 'live');
  });
});
