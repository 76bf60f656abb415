import { openPeer } from '../../demo/server/peer.mjs';

/** Moments of `performance.now()`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Milliseconds without a picture from which on media count as gone: they come twenty times a second. */
const GONE = 500;

/** Sees each picture as it arrives at the server, and keeps only the times at which there was none. */
export class MediaWatch {
  readonly gaps: Span[] = [];
  #last = NaN;

  /** When the last picture came: a fault takes nothing away before the next one is due. */
  get last(): number {
    return this.#last;
  }

  /** For `startServer`. */
  readonly openPeer: typeof openPeer = (options) =>
    openPeer({
      ...options,
      onRtp: (packet) => {
        options.onRtp(packet);
        const { header, payload } = packet.rtp as { header: { marker: boolean }; payload: Uint8Array };
        // Padding is no picture.
        if (packet.kind === 'video' && header.marker && payload.length > 0) this.look(performance.now());
      },
    });

  /** A picture came; or it is over, which ends the last gap. */
  look(now: number): void {
    if (now - this.#last > GONE) this.gaps.push({ from: this.#last, to: now });
    this.#last = now;
  }
}

const length = ({ from, to }: Span): number => Math.max(0, to - from);
const common = (a: Span, b: Span): Span => ({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) });

/**
 * Share of the time for which there were media, 0 to 1, leaving out spans that do not count. Those follow each other; gaps
 * do, too.
 */
export function availability(whole: Span, gaps: readonly Span[], left: readonly Span[]): number {
  const counted = (span: Span) =>
    length(common(span, whole)) - left.reduce((sum, one) => sum + length(common(common(span, one), whole)), 0);
  return 1 - gaps.reduce((sum, gap) => sum + counted(gap), 0) / counted(whole);
}
