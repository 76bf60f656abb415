import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { serve, strictCsp } from '../../../demo/server/server.mjs';

let folder: string;
let outside: string;
let server: Awaited<ReturnType<typeof serve>>;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onair-served-'));
  outside = await mkdtemp(join(tmpdir(), 'onair-outside-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html>start');
  await writeFile(join(folder, 'take.webm'), '0123456789');
  await writeFile(join(folder, 'empty.js'), '');
  await writeFile(join(outside, 'secret.txt'), 'secret');
  await symlink(join(outside, 'secret.txt'), join(folder, 'link.txt'));
  server = await serve({
    mounts: { '/': folder, '/other/': outside },
    routes: {
      '/page': '<!doctype html>page',
      '/hook': (_request, response) => response.end('hook'),
      '/broken': () => Promise.reject(new Error('broken')),
    },
    csp: (path) => (path === '/page' ? "worker-src 'none'" : strictCsp),
  });
});

after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
  await rm(outside, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers });

/** A request whose path is sent as it is; fetch would tidy it up. */
function status(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(server.url, { path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('the embedded server', () => {
  it('sends pages under the strict policy', async () => {
    const response = await get('/');
    assert.equal(await response.text(), '<!doctype html>start');
    assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(response.headers.get('content-security-policy') ?? '', /^default-src 'self'/);
  });

  it('listens on this machine only', () => assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/));

  it('answers routes, each under its own policy', async () => {
    const page = await get('/page');
    assert.equal(await page.text(), '<!doctype html>page');
    assert.equal(page.headers.get('content-security-policy'), "worker-src 'none'");
    assert.equal(await (await get('/hook')).text(), 'hook');
  });

  it('says 500 when a route fails, and goes on', async () => {
    assert.equal((await get('/broken')).status, 500);
    assert.equal((await get('/')).status, 200);
  });

  it('uses the folder with the longest path that fits', async () => {
    assert.equal(await (await get('/other/secret.txt')).text(), 'secret');
  });

  for (const [range, expected, told] of [
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ] as const) {
    it(`answers ${range}, so that media can be sought`, async () => {
      const response = await get('/take.webm', { range });
      assert.equal(response.status, 206);
      assert.equal(response.headers.get('content-range'), told);
      assert.equal(response.headers.get('content-type'), 'video/webm');
      assert.equal(await response.text(), expected);
    });
  }

  it('refuses a range behind the end', async () => {
    const response = await get('/take.webm', { range: 'bytes=10-' });
    assert.equal(response.status, 416);
    assert.equal(response.headers.get('content-range'), 'bytes */10');
  });

  it('sends all when it does not understand the range', async () => {
    const response = await get('/take.webm', { range: 'bytes=1-2,4-5' });
    assert.equal(response.status, 200);
    assert.equal(await response.text(), '0123456789');
  });

  it('sends an empty file', async () => {
    const response = await get('/empty.js');
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.equal(await response.text(), '');
  });

  it('does not send again what has not changed', async () => {
    const etag = (await get('/take.webm')).headers.get('etag');
    assert.ok(etag);
    assert.equal((await get('/take.webm', { 'if-none-match': etag })).status, 304);
  });

  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '//../../etc/passwd',
    '/link.txt',
    '/%00',
    '/nothing.html',
  ])
    it(`has nothing at ${path}`, async () => assert.ok([400, 404].includes((await status(path)) ?? 0)));

  it('shows the pages of the demo, and not its own source, however the path is written', async () => {
    const demo = await serve();
    const of = (path: string) =>
      new Promise((resolve, reject) => {
        request(demo.url, { path }, (response) => resolve(response.resume().statusCode))
          .on('error', reject)
          .end();
      });
    try {
      for (const path of ['/', '/viewer.js', '/live.html']) assert.equal(await of(path), 200, path);
      for (const path of [
        '/server/whip.mjs',
        '/%2Fserver/whip.mjs',
        '/%2F%2Fserver/whip.mjs',
        '/server%2Fwhip.mjs',
        '/%73erver/whip.mjs',
        '/./server/whip.mjs',
        '/x/..%2Fserver/whip.mjs',
        '/%2E/server/whip.mjs',
        '/server',
      ])
        assert.equal(await of(path), 404, path);
    } finally {
      await demo.close();
    }
  });

  for (const [when, upgrade] of [
    [
      'at once',
      () => {
        throw new Error('at once');
      },
    ],
    ['later', () => Promise.reject(new Error('later'))],
  ] as const)
    it(`closes the connection where what takes other protocols fails ${when}, and goes on`, async () => {
      const other = await serve({ routes: { '/': 'there' }, upgrade });
      const headers = { Connection: 'Upgrade', Upgrade: 'websocket' };
      const gone = new Promise((resolve) => request(other.url, { headers }).on('error', resolve).end());
      assert.ok((await gone) instanceof Error);
      assert.equal(await (await fetch(other.url)).text(), 'there');
      await other.close();
    });

  it('tells how each request was answered', async () => {
    const answered: number[] = [];
    const over = new AbortController();
    let gone = () => {};
    const left = new Promise<void>((resolve) => (gone = resolve));
    const other = await serve({
      routes: { '/': 'there', '/never': () => over.abort() },
      onAnswer(status) {
        answered.push(status);
        if (status === 0) gone();
      },
    });
    await fetch(other.url);
    await fetch(`${other.url}/nothing`);
    await assert.rejects(fetch(`${other.url}/never`, { signal: over.signal }));
    await left;
    await other.close();
    assert.deepEqual(answered, [200, 404, 0]);
  });

  it('refuses what is no reading', async () => {
    const response = await fetch(`${server.url}/take.webm`, { method: 'DELETE' });
    assert.equal(response.status, 405);
  });

  it('isolates pages when asked', async () => {
    const isolated = await serve({ isolated: true, routes: { '/': 'isolated' } });
    const { headers } = await fetch(isolated.url);
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
    assert.equal(headers.get('cross-origin-embedder-policy'), 'require-corp');
    await isolated.close();
  });

  it('ends open connections when it closes', async () => {
    const other = await serve({ routes: { '/': (_request, response) => response.write('and so on') } });
    const response = await fetch(other.url);
    await other.close();
    await assert.rejects(response.text());
  });
});
