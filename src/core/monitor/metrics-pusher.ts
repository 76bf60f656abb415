import { OnAirError } from '../errors.js';
import { Store } from '../store.js';
import { OPEN_METRICS_TYPE } from './open-metrics.js';
import { monitorPlatform, type MonitorPlatform } from './platform.js';

export interface MetricsPusherOptions {
  /** Where to. It may hold no name, password or token: addresses end up in logs. */
  url: string;
  /** Asked for at each push: `() => openMetrics(monitor)`. */
  body: () => string;
  /** Default: that of OpenMetrics text. */
  contentType?: string;
  /** Sent along, such as `Authorization`; asked for at each push. */
  headers?: () => Readonly<Record<string, string>>;
  /** Seconds between two pushes, and that a server may take to answer one: 1 at least; Infinity is twelve days, but for a page that goes. Default 15. */
  interval?: number;
  /** The clock, and what is told when the page goes. */
  platform?: Pick<MonitorPlatform, 'setTimeout' | 'clearTimeout' | 'date'>;
  window?: EventTarget | undefined;
  fetch?: (url: string, init: RequestInit) => Promise<Pick<Response, 'ok' | 'status'>>;
}

export interface PusherState {
  /** Pushes that were taken, and that were given up. */
  readonly sent: number;
  readonly failed: number;
  /** When the last one was taken, in milliseconds since 1970; null before. */
  readonly sentAt: number | null;
  /**
   * Why the last one was given up: `no-body` where `body` has thrown, `too-large`, `unreachable`, or an HTTP status; null
   * when it was taken.
   */
  readonly problem: 'no-body' | 'too-large' | 'unreachable' | `${number}` | null;
}

/** Bytes of a body. What a browser sends for a page that goes is bounded at 64 KiB in all (Fetch, keepalive). */
export const MOST_PUSHED = 60_000;
/** Attempts at one push, and seconds before the second; doubled before the third. */
const ATTEMPTS = 3;
const AGAIN = 1;

const REFUSED = 'Figures can only be sent to an http or https address that holds no name, password or token.';

/** Names of parameters that hold what must not be in an address. */
const SECRET = /token|secret|passw|auth|signature|credential|(^|[-_])(key|sig|pw)$|apikey/i;

/**
 * Pushes text to an address every so often, and once more when the page goes. One push at a time; one that fails is tried
 * twice more where that may help, and then the next is waited for: nothing piles up.
 */
export class MetricsPusher {
  readonly store = new Store<PusherState>({ sent: 0, failed: 0, sentAt: null, problem: null });
  readonly #options: MetricsPusherOptions & { interval: number };
  readonly #platform: NonNullable<MetricsPusherOptions['platform']>;
  #timer: unknown = null;
  #underway: AbortController | null = null;
  #over: AbortController | null = null;

  /** @throws OnAirError `invalid-value` when the address is none, or holds a secret */
  constructor(options: MetricsPusherOptions) {
    const { interval = 15 } = options;
    this.#options = { ...options, interval: interval > 1 ? interval : 1, url: checked(options.url) };
    this.#platform = options.platform ?? monitorPlatform;
  }

  /** Pushes each `interval` from now on. */
  start(): void {
    if (this.#over) return;
    this.#over = new AbortController();
    const { signal } = this.#over;
    // Chromium and Safari freeze and drop hidden pages without asking again.
    const { window = globalThis.window } = this.#options;
    window?.addEventListener('pagehide', () => void this.#send(1), { signal });
    this.#wait();
  }

  /** Pushes no more, and gives up what is underway. */
  stop(): void {
    this.#over?.abort();
    this.#over = null;
    this.#underway?.abort();
    this.#underway = null;
    if (this.#timer !== null) this.#platform.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Pushes now, in the place of what is underway. Settles when it was taken, or given up: `store` tells which. */
  push(): Promise<void> {
    return this.#send(ATTEMPTS);
  }

  #wait(): void {
    this.#timer = this.#platform.setTimeout(() => {
      this.#wait();
      if (!this.#underway) void this.push();
    }, this.#options.interval * 1000);
  }

  async #send(attempts: number): Promise<void> {
    const body = this.#body();
    this.#underway?.abort();
    this.#underway = new AbortController();
    const { signal } = this.#underway;
    const problem = typeof body === 'string' ? body : await this.#attempt(body, attempts, signal);
    if (signal.aborted) return;
    this.#underway = null;
    const { sent, failed, sentAt } = this.store.get();
    const taken = problem === null;
    this.store.set({
      sent: sent + Number(taken),
      failed: failed + Number(!taken),
      sentAt: taken ? this.#platform.date() : sentAt,
      problem,
    });
  }

  /** What is to be sent, or why it cannot be. */
  #body(): Uint8Array<ArrayBuffer> | 'no-body' | 'too-large' {
    try {
      const body = new TextEncoder().encode(this.#options.body());
      return body.byteLength > MOST_PUSHED ? 'too-large' : body;
    } catch {
      return 'no-body';
    }
  }

  async #attempt(
    body: Uint8Array<ArrayBuffer>,
    attempts: number,
    signal: AbortSignal,
  ): Promise<PusherState['problem']> {
    for (let attempt = 1; ; attempt++) {
      const problem = await this.#try(body, signal);
      if (problem === null || !mayHelp(problem) || attempt === attempts || signal.aborted) return problem;
      await this.#pause(AGAIN * 2 ** (attempt - 1), signal);
      if (signal.aborted) return problem;
    }
  }

  async #try(body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<PusherState['problem']> {
    const { url, interval, contentType = OPEN_METRICS_TYPE, headers, fetch = globalThis.fetch } = this.#options;
    // A server that never answers must not hold up what comes next.
    const attempt = new AbortController();
    const giveUp = () => attempt.abort();
    const late = this.#platform.setTimeout(giveUp, interval * 1000);
    signal.addEventListener('abort', giveUp);
    try {
      const { ok, status } = await fetch(url, {
        method: 'POST',
        headers: { ...headers?.(), 'Content-Type': contentType },
        body,
        keepalive: true,
        signal: attempt.signal,
      });
      return ok ? null : `${status}`;
    } catch {
      return 'unreachable';
    } finally {
      this.#platform.clearTimeout(late);
      signal.removeEventListener('abort', giveUp);
    }
  }

  #pause(seconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#platform.setTimeout(resolve, seconds * 1000);
      signal.addEventListener('abort', () => {
        this.#platform.clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** Whether the same may be taken a moment later. */
const mayHelp = (problem: NonNullable<PusherState['problem']>): boolean =>
  problem === 'unreachable' || ['408', '425', '429'].includes(problem) || problem.startsWith('5');

/** The address without what is not sent. @throws OnAirError `invalid-value` */
function checked(text: string): string {
  let url: URL;
  try {
    url = new URL(text, globalThis.document?.baseURI);
  } catch (cause) {
    throw new OnAirError('invalid-value', REFUSED, { cause });
  }
  const secret = [...url.searchParams.keys()].some((name) => SECRET.test(name));
  if (!/^https?:$/.test(url.protocol) || url.username || url.password || secret)
    throw new OnAirError('invalid-value', REFUSED);
  url.hash = '';
  return url.href;
}
