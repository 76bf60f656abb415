/**
 * The static part of the embedded server: plain files on 127.0.0.1, under the strict policy that the package promises to
 * live with. No dependency, so that it starts at once and can be read as an example of what a page needs. What takes
 * media and messages in is put beside it by `start-server.mjs`.
 */
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { metricsRoutes } from './metrics.mjs';

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

/** `media-src blob:` plays a recording, which is a file on this machine; nothing else is added to `'self'`. */
export const strictCsp = "default-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'self'";

/** Folders by the start of their URL; the longest that fits is used. */
export const demoMounts = {
  '/': path.join(root, 'demo'),
  '/dist/': path.join(root, 'dist'),
};

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.m4a': 'audio/mp4',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.mp4': 'video/mp4',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.wav': 'audio/wav',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/**
 * @typedef {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => unknown} Handler
 *
 * @typedef {object} ServeOptions
 * @property {number} [port] 0 (the default) takes a free one
 * @property {string} [host] address to listen on. Default 127.0.0.1, which nobody else can reach.
 * @property {number} [requestTimeout] seconds that a request may take to arrive. Default 300, as Node has it.
 * @property {(request: import('node:http').IncomingMessage, socket: import('node:stream').Duplex, head: Buffer) => unknown} [upgrade]
 *   takes connections that ask for another protocol; without it they are closed
 * @property {(status: number) => void} [onAnswer] told how each request was answered; 0 where the client went away before
 * @property {string | ((path: string) => string | null)} [csp] the Content-Security-Policy, or one for each path; null
 *   and '' send none. Default `strictCsp`.
 * @property {boolean} [isolated] send COOP and COEP, so that `crossOriginIsolated` is true. Default false.
 * @property {Record<string, string>} [mounts] folders by the start of their URL (with a slash at the end). Default
 *   `demoMounts`.
 * @property {Record<string, Handler | string>} [routes] answers by exact path, or by how it starts (with a slash at the
 *   end), before any folder: a function, or the text of the page. Default: `metricsRoutes()`.
 */

/**
 * Starts a server.
 * @param {ServeOptions} [options]
 * @returns {Promise<{ url: string, close(): Promise<void> }>} `url` ends without a slash; `close` ends connections too
 */
export async function serve({
  port = 0,
  host = '127.0.0.1',
  csp = strictCsp,
  isolated = false,
  mounts = demoMounts,
  routes = metricsRoutes(),
  requestTimeout = 300,
  upgrade,
  onAnswer = () => {},
} = {}) {
  const prefixes = startsOf(mounts);
  // The start page is no start of every path.
  const routePrefixes = startsOf(routes).filter((start) => start !== '/');

  /** @type {Handler} */
  const answer = async (request, response) => {
    const pathname = decodePath(request.url ?? '/');
    if (pathname === null) return refuse(response, 400);
    const policy = typeof csp === 'function' ? csp(pathname) : csp;
    if (policy) response.setHeader('Content-Security-Policy', policy);
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'no-cache');

    const routed = Object.hasOwn(routes, pathname)
      ? pathname
      : routePrefixes.find((start) => pathname.startsWith(start));
    const route = routed && routes[routed];
    if (typeof route === 'function') return route(request, response);
    if (typeof route === 'string') return void response.setHeader('Content-Type', types['.html']).end(route);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, { Allow: 'GET, HEAD' });

    const prefix = prefixes.find((start) => pathname.startsWith(start));
    const folder = prefix && mounts[prefix];
    const file = folder && (await inside(folder, pathname.slice(prefix.length)));
    if (!file) return refuse(response, 404);
    return send(file, request, response);
  };

  const server = createServer(
    { requestTimeout: requestTimeout * 1000, connectionsCheckingInterval: 1000 },
    (request, response) => {
      response.on('close', () => onAnswer(response.headersSent ? response.statusCode : 0));
      Promise.resolve(answer(request, response)).catch(() => {
        // The reader has gone, or the file went while it was read.
        if (response.headersSent) response.destroy();
        else refuse(response, 500);
      });
    },
  );
  if (upgrade)
    server.on('upgrade', (request, socket, head) => {
      const taken = async () => upgrade(request, socket, head);
      taken().catch(() => socket.destroy());
    });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(undefined));
  });
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    // Who listens everywhere is reached here, too.
    url: `http://${/^(0\.0\.0\.0|::)$/.test(host) ? '127.0.0.1' : host}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a path may start with, the longest first. */
const startsOf = (table) =>
  Object.keys(table)
    .filter((start) => start.endsWith('/'))
    .sort((a, b) => b.length - a.length);

/** The path of what was asked for. @param {string} url @returns {string | null} null for what is no path */
export function decodePath(url) {
  try {
    const pathname = decodeURIComponent(new URL(url, 'http://127.0.0.1').pathname);
    return pathname.includes('\0') ? null : pathname;
  } catch {
    return null;
  }
}

/** The file that `name` means in `folder`; null when there is none, or when it lies elsewhere (`..`, or by a link). */
async function inside(folder, name) {
  try {
    const base = await realpath(folder);
    let file = await realpath(path.join(base, name));
    if ((await stat(file)).isDirectory()) file = await realpath(path.join(file, 'index.html'));
    // The server's own source is no page, however its path is written.
    if (folder === demoMounts['/'] && /^server[\\/]/i.test(path.relative(base, file))) return null;
    return file.startsWith(base + path.sep) ? file : null;
  } catch {
    return null;
  }
}

/** Sends a file, or the one range of it that was asked for: a media element seeks by ranges. */
async function send(file, request, response) {
  const { size, mtimeMs } = await stat(file);
  const etag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
  response.setHeader('ETag', etag);
  if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();

  response.setHeader('Content-Type', types[path.extname(file).toLowerCase()] ?? 'application/octet-stream');
  response.setHeader('Accept-Ranges', 'bytes');
  const range = rangeOf(request.headers.range, size);
  if (range === 'outside') return refuse(response, 416, { 'Content-Range': `bytes */${size}` });
  const { start, end } = range ?? { start: 0, end: size - 1 };
  if (range) response.setHeader('Content-Range', `bytes ${start}-${end}/${size}`);
  response.writeHead(range ? 206 : 200, { 'Content-Length': end - start + 1 });
  if (request.method === 'HEAD' || size === 0) response.end();
  else await pipeline(createReadStream(file, { start, end }), response);
}

/**
 * @param {string | undefined} header
 * @param {number} size
 * @returns {{ start: number, end: number } | 'outside' | null} null: send it all, which answers any other request too
 */
function rangeOf(header, size) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (!first && !last) return null;
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1;
  if (first && last && Number(last) < start) return null;
  return start >= size ? 'outside' : { start, end };
}

function refuse(response, status, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers });
  response.end(status === 404 ? 'There is nothing here.\n' : '');
}
