import { within, type LiveClock } from './clock.js';
import { iceServersIn } from './link-header.js';
import { liveFault } from './live-faults.js';
import { readFragment, type IceFragment } from './sdp.js';
import { faultOf, WhipFault } from './whip-fault.js';

/** What requests are made with. */
export interface WhipHttp {
  readonly fetch: typeof fetch;
  readonly clock: LiveClock;
  /** Seconds that an answer may take. */
  readonly timeout: number;
  /** Whether to find out why there is no answer; needless where there were answers before. */
  readonly curious: boolean;
  /** The bearer token of the next request; null for none. */
  token(): string | null;
  /** Gets another token in the place of one that was refused; says whether there is one. */
  renew(refused: string | null): Promise<boolean>;
}

interface WhipRequest {
  readonly url: string;
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** Seconds for which an offer that was given up is still heard of: its session is ended then. */
const LINGER = 10;

const SDP = { 'Content-Type': 'application/sdp' };
const FRAGMENT = { 'Content-Type': 'application/trickle-ice-sdpfrag' };

/** A session at a WHIP endpoint (RFC 9725), as far as it is HTTP. One PATCH at a time, because each needs the last one's ETag. */
export class WhipSession {
  /** Null where the server tells none: then nothing can be sent after the offer, and it finds out about the end by itself. */
  readonly url: string | null;
  readonly answer: string;
  readonly iceServers: readonly RTCIceServer[];
  readonly #http: WhipHttp;
  #etag: string | null;
  #patching: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  private constructor(http: WhipHttp, response: Response, endpoint: string, answer: string) {
    const { headers, url } = response;
    const location = headers.get('Location');
    this.#http = http;
    this.#etag = headers.get('ETag');
    this.url = location === null ? null : new URL(location, url || endpoint).href;
    this.answer = answer;
    this.iceServers = iceServersIn(headers.get('Link'));
  }

  /**
   * Sends the offer. One that is given up is still heard of: a session that begins too late is ended at once.
   * @throws WhipFault; the signal's reason
   */
  static async open(endpoint: string, offer: string, http: WhipHttp, signal?: AbortSignal): Promise<WhipSession> {
    const { clock, timeout } = http;
    const over = new AbortController();
    const opening = WhipSession.#post(endpoint, offer, http, over.signal);
    try {
      return await within(opening, timeout, { clock, late: slow, ...(signal ? { signal } : {}) });
    } catch (thrown) {
      const timer = clock.setTimeout(() => over.abort(), LINGER * 1000);
      opening
        .then((session) => session.close())
        .catch(() => {})
        .finally(() => clock.clearTimeout(timer));
      throw thrown;
    }
  }

  static async #post(endpoint: string, body: string, http: WhipHttp, signal: AbortSignal): Promise<WhipSession> {
    const response = await send({ url: endpoint, method: 'POST', headers: SDP, body, signal }, http);
    const answer = await response.text();
    const session = new WhipSession(http, response, endpoint, answer);
    if (/^v=0\r?\n/.test(answer) && answer.includes('\nm=')) return session;
    // Whatever it is, it may have begun something.
    if (response.status === 201) await session.close().catch(() => {});
    const key = response.redirected ? 'publish-refused.moved' : 'publish-refused.answer';
    throw new WhipFault(liveFault('publish-refused', { key }), response.status);
  }

  /** Sends candidates that were found since the offer. @throws WhipFault */
  async trickle(fragment: string): Promise<void> {
    await this.#patch(fragment, () => (this.#etag === null ? {} : { 'If-Match': this.#etag }));
  }

  /** Begins ICE anew; answers that of the server. @throws WhipFault */
  async restart(fragment: string): Promise<IceFragment> {
    const response = await this.#patch(fragment, () => ({ 'If-Match': '*' }));
    const answer = readFragment(await response.text());
    if (!answer) throw new WhipFault(liveFault('server-failed', { values: { status: response.status } }), 501);
    return answer;
  }

  /**
   * Ends it at the server; again where that has failed before. It outlives the page.
   * @throws WhipFault where the server may still have it
   */
  close(): Promise<void> {
    this.#closing ??= this.#delete().catch((thrown: unknown) => {
      this.#closing = null;
      throw thrown;
    });
    return this.#closing;
  }

  async #delete(): Promise<void> {
    if (this.url === null) return;
    try {
      await soon({ url: this.url, method: 'DELETE' }, this.#http);
    } catch (thrown) {
      // It is gone already, or cannot be ended by anybody.
      if (thrown instanceof WhipFault && /^4(?!01|03|08|25|29)/.test(String(thrown.status))) return;
      throw thrown;
    }
  }

  #patch(body: string, condition: () => Record<string, string>): Promise<Response> {
    const { url } = this;
    const patched = this.#patching.then(async () => {
      if (url === null) throw new WhipFault(liveFault('publish-refused', { values: { status: 405 } }), 405);
      const response = await soon({ url, method: 'PATCH', headers: { ...FRAGMENT, ...condition() }, body }, this.#http);
      this.#etag = response.headers.get('ETag') ?? this.#etag;
      return response;
    });
    this.#patching = patched.catch(() => {});
    return patched;
  }
}

const slow = (): WhipFault => new WhipFault(liveFault('unreachable', { cause: 'no answer in time' }));

/** Makes a request that is given up when it has no answer in time. @throws WhipFault */
async function soon(request: WhipRequest, http: WhipHttp): Promise<Response> {
  const over = new AbortController();
  try {
    return await within(send({ ...request, signal: over.signal }, http), http.timeout, {
      clock: http.clock,
      late: slow,
    });
  } catch (thrown) {
    over.abort();
    throw thrown;
  }
}

/** Makes a request, with a token; once more with another one where the first is refused. @throws WhipFault */
async function send(request: WhipRequest, http: WhipHttp): Promise<Response> {
  for (let url = request.url, renewed = false; ;) {
    const token = http.token();
    const response = await ask({ ...request, url }, token, http);
    if (response.ok) return response;
    // What a redirect leads to at another origin was asked without the token.
    const elsewhere = response.redirected && new URL(response.url).origin !== new URL(url).origin;
    if (response.status === 401 && elsewhere && token !== null && !isWeaker(response.url, url)) url = response.url;
    else if (response.status === 401 && !renewed && (await http.renew(token))) renewed = true;
    else throw faultOf(response, token !== null, http.clock.date());
  }
}

/** Whether a token would go where it can be read on the way, and could not before. */
const isWeaker = (to: string, from: string): boolean => from.startsWith('https:') && !to.startsWith('https:');

async function ask({ url, method, headers = {}, ...rest }: WhipRequest, token: string | null, http: WhipHttp) {
  const { fetch, curious } = http;
  const all = { ...headers, ...(token === null ? {} : { Authorization: `Bearer ${token}` }) };
  try {
    return await fetch(url, { method, headers: all, cache: 'no-store', keepalive: method === 'DELETE', ...rest });
  } catch (cause) {
    // What finds out lies on a server, too.
    const reasons = curious && !rest.signal?.aborted ? await import('./no-answer.js').catch(() => null) : null;
    if (!reasons) throw new WhipFault(liveFault('unreachable', { cause }));
    throw await reasons.whyNoAnswer({ url, method, headers: all, cause, fetch });
  }
}
