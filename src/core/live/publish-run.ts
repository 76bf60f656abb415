import type { OnAirError } from '../errors.js';
import { earlyFault, retold } from '../messages.js';
import type { MediaProducer } from '../producer/index.js';
import { pause, within } from './clock.js';
import { Endings } from './endings.js';
import { liveFault, noSource } from './live-faults.js';
import { followPage, livePlatform, type LivePlatform } from './platform.js';
import { pressureLater } from './pressure.js';
import { Publication } from './publication.js';
import { RECOVERY, type RecoveryPolicy, type Step } from './recovery.js';
import { RecoveryCourse } from './recovery-course.js';
import { httpOf } from './http.js';
import { hint, limitSenders, replaceTracks } from './senders.js';
import { addressOf, bounds, sane } from './sane.js';
import type { PublisherSettings } from './settings.js';
import { sourceOf, type Source } from './source.js';
import type { PublisherState } from './stream-publisher.js';
import { Tally } from './tally.js';
import { TokenKeeper } from './token.js';
import { trouble, troubleOf, type Trouble } from './trouble.js';
import { ConnectionWatch, noFigures, type SendingFigures } from './watch.js';
import type { WhipHttp } from './whip-session.js';

export interface PublishRunOptions {
  settings(): Partial<PublisherSettings>;
  tell(news: Partial<PublisherState>): void;
  /** It is over, not by `stop()`. */
  over(last: Partial<PublisherState>): void;
  /** Of the broadcast before, whose session may still be in the way. */
  endings?: Endings | undefined;
  platform?: LivePlatform;
}

type NextAttempt = Exclude<Step, { do: 'fail' }>;

/** Answers to a PATCH by which a server says that it takes none, now or ever. */
const NO_PATCH = /^(4(?!01|08|09|25|29)|501)/;

/** One broadcast, from its start to its end: a loop that publishes, watches, and decides what to do when that ends. */
export class PublishRun {
  readonly endings: Endings;
  readonly #options: PublishRunOptions;
  readonly #platform: LivePlatform;
  readonly #policy: RecoveryPolicy;
  readonly #settings: PublisherSettings;
  /** The last ones that were of this server. */
  #last: PublisherSettings;
  readonly #endpoint: string;
  readonly #source: Source;
  readonly #tokens: TokenKeeper;
  readonly #tally: Tally;
  readonly #course: RecoveryCourse;
  readonly #http: WhipHttp;
  readonly #undo: (() => void)[] = [];
  /** Seconds between reports of the server, on tracks of these kinds. */
  readonly #gaps: number[] = [];
  #kinds = '';
  /** Tracks of which was said what they are. */
  readonly #hinted = new Set<MediaStreamTrack>();
  /** How the network presses. */
  readonly #pressure = pressureLater(
    () => this.#given,
    () => this.#source.quality(),
  );
  #publication: Publication | null = null;
  #watch: ConnectionWatch | null = null;
  /** Of the attempt that is being made, and of all that follow once it is over. */
  #attempt = new AbortController();
  #isOver = false;
  #alarm: (trouble: Trouble | null) => void = () => {};
  /** Ends the wait for the attempt after this one; also one that has yet to begin. */
  #woken = new AbortController();
  /** Milliseconds of the clock before which nothing begins, whatever happens: the server has asked for that. */
  #notBefore = 0;
  /** Whether candidates go with each offer. */
  #gathered = false;
  /** STUN and TURN that the server has named. */
  #linked: readonly RTCIceServer[] = [];
  /** Whether a session of ours may have been in the way of the last offer. */
  #owed = false;
  /** What the server does not let this page do, although it can publish. */
  #flaw: OnAirError | null = null;
  #first: { resolve(): void; reject(error: OnAirError): void } | null = null;

  /** @throws OnAirError `unsupported`, `publish-refused`, `no-source` */
  constructor(source: MediaProducer | MediaStream | null, options: PublishRunOptions) {
    if (!source) throw noSource();
    const { platform = livePlatform } = options;
    this.#options = options;
    this.#platform = platform;
    this.#settings = this.#last = this.#given;
    this.#policy = { ...RECOVERY, ...this.#settings.recovery };
    this.#source = sourceOf(source);
    this.#tokens = new TokenKeeper(() => this.#ours, platform);
    this.endings = options.endings ?? new Endings(platform);
    this.#tally = new Tally(platform);
    this.#http = httpOf(platform, this.#policy, this.#tally, {
      tokens: this.#tokens,
      endings: this.endings,
      flawed: ({ told }) => this.#options.tell({ error: (this.#flaw = retold(told, false)) }),
    });
    if (!platform.connect) throw liveFault('unsupported.live');
    if (this.#source.tracks().length === 0) throw noSource();
    this.#endpoint = addressOf(this.#settings.url, platform);
    this.#course = new RecoveryCourse(platform, this.#endpoint, this.#policy, this.#tally);
  }

  /** What is asked for now. */
  get #given(): PublisherSettings {
    return sane(this.#options.settings());
  }

  /** The same, as far as it is of this server: with another address the token is for the next start. */
  get #ours(): PublisherSettings {
    const given = this.#given;
    if (given.url === this.#settings.url) this.#last = given;
    return this.#last;
  }

  /** Settles when it is live for the first time. @throws OnAirError */
  start(): Promise<void> {
    this.#undo.push(
      followPage(this.#platform, { stirred: () => this.#stirred(), left: () => this.#left() }),
      this.#source.follow({
        changed: () => this.#changed(),
        moved: () => this.limit(),
        ended: () => this.#end({ state: 'ended' }),
      }),
    );
    this.#meet(this.#source.tracks());
    const began = this.#platform.now();
    return new Promise((resolve, reject) => {
      const live = () => resolve(this.#source.count?.(null, (this.#platform.now() - began) / 1000));
      this.#first = { resolve: live, reject };
      void this.#loop();
    });
  }

  /** Ends it; settles when the server knows, or cannot be told. */
  async stop(): Promise<void> {
    this.#release(earlyFault('aborted', 'aborted.stop'));
    await this.endings.settleLast(this.#policy.request[1]);
  }

  limit(): void {
    const { connection } = this.#publication ?? {};
    if (connection) void limitSenders(connection, this.#given, this.#source.quality());
  }

  async #loop(): Promise<void> {
    let step: NextAttempt | null = { do: 'publish', after: 0, firm: false, gathered: false };
    while (step) step = await this.#after(step);
  }

  /**
   * What comes after an attempt; null when all is over. A function that waits keeps what it has had: here it would be the
   * last fault, which knows where it was thrown, and so the connection.
   */
  async #after(step: NextAttempt): Promise<NextAttempt | null> {
    const trouble = await this.#take(step);
    return trouble && !this.#isOver ? this.#decide(trouble) : null;
  }

  /** Makes an attempt, and answers what has ended it, or what came of it; null when all is over. */
  async #take(step: NextAttempt): Promise<Trouble | null> {
    // By who heard of the last one: what ends this one is aborted already.
    if (this.#isOver) return null;
    const attempt = new AbortController();
    this.#attempt = attempt;
    try {
      await (step.do === 'restart' ? this.#restart(attempt.signal) : this.#publish(step, attempt.signal));
      attempt.signal.throwIfAborted();
    } catch (thrown) {
      if (this.#isOver) return null;
      return attempt.signal.aborted ? trouble('page') : troubleOf(thrown, step.do === 'restart');
    }
    return this.#live();
  }

  async #publish({ after, firm, gathered }: Extract<Step, { do: 'publish' }>, signal: AbortSignal): Promise<void> {
    this.#close();
    if (this.#tally.wasLive) this.#tell(noFigures());
    if (firm) this.#notBefore = this.#platform.now() + after * 1000;
    await pause(after, this.#platform, AbortSignal.any([this.#woken.signal, signal]));
    await pause((this.#notBefore - this.#platform.now()) / 1000, this.#platform, signal);
    signal.throwIfAborted();
    // Once it was live, what is still on its way has had its time already.
    await this.endings.settle(this.#policy.deletion, !this.#tally.wasLive);
    signal.throwIfAborted();
    // What happens from now on may be too late for this attempt, and in time for the next.
    this.#woken = new AbortController();
    this.#tally.begin();
    await this.#tokens.prepare();
    this.#source.look?.();
    signal.throwIfAborted();
    this.#owed = this.endings.isOwing;
    const all = gathered || this.#gathered;
    const publication = new Publication({
      endpoint: this.#endpoint,
      settings: { ...this.#settings, ...bounds(this.#given) },
      tracks: this.#source.tracks(),
      platform: this.#platform,
      policy: this.#policy,
      http: this.#http,
      iceServers: [...this.#settings.iceServers, ...(all ? this.#linked : [])],
      gathered: all,
    });
    this.#publication = publication;
    const opened = publication.open(signal).finally(() => {
      this.#linked = publication.session?.iceServers ?? this.#linked;
      // Whoever has given the attempt up meanwhile knew of no session.
      if (signal.aborted && publication.session) void this.endings.end(publication.session);
    });
    // What was asked of a connection that is closed meanwhile is never answered.
    await within(opened, Infinity, { clock: this.#platform, signal });
    this.#tally.connected();
    this.#watch = new ConnectionWatch(
      publication.connection,
      {
        figures: (figures) => this.#show(figures),
        sent: (sending) => this.#source.stamp?.(sending),
        interrupted: (how) => this.#alarm(trouble(how)),
      },
      { clock: this.#platform, policy: this.#policy, gaps: this.#gaps },
    );
  }

  async #restart(signal: AbortSignal): Promise<void> {
    this.#tally.begin(true);
    const [publication, watch] = [this.#publication!, this.#watch!];
    const back = publication.restart(signal).then(() => watch.back());
    await within(back, Math.max(this.#policy.restart, watch.due), { clock: this.#platform, signal });
    watch.rearm();
  }

  /** Resolves when it is not live any more; null when all is over. */
  async #live(): Promise<Trouble | null> {
    const interrupted = new Promise<Trouble | null>((resolve) => (this.#alarm = resolve));
    const { connection } = this.#publication!;
    this.#tally.live();
    this.#course.reset();
    this.#options.tell({ state: 'live', reason: null, attempt: 0, error: this.#flaw });
    this.#first?.resolve();
    this.#first = null;
    // What happened while the connection came up.
    if (this.#publication?.connection === connection && connection.connectionState !== 'closed') void this.#changed();
    this.#watch?.rearm();
    const ended = await interrupted;
    this.#alarm = () => {};
    this.#tally.interrupted();
    return ended;
  }

  /** Tells of it; answers null when all is over by that. */
  #decide(trouble: Trouble): NextAttempt | null {
    const { interruption, fault } = trouble;
    if (interruption === 'trickle' && (this.#flaw || NO_PATCH.test(String(fault.status)))) this.#gathered = true;
    const restartable = this.#tally.restarts === 0 && !!(this.#watch && this.#publication?.session?.url);
    const { step, news } = this.#course.next(trouble, { restartable, owed: this.#owed });
    if (step.do !== 'fail') {
      this.#options.tell(news);
      return step;
    }
    this.#end(news);
    return null;
  }

  /** @param left the page goes, and may take the request along: the end of the connection is told, too */
  #close(left = false): void {
    this.#watch?.stop();
    const publication = this.#publication;
    this.endings.add(publication?.session ?? null);
    const ended = this.endings.settle(this.#policy.deletion);
    publication?.close(left ? Promise.resolve() : ended);
    this.#watch = this.#publication = null;
    this.#source.tell?.(null);
  }

  /** What is said of tracks, and known of reports on them, is not so of others. */
  #meet(tracks: readonly MediaStreamTrack[]): void {
    hint(tracks, this.#settings.contentHint, this.#hinted);
    const kinds = tracks
      .map(({ kind }) => kind)
      .sort()
      .join();
    if (kinds !== this.#kinds) this.#gaps.length = 0;
    this.#kinds = kinds;
  }

  async #changed(): Promise<void> {
    const { connection } = this.#publication ?? {};
    const tracks = this.#source.tracks();
    if (tracks.length === 0) return;
    this.#meet(tracks);
    if (!connection || connection.getSenders().length === 0) return;
    const replaced = await replaceTracks(connection, tracks);
    if (this.#publication?.connection !== connection) return;
    // A picture that was away knows of no bounds since.
    if (replaced) this.limit();
    else this.#alarm(trouble('tracks'));
  }

  #stirred(): void {
    if (this.#watch) this.#watch.suspect();
    else this.#woken.abort();
  }

  /** Nobody may be there to end it later. */
  #left(): void {
    this.#woken = new AbortController();
    this.#attempt.abort();
    this.#close(true);
    this.#alarm(trouble('page'));
  }

  #show(figures: SendingFigures): void {
    this.#tally.seen();
    this.#source.tell?.(this.#publication!.connection, this.#pressure(figures, this.#tally.liveFor));
    this.#tell(figures);
    this.#source.look?.();
  }

  #tell(figures: SendingFigures): void {
    this.#options.tell({ stats: Object.freeze({ ...figures, ...this.#tally.figures() }) });
  }

  #end(last: Pick<Partial<PublisherState>, 'state' | 'error'>): void {
    if (this.#isOver) return;
    this.#release(last.error ?? noSource());
    void this.endings.settleLast(this.#policy.request[1]);
    if (last.error) this.#source.count?.(last.error);
    this.#options.over({ error: null, ...last });
  }

  /** @param error what a start comes to that was not live yet */
  #release(error: OnAirError): void {
    this.#isOver = this.#tally.isOver = true;
    this.#first?.reject(error);
    this.#first = null;
    this.#attempt.abort();
    this.#close();
    for (const undo of this.#undo.splice(0)) undo();
    hint([], '', this.#hinted);
    this.#alarm(null);
  }
}
