import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, describe, it } from 'node:test';
import { startServer, type EmbeddedServer } from '../../../demo/server/start-server.mjs';
import { OPEN_METRICS_TYPE } from '../../../src/core/monitor/index.js';
import { assertPromtoolReads, lacksPromtool } from '../../support/promtool.js';
import { cleanUp, eventually, RtcClient } from '../../support/rtc-client.js';
import { plain } from '../channel/server.js';
import { parseOpenMetrics, type Family } from '../monitor/open-metrics-parser.js';

let server: EmbeddedServer;
const clients: RtcClient[] = [];

async function publish(room = 'studio') {
  const { client } = await RtcClient.open(`${server.url}/whip/${room}`);
  clients.push(client);
  client.play();
  return client;
}

/** A socket that has sent two messages, which are taken. */
async function converse() {
  const link = await plain(server);
  const said = once(link, 'message');
  link.send(JSON.stringify({ type: 'hello', session: null, received: 0 }));
  await said;
  for (const seq of [1, 2]) link.send(JSON.stringify({ type: 'message', seq, data: 'hello' }));
  const session = server.socketSessions.at(-1)!;
  await eventually(() => session.taken === 2);
  return link;
}

const scrape = async () => (await fetch(`${server.url}/metrics`)).text();
const read = async () => parseOpenMetrics(await scrape());

/** The value of a sample of the server's own; of the family, its type. */
function value(families: Map<string, Family>, name: string, labels: Record<string, string> = {}): number {
  const { samples } = families.get(`onair_server_${name}`) ?? assert.fail(`there is no ${name}`);
  const found = samples.filter((sample) => JSON.stringify(sample.labels) === JSON.stringify(labels));
  assert.equal(found.length, 1, `${name} ${JSON.stringify(labels)}`);
  return found[0]!.value;
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server.close();
});
after(cleanUp);

describe('what the server tells of itself', () => {
  it('is typed OpenMetrics: what lasts, what came, and how requests were answered', async () => {
    server = await startServer({ mounts: {} });
    await publish();
    await eventually(() => server.sessions[0]!.video.frames > 10);
    await converse();
    assert.equal((await fetch(`${server.url}/whip/studio`)).status, 405);
    const response = await fetch(`${server.url}/metrics`);
    assert.equal(response.headers.get('content-type'), OPEN_METRICS_TYPE);
    const families = parseOpenMetrics(await response.text());
    const own = [...families.values()].map(({ name, type, help }) => [name, type, help !== '']);
    assert.deepEqual(own, [
      ['onair_server_uptime_seconds', 'gauge', true],
      ['onair_server_sessions', 'gauge', true],
      ['onair_server_sockets', 'gauge', true],
      ['onair_server_channels', 'gauge', true],
      ['onair_server_requests', 'counter', true],
      ['onair_server_received_frames', 'counter', true],
      ['onair_server_received_messages', 'counter', true],
      ['onair_server_received_bytes', 'counter', true],
    ]);
    assert.ok(value(families, 'uptime_seconds') > 0);
    assert.equal(value(families, 'sessions', { kind: 'whip' }), 1);
    assert.equal(value(families, 'sessions', { kind: 'whep' }), 0);
    assert.equal(value(families, 'sockets'), 1);
    assert.equal(value(families, 'channels'), 1);
    assert.equal(value(families, 'requests', { status: '2xx' }), 1, 'the offer');
    assert.equal(value(families, 'requests', { status: '4xx' }), 1);
    assert.equal(value(families, 'requests', { status: '5xx' }), 0);
    assert.ok(value(families, 'received_frames', { kind: 'video' }) > 10);
    assert.ok(value(families, 'received_bytes', { kind: 'video' }) > 10_000);
    assert.equal(value(families, 'received_bytes', { kind: 'audio' }), 0);
    assert.equal(value(families, 'received_messages'), 2);
    assert.ok(value(families, 'received_bytes', { kind: 'socket' }) >= 80);
  });

  it('counts on when sessions end, and when the server comes back', async () => {
    server = await startServer({ mounts: {} });
    const client = await publish();
    const [session] = server.sessions;
    await eventually(() => session!.video.frames > 10);
    const link = await converse();
    const frames = { kind: 'video' };
    const before = await read();
    await client.session('DELETE');
    link.send(JSON.stringify({ type: 'bye' }));
    await eventually(() => server.socketSessions.length === 0);
    const ended = await read();
    assert.equal(value(ended, 'sessions', { kind: 'whip' }), 0);
    assert.equal(value(ended, 'channels'), 0);
    assert.ok(value(ended, 'received_frames', frames) >= value(before, 'received_frames', frames));
    assert.equal(value(ended, 'received_messages'), 2);
    await server.restart();
    // The connections of before are gone, and who uses one learns it by that.
    await scrape().catch(() => {});
    await publish();
    await eventually(() => server.sessions[0]!.video.frames > 10);
    const back = await read();
    assert.ok(value(back, 'received_frames', frames) > value(ended, 'received_frames', frames) + 10);
    assert.ok(value(back, 'requests', { status: '2xx' }) > value(ended, 'requests', { status: '2xx' }));
    assert.equal(value(back, 'received_messages'), 2);
  });

  it('stands beside what pages push, and promtool reads it all', { skip: lacksPromtool }, async () => {
    server = await startServer({ mounts: {} });
    await publish();
    await converse();
    const pushed = await fetch(`${server.url}/metrics/push`, {
      method: 'POST',
      headers: { 'content-type': OPEN_METRICS_TYPE },
      body: '# TYPE stream_manager_fps gauge\nstream_manager_fps{session="s"} 30\n# EOF\n',
    });
    assert.equal(pushed.status, 204);
    const text = await scrape();
    const families = parseOpenMetrics(text);
    assert.equal(families.get('stream_manager_fps')!.samples[0]!.value, 30);
    assert.equal(value(families, 'sessions', { kind: 'whip' }), 1);
    assertPromtoolReads(text);
  });
});
