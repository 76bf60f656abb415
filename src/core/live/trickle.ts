import type { LiveClock } from './clock.js';
import { ufragOf, writeFragment } from './sdp.js';

/** Seconds for candidates that come together to be sent together. */
const TOGETHER = 0.1;

export interface TrickleOptions {
  readonly clock: LiveClock;
  /** Sends a fragment. One at a time: what is found meanwhile goes with the next. */
  send(fragment: string): Promise<void>;
  /** The server has refused it. Nothing is sent any more until `begin()`. */
  refused(thrown: unknown): void;
}

/** Collects candidates, and sends those that came together in one request. */
export class Trickle {
  readonly #connection: RTCPeerConnection;
  readonly #options: TrickleOptions;
  readonly #over = new AbortController();
  #found: string[] = [];
  #ended = false;
  /** Whether candidates may be sent: not before the session is there, and not while ICE begins anew. */
  #open = false;
  #sending = false;
  #timer: unknown = null;

  constructor(connection: RTCPeerConnection, options: TrickleOptions) {
    this.#connection = connection;
    this.#options = options;
    const { signal } = this.#over;
    connection.addEventListener('icecandidate', this.#hear, { signal });
    connection.addEventListener('icegatheringstatechange', this.#end, { signal });
  }

  /** Sends from now on what was found, and what will be. */
  begin(): void {
    this.#open = true;
    if (this.#ended) this.#flush();
    else this.#later();
  }

  /** Keeps what is found from now on; what was found before belongs to an ICE session that is over. */
  hold(): void {
    this.#open = this.#ended = false;
    this.#found = [];
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  stop(): void {
    this.hold();
    this.#over.abort();
  }

  get #sdp(): string {
    return this.#connection.localDescription?.sdp ?? '';
  }

  #hear = ({ candidate }: RTCPeerConnectionIceEvent): void => {
    // An empty one is the end of one generation, and is told by the state, too.
    if (!candidate || candidate.candidate === '') return;
    const { usernameFragment } = candidate;
    if (usernameFragment && usernameFragment !== ufragOf(this.#sdp)) return;
    // Everything is bundled with the first medium.
    if ((candidate.sdpMLineIndex ?? 0) !== 0) return;
    this.#found.push(candidate.candidate);
    if (this.#open) this.#later();
  };

  #end = (): void => {
    if (this.#connection.iceGatheringState !== 'complete') return;
    this.#ended = true;
    if (this.#open) this.#flush();
  };

  #later(): void {
    if (this.#found.length > 0) this.#timer ??= this.#options.clock.setTimeout(() => this.#flush(), TOGETHER * 1000);
  }

  #flush(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#sending || !this.#open || (this.#found.length === 0 && !this.#ended)) return;
    const fragment = writeFragment(this.#sdp, this.#found.splice(0), this.#ended);
    const last = this.#ended;
    this.#sending = true;
    this.#options.send(fragment).then(
      () => {
        this.#sending = false;
        if (this.#found.length > 0 || this.#ended !== last) this.#flush();
      },
      (thrown: unknown) => {
        this.#sending = false;
        if (!this.#open) return;
        this.#open = false;
        this.#options.refused(thrown);
      },
    );
  }
}
