/** Answers requests that come over a socket (docs/channel.md): each by the function that is named like its type. */

/**
 * @typedef {object} Request
 * @property {unknown} body
 * @property {Buffer | null} bytes
 * @property {AbortSignal} signal aborted when the client gives it up, or its session ends
 *
 * @typedef {{ body?: unknown, bytes?: Uint8Array | null }} Answer
 *
 * @typedef {(request: Request) => Answer | Promise<Answer> | AsyncIterable<Answer>} Responder what it throws is the answer,
 *   with the `code` and `detail` of the error
 */

/** What the demo and the tests ask for. @type {Record<string, Responder>} */
export const echo = {
  /** What came. */
  echo: ({ body, bytes }) => ({ body, bytes }),
  /** What came, this many times. */
  async *parts({ body, bytes, signal }) {
    for (let index = 0; index < body.count && !signal.aborted; index++) {
      yield { body: { index }, bytes };
      await new Promise(setImmediate);
    }
  },
};

/** Takes the messages of sessions that are requests; answers whether a message was one. */
export class Responders {
  /** By session, then by id. @type {WeakMap<object, Map<number, AbortController>>} */
  #running = new WeakMap();
  #responders;

  /** @param {Record<string, Responder>} responders */
  constructor(responders) {
    this.#responders = responders;
  }

  /** @param {import('./socket-session.mjs').ChannelMessage} message @param {import('./socket-session.mjs').SocketSession} session */
  take({ data, bytes }, session) {
    const { request, cancel, type, body } = data ?? {};
    const running = this.#running.get(session) ?? new Map();
    this.#running.set(session, running);
    running.get(cancel)?.abort();
    if (request === undefined) return cancel !== undefined;
    const controller = new AbortController();
    running.set(request, controller);
    const signal = AbortSignal.any([controller.signal, session.signal]);
    // Others need not wait for it, nor the acknowledgement. What cannot even be told to have failed ends the session.
    this.#answer(request, type, { body, bytes, signal }, session)
      .catch(() => session.end())
      .finally(() => running.delete(request));
    return true;
  }

  async #answer(id, type, request, session) {
    const { signal } = request;
    const say = (head, bytes = null) => !signal.aborted && session.send(head, bytes);
    try {
      if (!Object.hasOwn(this.#responders, type)) throw coded('unknown-type', `There is no request of type ${type}.`);
      const answers = this.#responders[type](request);
      if (typeof answers[Symbol.asyncIterator] !== 'function') {
        const { body = null, bytes = null } = await answers;
        return say({ answer: id, body }, bytes);
      }
      for await (const { body = null, bytes = null } of answers) {
        if (signal.aborted) return;
        // No faster than the client takes it in.
        await say({ part: id, body }, bytes);
      }
      say({ end: id });
    } catch (error) {
      const { code = 'failed', message = '', detail = null } = error;
      say({ failure: id, body: { code: String(code), message, detail } });
    }
  }
}

const coded = (code, message) => Object.assign(new Error(message), { code });
