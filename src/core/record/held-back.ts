type Track = 'video' | 'audio';

/**
 * Counts what a container has taken and keeps in memory because another track is behind: it writes packets in the order of
 * their times, and so none for as long as one of its tracks has none.
 */
export class HeldBack {
  readonly #bytes = { video: 0, audio: 0 };
  readonly #queues: readonly { timestamp: number; track: Track; bytes: number }[][];

  constructor(private readonly tracks: readonly Track[]) {
    this.#queues = tracks.map(() => []);
  }

  /** Bytes of this track that wait for the other one. */
  of(track: Track): number {
    return this.#bytes[track];
  }

  /** The container has taken a packet. */
  take(track: Track, { timestamp, data: { byteLength: bytes } }: { timestamp: number; data: Uint8Array }): void {
    this.#queues[this.tracks.indexOf(track)]?.push({ timestamp, track, bytes });
    this.#bytes[track] += bytes;
    while (this.#queues.every(({ length }) => length > 0)) {
      const first = this.#queues.reduce((a, b) => (b[0]!.timestamp < a[0]!.timestamp ? b : a)).shift()!;
      this.#bytes[first.track] -= first.bytes;
    }
  }
}
