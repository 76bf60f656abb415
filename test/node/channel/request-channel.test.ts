import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Responder } from '../../../demo/server/responders.mjs';
import type { EmbeddedServer } from '../../../demo/server/start-server.mjs';
import {
  OnAirError,
  RequestChannel,
  RequestError,
  type LiveSocket,
  type LiveSocketOptions,
} from '../../../src/core/channel/index.js';
import { ManualClock } from './manual-clock.js';
import { connect, open, start, until } from './server.js';

let server: EmbeddedServer;
let socket: LiveSocket;
let channel: RequestChannel;

afterEach(async () => {
  channel?.close();
  socket?.close();
  await server?.close();
});

async function connected(responders: Record<string, Responder> = {}, options: LiveSocketOptions = {}) {
  server = await start({ responders });
  socket = connect(server, options);
  channel = new RequestChannel(socket);
  await open(socket);
}

const code = (expected: string) => (error: unknown) => error instanceof OnAirError && error.code === expected;

/** Something that a test lets happen. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

/** A request that is answered only when it is given up, and tells when it came and when it was given up. */
function endless() {
  const came = gate();
  const gone = gate();
  const responder: Responder = ({ signal }) => {
    signal.addEventListener('abort', gone.open);
    came.open();
    return new Promise(() => {});
  };
  return { responder, came: came.opened, gone: gone.opened };
}

describe('RequestChannel', () => {
  it('answers with data and bytes', async () => {
    await connected();
    const { data, bytes } = await channel.request('echo', { text: 'hello' }, { bytes: new Uint8Array([1, 2, 3]) });
    assert.deepEqual(data, { text: 'hello' });
    assert.deepEqual([...bytes!], [1, 2, 3]);
    assert.equal((await channel.request('echo')).data, null);
  });

  it('keeps many conversations apart, however their answers come', async () => {
    const held: (() => void)[] = [];
    await connected({
      hold: ({ body }) => new Promise((resolve) => held.push(() => resolve({ body }))),
    });
    const asked = Array.from({ length: 100 }, (_, index) => channel.request('hold', index));
    while (held.length < 100) await new Promise(setImmediate);
    for (const answer of held.reverse()) answer();
    const answers = await Promise.all(asked);
    assert.deepEqual(
      answers.map(({ data }) => data),
      [...answers.keys()],
    );
    assert.equal(channel.pending, 0);
  });

  it('hands over an answer in parts as they come', async () => {
    const second = gate();
    await connected({
      async *words() {
        yield { body: 'one' };
        await second.opened;
        yield { body: 'two', bytes: new Uint8Array([2]) };
      },
    });
    const parts = channel.stream('words');
    assert.equal((await parts.next()).value?.data, 'one');
    second.open();
    const { value } = await parts.next();
    assert.deepEqual([value?.data, [...value!.bytes!]], ['two', [2]]);
    assert.equal((await parts.next()).done, true);
    const counted: unknown[] = [];
    for await (const { data } of channel.stream('parts', { count: 3 })) counted.push(data);
    assert.deepEqual(counted, [{ index: 0 }, { index: 1 }, { index: 2 }]);
  });

  it('tells the server to stop when the loop is left', async () => {
    const gone = gate();
    await connected({
      async *forever({ signal }) {
        signal.addEventListener('abort', gone.open);
        for (let index = 0; ; index++) {
          yield { body: index };
          await new Promise(setImmediate);
        }
      },
    });
    for await (const { data } of channel.stream('forever')) if (data === 3) break;
    await gone.opened;
    assert.equal(channel.pending, 0);
  });

  it('says by its type what went wrong at the server', async () => {
    await connected({
      broken: () => {
        throw Object.assign(new Error('The model is asleep.'), { code: 'asleep', detail: { wakes: 5 } });
      },
      async *halfway() {
        yield { body: 1 };
        throw new Error('gone');
      },
    });
    const error = await channel.request('broken').catch((thrown: unknown) => thrown);
    assert.ok(error instanceof RequestError);
    assert.deepEqual([error.code, error.reason, error.data], ['request-failed', 'asleep', { wakes: 5 }]);
    assert.match(error.message, /The model is asleep\./);
    await assert.rejects(channel.request('unheard of'), (thrown: RequestError) => thrown.reason === 'unknown-type');
    const parts = channel.stream('halfway');
    assert.equal((await parts.next()).value?.data, 1);
    await assert.rejects(parts.next(), code('request-failed'));
    assert.equal((await parts.next()).done, true);
    assert.equal(channel.metrics.counts()['requests:failed'], 3);
  });

  it('gives up what takes too long, and tells the server', async () => {
    const { responder, gone } = endless();
    await connected({ slow: responder });
    await assert.rejects(channel.request('slow', null, { timeout: 0.05 }), code('timeout'));
    await gone;
  });

  it('gives each part of an answer as long as a whole one', async () => {
    const second = gate();
    const clock = new ManualClock();
    await connected({
      async *steps() {
        yield { body: 1 };
        await second.opened;
        yield { body: 2 };
        await new Promise(() => {});
      },
    });
    channel = new RequestChannel(socket, { timeout: 10, clock });
    const parts = channel.stream('steps');
    clock.pass(9000);
    assert.equal((await parts.next()).value?.data, 1);
    clock.pass(9000);
    second.open();
    assert.equal((await parts.next()).value?.data, 2);
    const rest = assert.rejects(parts.next(), code('timeout'));
    clock.pass(11_000);
    await rest;
    assert.equal(clock.timers, 0);
  });

  it('is given up by an AbortSignal, before it was sent and after', async () => {
    const { responder, came, gone } = endless();
    await connected({ slow: responder });
    const controller = new AbortController();
    const asked = channel.request('slow', null, { signal: controller.signal });
    await came;
    controller.abort('no longer wanted');
    await assert.rejects(asked, (error: OnAirError) => error.code === 'aborted' && error.cause === 'no longer wanted');
    await gone;
    await assert.rejects(channel.request('echo', null, { signal: controller.signal }), code('aborted'));
  });

  it('outlives links, and its requests with it', async () => {
    const answer = gate();
    const came = gate();
    let times = 0;
    await connected({
      async once() {
        times++;
        came.open();
        await answer.opened;
        return { body: times };
      },
    });
    const asked = channel.request('once');
    await came.opened;
    server.cutSockets();
    await until(socket, ({ state }) => state === 'reconnecting');
    answer.open();
    assert.equal((await asked).data, 1);
    assert.equal(times, 1);
  });

  it('sends safe requests again where the session was lost, and no others', async () => {
    const first = endless();
    let answers = false;
    const responder: Responder = (request) => (answers ? { body: 'again' } : first.responder(request));
    await connected({ ask: responder, tell: () => new Promise(() => {}) });
    const safe = channel.request('ask', null, { safe: true });
    const unsafe = channel.request('tell');
    const lost = assert.rejects(unsafe, code('session-lost'));
    await first.came;
    answers = true;
    await server.restart();
    assert.equal((await safe).data, 'again');
    await lost;
    assert.equal(channel.metrics.counts()['requests:retried'], 1);
  });

  it('lets no request take longer than it may because it is sent again', async () => {
    const came: (() => void)[] = [];
    server = await start({
      responders: {
        ask: () => {
          came.shift()!();
          return new Promise(() => {});
        },
      },
    });
    const arrival = () => new Promise<void>((resolve) => came.push(resolve));
    const clock = new ManualClock();
    socket = connect(server);
    channel = new RequestChannel(socket, { clock });
    await open(socket);
    let arrived = arrival();
    const late = assert.rejects(channel.request('ask', null, { safe: true, timeout: 5 }), code('timeout'));
    for (let times = 0; times < 2; times++) {
      await arrived;
      clock.pass(2000);
      arrived = arrival();
      await server.restart();
    }
    await arrived;
    assert.equal(channel.pending, 1);
    clock.pass(1000);
    await late;
    assert.equal(clock.timers, 0);
  });

  it('does not begin an answer in parts anew once some have come', async () => {
    await connected({
      async *parts2() {
        yield { body: 1 };
        await new Promise(() => {});
      },
    });
    const parts = channel.stream('parts2', null, { safe: true });
    await parts.next();
    const lost = assert.rejects(parts.next(), code('session-lost'));
    await server.restart();
    await lost;
  });

  it('stops a reader that is too slow with a fault, after what it has', async () => {
    await connected();
    const parts = channel.stream('parts', { count: 5000 });
    while (channel.pending > 0) await new Promise(setImmediate);
    let taken = 0;
    await assert.rejects(async () => {
      for await (const { data } of parts) if (data) taken++;
    }, code('buffer-full'));
    assert.ok(taken >= 1024 && taken < 5000);
  });

  it('rejects with what the socket cannot take', async () => {
    server = await start();
    await server.stop();
    socket = connect(server, { buffer: { messages: 1 } });
    channel = new RequestChannel(socket);
    const first = channel.request('echo', 1);
    await assert.rejects(channel.request('echo', 2), code('buffer-full'));
    assert.equal(channel.metrics.counts()['requests:failed'], 1);
    await server.restart();
    assert.equal((await first).data, 1);
    socket.close();
    await assert.rejects(channel.request('echo', 3), code('invalid-state'));
  });

  it('gives everything up when the channel or its socket is closed', async () => {
    await connected({ slow: () => new Promise(() => {}) });
    const asked = assert.rejects(channel.request('slow'), code('aborted'));
    channel.close();
    await asked;
    assert.equal(socket.store.get().state, 'open', 'the socket is not the channel’s');
    channel = new RequestChannel(socket);
    const other = assert.rejects(channel.request('slow'), code('aborted'));
    socket.close();
    await other;
  });

  it('measures latencies by type, and no more types than it has room for', async () => {
    const names = Array.from({ length: 70 }, (_, index) => `type${index}`);
    await connected(Object.fromEntries(names.map((name) => [name, () => ({})])));
    await Promise.all(names.map((name) => channel.request(name)));
    await Promise.all(names.map((name) => channel.request(name)));
    const { histograms, counters } = channel.metrics.snapshot();
    assert.equal(histograms['request:type0']?.count, 2);
    assert.ok(histograms['request:type0']!.p99 > 0 && histograms['request:type0']!.p99 < 5);
    assert.equal(histograms['request:type69'], undefined);
    assert.equal(histograms['request:other']?.count, 12);
    assert.equal(counters['requests:sent'], 140);
  });
});
