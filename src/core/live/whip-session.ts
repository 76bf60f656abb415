import { within, type LiveClock } from './clock.js';
import type { Endings } from './endings.js';
import { iceServersIn } from './link-header.js';
import { liveFault } from './live-faults.js';
import { readFragment, type IceFragment } from './sdp.js';
import type { TokenKeeper } from './token.js';
import { retryAfter, WhipFault } from './whip-fault.js';

/** What requests are made with. */
export interface WhipHttp {
  readonly fetch: typeof fetch;
  readonly clock: LiveClock;
  /** Seconds that an answer may take. */
  readonly timeout: number;
  /** Whether to find out why there is no answer; needless where there were answers before. */
  readonly curious: boolean;
  /** Ends what was begun in vain. */
  readonly endings: Pick<Endings, 'expect' | 'end'>;
  /** To get another one in the place of one that was refused takes the time that it takes. */
  readonly tokens: Pick<TokenKeeper, 'token' | 'renew'>;
  /** Hears of what the server does not let this page do, although it can publish. */
  flawed(fault: WhipFault): void;
}

interface WhipRequest {
  readonly url: string;
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Nobody wants the answer any more. */
  readonly signal?: AbortSignal | undefined;
  /** Takes an answer that comes too late. What has not this is given up with the time or the signal. */
  late?(answered: Answered): Promise<void>;
}

interface Answered {
  readonly response: Response;
  readonly text: string;
}

/** Seconds for which an offer that was given up is still heard of: its session is ended then. */
const LINGER = 10;

/** Seconds that words for a refusal may take to come. */
const WORDS = 1;

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
  /** Why it could not be ended, and from when on to ask again. */
  #refused: { fault: WhipFault; until: number } | null = null;

  private constructor(http: WhipHttp, { response, text }: Answered, endpoint: string) {
    const { headers, url } = response;
    this.#http = http;
    this.#etag = headers.get('ETag');
    this.url = placeOf(headers.get('Location'), url || endpoint);
    this.answer = text;
    this.iceServers = iceServersIn(headers.get('Link'));
  }

  /**
   * Sends the offer. One that is given up is still heard of: a session that begins too late is ended at once.
   * @throws WhipFault; the signal's reason
   */
  static async open(endpoint: string, body: string, http: WhipHttp, signal?: AbortSignal): Promise<WhipSession> {
    const begun = (answered: Answered) => new WhipSession(http, answered, endpoint);
    const late = async (answered: Answered) => {
      if (answered.response.ok) await http.endings.end(begun(answered));
    };
    const answered = await send({ url: endpoint, method: 'POST', headers: SDP, body, signal, late }, http);
    const { response, text } = answered;
    const session = begun(answered);
    if (/^v=0\r?\n/.test(text) && text.includes('\nm=')) {
      // The page may not see where it is.
      if (session.url === null && response.type === 'cors')
        void findOut().then((reasons) => reasons && http.flawed(reasons.unseen()));
      return session;
    }
    // Whatever it is, it may have begun something.
    if (response.status === 201) await http.endings.end(session);
    throw await refused(answered, http);
  }

  /** Sends candidates that were found since the offer. @throws WhipFault */
  async trickle(fragment: string): Promise<void> {
    await this.#patch(fragment, () => (this.#etag === null ? {} : { 'If-Match': this.#etag }));
  }

  /** Begins ICE anew; answers that of the server. @throws WhipFault */
  async restart(fragment: string): Promise<IceFragment> {
    const { text } = await this.#patch(fragment, () => ({ 'If-Match': '*' }));
    const answer = readFragment(text);
    if (!answer) throw none(501);
    return answer;
  }

  /**
   * Ends it at the server; again where that has failed before. It outlives the page.
   * @throws WhipFault where the server may still have it
   */
  close(): Promise<void> {
    if (this.#refused && this.#http.clock.now() < this.#refused.until) return Promise.reject(this.#refused.fault);
    this.#closing ??= this.#delete().catch((thrown: unknown) => {
      this.#closing = null;
      throw thrown;
    });
    return this.#closing;
  }

  async #delete(): Promise<void> {
    if (this.url === null) return;
    try {
      await send({ url: this.url, method: 'DELETE' }, this.#http);
    } catch (thrown) {
      const fault = thrown as WhipFault;
      // It is gone already, or cannot be ended by anybody.
      if (/^4(?!01|03|08|25|29)/.test(String(fault.status))) return;
      this.#refused = { fault, until: this.#http.clock.now() + (fault.retryAfter ?? 0) * 1000 };
      throw fault;
    }
  }

  #patch(body: string, condition: () => Record<string, string>): Promise<Answered> {
    const { url } = this;
    const patched = this.#patching.then(async () => {
      if (url === null) throw none(405);
      const headers = { ...FRAGMENT, ...condition() };
      const answered = await send({ url, method: 'PATCH', headers, body }, this.#http);
      this.#etag = answered.response.headers.get('ETag') ?? this.#etag;
      return answered;
    });
    this.#patching = patched.catch(() => {});
    return patched;
  }
}

/** Where a session is; null where that is not told, or makes no sense. */
function placeOf(location: string | null, base: string): string | null {
  if (!location || !URL.canParse(location, base)) return null;
  const url = new URL(location, base);
  // What stands behind a proxy may not know that it was asked by https.
  if (isWeaker(url.href, base)) url.protocol = 'https:';
  return url.href;
}

/** Makes a request, with a token; once more with another one where the first is refused. @throws WhipFault; the signal's reason */
async function send(request: WhipRequest, http: WhipHttp): Promise<Answered> {
  for (let url = request.url, renewed = false; ; request.signal?.throwIfAborted()) {
    const { token } = http.tokens;
    const answered = await ask({ ...request, url }, token, http);
    const { response } = answered;
    if (response.ok) return answered;
    // What a redirect leads to at another origin was asked without the token.
    const elsewhere = response.redirected && new URL(response.url).origin !== new URL(url).origin;
    if (response.status === 401 && elsewhere && token !== null && !isWeaker(response.url, url)) url = response.url;
    else if (response.status === 401 && !renewed && (await http.tokens.renew(token))) renewed = true;
    else throw await refused(answered, http);
  }
}

/** In few words: nobody is told of it, or those for it cannot be loaded. */
const none = (status: number, after: number | null = null): WhipFault =>
  new WhipFault(liveFault('publish-refused', { values: { status } }), status, after);

/** What an answer comes to that does not grant what was asked for. */
async function refused({ response }: Answered, http: WhipHttp): Promise<WhipFault> {
  const { status, headers } = response;
  const after = retryAfter(headers.get('Retry-After'), http.clock.date());
  // They lie on a server, too, and nothing waits for that one.
  const words = await within(import('./refusal.js'), WORDS, { clock: http.clock }).catch(() => null);
  return words
    ? new WhipFault(words.refusalOf(response, http.tokens.token !== null), status, after)
    : none(status, after);
}

/** Whether a token would go where it can be read on the way, and could not before. */
const isWeaker = (to: string, from: string): boolean => from.startsWith('https:') && !to.startsWith('https:');

const slow = (): WhipFault => new WhipFault(liveFault('unreachable', { cause: 'no answer in time' }));

/** Asks once, and waits for the answer as long as that may take. @throws WhipFault; the signal's reason */
async function ask(request: WhipRequest, token: string | null, http: WhipHttp): Promise<Answered> {
  const { clock, timeout, endings } = http;
  const { signal, late } = request;
  const over = new AbortController();
  let done = () => {};
  if (late) endings.expect(new Promise((resolve) => (done = resolve)));
  const answer = answerTo(request, token, http, over.signal);
  try {
    const answered = await within(answer, timeout, { clock, late: slow, signal });
    done();
    return answered;
  } catch (thrown) {
    if (!late) over.abort();
    else {
      const timer = clock.setTimeout(() => over.abort(), LINGER * 1000);
      void answer
        .then(late)
        .catch(() => {})
        .finally(() => clock.clearTimeout(timer))
        .then(done);
    }
    throw thrown;
  }
}

async function answerTo(
  request: WhipRequest,
  token: string | null,
  http: WhipHttp,
  signal: AbortSignal,
): Promise<Answered> {
  const { url, method, body = null } = request;
  const { fetch, curious } = http;
  const headers = { ...request.headers, ...(token === null ? {} : { Authorization: `Bearer ${token}` }) };
  let response: Response | null = null;
  try {
    response = await fetch(url, { method, headers, body, keepalive: method === 'DELETE', signal });
    return { response, text: await response.text() };
  } catch (cause) {
    // What cannot be read has begun all the same, and it is told where.
    if (response) void request.late?.({ response, text: '' }).catch(() => {});
    const reasons = curious && !signal.aborted ? await findOut() : null;
    if (!reasons) throw new WhipFault(liveFault('unreachable', { cause }));
    const fault = await reasons.whyNoAnswer({ url, method, headers, cause, fetch });
    if (method !== 'POST' && fault.told.code === 'cors') http.flawed(fault);
    throw fault;
  }
}

/** What finds out lies on a server, too. */
const findOut = () => import('./no-answer.js').catch(() => null);
