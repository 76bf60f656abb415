import type { Add } from './growth.js';
import { share } from './told.js';
import { of, sum, wayOf, type NetworkWay, type Stats } from './way.js';

/** How a connection is. Null is what it has not told yet, and what its browser never tells. */
export interface NetworkFigures {
  /** Bits per second that were sent in this window; null before a connection has told it twice. */
  readonly bitrate: number | null;
  /** Frames a second that were sent in it; null too where no picture is sent, or the browser counts none. */
  readonly frameRate: number | null;
  /** Share of the packets that were lost, 0 to 1, by the last report of the other side; in a monitor, by those of five seconds. */
  readonly lost: number | null;
  /** Seconds to the other side and back. */
  readonly roundTrip: number | null;
  /** Seconds by which packets come more or less late. */
  readonly jitter: number | null;
  /** Bits per second that the browser believes could be sent. */
  readonly available: number | null;
  /** What keeps the quality below what was asked for; bandwidth may be what whoever sends has allowed itself. */
  readonly limited: 'none' | 'cpu' | 'bandwidth' | 'other' | null;
  /** The square of what is wanted, as a share of what can be sent: 1 where it is just enough. Null while nobody can tell. */
  readonly pressure: number | null;
}

/**
 * What is counted of a report; beside the total what makes a rate (`network:bytes:rated`), with a clock (`network:bytes:seconds`)
 * that goes on as it is told: what is not has no rate.
 */
const SENT = { 'network:bytes': 'bytesSent', 'network:frames': 'framesSent' } as const;

/** Seconds after which an answer says nothing any more; what is lost is the mean of as long: one packet of a second is no sign. */
const STALE = 5;
/** Where looks are further apart it may be the answer to the one before, which was asked so many seconds ago at most. */
const OLDEST = 90;

/** What a monitor asks of whoever sends. */
export interface NetworkProbe {
  /**
   * Has counted what was sent in all: `network:bytes`, `network:frames`, where it is told.
   * @param now seconds
   * @param era another one after each turn of visibility and each sleep: between two of them lies what nobody knows the rate of
   */
  look(add: Add, now: number, era?: unknown): void;
  /** Null where nothing can be told. @param count what was counted in this window, under any name */
  figures(now: number, count: (name: string) => number): NetworkFigures | null;
}

/** What a peer connection sends, and what it says of the way. It is asked at each look, and nobody waits for the answer. */
export class ConnectionProbe implements NetworkProbe {
  readonly #connection: () => Pick<RTCPeerConnection, 'getStats'> | null;
  readonly #pressure: () => number | null;
  #told: NetworkWay | null = null;
  #toldAt = -Infinity;
  #losses: { readonly at: number; readonly lost: number }[] = [];
  /** Between what it was asked has a rate; another one with each connection and era. */
  #run = { of: null as unknown, era: undefined as unknown, asking: false };
  #lookedAt = -Infinity;
  /** Seconds between the last two looks. */
  #between = 0;

  /**
   * @param connection asked at each look, so that it may be another; null for none
   * @param pressure by who knows what is wanted. Default: 1 where the browser says that its bandwidth holds it back
   */
  constructor(
    connection: () => Pick<RTCPeerConnection, 'getStats'> | null,
    pressure: () => number | null = () => (this.#told?.limited === 'bandwidth' ? 1 : null),
  ) {
    this.#connection = connection;
    this.#pressure = pressure;
  }

  look(add: Add, now: number, era?: unknown): void {
    this.#between = now - this.#lookedAt;
    this.#lookedAt = now;
    const connection = this.#connection();
    if (this.#run.of !== connection || this.#run.era !== era) this.#run = { of: connection, era, asking: false };
    const run = this.#run;
    if (!connection || run.asking) return;
    run.asking = true;
    connection
      .getStats()
      .then(
        (report) => {
          // The next answer has it in it.
          if (run !== this.#run) return;
          const stats: Stats[] = [];
          report.forEach((one: Stats) => stats.push(one));
          const sent = of(stats, 'outbound-rtp');
          for (const [name, told] of Object.entries(SENT)) {
            const total = sum(sent, told);
            if (total === null) continue;
            add(connection, { [name]: total });
            add(run, { [`${name}:rated`]: total, [`${name}:seconds`]: now });
          }
          this.#told = wayOf(stats);
          this.#toldAt = now;
          const { lost } = this.#told;
          this.#losses = this.#losses.filter(({ at }) => at > now - STALE);
          if (lost !== null) this.#losses.push({ at: now, lost });
        },
        () => {},
      )
      .finally(() => (run.asking = false));
  }

  figures(now: number, count: (name: string) => number): NetworkFigures | null {
    const stale = Math.max(STALE, Math.min(2 * this.#between, OLDEST));
    if (!this.#told || now - this.#toldAt > stale) return null;
    const rate = (name: keyof typeof SENT) => share(count(`${name}:rated`), count(`${name}:seconds`));
    const bytes = rate('network:bytes');
    return {
      ...this.#told,
      bitrate: bytes === null ? null : bytes * 8,
      frameRate: rate('network:frames'),
      pressure: this.#pressure(),
      lost: share(
        this.#losses.reduce((sum, { lost }) => sum + lost, 0),
        this.#losses.length,
      ),
    };
  }
}
