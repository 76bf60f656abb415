import type { Json } from './message.js';

/** Name of the protocol, as it is asked for when a socket opens. docs/channel.md describes it. */
export const PROTOCOL = 'onair.channel.v1';

/** Codes with which a server closes a link and says why. Others, and none at all, mean that another try is worth it. */
export const CLOSE = { tooLarge: 1009, unauthorized: 4401 } as const;

/** What goes over a link. A message has a sequence number; `received` acknowledges all up to the one it names. */
export type Frame =
  | { type: 'hello'; session: string | null; received: number; token?: string | undefined }
  | { type: 'welcome'; session: string; received: number; resumed: boolean }
  | { type: 'message'; seq: number; data: Json; bytes: Uint8Array | null }
  | { type: 'ack' | 'ping' | 'pong'; received: number }
  | { type: 'bye' };

export const encode = (frame: Exclude<Frame, { type: 'message' }>): string => JSON.stringify(frame);

/** A message that waits to be sent; `size` is that of its JSON in UTF-8, and its bytes. */
export interface Outgoing {
  readonly seq: number;
  readonly json: string;
  readonly bytes: Uint8Array | null;
  readonly size: number;
}

/** What goes together, in bytes: a server bounds what it takes at once, and a link is alive by what gets through. */
export const TOGETHER = 65_536;
/** What a message takes besides its data and bytes, and what is around them all. */
export const HEAD = 64;
const ROOM = TOGETHER - HEAD;

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * Messages in as few frames as may be: to a browser a hundred small frames are far more work than a large one.
 * @param ahead what is said before the first
 */
export function* framed(
  messages: readonly Outgoing[],
  ahead: string | null = null,
): Generator<string | Uint8Array<ArrayBuffer>> {
  let heads = ahead === null ? [] : [ahead];
  let parts: Uint8Array[] = [];
  let room = ROOM;
  for (const { seq, json, bytes, size } of messages) {
    // What is larger goes alone, so that its size alone decides whether it is taken.
    if (heads.length > 0 && room < size + HEAD) {
      yield pack(heads, parts);
      [heads, parts, room] = [[], [], ROOM];
    }
    heads.push(`{"type":"message","seq":${seq},"data":${json}${bytes ? `,"bytes":${bytes.length}` : ''}}`);
    if (bytes) parts.push(bytes);
    room -= size + HEAD;
  }
  if (heads.length > 0) yield pack(heads, parts);
}

/**
 * What is said at once: JSON, a list where it is more than one. With bytes it is binary: the length of that JSON (32 bits,
 * big-endian), the JSON in UTF-8, then the bytes of each that tells of some, in order.
 */
function pack(heads: readonly string[], parts: readonly Uint8Array[]): string | Uint8Array<ArrayBuffer> {
  const json = heads.length === 1 ? heads[0]! : `[${heads.join()}]`;
  if (parts.length === 0) return json;
  const encoded = utf8(json);
  const frame = new Uint8Array(4 + encoded.length + parts.reduce((sum, { length }) => sum + length, 0));
  new DataView(frame.buffer).setUint32(0, encoded.length);
  frame.set(encoded, 4);
  let at = 4 + encoded.length;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

/** What came, or null where some of it is none of this protocol. */
export function decode(received: unknown): Frame[] | null {
  try {
    if (typeof received === 'string') return read(received, new ArrayBuffer(0), 0);
    if (!(received instanceof ArrayBuffer)) return null;
    const length = new DataView(received).getUint32(0);
    return read(new TextDecoder().decode(new Uint8Array(received, 4, length)), received, 4 + length);
  } catch {
    return null;
  }
}

/** @param at where the bytes begin. @throws where it is not as it should be */
function read(json: string, buffer: ArrayBuffer, at: number): Frame[] {
  const said: unknown = JSON.parse(json);
  return (Array.isArray(said) ? said : [said]).map((head: Record<string, unknown>) => {
    if (!isKnown(head)) throw new TypeError();
    const { bytes } = head;
    if (!isCount(bytes)) return { ...head, bytes: null } as Frame;
    const part = new Uint8Array(buffer, at, bytes);
    at += bytes;
    return { ...head, bytes: part } as Frame;
  });
}

function isKnown({ type, seq, received, session }: Record<string, unknown>): boolean {
  switch (type) {
    case 'message':
      return isCount(seq);
    case 'welcome':
      return isCount(received) && typeof session === 'string';
    case 'ack':
    case 'ping':
    case 'pong':
      return isCount(received);
    default:
      return type === 'bye';
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
