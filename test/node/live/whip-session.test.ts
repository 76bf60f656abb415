import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Endings } from '../../../src/core/live/endings.js';
import { retryAfter, WhipFault } from '../../../src/core/live/whip-fault.js';
import { WhipSession, type WhipHttp } from '../../../src/core/live/whip-session.js';
import { ANSWER, FakeClock, FakeServer, never, OFFER, settle, status } from './fakes.js';

const URL_ = 'https://media.example/whip/room';

function open({ tokens = [] as (string | null)[], curious = false } = {}) {
  const clock = new FakeClock();
  const server = new FakeServer(clock);
  const flaws: string[] = [];
  const http: WhipHttp = {
    fetch: server.fetch,
    clock,
    timeout: 3,
    curious,
    endings: new Endings(clock),
    tokens: {
      get token() {
        return tokens[0] ?? null;
      },
      renew: async () => tokens.shift() !== undefined && tokens.length > 0,
    },
    flawed: ({ told }) => void flaws.push(told.message),
  };
  return { clock, server, http, flaws, open: (signal?: AbortSignal) => WhipSession.open(URL_, OFFER, http, signal) };
}

const faultOf = async (promise: Promise<unknown>): Promise<WhipFault> => {
  const thrown: unknown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof WhipFault, String(thrown));
  return thrown;
};

describe('a WHIP session', () => {
  it('is opened by an offer, and ended by a DELETE that outlives the page', async () => {
    const { server, ...client } = open();
    const session = await client.open();
    assert.equal(session.answer, ANSWER);
    assert.equal(session.url, 'https://media.example/s/1');
    const [post] = server.requests;
    assert.deepEqual([post!.method, post!.url, post!.body], ['POST', URL_, OFFER]);
    assert.equal(post!.headers.get('Content-Type'), 'application/sdp');
    assert.equal(post!.keepalive, false);
    await Promise.all([session.close(), session.close()]);
    assert.equal(server.of('DELETE').length, 1);
    assert.equal(server.of('DELETE')[0]!.keepalive, true);
    assert.equal(server.sessions.size, 0);
  });

  it('sends candidates with the latest ETag, and restarts with a bare star', async () => {
    const { server, ...client } = open();
    const session = await client.open();
    server.answers['PATCH']!.push(status(204, { ETag: '"newer"' }));
    await session.trickle('one');
    await session.trickle('two');
    const ice = await session.restart('three');
    await session.trickle('four');
    const patches = server.of('PATCH');
    assert.deepEqual(
      patches.map(({ headers }) => headers.get('If-Match')),
      ['"1"', '"newer"', '*', '"again"'],
    );
    assert.equal(patches[0]!.headers.get('Content-Type'), 'application/trickle-ice-sdpfrag');
    assert.deepEqual(ice, { ufrag: 'again', pwd: 'secret', candidates: [] });
  });

  it('sends no If-Match where it knows no ETag', async () => {
    const { server, ...client } = open();
    server.answers['POST']!.push(() => new Response(ANSWER, { status: 201, headers: { Location: '/s/1' } }));
    const session = await client.open();
    server.answers['PATCH']!.push(status(428));
    assert.equal((await faultOf(session.trickle('one'))).status, 428);
    assert.equal(server.of('PATCH')[0]!.headers.get('If-Match'), null);
  });

  it('makes one PATCH at a time', async () => {
    const { server, ...client } = open();
    const session = await client.open();
    let release!: (response: Response) => void;
    server.answers['PATCH']!.push(() => new Promise((resolve) => (release = resolve)));
    const first = session.trickle('one');
    const second = session.trickle('two');
    await settle();
    assert.equal(server.of('PATCH').length, 1);
    release(new Response(null, { status: 204, headers: { ETag: '"2"' } }));
    await Promise.all([first, second]);
    assert.equal(server.of('PATCH')[1]!.headers.get('If-Match'), '"2"');
  });

  for (const [location, url] of [
    ['/abs/1', 'https://edge.example/abs/1'],
    ['rel/1', 'https://edge.example/whip/rel/1'],
    ['https://other.example/1', 'https://other.example/1'],
    // Where it would be asked with the token in clear.
    ['http://edge.example/1', 'https://edge.example/1'],
    ['http://[', null],
    ['', null],
  ] as const)
    it(`resolves "${location}" against where the answer came from`, async () => {
      const { server, ...client } = open();
      const answer = new Response(ANSWER, { status: 201, headers: { Location: location } });
      Object.defineProperty(answer, 'url', { value: 'https://edge.example/whip/room' });
      server.answers['POST']!.push(() => answer);
      assert.equal((await client.open()).url, url);
    });

  it('does without a Location: it can only not be patched', async () => {
    const { server, ...client } = open();
    server.answers['POST']!.push(() => new Response(ANSWER, { status: 201 }));
    const session = await client.open();
    assert.equal(session.url, null);
    assert.equal((await faultOf(session.trickle(''))).status, 405);
    await session.close();
    assert.equal(server.requests.length, 1);
  });

  it('sends the token with every request, and another one where it is refused', async () => {
    const { server, ...client } = open({ tokens: ['first', 'second'] });
    server.answers['POST']!.push(status(401));
    const session = await client.open();
    await session.trickle('one');
    await session.close();
    assert.deepEqual(
      server.requests.map(({ method, headers }) => `${method} ${headers.get('Authorization')}`),
      ['POST Bearer first', 'POST Bearer second', 'PATCH Bearer second', 'DELETE Bearer second'],
    );
  });

  it('takes the token along to where a redirect leads, but never where it could be read', async () => {
    for (const [to, expected] of [
      ['https://edge.example/whip', 2],
      ['http://edge.example/whip', 1],
    ] as const) {
      const { server, ...client } = open({ tokens: ['secret'] });
      const redirected = Object.defineProperties(new Response('', { status: 401 }), {
        url: { value: to },
        redirected: { value: true },
      });
      server.answers['POST']!.push(() => redirected);
      await client.open().catch(() => {});
      assert.equal(server.of('POST').length, expected);
      if (expected === 2) assert.equal(server.of('POST')[1]!.url, to);
    }
  });

  for (const [code, expected] of [
    [401, 'unauthorized'],
    [403, 'in-use'],
    [409, 'in-use'],
    [429, 'server-busy'],
    [503, 'server-busy'],
    [500, 'server-failed'],
    [599, 'server-failed'],
    [400, 'publish-refused'],
    [404, 'publish-refused'],
    [499, 'publish-refused'],
    [304, 'publish-refused'],
  ] as const)
    it(`tells ${code} as ${expected}`, async () => {
      const { server, ...client } = open();
      server.answers['POST']!.push(status(code));
      const fault = await faultOf(client.open());
      assert.equal(fault.told.code, expected);
      assert.equal(fault.status, code);
    });

  it('ends at once what a server began that answers no SDP', async () => {
    const { server, ...client } = open();
    server.answers['POST']!.push((request) => {
      const { headers } = server.usual(request);
      return new Response('<html>', { status: 201, headers });
    });
    assert.equal((await faultOf(client.open())).told.code, 'publish-refused');
    assert.equal(server.sessions.size, 0);
  });

  it('ends a session that begins too late', async () => {
    const { server, clock, ...client } = open();
    let answer!: (response: Response) => void;
    server.answers['POST']!.push(() => new Promise((resolve) => (answer = resolve)));
    const opening = faultOf(client.open());
    await clock.pass(3.1);
    assert.equal((await opening).told.code, 'unreachable');
    answer(server.usual(server.requests[0]!));
    await clock.pass(0);
    assert.equal(server.of('DELETE').length, 1);
    assert.equal(server.sessions.size, 0);
    assert.equal(clock.waiting, 0);
  });

  it('waits for another token as long as that takes, and makes no request any more where it was given up', async () => {
    for (const isWanted of [true, false]) {
      const { server, clock, http } = open();
      let give!: (is: boolean) => void;
      const renew = () => new Promise<boolean>((resolve) => (give = resolve));
      const waiting: WhipHttp = { ...http, tokens: { token: 'old', renew } };
      server.answers['POST']!.push(status(401));
      const over = new AbortController();
      const opening = WhipSession.open(URL_, OFFER, waiting, over.signal);
      await clock.pass(60);
      if (!isWanted) over.abort();
      give(true);
      await (isWanted ? opening : assert.rejects(opening, { name: 'AbortError' }));
      assert.equal(server.of('POST').length, isWanted ? 2 : 1);
    }
  });

  it('may not be asked for again before the server says', async () => {
    const { server, clock, ...client } = open();
    const session = await client.open();
    server.answers['DELETE']!.push(status(503, { 'Retry-After': '7' }));
    assert.equal((await faultOf(session.close())).status, 503);
    assert.equal((await faultOf(session.close())).status, 503);
    await clock.pass(6.9);
    assert.equal((await faultOf(session.close())).status, 503);
    assert.equal(server.of('DELETE').length, 1);
    await clock.pass(0.2);
    await session.close();
    assert.equal(server.sessions.size, 0);
  });

  it('says where the server does not let the page see where it is', async () => {
    for (const [type, told] of [
      ['cors', [/Access-Control-Expose-Headers: Location/]],
      ['basic', []],
    ] as const) {
      const { server, flaws, ...client } = open();
      const answer = new Response(ANSWER, { status: 201 });
      server.answers['POST']!.push(() => Object.defineProperty(answer, 'type', { value: type }));
      await client.open();
      await settle();
      assert.equal(flaws.length, told.length);
      for (const [index, pattern] of told.entries()) assert.match(flaws[index]!, pattern);
    }
  });

  it('ends a session that begins when nobody wants it any more', async () => {
    const { server, clock, ...client } = open();
    const stop = new AbortController();
    const opening = client.open(stop.signal);
    stop.abort();
    await assert.rejects(opening);
    await clock.pass(0);
    assert.equal(server.sessions.size, 0);
  });

  it('may be ended again where that has failed, and is over where the server does not know it', async () => {
    const { server, clock, ...client } = open();
    const session = await client.open();
    server.answers['DELETE']!.push(never, status(503), status(404));
    const first = faultOf(session.close());
    await clock.pass(3.1);
    assert.equal((await first).status, 0);
    assert.equal((await faultOf(session.close())).status, 503);
    await session.close();
    await session.close();
    assert.equal(server.of('DELETE').length, 3);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  for (const [header, expected] of [
    ['120', 120],
    [' 0 ', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30],
    ['Thu, 01 Jan 2025 00:00:00 GMT', 0],
    ['-3', null],
    ['soon', null],
    ['', null],
    [null, null],
  ] as const)
    it(`is read: ${header}`, () => assert.equal(retryAfter(header, now), expected));
});
