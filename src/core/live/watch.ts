import { wayOf, type NetworkWay, type Stats } from '../monitor/index.js';
import type { LiveClock } from './clock.js';
import type { RecoveryPolicy } from './recovery.js';

/** What is sent, and how it gets through. Null is what the browser has not told yet. */
export interface SendingFigures extends NetworkWay {
  /** Bits per second that are sent, since the look before. */
  readonly bitrate: number | null;
  /** Frames a second that are sent. */
  readonly frameRate: number | null;
  /** Pixels, of the largest picture that is sent. */
  readonly width: number | null;
  /** Pixels, of the same. */
  readonly height: number | null;
  /** What the picture is encoded by: `VP8`, `H264` … */
  readonly codec: string | null;
  /** Bits per second that the encoder may use (Firefox). */
  readonly budget: number | null;
  /** The most that it might for pictures of this size. */
  readonly budgetMost: number | null;
}

/** How packets waited for the browser to send them, between two looks. */
export interface Sending {
  /** Seconds of one of them, in the mean. */
  readonly wait: number;
  /** Of them at a time, in the mean. */
  readonly queue: number;
}

/** Gaps between reports: how many are kept, how many it takes to know, and what of them is unlike the usual one. */
const KEPT = 9;
const KNOWN = 2;
const UNKNOWN = 3;
const SELDOM = 2.5;
/** Share of the usual time between two reports in which the next one comes: chance makes it up to half as long again (RFC 3550, 6.3.1). */
const DUE = 1.5;

/** How much each look counts for in the budget of an encoder: pictures come in lumps. */
const LATEST = 0.3;

/** Reads one report after another; what it tells are differences between two. */
export class ReportReader {
  #before: { at: number; bytes: number } | null = null;
  #sent: { at: number; packets: number; waited: number } | null = null;
  /** Packets that were sent when the other side last reported. */
  #reported = -1;
  #budget: { at: number; bytes: number; size: unknown; rate: number | null; most: number | null } | null = null;
  #heard = '';
  #aliveAt = 0;
  #readAt = -Infinity;
  readonly #gaps: number[];

  /** @param gaps between reports, which it keeps: of an earlier connection to the same server, where there was one */
  constructor(gaps: number[] = []) {
    this.#gaps = gaps;
  }

  /** Seconds for which the other side has told nothing although something was sent; null while it never told anything. */
  silent(now: number): number | null {
    return this.#heard === '' && this.#gaps.length === 0 ? null : (now - this.#aliveAt) / 1000;
  }

  /** Seconds between two reports, in the middle; null while that is not known. */
  get usual(): number | null {
    if (this.#gaps.length < KNOWN) return null;
    const [...sorted] = this.#gaps;
    return sorted.sort((a, b) => a - b)[sorted.length >> 1]!;
  }

  /**
   * Seconds after which silence means something: more where the other side reports seldom (for sound alone some do each
   * five seconds), and while it is not known how often it does.
   */
  patience(silence: number): number {
    const { usual } = this;
    return usual === null ? UNKNOWN * silence : Math.max(silence, SELDOM * usual);
  }

  /** @param now milliseconds @param late milliseconds after which nobody knows what was: the page was held up */
  read(
    report: RTCStatsReport,
    now: number,
    late: number,
  ): { figures: SendingFigures; sending: Sending | null; alive: boolean } {
    const all: Stats[] = [];
    report.forEach((one: Stats) => all.push(one));
    const of = (type: string) => all.filter((one) => one.type === type);
    const sum = (stats: readonly Stats[], name: string) =>
      stats.reduce((total, one) => total + (typeof one[name] === 'number' ? one[name] : 0), 0);
    const sent = of('outbound-rtp');
    const packets = sum(sent, 'packetsSent');
    // Each report of the other side has another time.
    const heard = of('remote-inbound-rtp')
      .map(({ id, timestamp }) => `${String(id)} ${String(timestamp)}`)
      .join();
    const alive = heard !== '' && heard !== this.#heard;
    if (alive && this.#heard !== '') {
      this.#gaps.push((now - this.#aliveAt) / 1000);
      if (this.#gaps.length > KEPT) this.#gaps.shift();
    }
    if (alive) [this.#reported, this.#aliveAt] = [packets, now];
    // Of nothing nobody reports.
    if (packets === this.#reported || now - this.#readAt > late) this.#aliveAt = now;
    [this.#heard, this.#readAt] = [heard || this.#heard, now];
    const sending = this.#sending(packets, sum(sent, 'totalPacketSendDelay'), now);
    return { figures: this.#figures(all, sent, sum(sent, 'bytesSent'), now), sending, alive };
  }

  /** @param waited seconds of all packets together; nothing where the browser does not count them */
  #sending(packets: number, waited: number, now: number): Sending | null {
    const before = this.#sent;
    this.#sent = { at: now, packets, waited };
    if (!before || packets <= before.packets || waited <= before.waited) return null;
    const more = waited - before.waited;
    // Who waits in all for ten seconds of one is ten at a time.
    return { wait: more / (packets - before.packets), queue: (more * 1000) / (now - before.at) };
  }

  #figures(all: readonly Stats[], sent: readonly Stats[], bytes: number, now: number): SendingFigures {
    const { at, bytes: before } = this.#before ?? { at: now, bytes };
    this.#before = { at: now, bytes };
    const pictures = sent.filter(({ kind }) => kind === 'video');
    const largest = pictures.reduce<Stats | null>(
      (most, one) => (Number(one['frameWidth'] ?? 0) > Number(most?.['frameWidth'] ?? 0) ? one : most),
      null,
    );
    const number = (name: string) => (typeof largest?.[name] === 'number' ? largest[name] : null);
    const mimeType = all.find(({ id }) => id === (largest ?? sent[0])?.['codecId'])?.['mimeType'];
    return {
      ...wayOf(all),
      bitrate: now > at ? Math.max(0, ((bytes - before) * 8000) / (now - at)) : null,
      frameRate: number('framesPerSecond'),
      width: number('frameWidth'),
      height: number('frameHeight'),
      codec: typeof mimeType === 'string' ? mimeType.replace(/^.*\//, '') : null,
      ...this.#budgetOf(largest ?? {}, now),
    };
  }

  /** Firefox bounds pictures by their size, and says of the way only how much of that it lets the encoder use. */
  #budgetOf({ totalEncodedBytesTarget: bytes, frameWidth: size }: Omit<Stats, 'type'>, now: number) {
    const before = this.#budget;
    if (typeof bytes !== 'number') return { budget: null, budgetMost: null };
    const { rate, most } = before?.size === size ? before! : { rate: null, most: null };
    this.#budget = { at: now, bytes, size, rate, most };
    // Without a picture nothing is used.
    if (before && bytes > before.bytes && now > before.at) {
      const latest = ((bytes - before.bytes) * 8000) / (now - before.at);
      this.#budget.rate = rate === null ? latest : rate + LATEST * (latest - rate);
      this.#budget.most = Math.max(most ?? 0, this.#budget.rate);
    }
    return { budget: this.#budget.rate, budgetMost: this.#budget.most };
  }
}

/** Of nothing that is sent. */
export const noFigures = (): SendingFigures => new ReportReader().read(new Map(), 0, 0).figures;

export interface WatchEvents {
  /** Once a second. */
  figures(figures: SendingFigures): void;
  /** With each look in which something was sent, where the browser says how long that waited. */
  sent(sending: Sending): void;
  interrupted(how: 'silence' | 'disconnected' | 'failed'): void;
}

/** Looks at a connection that is up, and says once when it is not any more. */
export class ConnectionWatch {
  readonly #connection: RTCPeerConnection;
  readonly #clock: LiveClock;
  readonly #policy: RecoveryPolicy;
  readonly #events: WatchEvents;
  readonly #reader: ReportReader;
  readonly #over = new AbortController();
  #alive: (() => void)[] = [];
  #suspicious = false;
  #told = false;
  #shownAt = -Infinity;
  #timer: unknown = null;

  constructor(
    connection: RTCPeerConnection,
    events: WatchEvents,
    { clock, policy, gaps }: { clock: LiveClock; policy: RecoveryPolicy; gaps: number[] },
  ) {
    this.#reader = new ReportReader(gaps);
    this.#connection = connection;
    this.#clock = clock;
    this.#policy = policy;
    this.#events = events;
    connection.addEventListener('connectionstatechange', this.#state, { signal: this.#over.signal });
    void this.#look();
  }

  stop(): void {
    this.#over.abort();
    this.#clock.clearTimeout(this.#timer);
  }

  /** Is less patient until the next report. */
  suspect(): void {
    this.#suspicious = true;
  }

  /** Whether the other side ever reports: without that only the browser tells of the end. */
  get hears(): boolean {
    return this.#reader.silent(this.#clock.now()) !== null;
  }

  /** Seconds in which the next report comes, where one does; 0 while that is not known. */
  get due(): number {
    return DUE * (this.#reader.usual ?? 0);
  }

  /** Resolves with the next report of the other side; where it never reports, when the browser says that it is connected. */
  back(): Promise<void> {
    return new Promise((resolve) => {
      this.#alive.push(resolve);
      if (this.hears) return;
      const look = () => this.#connection.connectionState === 'connected' && resolve();
      this.#connection.addEventListener('connectionstatechange', look, { signal: this.#over.signal });
      look();
    });
  }

  /** From now on another interruption is told. */
  rearm(): void {
    this.#told = false;
    this.#state();
  }

  #state = (): void => {
    const { connectionState: state } = this.#connection;
    if (state === 'disconnected' || state === 'failed') this.#tell(state);
    if (state === 'closed') this.#tell('failed');
  };

  #tell(how: 'silence' | 'disconnected' | 'failed'): void {
    if (this.#told || this.#over.signal.aborted) return;
    this.#told = true;
    this.#events.interrupted(how);
  }

  async #look(): Promise<void> {
    const report = await this.#connection.getStats().catch(() => null);
    if (this.#over.signal.aborted) return;
    const now = this.#clock.now();
    const { look, silence, suspicion } = this.#policy;
    if (report) {
      const { figures, sending, alive } = this.#reader.read(report, now, look * 1000 + 1500);
      if (sending) this.#events.sent(sending);
      if (alive) {
        this.#suspicious = false;
        for (const resolve of this.#alive.splice(0)) resolve();
      }
      if (now - this.#shownAt >= 990) {
        this.#shownAt = now;
        this.#events.figures(figures);
      }
      const silent = this.#reader.silent(now);
      const patience = this.#reader.patience(this.#suspicious ? suspicion : silence);
      if (silent !== null && silent >= patience) this.#tell('silence');
    }
    if (!this.#over.signal.aborted) this.#timer = this.#clock.setTimeout(() => void this.#look(), look * 1000);
  }
}
