import type { OnAirError } from '../errors.js';
import type { Json } from './message.js';
import { framed, HEAD, TOGETHER, utf8, type Outgoing } from './wire.js';
import { fault } from './words.js';

/** What may wait to be acknowledged. */
export interface SendBufferLimits {
  /** Default 4096. */
  messages?: number;
  /** Of messages, data (as JSON in UTF-8) and bytes. Default 8 MiB. */
  bytes?: number;
}

type Send = (frame: string | Uint8Array<ArrayBuffer>) => void;

interface Entry extends Outgoing {
  seq: number;
  /** Whether it was ever handed to a link: only then may the other side have it. */
  sent: boolean;
  /** What `add` has answered. */
  delivered?: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Messages from when they are handed over until the other side has acknowledged them, in order. What does not fit is
 * refused at the door; what was let in is never dropped to make room.
 */
export class SendBuffer {
  readonly #messages: number;
  readonly #most: number;
  #entries: Entry[] = [];
  #bytes = 0;
  #next = 1;
  #waiting: { bytes: number; resolve(): void; reject(error: unknown): void }[] = [];
  /** Set while one of them has been let in and has not sent yet: the room is kept for it until its turn is over. */
  #guest: ReturnType<typeof setTimeout> | undefined;

  constructor({ messages = 4096, bytes = 8 * 1024 * 1024 }: SendBufferLimits = {}) {
    this.#messages = messages;
    this.#most = bytes;
  }

  /** How many wait. */
  get length(): number {
    return this.#entries.length;
  }

  /** Their size. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes a message in; resolves once it is acknowledged.
   * @throws {OnAirError} `buffer-full`: there is no room; `invalid-value`: it is larger than the buffer, or no JSON
   */
  add(data: Json, given: ArrayBuffer | ArrayBufferView | null): Promise<void> {
    const json = JSON.stringify(data) as string | undefined;
    if (json === undefined) throw fault('invalid-value', { reason: 'it is not JSON.' });
    const size = utf8(json).length + (given?.byteLength ?? 0);
    this.#mustFit(size);
    if (!this.#fits(size)) throw fault('buffer-full', {}, { fatal: false });
    // The caller may go on to use its buffer.
    const bytes = given && copyOf(given);
    this.#bytes += size;
    const delivered = new Promise<void>((resolve, reject) => {
      this.#entries.push({ seq: this.#next++, json, bytes, size, sent: false, resolve, reject });
    });
    this.#entries.at(-1)!.delivered = delivered;
    this.#dismiss();
    return delivered;
  }

  /** Gives up what no link has had yet; answers false where one has. @param delivered what `add` has answered */
  withdraw(delivered: Promise<void>): boolean {
    const at = this.#entries.findIndex((entry) => entry.delivered === delivered);
    if (at < this.#firstUnsent()) return false;
    this.#remove(at, fault('aborted', {}, { fatal: false }));
    return true;
  }

  /** Resolves when a message of so many bytes fits; rejects with `invalid-value` where none ever does. */
  room(bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#mustFit(bytes);
      this.#waiting.push({ bytes, resolve, reject });
      this.#admit();
    });
  }

  /** Hands those that no link has had yet to `send`. @param ahead what is said before the first, even where there is none */
  transmit(send: Send, ahead: string | null = null): void {
    this.#hand(this.#entries.slice(this.#firstUnsent()), send, ahead);
  }

  /** Hands all to `send`: on a new link of the same session. */
  transmitAgain(send: Send): void {
    this.#hand(this.#entries, send, null);
  }

  /** The other side has all up to this one. */
  acknowledge(seq: number): void {
    let count = 0;
    while (count < this.#entries.length && this.#entries[count]!.seq <= seq) count++;
    for (const entry of this.#entries.splice(0, count)) {
      this.#bytes -= entry.size;
      entry.resolve();
    }
    this.#admit();
  }

  /**
   * The other side has closed the link because of the size of one that was sent. The last one of the largest cannot have
   * arrived, nor what came after it: it is given up. What goes together every server takes.
   */
  refuse(): void {
    let at = -1;
    let most = TOGETHER - 2 * HEAD;
    for (let index = this.#firstUnsent(); index-- > 0;) {
      const { size } = this.#entries[index]!;
      // What is around them differs by less.
      if (size > most + HEAD) [at, most] = [index, size];
    }
    if (at < 0) return;
    this.#remove(at, fault('invalid-value', { reason: 'the server takes none of its size.' }, { fatal: false }));
  }

  /** The other side knows nothing any more. What was sent may have arrived or not; what was not is numbered anew. */
  restart(): void {
    const lost = this.#entries.splice(0, this.#firstUnsent());
    this.#next = 1;
    for (const entry of this.#entries) entry.seq = this.#next++;
    for (const entry of lost) {
      this.#bytes -= entry.size;
      entry.reject(fault('session-lost', {}, { fatal: false }));
    }
    this.#admit();
  }

  /** Gives all of it up. */
  clear(error: unknown): void {
    for (const { reject } of [...this.#entries.splice(0), ...this.#waiting.splice(0)]) reject(error);
    this.#bytes = 0;
  }

  #hand(entries: readonly Entry[], send: Send, ahead: string | null): void {
    for (const entry of entries) entry.sent = true;
    for (const frame of framed(entries, ahead)) send(frame);
  }

  /** One that the other side does not have, nor what came after it: they are numbered anew. */
  #remove(at: number, error: OnAirError): void {
    const [entry] = this.#entries.splice(at, 1);
    for (const later of this.#entries.slice(at)) later.seq--;
    this.#next--;
    this.#bytes -= entry!.size;
    entry!.reject(error);
    this.#admit();
  }

  #firstUnsent(): number {
    const index = this.#entries.findLastIndex(({ sent }) => sent);
    return index + 1;
  }

  #mustFit(size: number): void {
    if (size > this.#most) throw fault('invalid-value', { reason: `it is over ${this.#most} bytes.` });
  }

  #fits(size: number): boolean {
    // One that is as large as the whole buffer has to pass alone.
    return this.#entries.length < this.#messages && this.#bytes + size <= this.#most;
  }

  /** Lets in the next that waits; one at a time, because what it has is still to come. */
  #admit(): void {
    const [next] = this.#waiting;
    if (!next || this.#guest !== undefined || !this.#fits(next.bytes)) return;
    this.#waiting.shift();
    next.resolve();
    this.#guest = setTimeout(() => this.#dismiss());
  }

  /** Who was let in has sent, or has left its turn unused. */
  #dismiss(): void {
    clearTimeout(this.#guest);
    this.#guest = undefined;
    this.#admit();
  }
}

export function copyOf(given: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (!ArrayBuffer.isView(given)) return new Uint8Array(given.slice(0));
  return new Uint8Array(given.buffer, given.byteOffset, given.byteLength).slice();
}
