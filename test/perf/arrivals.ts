import type { openPeer } from '../../demo/server/peer.mjs';

type OpenPeer = typeof openPeer;

/** A moment of the sender on both of its clocks. */
interface Mapping {
  /** Milliseconds since 1970. */
  at: number;
  rtp: number;
}

interface Header {
  ssrc: number;
  timestamp: number;
  /** The last packet of a picture. */
  marker: boolean;
}

/** RTP ticks of a millisecond of video. */
const TICKS = 90;

/**
 * When pictures arrive, against when they were captured: a sender's report says which of the sender's moments the
 * timestamps of its packets stand for.
 */
export class Arrivals {
  /** Seconds from the capture of a picture to its last packet, of those after the first report. */
  readonly delays: number[] = [];
  readonly #mappings = new Map<number, Mapping>();

  /** What opens a peer, looked at from here. */
  over(open: OpenPeer): OpenPeer {
    return (options) =>
      open({
        ...options,
        onRtp: (packet) => {
          const { header } = packet.rtp as { header: Header };
          if (packet.kind === 'video' && header.marker) this.#add(header);
          options.onRtp(packet);
        },
        onReport: (report) => this.#mappings.set(report.ssrc, report),
      });
  }

  clear(): void {
    this.delays.length = 0;
  }

  #add({ ssrc, timestamp }: Header): void {
    const mapping = this.#mappings.get(ssrc);
    if (!mapping) return;
    // Timestamps begin anew after 2^32.
    const capturedAt = mapping.at + ((timestamp - mapping.rtp) | 0) / TICKS;
    this.delays.push((performance.timeOrigin + performance.now() - capturedAt) / 1000);
  }
}
