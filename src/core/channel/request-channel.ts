import { channelSentences } from '../channel-sentences.js';
import { OnAirError } from '../errors.js';
import { Metrics } from '../metrics/index.js';
import { AnswerStream } from './answer-stream.js';
import { realClock, type Clock } from './clock.js';
import type { LiveSocket } from './live-socket.js';
import type { ChannelMessage, Json } from './message.js';
import { copyOf } from './send-buffer.js';
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
  /** Gives it up: the request rejects with `aborted`, and the server is told where it was sent. */
  signal?: AbortSignal;
  /** May be done twice: it is sent again, as it was given, where nobody can tell whether it has arrived. Default false. */
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
  readonly options: RequestOptions;
  readonly startedAt: number;
  timer: unknown;
  /** What a safe one was given, for when it is sent again: whoever gave it goes on to use it. */
  kept?: [Json, Uint8Array | null];
  /** Settles once the server has it, or cannot have it any more. */
  sending?: Promise<void>;
  /** Whether the server has it, as far as the session goes. */
  delivered: boolean;
  /** Whether something was answered: what came cannot come once more. */
  answered: boolean;
  /** Lets go of its signal. */
  release(): void;
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
   * `aborted`, `session-lost` (not safe, and nobody can tell whether it was done), `buffer-full`, `invalid-value`,
   * `invalid-state`, `unauthorized`.
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
    const error = this.#closing ?? fault('aborted', {}, { fatal: false });
    for (const id of [...this.#pending.keys()]) this.#giveUp(id, error);
  }

  /** What closed the socket. */
  get #closing(): OnAirError | null {
    return this.#socket.store.get().error;
  }

  /** Sends a request; answers the function that gives it up without a word. */
  #ask(
    type: string,
    body: Json,
    options: RequestOptions,
    listener: Pick<Pending, 'onPart' | 'onEnd' | 'onError'>,
  ): () => void {
    const { signal, bytes = null } = options;
    const id = nextId++;
    const aborted = () => fault('aborted', {}, { cause: signal?.reason, fatal: false });
    if (this.#unsubscribe.length === 0) listener.onError(this.#closing ?? fault('invalid-state'));
    else if (signal?.aborted) listener.onError(aborted());
    else {
      const abort = () => this.#giveUp(id, aborted());
      signal?.addEventListener('abort', abort);
      this.#pending.set(id, {
        ...listener,
        type,
        options,
        startedAt: this.#clock.now(),
        timer: null,
        delivered: false,
        answered: false,
        release: () => signal?.removeEventListener('abort', abort),
      });
      this.#await(id);
      this.#send(id, { request: id, type, body }, bytes);
    }
    return () => void this.#cancel(id);
  }

  #send(id: number, data: Json, bytes: ArrayBuffer | ArrayBufferView | null): void {
    const pending = this.#pending.get(id)!;
    this.metrics.counter('requests:sent').add();
    try {
      pending.sending = this.#socket.send(data, bytes);
      if (pending.options.safe) pending.kept ??= [JSON.parse(JSON.stringify(data)) as Json, bytes && copyOf(bytes)];
      pending.sending.then(
        () => (pending.delivered = true),
        (error: OnAirError) => this.#onUndelivered(id, error),
      );
    } catch (error) {
      this.#reject(this.#settle(id), OnAirError.from(error, 'invalid-value'));
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
    const { code, message, detail } = (body ?? {}) as { code?: string; message?: string; detail?: Json };
    this.#reject(pending, new RequestError(code ?? 'unknown', message ?? '', detail ?? null));
  }

  #onUndelivered(id: number, error: OnAirError): void {
    const pending = this.#pending.get(id);
    if (!pending?.kept || pending.answered || error.code !== 'session-lost')
      return this.#reject(this.#settle(id), error);
    pending.delivered = false;
    this.metrics.counter('requests:retried').add();
    this.#send(id, ...pending.kept);
  }

  /** What the server had is gone with the session; what it did not have yet is told by its delivery. */
  #onSessionLost(): void {
    for (const [id, pending] of [...this.#pending])
      if (pending.delivered) this.#onUndelivered(id, fault('session-lost', {}, { fatal: false }));
  }

  #giveUp(id: number, error: OnAirError): void {
    this.#reject(this.#cancel(id), error);
  }

  #reject(settled: Pending | undefined, error: OnAirError): void {
    if (!settled) return;
    this.metrics.counter('requests:failed').add();
    settled.onError(error);
  }

  /** What is unsent stays so; else the server need not go on. Where it cannot be told, it will find out by itself. */
  #cancel(id: number): Pending | undefined {
    const settled = this.#settle(id);
    try {
      if (settled?.sending && !this.#socket.withdraw(settled.sending)) void this.#socket.send({ cancel: id });
    } catch {
      // There is no room to tell it, or it is closed.
    }
    return settled;
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.release();
    this.#clock.clearTimeout(pending?.timer);
    return pending;
  }

  #latency(type: string) {
    if (this.#types.size < MOST_TYPES) this.#types.add(type);
    return this.metrics.histogram(`request:${this.#types.has(type) ? type : 'other'}`);
  }
}
