/** Sockets at `/socket`: links that come and go, and the sessions that they take up. docs/channel.md has the protocol. */
import { admits, allowsOrigin } from './limits.mjs';
import { decodePath } from './server.mjs';
import { decode, isCount, SocketSession } from './socket-session.mjs';

export const PROTOCOL = 'onair.channel.v1';
export const CLOSE = { failed: 1011, protocol: 4400, unauthorized: 4401, late: 4408 };

/** Node's own has no server for it, and who only wants the pages need not load it. */
let loaded;
const ws = () => (loaded ??= import('ws'));

/**
 * @typedef {object} SocketTimes in seconds
 * @property {number} [interval] of silence after which a client is asked whether it is there. Default 5.
 * @property {number} [timeout] that it has to answer, and to say hello. Default 5.
 * @property {number} [keep] that a session waits for its client to come back. Default 60.
 */

export class Sockets {
  /** Those that wait for their client come after all that have waited for longer. @type {Map<string, SocketSession>} */
  #sessions = new Map();
  #links = new Set();
  #server;
  #options;
  #times;
  #silent = false;
  /** Connections that nobody answers while it is silent. */
  #held = new Set();

  /**
   * @param {object} options
   * @param {Required<import('./limits.mjs').Limits>} options.limits
   * @param {import('./limits.mjs').RateLimit} options.rate
   * @param {() => import('./limits.mjs').Token} options.token
   * @param {string[] | '*'} options.origins
   * @param {string} options.host
   * @param {SocketTimes} options.times
   * @param {ConstructorParameters<typeof SocketSession>[0]['onMessage']} options.onMessage
   * @param {(session: SocketSession) => void} [options.onEnd]
   */
  constructor(options) {
    this.#options = options;
    const { interval = 5, timeout = 5, keep = 60 } = options.times;
    this.#times = { interval: interval * 1000, timeout: timeout * 1000, keep: keep * 1000 };
  }

  /** Those that last, with a link or without. */
  get sessions() {
    return [...this.#sessions.values()];
  }

  /** Links that are open. */
  get links() {
    return this.#links.size;
  }

  /** Takes a connection that asks for a socket. @type {NonNullable<import('./server.mjs').ServeOptions['upgrade']>} */
  upgrade = async (request, socket, head) => {
    const { limits, rate, origins, host } = this.#options;
    socket.on('error', () => {});
    if (decodePath(request.url ?? '/') !== '/socket') return refuse(socket, '404 Not Found');
    if (!allowsOrigin(request, origins, host)) return refuse(socket, '403 Forbidden');
    if (rate.take(request.socket.remoteAddress) > 0) return refuse(socket, '429 Too Many Requests');
    if (this.#links.size >= limits.sockets) return refuse(socket, '503 Service Unavailable');
    if (this.#silent) return void this.#held.add(socket);
    const { WebSocketServer } = await ws();
    this.#server ??= new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: limits.message,
      handleProtocols: (protocols) => protocols.has(PROTOCOL) && PROTOCOL,
    });
    this.#server.handleUpgrade(request, socket, head, (link) => this.#open(link, socket));
  };

  /** As behind a link that swallows everything: nothing that comes is seen, nothing is sent. @param {boolean} silent */
  silence(silent) {
    this.#silent = silent;
    if (silent) return;
    for (const socket of this.#held) socket.destroy();
    this.#held.clear();
  }

  /** Cuts all links without a word; sessions wait to be taken up again. */
  cut() {
    for (const { drop } of this.#links) drop();
  }

  /** Resolves when no link and no timer is left. */
  async close() {
    for (const socket of this.#held) socket.destroy();
    const gone = [...this.#links].map(({ gone }) => gone);
    for (const session of this.sessions) session.end();
    this.cut();
    await Promise.all(gone);
  }

  #open(ws, socket) {
    const { interval, timeout, keep } = this.#times;
    let session = null;
    let greeted = false;
    let timer;
    const link = {
      send: (frame) => !this.#silent && ws.send(frame),
      hold: (on) => (on ? ws.pause() : ws.resume()),
      drop: () => ws.terminate(),
      gone: new Promise((resolve) => ws.once('close', resolve)),
    };
    this.#links.add(link);

    let heardAt = performance.now();
    let askedAt = 0;
    // Any byte is a sign of life: a large message may take longer than the time to answer.
    socket.on('data', () => {
      if (!this.#silent) heardAt = performance.now();
    });
    const look = () => {
      const now = performance.now();
      // Who does not listen judges nobody; a client that is not heard is to know that somebody is there.
      const quiet = this.#silent || ws.isPaused ? 0 : now - heardAt;
      if (ws.isPaused) session.tell('ping');
      if (quiet < interval) timer = setTimeout(look, interval - quiet);
      else if (askedAt > heardAt) link.drop();
      else {
        askedAt = now;
        session.tell('ping');
        timer = setTimeout(look, timeout);
      }
    };
    timer = setTimeout(() => ws.close(CLOSE.late), timeout);

    const hear = async (data, isBinary) => {
      // Of what is over, there may be something left in the queue.
      if (this.#silent || session?.signal.aborted) return;
      const frames = decode(data, isBinary);
      if (!frames) return ws.close(CLOSE.protocol);
      if (session) {
        for (const frame of frames) this.#take(frame, session, ws);
        return session.came(data.length);
      }
      // Before its welcome a client says hello, once, and nothing else.
      const [frame] = frames;
      if (greeted || frames.length !== 1 || !isHello(frame)) return ws.close(CLOSE.protocol);
      greeted = true;
      if (!(await admits(this.#options.token(), frame.token ?? null))) return ws.close(CLOSE.unauthorized);
      if (ws.readyState !== ws.OPEN) return;
      const known = this.#sessions.get(frame.session);
      session = known ?? this.#begin();
      clearTimeout(session.expiry);
      clearTimeout(timer);
      timer = setTimeout(look, interval);
      session.attach(link, known ? frame.received : 0, Boolean(known));
    };

    ws.on('error', () => {});
    // What fails here is the server's fault, such as a token that could not be looked up: the client may come again.
    ws.on('message', (data, isBinary) => hear(data, isBinary).catch(() => ws.close(CLOSE.failed)));
    ws.on('close', () => {
      clearTimeout(timer);
      this.#links.delete(link);
      if (!session) return;
      session.detach(link);
      if (session.connected || session.signal.aborted) return;
      session.expiry = setTimeout(() => session.end(), keep);
      this.#sessions.delete(session.id);
      this.#sessions.set(session.id, session);
    });
  }

  #take(frame, session, ws) {
    switch (frame.type) {
      case 'message':
        if (!isCount(frame.seq) || !session.take(frame)) ws.close(CLOSE.protocol);
        return;
      case 'bye':
        return session.end();
      case 'ping':
        session.tell('pong');
        break;
      case 'pong':
      case 'ack':
        break;
      default:
        return ws.close(CLOSE.protocol);
    }
    if (isCount(frame.received)) session.acknowledge(frame.received);
  }

  #begin() {
    // There are no more links than that, and this one has none yet: one of them waits for its client.
    if (this.#sessions.size >= this.#options.limits.sockets) this.sessions.find(({ connected }) => !connected)?.end();
    const session = new SocketSession({
      onMessage: this.#options.onMessage,
      onEnd: (ended) => {
        clearTimeout(ended.expiry);
        this.#sessions.delete(ended.id);
        this.#options.onEnd?.(ended);
      },
    });
    this.#sessions.set(session.id, session);
    return session;
  }
}

const isHello = ({ type, received, token = null }) =>
  type === 'hello' && isCount(received) && (token === null || typeof token === 'string');

/** Whoever does not close its side would hold the server's. */
const refuse = (socket, status) =>
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
