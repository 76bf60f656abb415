/**
 * The server's side of a channel session (docs/channel.md): it outlives links, acknowledges what it has taken, and keeps
 * what it sent until that is acknowledged.
 */
import { randomUUID } from 'node:crypto';

/** @typedef {{ data: unknown, bytes: Buffer | null }} ChannelMessage */

/** What may wait to be acknowledged by a client; one that takes nothing in is let go. */
const MOST_MESSAGES = 16_384;
const MOST_BYTES = 32 * 1024 * 1024;

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
  /** Bytes of messages that came, their data in JSON included. */
  bytes = 0;
  /** How many links it has had. */
  links = 0;
  #link = null;
  #sent = 0;
  #outbox = [];
  #outboxBytes = 0;
  #chain = Promise.resolve();
  #unacknowledged = 0;
  #ackTimer;
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

  /**
   * A link that takes the session up; an older one is let go.
   * @param {{ send(frame: string | Buffer): void, drop(): void }} link
   * @param {number} received what the client has
   */
  attach(link, received, resumed) {
    this.#link?.drop();
    this.#link = link;
    this.links++;
    this.acknowledge(received);
    // What came and is not taken yet is sent again, and passed over: nobody may believe it safe before.
    link.send(JSON.stringify({ type: 'welcome', session: this.id, received: this.taken, resumed }));
    for (const { frame } of this.#outbox) link.send(frame);
  }

  detach(link) {
    if (this.#link === link) this.#link = null;
  }

  /**
   * Sends a message, now or with the next link.
   * @param {any} data
   * @param {Uint8Array | null} [bytes]
   */
  send(data, bytes = null) {
    if (this.signal.aborted) return;
    const seq = ++this.#sent;
    const frame = encode({ type: 'message', seq, data }, bytes);
    this.#outbox.push({ seq, frame });
    this.#outboxBytes += frame.length;
    if (this.#outbox.length > MOST_MESSAGES || this.#outboxBytes > MOST_BYTES) return this.end();
    this.#link?.send(frame);
  }

  /** The client has all up to this one. */
  acknowledge(seq) {
    while (this.#outbox.length > 0 && this.#outbox[0].seq <= seq)
      this.#outboxBytes -= this.#outbox.shift().frame.length;
  }

  /** Answers false where something is missing before it: the link has to be made anew. @param {ChannelMessage & { seq: number, size: number }} message */
  take({ seq, data, bytes, size }) {
    // It was sent again because its acknowledgement went missing.
    if (seq <= this.received) return true;
    if (seq > this.received + 1) return false;
    this.received = seq;
    this.bytes += size;
    this.#chain = this.#chain.then(async () => {
      await this.#onMessage({ data, bytes }, this);
      this.taken = seq;
      if (++this.#unacknowledged >= ACK_MESSAGES) this.tell('ack');
      else this.#ackTimer ??= setTimeout(() => this.tell('ack'), ACK_DELAY);
    });
    // What cannot be taken ends the session rather than be acknowledged.
    this.#chain.catch(() => this.end());
    return true;
  }

  /** Says how far it is. @param {'ack' | 'ping' | 'pong'} type */
  tell(type) {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    this.#unacknowledged = 0;
    this.#link?.send(JSON.stringify({ type, received: this.taken }));
  }

  /** Forgets it: a client that comes back is told so. */
  end() {
    if (this.signal.aborted) return;
    clearTimeout(this.#ackTimer);
    this.#abort.abort();
    this.#outbox = [];
    this.#link?.drop();
    this.#link = null;
    this.#onEnd(this);
  }
}

/** With bytes: the length of the JSON (32 bits, big-endian), the JSON, the bytes. */
function encode(head, bytes) {
  const json = JSON.stringify(head);
  if (!bytes) return json;
  const encoded = Buffer.from(json);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(encoded.length);
  return Buffer.concat([length, encoded, bytes]);
}

/** What a frame says; null where it is none of the protocol. @param {Buffer} data @param {boolean} isBinary */
export function decode(data, isBinary) {
  try {
    const length = isBinary ? data.readUInt32BE(0) : data.length;
    const start = isBinary ? 4 : 0;
    if (start + length > data.length) return null;
    const head = JSON.parse(data.toString('utf8', start, start + length));
    if (typeof head?.type !== 'string') return null;
    return { ...head, bytes: isBinary ? data.subarray(start + length) : null, size: data.length };
  } catch {
    return null;
  }
}

export const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
