/**
 * What tests switch on to see how a client takes it. Faults of requests end by themselves after `times` of them; the
 * others stay until they are switched off, or all are taken back by `clear()`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from './limits.mjs';

/**
 * @typedef {object} On which requests
 * @property {'POST' | 'PATCH' | 'DELETE'} [method] default all three
 * @property {'whip' | 'whep'} [kind] default both
 * @property {number} [times] how many of them. Default 1; Infinity until it is taken back.
 */

export class Faults {
  #rules = [];
  #packet = 0;
  #silence = null;
  #closing = new AbortController();
  #onSilence;

  /** @param {(silent: boolean) => void} onSilence */
  constructor(onSilence = () => {}) {
    this.#onSilence = onSilence;
  }

  /** Share of media packets that are lost on their way in, 0 to 1. */
  drop = 0;
  /** Bits per second that publishers are told they may send (REMB); null leaves the server's own. @type {number | null} */
  bitrate = null;
  /** CORS headers that are left out, in lower case: `access-control-expose-headers`. @type {string[]} */
  withoutHeaders = [];

  /** Answers with an error. @param {On & { status?: number, retryAfter?: number | string }} options `retryAfter` in seconds or as a date */
  refuse({ status = 503, retryAfter, ...on } = {}) {
    this.#add(on, { status, headers: retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) } });
  }

  /** Sends elsewhere. @param {On & { status?: number, to?: string }} options `to`: default the same path with a query */
  redirect({ status = 307, to, ...on } = {}) {
    this.#add({ method: 'POST', ...on }, { status, to: to ?? '?elsewhere' });
  }

  /** Answers late. @param {On & { seconds: number }} options */
  delay({ seconds, ...on }) {
    this.#add(on, { delay: seconds });
  }

  /** Does what was asked, and leaves these headers out of the answer, or gives them other values. @param {On & { headers: Record<string, string | null> }} options */
  answer({ headers, ...on }) {
    this.#add(on, { answer: headers });
  }

  /** Tells of an ETag that the session does not have. @param {On} [on] */
  wrongEtag(on = {}) {
    this.answer({ ...on, headers: { ETag: '"of-another-session"' } });
  }

  /** @param {On} [on] */
  noLocation(on = {}) {
    this.answer({ method: 'POST', ...on, headers: { Location: null } });
  }

  /** Knows neither trickling nor restarts. @param {On} [on] */
  noPatch(on = {}) {
    this.refuse({ method: 'PATCH', status: 405, times: Infinity, ...on });
  }

  /**
   * Goes silent, as behind a link that swallows everything: no request is answered, nothing that arrives is seen, and
   * nothing but ICE is sent; or goes on, with the requests that wait.
   */
  silence(on = true) {
    if (on === this.silent) return;
    if (on) this.#silence = deferred();
    else {
      this.#silence.resolve();
      this.#silence = null;
    }
    this.#onSilence(on);
  }

  get silent() {
    return this.#silence !== null;
  }

  /** Whether the next packet is lost: by the golden ratio, so that every share is met soon and the same way each time. */
  loses() {
    this.#packet = (this.#packet + 0.618033988749895) % 1;
    return this.#packet < this.drop;
  }

  /** Takes everything back. */
  clear() {
    this.#rules = [];
    this.drop = 0;
    this.bitrate = null;
    this.withoutHeaders = [];
    this.silence(false);
  }

  /** Requests that wait are given up: the server closes. */
  close() {
    this.#closing.abort();
    this.clear();
  }

  /**
   * Meets a request: waits, throws a Refusal, or answers the headers that go over those of the answer.
   * @param {string} method
   * @param {'whip' | 'whep'} kind
   */
  async meet(method, kind) {
    const rules = this.#rules.filter((rule) => rule.methods.includes(method) && (rule.kind ?? kind) === kind);
    let headers = {};
    for (const rule of rules) {
      if (--rule.times <= 0) this.#rules.splice(this.#rules.indexOf(rule), 1);
      if (rule.delay) await sleep(rule.delay * 1000, undefined, { signal: this.#closing.signal });
      if (rule.answer) headers = { ...headers, ...rule.answer };
      if (rule.to) throw new Refusal(rule.status, 'It is elsewhere.', { Location: rule.to });
      if (rule.status) throw new Refusal(rule.status, 'A fault that was asked for.', rule.headers);
    }
    if (this.#silence) await this.#silence.promise;
    return headers;
  }

  #add({ method, kind, times = 1 }, rule) {
    this.#rules.push({ methods: method ? [method] : ['POST', 'PATCH', 'DELETE'], kind, times, ...rule });
  }
}

function deferred() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}
