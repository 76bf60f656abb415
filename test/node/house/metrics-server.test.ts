import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { metricsRoutes, readPush } from '../../../demo/server/metrics.mjs';
import { serve } from '../../../demo/server/server.mjs';
import { MetricsPusher, MOST_PUSHED, OPEN_METRICS_TYPE, openMetrics } from '../../../src/core/monitor/index.js';
import { assertPromtoolReads, lacksPromtool } from '../../support/promtool.js';
import { parseOpenMetrics } from '../monitor/open-metrics-parser.js';
import { Studio } from '../monitor/studio.js';

type Server = Awaited<ReturnType<typeof serve>>;

const open: Server[] = [];
async function collector(options: Parameters<typeof metricsRoutes>[0] = {}): Promise<Server> {
  const server = await serve({ routes: metricsRoutes(options) });
  open.push(server);
  return server;
}

const post = (server: Server, body: string | ReadableStream, type = OPEN_METRICS_TYPE) =>
  fetch(`${server.url}/metrics/push`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
    duplex: 'half',
  } as RequestInit);
const scrape = async (server: Server) => (await fetch(`${server.url}/metrics`)).text();

/** What a meter that has run for some seconds pushes. */
function pushOf(session: string, seconds = 6): string {
  const studio = new Studio();
  studio.monitor.start();
  studio.run(seconds, { late: 2 });
  studio.monitor.stop();
  return openMetrics(studio.monitor, { session });
}

const TINY = (session: string, value = 1) =>
  `# TYPE stream_manager_cls gauge\nstream_manager_cls{session="${session}"} ${value}\n# EOF\n`;
const sessionsIn = (text: string) => [...text.matchAll(/session="(\w+)"\} 1$/gm)].map(([, session]) => session);

describe('the server that collects figures', () => {
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
  });

  it('answers with nothing but the end before anything was pushed', async () => {
    const response = await fetch(`${(await collector()).url}/metrics`);
    assert.equal(response.headers.get('content-type'), OPEN_METRICS_TYPE);
    assert.equal(await response.text(), '# EOF\n');
  });

  it('is there with the demo', async () => {
    const server = await serve();
    open.push(server);
    assert.equal((await post(server, TINY('one'))).status, 204);
    assert.deepEqual(sessionsIn(await scrape(server)), ['one']);
  });

  it('keeps what a pusher pushes, the last of each page, and tells pages apart', async () => {
    const server = await collector();
    for (const [session, seconds] of [
      ['one', 4],
      ['two', 5],
      ['one', 8],
    ] as const) {
      const body = () => pushOf(session, seconds);
      const pusher = new MetricsPusher({ url: `${server.url}/metrics/push`, body });
      await pusher.push();
      assert.deepEqual([pusher.store.get().sent, pusher.store.get().problem], [1, null]);
    }
    const families = parseOpenMetrics(await scrape(server));
    const captured = families.get('stream_manager_frames')!.samples.filter(({ labels }) => labels.stage === 'captured');
    assert.deepEqual(
      captured.map(({ labels, value }) => [labels.session, value]),
      [
        ['two', 150],
        ['one', 240],
      ],
    );
    assert.equal(families.get('stream_manager_encoding_time_ms')!.type, 'histogram');
  });

  it(
    'serves what promtool reads, of several pages, as OpenMetrics and as older text',
    { skip: lacksPromtool },
    async () => {
      const server = await collector();
      for (const session of ['one', 'two', 'three']) assert.equal((await post(server, pushOf(session))).status, 204);
      assertPromtoolReads(await scrape(server));
    },
  );

  it('lets the oldest go when there are too many, and each that was not heard of for long', async () => {
    let now = 0;
    const server = await collector({ most: 3, maxAge: 60, now: () => now });
    for (const session of ['a', 'b', 'c', 'a', 'd']) {
      now += 1000;
      await post(server, TINY(session));
    }
    assert.deepEqual(sessionsIn(await scrape(server)), ['c', 'a', 'd']);
    now += 59_000;
    assert.deepEqual(sessionsIn(await scrape(server)), ['a', 'd']);
    now += 2000;
    assert.equal(await scrape(server), '# EOF\n');
  });

  it('takes the largest push there is, and refuses what is larger, whether its size is told or not', async () => {
    const server = await collector();
    const sized = (bytes: number) => {
      const empty = TINY('').length;
      return TINY('x'.repeat(bytes - empty));
    };
    assert.equal((await post(server, sized(MOST_PUSHED))).status, 204);
    assert.equal((await post(server, sized(64 * 1024 + 1))).status, 413);
    const pieces = new ReadableStream({
      start(controller) {
        for (let piece = 0; piece < 5; piece++) controller.enqueue(new Uint8Array(16 * 1024).fill(35));
        controller.close();
      },
    });
    assert.equal((await post(server, pieces)).status, 413);
    assert.equal(parseOpenMetrics(await scrape(server)).get('stream_manager_cls')!.samples.length, 1);
  });

  it('refuses other methods and types: no page of another origin can push', async () => {
    const server = await collector();
    assert.equal((await fetch(`${server.url}/metrics/push`)).status, 405);
    assert.equal((await fetch(`${server.url}/metrics`, { method: 'DELETE' })).status, 405);
    assert.equal((await post(server, TINY('one'), 'text/plain')).status, 415);
    assert.equal(await scrape(server), '# EOF\n');
  });

  const [head, sample] = ['# TYPE a gauge\n', 'a{session="s"} 1\n'];
  for (const [what, text] of [
    ['nothing', ''],
    ['no end', head + sample],
    ['no session', `${head}a{x="s"} 1\n# EOF\n`],
    ['no labels', `${head}a 1\n# EOF\n`],
    ['two sessions', `${head}${sample}a{session="t"} 1\n# EOF\n`],
    ['no type', `${sample}# EOF\n`],
    ['a type that is none of ours', `# TYPE a summary\n${sample}# EOF\n`],
    ['a sample of another family', `${head}b{session="s"} 1\n# EOF\n`],
    ['a counter without its suffix', `# TYPE a counter\n${sample}# EOF\n`],
    ['a series twice', `${head}${sample}${sample}# EOF\n`],
    ['a series twice, in another order', `${head}a{session="s",b="1"} 1\na{b="1",session="s"} 1\n# EOF\n`],
    ['a label twice', `${head}a{session="s",b="1",b="2"} 1\n# EOF\n`],
    ['a family in two pieces', `${head}${sample}# TYPE b gauge\nb{session="s"} 1\n${head}# EOF\n`],
    ['a type told twice', `${head}${head}${sample}# EOF\n`],
    ['a unit that is not in the name', `${head}# UNIT a bytes\n${sample}# EOF\n`],
    ['a name that is none', `# TYPE a-b gauge\na-b{session="s"} 1\n# EOF\n`],
    ['a quote that is not escaped', `${head}a{session="s"x"} 1\n# EOF\n`],
    ['a line within a label', `${head}a{session="s\n"} 1\n# EOF\n`],
    ['no number', `${head}a{session="s"} one\n# EOF\n`],
    ['a time', `${head}a{session="s"} 1 2\n# EOF\n`],
    ['something behind the end', `${head}${sample}# EOF\n# EOF\n`],
    ['an end of a string in C', `${head}a{session="s\0"} 1\n# EOF\n`],
    ["a family of the server's own", `# TYPE onair_server_sockets gauge\nonair_server_sockets{session="s"} 1\n# EOF\n`],
    ["a label of Prometheus's own", `${head}a{session="s",__name__="b"} 1\n# EOF\n`],
  ] as const)
    it(`refuses ${what}`, async () => {
      const server = await collector();
      assert.equal((await post(server, text)).status, 400);
      assert.equal(await scrape(server), '# EOF\n');
    });

  it('reads names and values with everything in them that the format can escape', () => {
    const push = readPush(pushOf('say "hi"\\ \n'));
    assert.equal(push?.session, 'say \\"hi\\"\\\\ \\n');
    assert.ok(readPush(`${head}a{session="s",b="{session=\\"t\\"}"} -Inf\n# EOF\n`));
    assert.ok(readPush(`${head}a{session="s"} 1e-7\n# EOF\n`));
  });

  it('tells a family as the first page did where another one does not agree', async () => {
    const server = await collector();
    await post(server, TINY('one'));
    await post(server, TINY('two').replace('gauge', 'counter').replace('cls{', 'cls_total{'));
    const families = parseOpenMetrics(await scrape(server));
    assert.deepEqual(
      families.get('stream_manager_cls')!.samples.map(({ labels }) => labels.session),
      ['one'],
    );
  });
});
