import type { Json } from './message.js';

/** Name of the protocol, as it is asked for when a socket opens. docs/channel.md describes it. */
export const PROTOCOL = 'onair.channel.v1';

/** Codes with which a server closes a link and says why. Others, and none at all, mean that another try is worth it. */
export const CLOSE = { unauthorized: 4401 } as const;

/** What goes over a link. A message has a sequence number; `received` acknowledges all up to the one it names. */
export type Frame =
  | { type: 'hello'; session: string | null; received: number; token?: string }
  | { type: 'welcome'; session: string; received: number; resumed: boolean }
  | { type: 'message'; seq: number; data: Json; bytes: Uint8Array | null }
  | { type: 'ack' | 'ping' | 'pong'; received: number }
  | { type: 'bye' };

/** A frame without bytes is JSON in text. */
export const encode = (frame: Exclude<Frame, { type: 'message' }>): string => JSON.stringify(frame);

/** A message with bytes is binary: the length of its JSON (32 bits, big-endian), the JSON in UTF-8, then the bytes. */
export function encodeMessage(seq: number, json: string, bytes: Uint8Array | null): string | Uint8Array<ArrayBuffer> {
  const head = `{"type":"message","seq":${seq},"data":${json}}`;
  if (!bytes) return head;
  const encoded = new TextEncoder().encode(head);
  const frame = new Uint8Array(4 + encoded.length + bytes.length);
  new DataView(frame.buffer).setUint32(0, encoded.length);
  frame.set(encoded, 4);
  frame.set(bytes, 4 + encoded.length);
  return frame;
}

/** What came, or null where it is none of this protocol. */
export function decode(received: unknown): Frame | null {
  try {
    if (typeof received === 'string') return asFrame(JSON.parse(received), null);
    if (!(received instanceof ArrayBuffer)) return null;
    const length = new DataView(received).getUint32(0);
    const head = new TextDecoder().decode(new Uint8Array(received, 4, length));
    return asFrame(JSON.parse(head), new Uint8Array(received, 4 + length));
  } catch {
    return null;
  }
}

function asFrame(parsed: unknown, bytes: Uint8Array | null): Frame | null {
  const { type, seq, received, session } = parsed as Record<string, unknown>;
  const known =
    type === 'message'
      ? isCount(seq)
      : type === 'welcome'
        ? isCount(received) && typeof session === 'string'
        : type === 'ack' || type === 'ping' || type === 'pong'
          ? isCount(received)
          : type === 'bye';
  return known ? ({ ...(parsed as object), bytes } as Frame) : null;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
