import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MetricsPusher, MOST_PUSHED, type MetricsPusherOptions } from '../../../src/core/monitor/index.js';
import { OnAirError } from '../../../src/core/errors.js';
import { FakePage, settle } from './fake-page.js';

/** A server that answers with these, one after the other, the last one for ever; null is nobody there. */
function pushing(answers: readonly (number | null)[] = [204], options: Partial<MetricsPusherOptions> = {}) {
  const page = new FakePage();
  const window = new EventTarget();
  const posted: { url: string; init: RequestInit; text: string }[] = [];
  const fetch = async (url: string, init: RequestInit) => {
    const status = answers[Math.min(posted.length, answers.length - 1)]!;
    posted.push({ url, init, text: new TextDecoder().decode(init.body as Uint8Array) });
    if (status === null) throw new TypeError('Failed to fetch');
    return { ok: status < 300, status };
  };
  let count = 0;
  const pusher = new MetricsPusher({
    url: 'https://figures.example/push',
    body: () => `body ${++count}`,
    platform: page,
    window,
    fetch,
    ...options,
  });
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      page.pass(1);
      await settle();
    }
  };
  return { page, window, posted, pusher, pass };
}

describe('the pusher', () => {
  it('pushes what there is, each interval, in a way that outlives the page', async () => {
    const { pusher, posted, pass, page } = pushing([204], { headers: () => ({ Authorization: 'Bearer 1' }) });
    pusher.start();
    pusher.start();
    await pass(46);
    assert.deepEqual(
      posted.map(({ text }) => text),
      ['body 1', 'body 2', 'body 3'],
    );
    const [{ url, init }] = posted as [(typeof posted)[number]];
    assert.deepEqual([url, init.method, init.keepalive], ['https://figures.example/push', 'POST', true]);
    assert.deepEqual(init.headers, {
      Authorization: 'Bearer 1',
      'Content-Type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    });
    const { sent, failed, sentAt, problem } = pusher.store.get();
    assert.deepEqual([sent, failed, problem], [3, 0, null]);
    assert.equal(sentAt, 1.8e12 + 46_000);
    pusher.stop();
    await pass(60);
    assert.equal(posted.length, 3);
    assert.equal(page.timers.length, 0);
  });

  it('pushes once more when the page goes, in the place of what is underway', async () => {
    const signals: AbortSignal[] = [];
    const { pusher, window, page } = pushing([204], {
      fetch: (_, init) => {
        signals.push(init.signal!);
        return new Promise(() => {});
      },
    });
    pusher.start();
    page.pass(15);
    window.dispatchEvent(new Event('pagehide'));
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, false],
    );
    pusher.stop();
    window.dispatchEvent(new Event('pagehide'));
    assert.equal(signals.length, 2);
  });

  it('tries what may help three times, and then waits for the next', async () => {
    for (const answer of [null, 503, 429]) {
      const { pusher, posted, pass } = pushing([answer]);
      pusher.start();
      await pass(29);
      assert.equal(posted.length, 3, String(answer));
      assert.deepEqual(
        [pusher.store.get().failed, pusher.store.get().problem],
        [1, answer === null ? 'unreachable' : `${answer}`],
      );
      pusher.stop();
    }
    const { pusher, posted, pass } = pushing([503, 204]);
    const pushed = pusher.push();
    await pass(3);
    await pushed;
    assert.deepEqual(
      posted.map(({ text }) => text),
      ['body 1', 'body 1'],
    );
    assert.deepEqual([pusher.store.get().sent, pusher.store.get().problem], [1, null]);
  });

  it('does not repeat what is refused', async () => {
    const { pusher, posted, pass } = pushing([404]);
    await Promise.all([pusher.push(), pass(10)]);
    assert.deepEqual([posted.length, pusher.store.get().problem], [1, '404']);
  });

  it('lets nothing pile up while a server does not answer, gives each attempt up, and goes on when it does', async () => {
    let [open, most, attempts] = [0, 0, 0];
    let answers = false;
    const { pusher, pass, page } = pushing([204], {
      fetch: (_, { signal }) => {
        attempts++;
        if (answers) return Promise.resolve({ ok: true, status: 204 });
        most = Math.max(most, ++open);
        return new Promise((_, refuse) =>
          signal!.addEventListener('abort', () => {
            open--;
            refuse(signal!.reason as Error);
          }),
        );
      },
    });
    pusher.start();
    await pass(29);
    assert.deepEqual([open, attempts], [1, 1]);
    await pass(571);
    assert.equal(most, 1);
    const { failed, problem, sent } = pusher.store.get();
    assert.ok(failed >= 8, String(failed));
    assert.deepEqual([sent, problem], [0, 'unreachable']);
    pusher.stop();
    await settle();
    assert.deepEqual([open, page.timers.length], [0, 0]);
    pusher.start();
    await pass(15);
    assert.equal(open, 1, 'stopped and started it begins anew');
    answers = true;
    await pass(30);
    assert.deepEqual([pusher.store.get().problem, open], [null, 0]);
    pusher.stop();
  });

  it('counts a push as failed whose text cannot be made, and makes the next one', async () => {
    let fails = true;
    const { pusher, posted, pass, window } = pushing([204], {
      body: () => {
        if (fails) throw new Error('no');
        return 'body';
      },
    });
    pusher.start();
    await pass(15);
    window.dispatchEvent(new Event('pagehide'));
    await pusher.push();
    assert.deepEqual([posted.length, pusher.store.get().failed, pusher.store.get().problem], [0, 3, 'no-body']);
    fails = false;
    await pass(15);
    assert.deepEqual([posted.length, pusher.store.get().problem], [1, null]);
    pusher.stop();
  });

  it('sends nothing that a page which goes could not send', async () => {
    let body = 'ä'.repeat(30_000);
    const { pusher, posted } = pushing([204], { body: () => body });
    await pusher.push();
    assert.deepEqual([posted.length, pusher.store.get().problem], [1, null], '60 000 bytes');
    body += '.';
    await pusher.push();
    assert.deepEqual([posted.length, pusher.store.get().problem], [1, 'too-large']);
    assert.equal(MOST_PUSHED, 60_000);
  });

  it('takes no address that holds a name, a password or a token', () => {
    const refused = [
      'https://me:secret@figures.example/',
      'https://me@figures.example/',
      'https://figures.example/?token=1',
      'https://figures.example/?api_key=1',
      'https://figures.example/?access-token=1',
      'https://figures.example/?Authorization=1',
      'ftp://figures.example/',
      'javascript:alert(1)',
      'not an address',
    ];
    for (const url of refused)
      assert.throws(
        () => pushing([204], { url }),
        (error) => error instanceof OnAirError && error.code === 'invalid-value',
        url,
      );
    for (const url of ['http://127.0.0.1:9091/push?job=door', 'https://figures.example/#part'])
      assert.doesNotThrow(() => pushing([204], { url }), url);
  });
});
