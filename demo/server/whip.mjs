/** The HTTP side of WHIP (RFC 9725) and WHEP: endpoints `/whip/<room>` and `/whep/<room>`, and the sessions below them. */
import { faultOf, parseFragment } from './fragment.mjs';
import { admits, allowsOrigin, bearer, readBody, Refusal } from './limits.mjs';

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
const EXPOSED = 'Location, ETag, Link, Retry-After, Accept-Patch, Accept-Post, WWW-Authenticate';

/**
 * @typedef {object} WhipRequest what is told of each request once it is answered
 * @property {'whip' | 'whep'} kind
 * @property {string} method
 * @property {string} url path and query, as it was asked for
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {string} body
 * @property {number} status 0 where the client went away unanswered
 * @property {number} at milliseconds of `performance.now()` when it came
 */

/**
 * Answers for everything below `/whip/` and `/whep/`.
 * @param {object} options
 * @param {import('./rooms.mjs').Rooms} options.rooms
 * @param {import('./faults.mjs').Faults} options.faults
 * @param {Required<import('./limits.mjs').Limits>} options.limits
 * @param {import('./limits.mjs').RateLimit} options.rate
 * @param {() => import('./limits.mjs').Token} options.token
 * @param {RTCIceServer[]} options.iceServers
 * @param {string[] | '*'} options.origins
 * @param {string[]} options.headers
 * @param {string} options.host
 * @param {(request: WhipRequest) => void} options.onRequest
 * @returns {import('./server.mjs').Handler}
 */
export function whipHandler({
  rooms,
  faults,
  limits,
  rate,
  token,
  iceServers,
  origins,
  headers: allowed,
  host,
  onRequest,
}) {
  return async (request, response) => {
    const at = performance.now();
    const { method = '', url = '', headers } = request;
    const { pathname } = new URL(url, 'http://127.0.0.1');
    const [, kind, room, id, ...more] = pathname.split('/').map(decodeURIComponent);
    const record = { kind, method, url, headers, body: '', status: 0, at };
    response.on('close', () => onRequest({ ...record, status: response.headersSent ? response.statusCode : 0 }));
    try {
      const isPage = allowsOrigin(request, origins, host);
      if (isPage) allowPages(request, response, allowed, faults.withoutHeaders);
      if (!isPage) throw new Refusal(403, 'Pages of this origin are not allowed here.');
      if (!/^[\w.-]{1,64}$/.test(room ?? '') || more.length > 0) throw new Refusal(404, 'There is no such room.');
      if (method === 'OPTIONS')
        return answer(response, 204, id ? { 'Accept-Patch': FRAGMENT } : { 'Accept-Post': SDP });

      const wait = rate.take(request.socket.remoteAddress);
      if (wait > 0) throw new Refusal(429, 'Too many requests.', { 'Retry-After': String(wait) });
      record.body = await readBody(request, limits.body);
      const over = await faults.meet(method, kind);
      if (!(await admits(token(), bearer(request))))
        throw new Refusal(401, 'A token is needed.', { 'WWW-Authenticate': 'Bearer' });

      const asked = { kind, room, method, headers, body: record.body };
      // Who waited too long has gone, and would never end what begins now.
      if (response.destroyed) return;
      const { status, headers: own = {}, body, session } = id ? await onSession(asked, id) : await onEndpoint(asked);
      if (response.destroyed) return void session?.end('closed', false);
      answer(response, status, { ...own, ...over }, body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // A redirect within this server keeps to the path that was asked for.
      const { Location: to } = error.headers;
      const elsewhere = to?.startsWith('?') ? { Location: pathname + to } : {};
      answer(
        response,
        error.status,
        { ...error.headers, ...elsewhere, 'Content-Type': 'text/plain' },
        `${error.message}\n`,
      );
    }
  };

  async function onEndpoint({ kind, room, method, headers, body }) {
    if (method !== 'POST') throw new Refusal(405, 'An offer is posted.', { Allow: 'POST, OPTIONS' });
    expect(headers, SDP);
    const fault = faultOf(body, kind === 'whip' ? 'sendonly' : 'recvonly');
    if (fault) throw new Refusal(body.startsWith('v=0') ? 422 : 400, fault);
    const session = await rooms.open(kind, room, body);
    return {
      status: 201,
      headers: {
        'Content-Type': SDP,
        Location: session.location,
        ETag: session.etag,
        'Accept-Patch': FRAGMENT,
        ...(iceServers.length > 0 ? { Link: iceServers.flatMap(linksOf) } : {}),
      },
      body: session.peer.answer,
      session,
    };
  }

  async function onSession({ kind, room, method, headers, body }, id) {
    if (method !== 'PATCH' && method !== 'DELETE')
      throw new Refusal(405, 'A session is patched and deleted.', { Allow: 'PATCH, DELETE, OPTIONS' });
    const session = rooms.find(id, kind, room);
    // Nothing is left to do.
    if (!session && method === 'DELETE' && rooms.wasLeft(id)) return { status: 200 };
    if (!session) throw new Refusal(404, 'There is no such session.');
    if (method === 'DELETE') {
      await session.end('deleted');
      return { status: 200 };
    }
    expect(headers, FRAGMENT);
    const match = headers['if-match'];
    if (match === undefined) throw new Refusal(428, 'If-Match is needed.');
    const fragment = parseFragment(body);
    if (!fragment) throw new Refusal(400, 'This is no fragment.');
    const restarts = fragment.ufrag !== undefined && fragment.ufrag !== session.ufrag;
    if (match === '*' && restarts) {
      if (!fragment.pwd) throw new Refusal(400, 'A restart needs a password.');
      const text = await session.restart(fragment);
      return { status: 200, headers: { 'Content-Type': FRAGMENT, ETag: session.etag }, body: text };
    }
    if (match !== '*' && !match.split(/\s*,\s*/).includes(session.etag))
      throw new Refusal(412, 'The session has another ETag.');
    await session.trickle(fragment);
    return { status: 204 };
  }
}

function expect(headers, type) {
  if (headers['content-type']?.split(';', 1)[0].trim().toLowerCase() !== type)
    throw new Refusal(415, `The body has to be ${type}.`, { Accept: type });
}

/** CORS: pages of other origins need leave for the methods and headers, and to read what comes back. */
function allowPages(request, response, allowed, without) {
  const headers = {
    'Access-Control-Allow-Origin': request.headers.origin ?? '*',
    'Access-Control-Allow-Methods': 'POST, PATCH, DELETE, OPTIONS',
    'Access-Control-Allow-Headers': ['Authorization', 'Content-Type', 'If-Match', ...allowed].join(', '),
    'Access-Control-Expose-Headers': EXPOSED,
    'Access-Control-Max-Age': '0',
    // Chromium asks before a page of the web may reach this machine.
    'Access-Control-Allow-Private-Network': 'true',
    Vary: 'Origin',
  };
  for (const [name, value] of Object.entries(headers))
    if (!without.includes(name.toLowerCase())) response.setHeader(name, value);
}

function answer(response, status, headers = {}, body = '') {
  // Nobody is there to be answered.
  if (response.destroyed) return;
  for (const [name, value] of Object.entries(headers)) if (value !== null) response.setHeader(name, value);
  response.writeHead(status).end(body);
}

/** A `Link` for each address of an ICE server (RFC 9725, section 4.6). */
function linksOf({ urls, username, credential }) {
  const quoted = (text) => `"${text.replace(/["\\]/g, '\\$&')}"`;
  const login = username
    ? `; username=${quoted(username)}; credential=${quoted(credential)}; credential-type="password"`
    : '';
  return [urls].flat().map((url) => `<${url}>; rel="ice-server"${login}`);
}
