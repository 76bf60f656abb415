import type { OnAirError } from '../errors.js';

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

/** Seconds, or a date (RFC 9110); null for neither. @param now milliseconds since 1970 */
export function retryAfter(header: string | null, now: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text);
  const at = /[a-z]/i.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? null : Math.max(0, (at - now) / 1000);
}
