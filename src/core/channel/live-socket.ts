import type { OnAirError } from '../errors.js';
import { Store } from '../store.js';
import { realClock, type Clock } from './clock.js';
import { Heartbeat, type HeartbeatOptions } from './heartbeat.js';
import { openLink, type Link } from './link.js';
import type { ChannelMessage, Json } from './message.js';
import { watchPage } from './page.js';
import { Receipts } from './receipts.js';
import { SendBuffer, type SendBufferLimits } from './send-buffer.js';
import { CLOSE, decode, encode, type Frame } from './wire.js';
import { fault } from './words.js';

export interface LiveSocketOptions {
  /**
   * Asked before each connection; goes in the first message, never in the address. Where it rejects, it is asked again as
   * if the server had not been reached.
   */
  getToken?: () => string | Promise<string>;
  heartbeat?: HeartbeatOptions;
  /** What may wait to be acknowledged: 4096 messages and 8 MiB, unless told. */
  buffer?: SendBufferLimits;
  /** Seconds before the second and before any later attempt; they grow by 1.5 each time, with jitter. Default 0.3 and 3. */
  reconnect?: { min?: number; max?: number };
  /** Where there is no global one: Node before 22. */
  WebSocket?: typeof WebSocket;
  clock?: Clock;
}

export interface LiveSocketState {
  /** `connecting` before the first time, `reconnecting` after a link was lost, `closed` for good. */
  readonly state: 'connecting' | 'open' | 'reconnecting' | 'closed';
  /** Name of the session; another one where the server has lost the former. */
  readonly session: string | null;
  /** How often a link was replaced. */
  readonly reconnects: number;
  /** Seconds from a ping to its answer; null before the first one. */
  readonly roundTrip: number | null;
  /** What closed it, other than `close()`. */
  readonly error: OnAirError | null;
}

/**
 * A socket that comes back by itself. What is sent arrives once and in order as long as the server keeps the session,
 * over as many connections as it takes; what cannot be told to have arrived is rejected with `session-lost`. A silent
 * link is noticed by both sides and replaced without waiting for its end.
 */
export class LiveSocket {
  readonly store = new Store<LiveSocketState>({
    state: 'connecting',
    session: null,
    reconnects: 0,
    roundTrip: null,
    error: null,
  });
  readonly #url: string | (() => string | Promise<string>);
  readonly #options: LiveSocketOptions;
  readonly #clock: Clock;
  readonly #buffer: SendBuffer;
  readonly #receipts: Receipts;
  readonly #heartbeat: Heartbeat;
  readonly #messages = new Set<(message: ChannelMessage) => void>();
  readonly #losses = new Set<() => void>();
  readonly #unwatch: () => void;
  readonly #send = (frame: string | Uint8Array<ArrayBuffer>): unknown => this.#link?.send(frame);
  #link: Link | null = null;
  /** Whether what is to be said is said at the end of this turn. */
  #flushes = false;
  #pingedAt = NaN;
  #queued = 0;
  /** Before the first attempt of a link. */
  #delay: unknown = null;
  /** Whether the token before was refused. */
  #refused = false;

  /** Connects at once. @param url `ws:` or `wss:`, or what tells it before each attempt */
  constructor(url: string | (() => string | Promise<string>), options: LiveSocketOptions = {}) {
    this.#url = url;
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    this.#buffer = new SendBuffer(options.buffer);
    this.#receipts = new Receipts(this.#clock, (now) => (now ? this.#flush() : this.#flushSoon()));
    this.#heartbeat = new Heartbeat(options.heartbeat ?? {}, this.#clock, {
      ask: () => this.#ping(),
      moves: () => this.#queued > (this.#queued = this.#link?.bufferedAmount ?? 0),
      onSilent: () => this.#replace(),
    });
    this.#unwatch = watchPage(() => this.#onReturn());
    this.#connect();
  }

  /** Messages that wait to be acknowledged. */
  get pendingMessages(): number {
    return this.#buffer.length;
  }

  /** Their size in bytes. */
  get pendingBytes(): number {
    return this.#buffer.bytes;
  }

  /**
   * Sends data, and bytes with it (which are copied). Resolves when the server has acknowledged it; rejects with
   * `session-lost`, with `invalid-value` where the server takes no message of its size, or, after `close()`, with `aborted`.
   * Who does not care may leave the promise alone.
   *
   * @throws {OnAirError} at once, and takes nothing: `buffer-full` (wait for `room()`), `invalid-value` (no JSON, or
   *   larger than the buffer), `invalid-state` (closed)
   */
  send(data: Json, bytes: ArrayBuffer | ArrayBufferView | null = null): Promise<void> {
    this.#mustBeOpen();
    const delivered = this.#buffer.add(data, bytes);
    delivered.catch(() => {});
    this.#flushSoon();
    return delivered;
  }

  /**
   * Takes back what no connection has had yet; answers false where one has, or where it is settled.
   *
   * @param delivered what `send` has answered; it rejects with `aborted`
   */
  withdraw(delivered: Promise<void>): boolean {
    return this.#buffer.withdraw(delivered);
  }

  /**
   * Resolves when a message of this size fits into the buffer, to one at a time of those who wait: who sends at once finds
   * the room. Rejects with `invalid-value` where none of this size ever fits, and as `send` does.
   *
   * @param bytes of the message; without, there is room for one of some size
   */
  async room(bytes = 0): Promise<void> {
    this.#mustBeOpen();
    return this.#buffer.room(bytes);
  }

  /** Calls `listener` with each message, once and in order; returns the function that ends it. */
  onMessage(listener: (message: ChannelMessage) => void): () => void {
    this.#messages.add(listener);
    return () => this.#messages.delete(listener);
  }

  /** Calls `listener` when the server no longer knows the session, before anything goes over the new one. */
  onSessionLost(listener: () => void): () => void {
    this.#losses.add(listener);
    return () => this.#losses.delete(listener);
  }

  /** Ends the session on both sides. What waits is rejected with `aborted`. */
  close(): void {
    this.#end(null);
  }

  /** @param wait seconds before the first attempt */
  #connect(wait = 0): void {
    let token: string | undefined;
    const address = async () => {
      // It is asked for a link, too, that was let go before it had begun.
      if (this.#link !== link) throw new Error('let go');
      if (wait > 0) await new Promise<void>((next) => (this.#delay = this.#clock.setTimeout(next, wait * 1000)));
      wait = 0;
      token = await this.#options.getToken?.();
      return typeof this.#url === 'string' ? this.#url : this.#url();
    };
    const link: Link = openLink(address, { ...this.#delays, WebSocket: this.#options.WebSocket });
    link.onopen = () => this.#greet(link, token);
    link.onmessage = ({ data }: MessageEvent<unknown>) => this.#take(link, data);
    link.onclose = ({ code }: { code: number }) => this.#onClose(code);
    this.#link = link;
  }

  get #delays() {
    const { min = 0.3, max = 3 } = this.#options.reconnect ?? {};
    return { min, max };
  }

  #greet(link: Link, token: string | undefined): void {
    // The server has so long to say welcome.
    this.#heartbeat.probe();
    const { session } = this.store.get();
    link.send(encode({ type: 'hello', session, received: this.#receipts.received, token }));
  }

  #take(link: Link, data: unknown): void {
    this.#heartbeat.heard();
    const frames = decode(data);
    if (frames === null) return this.#replace(this.#delays.max);
    const thrown: unknown[] = [];
    for (const frame of frames) {
      // Whoever listens may close it, and what comes after a gap is of no use.
      if (this.#link !== link) break;
      try {
        this.#hear(frame);
      } catch (error) {
        thrown.push(error);
      }
    }
    // A listener that throws costs nobody what came with it.
    if (thrown.length > 0) throw thrown[0];
  }

  #hear(frame: Frame): void {
    const isOpen = this.store.get().state === 'open';
    // Somebody else answers there, or nobody wants to: as if there were no server.
    if (frame.type === 'bye' || (frame.type !== 'welcome' && !isOpen)) return this.#replace(this.#delays.max);
    switch (frame.type) {
      case 'welcome':
        return this.#onWelcome(frame);
      case 'message':
        return this.#onMessage(frame);
      case 'ping':
        this.#acknowledge('pong');
        break;
      case 'pong':
        if (this.#pingedAt === this.#pingedAt)
          this.store.set({ roundTrip: (this.#clock.now() - this.#pingedAt) / 1000 });
        this.#pingedAt = NaN;
        break;
      default:
    }
    if ('received' in frame) this.#buffer.acknowledge(frame.received);
  }

  #onWelcome({ session, received, resumed }: Frame & { type: 'welcome' }): void {
    const before = this.store.get().session;
    this.#refused = false;
    if (resumed) this.#buffer.acknowledge(received);
    else {
      this.#receipts.received = 0;
      this.#buffer.restart();
    }
    try {
      if (!resumed && before !== null) for (const listener of [...this.#losses]) listener();
    } finally {
      // Whoever listens may throw, and may close it.
      if (this.#link) this.#begin(session, resumed);
    }
  }

  #begin(session: string, resumed: boolean): void {
    this.#heartbeat.start();
    if (resumed) this.#buffer.transmitAgain(this.#send);
    else this.#buffer.transmit(this.#send);
    this.store.set({ state: 'open', session });
  }

  #onMessage({ seq, data, bytes }: Frame & { type: 'message' }): void {
    // It was sent again because the acknowledgement went missing.
    const { received } = this.#receipts;
    if (seq <= received) return;
    if (seq > received + 1) return this.#replace();
    this.#receipts.take();
    for (const listener of [...this.#messages]) listener({ data, bytes });
  }

  /** What is said in one turn goes together. */
  #flushSoon(): void {
    if (this.#flushes) return;
    this.#flushes = true;
    queueMicrotask(() => this.#flush());
  }

  /** Sends what waits, and how far it is. */
  #flush(): void {
    this.#flushes = false;
    if (this.store.get().state !== 'open') return;
    this.#buffer.transmit(this.#send, this.#receipts.news);
  }

  #acknowledge(type: 'ping' | 'pong'): void {
    if (this.store.get().state === 'open') this.#send(this.#receipts.tell(type));
  }

  #ping(): void {
    this.#queued = this.#link?.bufferedAmount ?? 0;
    this.#pingedAt = this.#clock.now();
    this.#acknowledge('ping');
  }

  /** The link is gone; partysocket makes another one. */
  #onClose(code: number): void {
    if (code === CLOSE.tooLarge) this.#buffer.refuse();
    if (code === CLOSE.unauthorized) {
      // A token may have run out meanwhile; the same answer to a fresh one is meant.
      if (this.#refused || !this.#options.getToken) return this.#end(fault('unauthorized'));
      this.#refused = true;
    }
    this.#quiet();
  }

  /** Lets go of the link without waiting for its end, and makes another one. */
  #replace(wait = 0): void {
    this.#detach();
    this.#connect(wait);
    this.#quiet();
  }

  /** The page is seen again, or the network is back: what was waiting for a timer is done now. */
  #onReturn(): void {
    if (this.store.get().state === 'open') this.#heartbeat.probe();
    else this.#replace();
  }

  #quiet(): void {
    this.#forget();
    const { state, reconnects } = this.store.get();
    if (state === 'open') this.store.set({ state: 'reconnecting', reconnects: reconnects + 1 });
  }

  /** What was asked of the link and what was owed to it went with it. */
  #forget(): void {
    this.#heartbeat.stop();
    this.#receipts.settle();
    this.#pingedAt = NaN;
  }

  #detach(): void {
    const link = this.#link;
    this.#link = null;
    this.#clock.clearTimeout(this.#delay);
    if (!link) return;
    link.onopen = link.onmessage = link.onclose = null;
    link.close();
  }

  #end(error: OnAirError | null): void {
    const { state } = this.store.get();
    if (state === 'closed') return;
    this.#flush();
    if (state === 'open') this.#send(encode({ type: 'bye' }));
    this.#unwatch();
    this.#detach();
    this.#forget();
    this.#buffer.clear(error ?? fault('aborted'));
    this.store.set({ state: 'closed', error });
  }

  #mustBeOpen(): void {
    const { state, error } = this.store.get();
    if (state === 'closed') throw error ?? fault('invalid-state');
  }
}
