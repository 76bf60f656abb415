import type { Packet } from './mux.js';

type Track = 'video' | 'audio';
type Held = Pick<Packet, 'timestamp' | 'data'>;

/**
 * Counts what a container has taken and keeps in memory because another track is behind: it writes packets in the order of
 * their times, and so none for as long as one of its tracks has none.
 */
export class HeldBack {
  readonly #queues: ReadonlyMap<Track, Held[]>;

  constructor(tracks: readonly Track[]) {
    this.#queues = new Map(tracks.map((track) => [track, []]));
  }

  /** Bytes of this track that wait for the other one. */
  of(track: Track): number {
    return (this.#queues.get(track) ?? []).reduce((sum, { data }) => sum + data.byteLength, 0);
  }

  /** The container has taken a packet. */
  take(track: Track, packet: Held): void {
    this.#queues.get(track)!.push(packet);
    const queues = [...this.#queues.values()];
    while (queues.every(({ length }) => length > 0))
      queues.reduce((a, b) => (b[0]!.timestamp < a[0]!.timestamp ? b : a)).shift();
  }
}
