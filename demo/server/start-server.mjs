/**
 * The embedded server: pages, WHIP and WHEP, sockets and health, in one process on 127.0.0.1. `npm start` runs it, and
 * tests start it, look at what arrives and switch faults on: docs/server.md.
 */
import { Faults } from './faults.mjs';
import { Figures } from './figures.mjs';
import { allowsOrigin, defaultLimits, RateLimit } from './limits.mjs';
import { metricsRoutes } from './metrics.mjs';
import { openPeer } from './peer.mjs';
import { echo, Responders } from './responders.mjs';
import { Rooms } from './rooms.mjs';
import { serve } from './server.mjs';
import { Sockets } from './socket.mjs';
import { whipHandler } from './whip.mjs';

/**
 * @typedef {object} ServerOptions
 * @property {import('./limits.mjs').Token} [token] what WHIP, WHEP and the socket ask for. Default null: nothing.
 * @property {RTCIceServer[]} [iceServers] told to clients by `Link`. Default none.
 * @property {number} [bitrate] bits per second that publishers are told they may send. Default 8 Mbps.
 * @property {'refuse' | 'replace'} [inUse] what becomes of a second publisher of a room: 409, or the first is ended. Default refuse.
 * @property {string[] | '*'} [origins] of pages that may use it besides those of this machine. Default none.
 * @property {string[]} [headers] that pages of other origins may send besides those of WHIP. Default none.
 * @property {import('./limits.mjs').Limits} [limits]
 * @property {(request: import('./whip.mjs').WhipRequest) => void} [onRequest] told each WHIP and WHEP request
 * @property {boolean} [killSwitch] lets a page stop the server for a while by `POST /kill?seconds=5`. Default false.
 * @property {typeof openPeer} [openPeer] another WebRTC stack
 * @property {Record<string, import('./responders.mjs').Responder>} [responders] what answers requests that come over a socket, by
 *   type, besides `echo` and `parts`
 * @property {(message: import('./socket-session.mjs').ChannelMessage, session: import('./socket-session.mjs').SocketSession) => unknown} [onMessage]
 *   takes messages of sockets that are no requests; they are acknowledged once what it returns has resolved
 * @property {import('./socket.mjs').SocketTimes} [sockets] times of sockets
 *
 * @typedef {Awaited<ReturnType<typeof startServer>>} EmbeddedServer
 */

/** @param {ServerOptions & Omit<import('./server.mjs').ServeOptions, 'upgrade' | 'onAnswer' | 'requestTimeout'>} [options] */
export async function startServer({
  token = null,
  iceServers = [],
  bitrate = 8_000_000,
  inUse = 'refuse',
  origins = [],
  headers = [],
  limits: given = {},
  onRequest = () => {},
  killSwitch = false,
  openPeer: open = openPeer,
  responders = {},
  onMessage = () => {},
  sockets: times = {},
  routes,
  port = 0,
  host = '127.0.0.1',
  ...pages
} = {}) {
  const limits = { ...defaultLimits, ...given };
  const rate = new RateLimit(limits.requests);
  const faults = new Faults((silent) => {
    running?.rooms.silence(silent);
    running?.sockets.silence(silent);
  });
  const figures = new Figures();
  const others = routes ?? metricsRoutes({ own: () => figures.families(running) });
  const started = performance.now();
  let expected = token;
  /**
   * What ends with a stop; null while it is stopped.
   * @type {{ rooms: Rooms, sockets: Sockets, close(): Promise<void> } | null}
   */
  let running = null;
  let address = '';
  /** When a killed server comes back. */
  let back;
  let closed = false;

  /** One after the other: what is on its way up can be neither stopped nor begun once more. */
  let turn = Promise.resolve();
  const inTurn = (act) => {
    const done = turn.then(act);
    turn = done.catch(() => {});
    return done;
  };

  const run = async () => {
    if (running) return;
    const onEnd = (session) => figures.ended(session);
    const rooms = new Rooms({ openPeer: open, faults, limits, bitrate, inUse, onEnd });
    const media = whipHandler({
      rooms,
      faults,
      limits,
      rate,
      token: () => expected,
      iceServers,
      origins,
      headers,
      host,
      onRequest,
    });
    const requests = new Responders({ ...echo, ...responders });
    const sockets = new Sockets({
      limits,
      rate,
      token: () => expected,
      origins,
      host,
      times,
      onMessage: (message, session) => requests.take(message, session) || onMessage(message, session),
      onEnd: (session) => figures.left(session),
    });
    sockets.silence(faults.silent);
    const { url, close } = await serve({
      ...pages,
      port: address ? Number(new URL(address).port) : port,
      host,
      requestTimeout: limits.request,
      upgrade: sockets.upgrade,
      onAnswer: (status) => figures.answered(status),
      routes: {
        '/whip/': media,
        '/whep/': media,
        '/healthz': (_, response) => response.setHeader('Content-Type', 'application/json').end(health()),
        ...(killSwitch ? { '/kill': onKill } : {}),
        ...others,
      },
    });
    address = url;
    running = { rooms, sockets, close };
  };

  const health = () =>
    JSON.stringify({
      status: 'ok',
      seconds: (performance.now() - started) / 1000,
      sessions: running.rooms.sessions.length,
      sockets: running.sockets.sessions.length,
    });

  /** For a button of the demo: away at once, and back after a while. */
  const onKill = (request, response) => {
    if (request.method !== 'POST' || !allowsOrigin(request, origins, host)) return response.writeHead(405).end();
    const seconds = Number(new URL(request.url, address).searchParams.get('seconds') ?? 5);
    if (!(seconds >= 0 && seconds <= 60)) return response.writeHead(400).end();
    response.writeHead(202).end();
    response.once('close', () => {
      if (closed) return;
      clearTimeout(back);
      back = setTimeout(() => inTurn(run), seconds * 1000);
      void inTurn(() => stop(false));
    });
  };

  /** @param {boolean} goodbye */
  const stop = async (goodbye) => {
    const { rooms, sockets, close } = running ?? {};
    running = null;
    await Promise.all([rooms?.close(goodbye), sockets?.close(), close?.()]);
  };

  await inTurn(run);
  return {
    /** Without a slash at its end; the same after a restart. */
    url: address,
    faults,
    /** Those that last, oldest first. */
    get sessions() {
      return running?.rooms.sessions ?? [];
    },
    /** Sessions of sockets, with a link or without. */
    get socketSessions() {
      return running?.sockets.sessions ?? [];
    },
    /** Cuts the links of all sockets without a word; their sessions wait to be taken up again. */
    cutSockets: () => running?.sockets.cut(),
    /** What is asked for from now on. */
    get token() {
      return expected;
    },
    set token(next) {
      expected = next;
    },
    /** Goes away as a machine does that loses its power: nobody is told. */
    stop: () => inTurn(() => stop(false)),
    /** Comes back on the same port, and knows nothing of what was before. */
    restart: async () => {
      clearTimeout(back);
      await inTurn(async () => {
        await stop(false);
        await run();
      });
    },
    /**
     * Ends all and resolves when nothing is left: no connection, no peer, and no timer but those of werift's last
     * handshakes, which run out within seconds.
     */
    close: async () => {
      closed = true;
      clearTimeout(back);
      faults.close();
      await inTurn(() => stop(true));
    },
  };
}
