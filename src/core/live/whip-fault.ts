import type { LiveErrorCode, OnAirError } from '../errors.js';
import { liveFault, type LiveFaultKey } from './live-faults.js';

/** What a request came to that was not granted. Recovery is decided by it, and a person is told of it. */
export class WhipFault extends Error {
  /** Of HTTP; 0 where there was no answer. */
  readonly status: number;
  /** Seconds after which the server asks to come back; null where it does not say. */
  readonly retryAfter: number | null;
  readonly told: OnAirError;

  constructor(told: OnAirError, status = 0, retryAfter: number | null = null) {
    super(told.message, { cause: told.cause });
    this.told = told;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** An unknown status counts as the first of its class. */
const CODES: Readonly<Record<number, LiveErrorCode>> = {
  401: 'unauthorized',
  403: 'in-use',
  409: 'in-use',
  429: 'server-busy',
  503: 'server-busy',
  500: 'server-failed',
};

/** What an answer means that is not 2xx. */
export function faultOf(response: Response, hasToken: boolean, now: number): WhipFault {
  const { status, headers } = response;
  const code = CODES[status] ?? (status >= 500 ? 'server-failed' : 'publish-refused');
  const key: LiveFaultKey =
    code === 'unauthorized' && !hasToken
      ? 'unauthorized.missing'
      : // A redirect by 301 or 302 turns a POST into a GET.
        code === 'publish-refused' && response.redirected
        ? 'publish-refused.moved'
        : code;
  return new WhipFault(
    liveFault(code, { key, values: { status }, cause: `HTTP ${status}` }),
    status,
    retryAfter(headers.get('Retry-After'), now),
  );
}

/** Seconds, or a date (RFC 9110); null for neither. @param now milliseconds since 1970 */
export function retryAfter(header: string | null, now: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text);
  const at = /[a-z]/i.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? null : Math.max(0, (at - now) / 1000);
}
