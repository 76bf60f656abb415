/** What a stranger may ask of the server, and how much of it. */
import { timingSafeEqual, createHash } from 'node:crypto';

/**
 * @typedef {object} Limits
 * @property {number} [body] bytes of a request's body. Default 64 KiB.
 * @property {number} [sessions] WHIP and WHEP sessions at a time. Default 64.
 * @property {number} [sockets] sockets at a time, and their sessions, with a link or without. Default 256.
 * @property {number} [message] bytes of a socket's message. Default 1 MiB.
 * @property {number} [requests] requests of one address, to WHIP, WHEP and the socket, in ten seconds. Default 300.
 * @property {number} [idle] seconds after which a session is ended from which nothing comes. Default 30.
 * @property {number} [away] seconds without anything from a publisher after which another one may have its room. Default 10.
 * @property {number} [request] seconds that a request may take to arrive. Default 10.
 */
export const defaultLimits = {
  body: 64 * 1024,
  sessions: 64,
  sockets: 256,
  message: 1024 * 1024,
  requests: 300,
  idle: 30,
  away: 10,
  request: 10,
};

/** An answer other than the one hoped for. `headers` go with it. */
export class Refusal extends Error {
  constructor(status, message, headers = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/**
 * The body as text; what is longer is not read to its end.
 * @param {import('node:http').IncomingMessage} request
 * @param {number} most bytes
 */
export async function readBody(request, most) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // The connection goes with it: what is still on its way would be taken for another request.
    if (size > most) throw new Refusal(413, `The body is over ${most} bytes.`, { Connection: 'close' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const WINDOW = 10_000;

/** Counts requests by address in windows of ten seconds; only addresses of the window are held. */
export class RateLimit {
  #most;
  #began = 0;
  #counts = new Map();

  /** @param {number} most requests in a window */
  constructor(most) {
    this.#most = most;
  }

  /** Seconds to wait; 0 for a request that may pass, which is counted. */
  take(address, now = performance.now()) {
    if (now - this.#began >= WINDOW) {
      this.#began = now;
      this.#counts.clear();
    }
    const count = (this.#counts.get(address) ?? 0) + 1;
    this.#counts.set(address, count);
    return count > this.#most ? Math.ceil((this.#began + WINDOW - now) / 1000) : 0;
  }
}

/** @typedef {string | null | ((token: string | null) => boolean | Promise<boolean>)} Token what lets in; null lets everyone in */

/** @param {Token} expected @param {string | null} given */
export async function admits(expected, given) {
  if (expected === null) return true;
  if (typeof expected === 'function') return expected(given);
  return given !== null && timingSafeEqual(digest(expected), digest(given));
}

const digest = (text) => createHash('sha256').update(text).digest();

/** The token of `Authorization: Bearer ...`; null where there is none. */
export const bearer = (request) => /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Whether a page of this origin may use the server. A server on this machine would otherwise be open to every page of the
 * web that its owner visits. What is no page has no origin, and passes.
 * @param {import('node:http').IncomingMessage} request
 * @param {string[] | '*'} origins allowed besides pages of this machine
 * @param {string} host that the server listens on
 */
export function allowsOrigin(request, origins, host) {
  const { origin } = request.headers;
  if (origin === undefined || origins === '*' || origins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  // By its own name a server on this machine may be anyone's: DNS rebinding.
  return LOOPBACK.test(from.hostname) || (!LOOPBACK.test(host) && from.host === request.headers.host);
}
