import { channelSentences } from '../channel-sentences.js';
import { OnAirError } from '../errors.js';
import { Metrics } from '../metrics/index.js';
import { AnswerStream } from './answer-stream.js';
import { realClock, type Clock } from './clock.js';
import type { LiveSocket } from './live-socket.js';
import type { ChannelMessage, Json } from './message.js';
import { fault } from './words.js';

export interface RequestChannelOptions {
  /** Seconds that an answer, or the next part of one, may take unless a request says otherwise. Default 30. */
  timeout?: number;
  /**
   * Where latencies go: `request:<type>` in seconds, and counters `requests:sent` (each time), `requests:retried` (those
   * times that were not the first), `requests:failed`.
   */
  metrics?: Metrics;
  clock?: Clock;
}

export interface RequestOptions {
  /** Sent with it, and copied. */
  bytes?: ArrayBuffer | ArrayBufferView;
  /** Seconds that the answer, or the next part of one, may take; Infinity waits for ever. */
  timeout?: number;
  /** Gives it up: the server is told, and the request rejects with `aborted`. */
  signal?: AbortSignal;
  /** May be done twice: it is sent again where nobody can tell whether it has arrived. Default false. */
  safe?: boolean;
}

/** What the server says to a request, or a part of it. */
export type Answer = ChannelMessage;

/** The server did not do what was asked. `code` is `request-failed`; what the server calls it is in `reason`. */
export class RequestError extends OnAirError {
  /** The server's own code. */
  readonly reason: string;
  /** What else it said. */
  readonly data: Json;

  constructor(reason: string, message: string, data: Json = null) {
    super('request-failed', channelSentences['request-failed'].replace('{reason}', message || reason), {
      fatal: false,
    });
    this.reason = reason;
    this.data = data;
  }
}

/** Types of requests beyond this many share one histogram. */
const MOST_TYPES = 64;

/** Unlike any other request of this page, whichever channel it goes through. */
let nextId = 1;

interface Pending {
  readonly type: string;
  readonly body: Json;
  readonly options: RequestOptions;
  readonly startedAt: number;
  timer: unknown;
  /** Whether the server has it, as far as the session goes. */
  delivered: boolean;
  /** Whether something was answered: what came cannot come once more. */
  answered: boolean;
  onPart(answer: Answer): void;
  onEnd(answer: Answer | null): void;
  onError(error: OnAirError): void;
}

/**
 * Requests and answers over one LiveSocket: many at a time, answered in any order, in one piece or in parts. They outlive
 * connections; where the server has lost the session, those that are safe are sent again.
 */
export class RequestChannel {
  /** Latencies by type and what was counted. */
  readonly metrics: Metrics;
  readonly #socket: LiveSocket;
  readonly #timeout: number;
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  readonly #types = new Set<string>();
  readonly #unsubscribe: (() => void)[];

  /** @param socket stays the caller's: closing the channel leaves it open */
  constructor(
    socket: LiveSocket,
    { timeout = 30, metrics = new Metrics(), clock = realClock }: RequestChannelOptions = {},
  ) {
    this.#socket = socket;
    this.#timeout = timeout;
    this.metrics = metrics;
    this.#clock = clock;
    this.#unsubscribe = [
      socket.onMessage((message) => this.#take(message)),
      socket.onSessionLost(() => this.#onSessionLost()),
      socket.store.subscribe(
        ({ state }) => state,
        (state) => state === 'closed' && this.close(),
      ),
    ];
  }

  /** Requests that wait for an answer. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Asks, and resolves with the answer. Rejects with an OnAirError: `request-failed` (a RequestError), `timeout`,
   * `aborted`, `session-lost` (not safe, and nobody can tell whether it was done), `buffer-full`, `invalid-state`.
   */
  request(type: string, body: Json = null, options: RequestOptions = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#ask(type, body, options, {
        onPart: () => {},
        onEnd: (answer) => resolve(answer ?? { data: null, bytes: null }),
        onError: reject,
      });
    });
  }

  /**
   * Asks for an answer in parts. Leaving the loop early tells the server to stop; faults are thrown by the loop, and are
   * those of `request`.
   *
   *     for await (const { data } of channel.stream('transcribe', { language: 'de' })) show(data);
   */
  stream(type: string, body: Json = null, options: RequestOptions = {}): AsyncIterableIterator<Answer, undefined> {
    const stream = new AnswerStream(() => cancel());
    const cancel = this.#ask(type, body, options, {
      onPart: (answer) => stream.add(answer),
      onEnd: (answer) => stream.end(answer),
      onError: (error) => stream.fail(error),
    });
    return stream;
  }

  /** Gives all requests up. The socket stays open. */
  close(): void {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    for (const id of [...this.#pending.keys()]) this.#giveUp(id, fault('aborted', {}, { fatal: false }));
  }

  /** Sends a request; answers the function that gives it up without a word. */
  #ask(
    type: string,
    body: Json,
    options: RequestOptions,
    listener: Pick<Pending, 'onPart' | 'onEnd' | 'onError'>,
  ): () => void {
    const { signal } = options;
    const id = nextId++;
    const abort = () => this.#giveUp(id, fault('aborted', {}, { cause: signal?.reason, fatal: false }));
    const settled = <T>(then: (value: T) => void) => {
      return (value: T) => {
        signal?.removeEventListener('abort', abort);
        then(value);
      };
    };
    if (this.#unsubscribe.length === 0) listener.onError(fault('invalid-state'));
    else if (signal?.aborted) listener.onError(fault('aborted', {}, { cause: signal.reason, fatal: false }));
    else {
      signal?.addEventListener('abort', abort);
      this.#pending.set(id, {
        type,
        body,
        options,
        startedAt: this.#clock.now(),
        timer: null,
        delivered: false,
        answered: false,
        onPart: listener.onPart,
        onEnd: settled(listener.onEnd),
        onError: settled(listener.onError),
      });
      this.#await(id);
      this.#send(id);
    }
    return () => {
      signal?.removeEventListener('abort', abort);
      this.#cancel(id);
    };
  }

  #send(id: number): void {
    const pending = this.#pending.get(id)!;
    const { type, body, options } = pending;
    this.metrics.counter('requests:sent').add();
    try {
      this.#socket.send({ request: id, type, body }, options.bytes).then(
        () => (pending.delivered = true),
        (error: OnAirError) => this.#onUndelivered(id, error),
      );
    } catch (error) {
      this.#fail(id, OnAirError.from(error, 'invalid-value', String(error)));
    }
  }

  /** Begins to wait: for the answer, or for the next part of it. */
  #await(id: number): void {
    const pending = this.#pending.get(id)!;
    const timeout = pending.options.timeout ?? this.#timeout;
    this.#clock.clearTimeout(pending.timer);
    if (timeout < Infinity)
      pending.timer = this.#clock.setTimeout(
        () => this.#giveUp(id, fault('timeout', {}, { fatal: false })),
        timeout * 1000,
      );
  }

  #take({ data, bytes }: ChannelMessage): void {
    const { answer, part, end, failure, body = null } = (data ?? {}) as Record<string, Json | undefined>;
    const id = answer ?? part ?? end ?? failure;
    const pending = typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (!pending) return;
    pending.delivered = pending.answered = true;
    if (part !== undefined) {
      pending.onPart({ data: body, bytes });
      // The listener may have had enough.
      if (this.#pending.has(part as number)) this.#await(part as number);
      return;
    }
    this.#settle(id as number);
    if (failure === undefined) {
      this.#latency(pending.type).record((this.#clock.now() - pending.startedAt) / 1000);
      return pending.onEnd(end === undefined ? { data: body, bytes } : null);
    }
    this.metrics.counter('requests:failed').add();
    const { code, message, detail } = (body ?? {}) as { code?: string; message?: string; detail?: Json };
    pending.onError(new RequestError(code ?? 'unknown', message ?? '', detail ?? null));
  }

  #onUndelivered(id: number, error: OnAirError): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    if (error.code === 'session-lost' && this.#again(id, pending)) return;
    this.#fail(id, error);
  }

  #fail(id: number, error: OnAirError): void {
    this.metrics.counter('requests:failed').add();
    this.#settle(id)?.onError(error);
  }

  /** What the server had is gone with the session; what it did not have yet is told by its delivery. */
  #onSessionLost(): void {
    for (const [id, pending] of [...this.#pending])
      if (pending.delivered) this.#onUndelivered(id, fault('session-lost', {}, { fatal: false }));
  }

  #again(id: number, pending: Pending): boolean {
    if (!pending.options.safe || pending.answered) return false;
    pending.delivered = false;
    this.metrics.counter('requests:retried').add();
    this.#send(id);
    return true;
  }

  #giveUp(id: number, error: OnAirError): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#cancel(id);
    this.metrics.counter('requests:failed').add();
    pending.onError(error);
  }

  /** The server need not go on. Where it cannot be told, it will find out by itself. */
  #cancel(id: number): void {
    if (!this.#settle(id) || this.#socket.store.get().state === 'closed') return;
    try {
      void this.#socket.send({ cancel: id });
    } catch {
      // There is no room to tell it.
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending) this.#clock.clearTimeout(pending.timer);
    return pending;
  }

  #latency(type: string) {
    if (this.#types.size < MOST_TYPES) this.#types.add(type);
    return this.metrics.histogram(`request:${this.#types.has(type) ? type : 'other'}`);
  }
}
