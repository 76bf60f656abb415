import { ByteQueue } from './byte-queue.js';

/** An encoded packet, as far as a replay needs to know it. Times are seconds of media. */
export interface ReplayPacket {
  readonly kind: 'video' | 'audio';
  readonly timestamp: number;
  readonly duration: number;
  /** Whether decoding can start here. Of audio, each packet. */
  readonly key: boolean;
  readonly byteLength: number;
}

export interface ReplayBufferOptions {
  /** Seconds of media to keep, at least, once that much has come. */
  duration: number;
  /** Most bytes to keep, whatever the duration. */
  bytes: number;
}

/**
 * The last seconds of encoded media, from a key frame on. Goes by media time only, and lets whole groups of pictures
 * go: the oldest when the rest still covers the duration, or when the bytes are used up.
 */
export class ReplayBuffer<P extends ReplayPacket> {
  #limits: ReplayBufferOptions;
  #video = new ByteQueue<P>();
  #audio = new ByteQueue<P>();
  /** Timestamps of the key frames held, oldest first. */
  #keys: number[] = [];
  #hasVideo = false;
  #end = -Infinity;

  constructor(limits: ReplayBufferOptions) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#video.bytes + this.#audio.bytes;
  }

  /** Seconds of media that `packets()` covers. */
  get duration(): number {
    const start = this.#start();
    return start === undefined ? 0 : this.#end - start;
  }

  /** Takes packets of both kinds as they come; each kind in the order of its timestamps. */
  push(packet: P): void {
    if (packet.kind === 'video') {
      this.#hasVideo = true;
      // Without its key frame the rest of a group cannot be decoded.
      if (!packet.key && this.#keys.length === 0) return;
      if (packet.key) this.#keys.push(packet.timestamp);
      this.#video.push(packet);
    } else {
      this.#audio.push(packet);
    }
    this.#end = Math.max(this.#end, packet.timestamp + packet.duration);
    this.#trim();
  }

  /** What is held, by timestamp, from a key frame on. It stays held. */
  packets(): P[] {
    const start = this.#start();
    if (start === undefined) return [];
    const audio = [...this.#audio].filter((packet) => packet.timestamp >= start);
    return [...this.#video, ...audio].sort((a, b) => a.timestamp - b.timestamp);
  }

  clear(): void {
    this.#video.clear();
    this.#audio.clear();
    this.#keys = [];
    this.#hasVideo = false;
    this.#end = -Infinity;
  }

  #start(): number | undefined {
    return this.#hasVideo ? this.#keys[0] : this.#audio.peek()?.timestamp;
  }

  #trim(): void {
    const { duration, bytes } = this.#limits;
    const from = this.#end - duration;
    while (this.#keys.length > 1 && (this.#keys[1]! <= from || this.bytes > bytes)) this.#dropGroup();
    // One group alone is over the limit: start over with the next key frame.
    if (this.bytes > bytes) this.#dropGroup();
    // Audio may come before the key frame that it belongs to, so it goes by time and not with the group.
    const start = this.#start() ?? from;
    for (let head = this.#audio.peek(); head; head = this.#audio.peek()) {
      const spent = this.#hasVideo ? head.timestamp < start : head.timestamp + head.duration <= from;
      if (!spent && this.bytes <= bytes) break;
      this.#audio.shift();
    }
  }

  #dropGroup(): void {
    this.#keys.shift();
    do this.#video.shift();
    while (this.#video.length > 0 && !this.#video.peek()!.key);
  }
}
