/**
 * The server's side of a channel session (docs/channel.md): it outlives links, acknowledges what it has taken, and keeps
 * what it sent until that is acknowledged.
 */
import { randomUUID } from 'node:crypto';

/** @typedef {{ data: unknown, bytes: Buffer | null }} ChannelMessage */

/** What may wait to be acknowledged by a client; one that takes less in than it asks for is let go. */
const MOST_MESSAGES = 16_384;
const MOST_BYTES = 32 * 1024 * 1024;

/** Bytes that came and are not taken yet, beyond which no more are read. */
const MOST_UNTAKEN = 4 * 1024 * 1024;

/** Acknowledgements wait for each other: this many messages, or this many milliseconds. */
const ACK_MESSAGES = 16;
const ACK_DELAY = 20;

export class SocketSession {
  id = randomUUID();
  createdAt = performance.now();
  /** The last message that came. */
  received = 0;
  /** The last one that its taker was done with. */
  taken = 0;
  /** Of all that came. */
  bytes = 0;
  /** How many links it has had. */
  links = 0;
  #link = null;
  #sent = 0;
  /** The last one that this link was given. */
  #handed = 0;
  #outbox = [];
  #outboxBytes = 0;
  /** Those who wait until less is on its way. */
  #waiting = [];
  #chain = Promise.resolve();
  #untaken = 0;
  #unacknowledged = 0;
  #ackTimer;
  #flushing;
  #abort = new AbortController();
  #onMessage;
  #onEnd;

  /**
   * @param {object} options
   * @param {(message: ChannelMessage, session: SocketSession) => unknown} options.onMessage a message counts as taken once
   *   what this returns has resolved; the next one waits for that
   * @param {(session: SocketSession) => void} options.onEnd
   */
  constructor({ onMessage, onEnd }) {
    this.#onMessage = onMessage;
    this.#onEnd = onEnd;
  }

  /** Aborted when the session ends: whoever works for it may stop. */
  get signal() {
    return this.#abort.signal;
  }

  get connected() {
    return this.#link !== null;
  }

  /** Whether no more is read until what came is taken. */
  get held() {
    return this.#untaken > MOST_UNTAKEN;
  }

  /**
   * A link that takes the session up; an older one is let go.
   * @param {{ send(frame: string | Buffer): void, hold(on: boolean): void, drop(): void }} link
   * @param {number} received what the client has
   */
  attach(link, received, resumed) {
    this.#link?.drop();
    this.#link = link;
    this.links++;
    this.acknowledge(received);
    // What came and is not taken yet is sent again, and passed over: nobody may believe it safe before.
    link.send(JSON.stringify({ type: 'welcome', session: this.id, received: this.taken, resumed }));
    this.#handed = 0;
    this.#flush();
    link.hold(this.held);
  }

  detach(link) {
    if (this.#link === link) this.#link = null;
  }

  /**
   * Sends a message, now or with the next link. Who has many waits for what this returns: it resolves when less than half
   * is on its way of what may be, or when the session is over.
   * @param {any} data
   * @param {Uint8Array | null} [bytes]
   * @returns {Promise<void> | undefined}
   */
  send(data, bytes = null) {
    if (this.signal.aborted) return;
    const seq = ++this.#sent;
    const head = JSON.stringify({ type: 'message', seq, data, bytes: bytes?.length });
    const size = Buffer.byteLength(head) + (bytes?.length ?? 0);
    this.#outbox.push({ seq, head, bytes, size });
    this.#outboxBytes += size;
    if (this.#outbox.length > MOST_MESSAGES || this.#outboxBytes > MOST_BYTES) return this.end();
    this.#soon();
    if (this.#crowded) return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The client has all up to this one. */
  acknowledge(seq) {
    while (this.#outbox.length > 0 && this.#outbox[0].seq <= seq) this.#outboxBytes -= this.#outbox.shift().size;
    if (!this.#crowded) this.#goOn();
  }

  /** Answers false where something is missing before it: the link has to be made anew. @param {ChannelMessage & { seq: number }} message */
  take({ seq, data, bytes }) {
    // It was sent again because its acknowledgement went missing.
    if (seq <= this.received) return true;
    if (seq > this.received + 1) return false;
    this.received = seq;
    this.#chain = this.#chain.then(async () => {
      await this.#onMessage({ data, bytes }, this);
      this.taken = seq;
      if (++this.#unacknowledged >= ACK_MESSAGES) this.#soon();
      else this.#ackTimer ??= setTimeout(() => this.#flush(), ACK_DELAY);
    });
    // What cannot be taken ends the session rather than be acknowledged.
    this.#chain.catch(() => this.end());
    return true;
  }

  /** A frame came, and what it said was told to `take`; more are read while those that took it can follow. @param {number} bytes of it */
  came(bytes) {
    this.bytes += bytes;
    this.#untaken += bytes;
    if (this.held) this.#link?.hold(true);
    const taken = () => {
      this.#untaken -= bytes;
      if (!this.held) this.#link?.hold(false);
    };
    // What cannot be taken has ended the session.
    this.#chain.then(taken, () => {});
  }

  /** Says how far it is. @param {'ping' | 'pong'} type */
  tell(type) {
    this.#link?.send(this.#progress(type));
  }

  /** Forgets it: a client that comes back is told so. */
  end() {
    if (this.signal.aborted) return;
    clearTimeout(this.#ackTimer);
    clearImmediate(this.#flushing);
    this.#abort.abort();
    this.#outbox = [];
    this.#goOn();
    this.#link?.drop();
    this.#link = null;
    this.#onEnd(this);
  }

  get #crowded() {
    return this.#outbox.length > MOST_MESSAGES / 2 || this.#outboxBytes > MOST_BYTES / 2;
  }

  #goOn() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** What is said in one turn goes together. */
  #soon() {
    this.#flushing ??= setImmediate(() => this.#flush());
  }

  /** Sends what this link has not had, and how far it is. */
  #flush() {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (!this.#link) return;
    const news = this.#unacknowledged > 0 ? this.#progress('ack') : null;
    const unsent = this.#outbox.slice(Math.max(0, this.#outbox.length - (this.#sent - this.#handed)));
    this.#handed = this.#sent;
    for (const frame of framed(unsent, news)) this.#link.send(frame);
  }

  #progress(type) {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    this.#unacknowledged = 0;
    return JSON.stringify({ type, received: this.taken });
  }
}

/** What goes together, in bytes. */
const TOGETHER = 65_536;

/** Messages in as few frames as may be. @param {string | null} ahead what is said before the first */
function* framed(messages, ahead) {
  let heads = ahead === null ? [] : [ahead];
  let parts = [];
  let room = TOGETHER;
  for (const { head, bytes, size } of messages) {
    if (room < TOGETHER && room < size) {
      yield pack(heads, parts);
      [heads, parts, room] = [[], [], TOGETHER];
    }
    heads.push(head);
    if (bytes) parts.push(bytes);
    room -= size;
  }
  if (heads.length > 0) yield pack(heads, parts);
}

/** A list where it is more than one. With bytes: the length of the JSON (32 bits, big-endian), the JSON, the bytes of each. */
function pack(heads, parts) {
  const json = heads.length === 1 ? heads[0] : `[${heads.join()}]`;
  if (parts.length === 0) return json;
  const encoded = Buffer.from(json);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(encoded.length);
  return Buffer.concat([length, encoded, ...parts]);
}

/** What a frame says, one after the other; null where some of it is none of the protocol. @param {Buffer} data @param {boolean} isBinary */
export function decode(data, isBinary) {
  try {
    const length = isBinary ? data.readUInt32BE(0) : data.length;
    const start = isBinary ? 4 : 0;
    let at = start + length;
    if (at > data.length) return null;
    const said = JSON.parse(data.toString('utf8', start, at));
    const frames = [said].flat().map((head) => {
      if (!isCount(head.bytes)) return { ...head, bytes: null };
      at += head.bytes;
      return { ...head, bytes: data.subarray(at - head.bytes, at) };
    });
    return at <= data.length && frames.every(({ type }) => typeof type === 'string') ? frames : null;
  } catch {
    return null;
  }
}

export const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
