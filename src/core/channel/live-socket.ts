import ReconnectingWebSocket from 'partysocket/ws';
import type { OnAirError } from '../errors.js';
import { Store } from '../store.js';
import { realClock, type Clock } from './clock.js';
import { Heartbeat, type HeartbeatOptions } from './heartbeat.js';
import type { ChannelMessage, Json } from './message.js';
import { watchPage } from './page.js';
import { SendBuffer, type SendBufferLimits } from './send-buffer.js';
import { CLOSE, decode, encode, PROTOCOL, type Frame } from './wire.js';
import { fault } from './words.js';

export interface LiveSocketOptions {
  /** Asked before each connection; goes in the first message, never in the address. */
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

/** Acknowledgements wait for each other: this many messages, or this many milliseconds. */
const ACK_MESSAGES = 16;
const ACK_DELAY = 50;

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
  readonly #heartbeat: Heartbeat;
  readonly #messages = new Set<(message: ChannelMessage) => void>();
  readonly #losses = new Set<() => void>();
  readonly #unwatch: () => void;
  #link: ReconnectingWebSocket | null = null;
  /** The last message that came. */
  #received = 0;
  #unacknowledged = 0;
  #ackTimer: unknown = null;
  #pingedAt = NaN;
  #queued = 0;
  /** Whether the token before was refused. */
  #refused = false;

  /** Connects at once. @param url `ws:` or `wss:`, or what tells it before each attempt */
  constructor(url: string | (() => string | Promise<string>), options: LiveSocketOptions = {}) {
    this.#url = url;
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    this.#buffer = new SendBuffer(options.buffer);
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
   * `session-lost` or, after `close()`, with `aborted`. Who does not care may leave the promise alone.
   *
   * @throws {OnAirError} at once, and takes nothing: `buffer-full` (wait for `room()`), `invalid-value` (no JSON, or
   *   larger than the buffer), `invalid-state` (closed)
   */
  send(data: Json, bytes: ArrayBuffer | ArrayBufferView | null = null): Promise<void> {
    this.#mustBeOpen();
    const delivered = this.#buffer.add(data, bytes);
    delivered.catch(() => {});
    if (this.store.get().state === 'open') this.#buffer.transmit((frame) => this.#link!.send(frame));
    return delivered;
  }

  /** Resolves when a message of this size fits into the buffer. @param bytes default 0: any */
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

  #connect(): void {
    const { min = 0.3, max = 3 } = this.#options.reconnect ?? {};
    const link = new ReconnectingWebSocket(
      async () => (typeof this.#url === 'string' ? this.#url : this.#url()),
      PROTOCOL,
      {
        // Many clients of a server that comes back should not all come at once.
        minReconnectionDelay: min * 1000 * (0.5 + Math.random() / 2),
        maxReconnectionDelay: max * 1000,
        reconnectionDelayGrowFactor: 1.5,
        minUptime: 1000,
        // What waits is kept here, where it is bounded and can be sent again.
        maxEnqueuedMessages: 0,
        ...(this.#options.WebSocket ? { WebSocket: this.#options.WebSocket } : {}),
      },
    );
    link.binaryType = 'arraybuffer';
    link.onopen = () => void this.#greet(link);
    link.onmessage = ({ data }: MessageEvent<unknown>) => this.#take(data);
    link.onclose = ({ code }: { code: number }) => this.#onClose(code);
    this.#link = link;
  }

  async #greet(link: ReconnectingWebSocket): Promise<void> {
    // The server has so long to say welcome.
    this.#queued = 0;
    this.#heartbeat.probe();
    let token: string | undefined;
    try {
      token = await this.#options.getToken?.();
    } catch (error) {
      return this.#end(fault('unauthorized', {}, { cause: error }));
    }
    if (link !== this.#link) return;
    const { session } = this.store.get();
    link.send(encode({ type: 'hello', session, received: this.#received, ...(token === undefined ? {} : { token }) }));
  }

  #take(data: unknown): void {
    this.#heartbeat.heard();
    const frame = decode(data);
    const isOpen = this.store.get().state === 'open';
    if (frame === null || (frame.type !== 'welcome' && !isOpen)) return this.#replace();
    switch (frame.type) {
      case 'welcome':
        return this.#onWelcome(frame);
      case 'message':
        return this.#onMessage(frame);
      case 'bye':
        return this.#replace();
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
      this.#received = 0;
      this.#buffer.restart();
      if (before !== null) for (const listener of [...this.#losses]) listener();
    }
    this.store.set({ state: 'open', session });
    this.#heartbeat.start();
    const send = (frame: string | Uint8Array<ArrayBuffer>) => this.#link!.send(frame);
    if (resumed) this.#buffer.transmitAgain(send);
    else this.#buffer.transmit(send);
  }

  #onMessage({ seq, data, bytes }: Frame & { type: 'message' }): void {
    // It was sent again because the acknowledgement went missing.
    if (seq <= this.#received) return;
    if (seq > this.#received + 1) return this.#replace();
    this.#received = seq;
    if (++this.#unacknowledged >= ACK_MESSAGES) this.#acknowledge('ack');
    else this.#ackTimer ??= this.#clock.setTimeout(() => this.#acknowledge('ack'), ACK_DELAY);
    for (const listener of [...this.#messages]) listener({ data, bytes });
  }

  #acknowledge(type: 'ack' | 'ping' | 'pong'): void {
    this.#clock.clearTimeout(this.#ackTimer);
    this.#ackTimer = null;
    this.#unacknowledged = 0;
    if (this.store.get().state === 'open') this.#link?.send(encode({ type, received: this.#received }));
  }

  #ping(): void {
    this.#queued = this.#link?.bufferedAmount ?? 0;
    this.#pingedAt = this.#clock.now();
    this.#acknowledge('ping');
  }

  /** The link is gone; partysocket makes another one. */
  #onClose(code: number): void {
    this.#quiet();
    if (code !== CLOSE.unauthorized) return;
    // A token may have run out meanwhile; the same answer to a fresh one is meant.
    if (this.#refused || !this.#options.getToken) this.#end(fault('unauthorized'));
    this.#refused = true;
  }

  /** Lets go of the link without waiting for its end, and makes another one. */
  #replace(): void {
    this.#detach();
    this.#quiet();
    this.#connect();
  }

  /** The page is seen again, or the network is back: what was waiting for a timer is done now. */
  #onReturn(): void {
    if (this.store.get().state === 'open') this.#heartbeat.probe();
    else this.#replace();
  }

  #quiet(): void {
    this.#heartbeat.stop();
    this.#clock.clearTimeout(this.#ackTimer);
    this.#ackTimer = null;
    this.#unacknowledged = 0;
    this.#pingedAt = NaN;
    const { state, reconnects } = this.store.get();
    if (state === 'open') this.store.set({ state: 'reconnecting', reconnects: reconnects + 1 });
  }

  #detach(): void {
    const link = this.#link;
    this.#link = null;
    if (!link) return;
    link.onopen = link.onmessage = link.onclose = null;
    link.close();
  }

  #end(error: OnAirError | null): void {
    const { state } = this.store.get();
    if (state === 'closed') return;
    if (state === 'open') this.#link?.send(encode({ type: 'bye' }));
    this.#unwatch();
    this.#detach();
    this.#quiet();
    this.store.set({ state: 'closed', error });
    this.#buffer.clear(error ?? fault('aborted'));
  }

  #mustBeOpen(): void {
    const { state, error } = this.store.get();
    if (state === 'closed') throw error ?? fault('invalid-state');
  }
}
