import type { OnAirError } from '../errors.js';
import { earlyFault, retold } from '../messages.js';
import type { MediaProducer } from '../producer/index.js';
import { NetworkPressure, wantedBitrate } from './bandwidth.js';
import { pause, within } from './clock.js';
import { Endings } from './endings.js';
import { liveFault, noSource, noWebRtc } from './live-faults.js';
import { followPage, livePlatform, type LivePlatform } from './platform.js';
import { Publication } from './publication.js';
import { nextStep, RECOVERY, type Interruption, type RecoveryPolicy, type Step } from './recovery.js';
import { httpOf } from './http.js';
import { hint, limitSenders, replaceTracks } from './senders.js';
import { addressOf, bounds, sane } from './sane.js';
import type { PublisherSettings } from './settings.js';
import { sourceOf, type Source } from './source.js';
import type { PublisherState } from './stream-publisher.js';
import { Tally } from './tally.js';
import { TokenKeeper } from './token.js';
import { trouble, troubleOf, type Trouble } from './trouble.js';
import { ConnectionWatch, type SendingFigures } from './watch.js';
import { WhipFault } from './whip-fault.js';
import type { WhipHttp } from './whip-session.js';

export interface PublishRunOptions {
  settings(): Partial<PublisherSettings>;
  tell(news: Partial<PublisherState>): void;
  /** It is over, not by `stop()`. */
  over(last: Partial<PublisherState>): void;
  platform?: LivePlatform;
}

/** Seconds between trials to end a session that nobody will publish after. */
const LAST_TRIALS: readonly number[] = [0, 1, 3];

/** One broadcast, from its start to its end: a loop that publishes, watches, and decides what to do when that ends. */
export class PublishRun {
  readonly #options: PublishRunOptions;
  readonly #platform: LivePlatform;
  readonly #policy: RecoveryPolicy;
  readonly #settings: PublisherSettings;
  readonly #endpoint: string;
  readonly #source: Source;
  readonly #tokens: TokenKeeper;
  readonly #endings: Endings;
  readonly #tally: Tally;
  readonly #http: WhipHttp;
  readonly #undo: (() => void)[] = [];
  /** Seconds between reports of the server. */
  readonly #gaps: number[] = [];
  readonly #pressure = new NetworkPressure();
  #publication: Publication | null = null;
  #watch: ConnectionWatch | null = null;
  /** Of the attempt that is being made, and of all that follow once it is over. */
  #attempt = new AbortController();
  #isOver = false;
  #alarm: (trouble: Trouble | null) => void = () => {};
  #wake: () => void = () => {};
  #gathered = false;
  #last: { how: string; alike: number } = { how: '', alike: 0 };
  #reason: Interruption | null = null;
  #first: { resolve(): void; reject(error: OnAirError): void } | null = null;

  /** @throws OnAirError `unsupported`, `publish-refused`, `no-source` */
  constructor(source: MediaProducer | MediaStream | null, options: PublishRunOptions) {
    if (!source) throw noSource();
    const { platform = livePlatform } = options;
    this.#options = options;
    this.#platform = platform;
    this.#settings = sane(options.settings());
    this.#policy = { ...RECOVERY, ...this.#settings.recovery };
    this.#source = sourceOf(source);
    this.#tokens = new TokenKeeper(() => sane(options.settings()));
    this.#endings = new Endings(platform);
    this.#tally = new Tally(platform);
    this.#http = httpOf(platform, this.#tokens, this.#tally, this.#policy);
    if (!platform.connect) throw noWebRtc();
    if (this.#source.tracks().length === 0) throw noSource();
    this.#endpoint = addressOf(this.#settings.url, platform);
  }

  /** Settles when it is live for the first time. @throws OnAirError */
  start(): Promise<void> {
    this.#undo.push(
      followPage(this.#platform, { stirred: () => this.#stirred(), left: () => this.#left() }),
      hint(this.#source.tracks(), this.#settings.contentHint),
      this.#source.follow({
        changed: () => this.#changed(),
        moved: () => this.limit(),
        ended: () => this.#end({ state: 'ended' }),
      }),
    );
    return new Promise((resolve, reject) => {
      this.#first = { resolve, reject };
      void this.#loop();
    });
  }

  /** Ends it; settles when the server knows, or cannot be told. */
  async stop(): Promise<void> {
    this.#release(earlyFault('aborted', 'aborted.stop'));
    await this.#endings.settleAll(LAST_TRIALS, this.#policy.request[1]);
  }

  limit(): void {
    const { connection } = this.#publication ?? {};
    if (connection) void limitSenders(connection, sane(this.#options.settings()), this.#source.quality());
  }

  async #loop(): Promise<void> {
    let step: Step = { do: 'publish', after: 0, firm: false, gathered: false };
    for (;;) {
      const trouble = await this.#take(step);
      if (!trouble || this.#isOver) return;
      step = this.#decide(trouble);
      if (step.do === 'fail') return this.#end({ state: 'failed', error: retold(trouble.fault.told, true) });
    }
  }

  /** Makes an attempt, and answers what has ended it, or what came of it; null when all is over. */
  async #take(step: Exclude<Step, { do: 'fail' }>): Promise<Trouble | null> {
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
    const due = this.#platform.now() + after * 1000;
    this.#close();
    await this.#endings.settle(this.#policy.deletion);
    await this.#wait((due - this.#platform.now()) / 1000, firm, signal);
    signal.throwIfAborted();
    this.#tally.begin();
    await this.#tokens.prepare();
    signal.throwIfAborted();
    this.#gathered ||= gathered;
    const publication = new Publication({
      endpoint: this.#endpoint,
      settings: { ...this.#settings, ...bounds(sane(this.#options.settings())) },
      tracks: this.#source.tracks(),
      platform: this.#platform,
      policy: this.#policy,
      http: this.#http,
      iceServers: this.#settings.iceServers,
      gathered: this.#gathered,
    });
    this.#publication = publication;
    try {
      await publication.open(signal);
    } finally {
      // Whoever has given the attempt up meanwhile knew of no session.
      if (signal.aborted) this.#owe(publication);
    }
    this.#tally.connected();
    this.#watch = new ConnectionWatch(
      publication.connection,
      {
        figures: (figures) => this.#show(figures),
        sent: (sending) => this.#source.stamp(sending),
        interrupted: (how) => this.#alarm(trouble(how)),
      },
      { clock: this.#platform, policy: this.#policy, gaps: this.#gaps },
    );
  }

  async #restart(signal: AbortSignal): Promise<void> {
    this.#tally.begin({ restart: true });
    const [publication, watch] = [this.#publication!, this.#watch!];
    const back = publication.restart(signal).then(() => watch.back());
    const late = () => new WhipFault(liveFault('no-route'));
    await within(back, this.#policy.restart, { clock: this.#platform, late, signal });
    watch.rearm();
  }

  /** Resolves when it is not live any more; null when all is over. */
  async #live(): Promise<Trouble | null> {
    const interrupted = new Promise<Trouble | null>((resolve) => (this.#alarm = resolve));
    const { connection } = this.#publication!;
    this.#tally.live();
    this.#last = { how: '', alike: 0 };
    this.#reason = null;
    this.#source.tell({ connection, network: null });
    this.#options.tell({ state: 'live', reason: null, attempt: 0, error: null });
    this.#first?.resolve();
    this.#first = null;
    // What happened while the connection came up.
    this.limit();
    if (this.#publication?.connection === connection && connection.connectionState !== 'closed') void this.#changed();
    this.#watch?.rearm();
    const ended = await interrupted;
    this.#alarm = () => {};
    this.#tally.interrupted();
    return ended;
  }

  #decide({ interruption, fault }: Trouble): Step {
    const { status, retryAfter, told } = fault;
    const how = `${interruption} ${status} ${told.code}`;
    this.#last = { how, alike: this.#last.how === how ? this.#last.alike + 1 : 1 };
    const { wasLive, attempts, restarts, elapsed } = this.#tally;
    const step = nextStep(
      {
        interruption,
        code: told.code,
        status,
        retryAfter,
        wasLive,
        restartable: restarts === 0 && (this.#publication?.session?.url ?? null) !== null,
        attempts,
        alike: this.#last.alike,
        elapsed,
        visible: !this.#platform.document?.hidden,
      },
      this.#policy,
      () => this.#platform.random(),
    );
    // That ICE was begun anew in vain says nothing of why.
    if (this.#reason === null || (interruption !== 'restart' && interruption !== 'trickle'))
      this.#reason = interruption;
    if (step.do !== 'fail')
      this.#options.tell({
        state: wasLive ? 'recovering' : 'connecting',
        reason: this.#reason,
        attempt: attempts + restarts + 1,
        error: retold(told, false),
      });
    return step;
  }

  #owe({ session }: Publication): void {
    this.#endings.add(session);
    void this.#endings.settle(this.#policy.deletion);
  }

  /** @param left the page goes, and may take the request along: the end of the connection is told, too */
  #close(left = false): void {
    this.#watch?.stop();
    const publication = this.#publication;
    this.#endings.add(publication?.session ?? null);
    const ended = this.#endings.settle(this.#policy.deletion);
    publication?.close(left ? Promise.resolve() : ended);
    this.#watch = this.#publication = null;
    this.#source.tell({ connection: null, network: null });
  }

  async #wait(seconds: number, firm: boolean, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    if (!firm) this.#wake = () => woken.abort();
    await pause(seconds, this.#platform, AbortSignal.any([woken.signal, signal]));
    this.#wake = () => {};
  }

  async #changed(): Promise<void> {
    const { connection } = this.#publication ?? {};
    const tracks = this.#source.tracks();
    if (!connection || connection.getSenders().length === 0 || tracks.length === 0) return;
    if (!(await replaceTracks(connection, tracks)) && this.#publication?.connection === connection)
      this.#alarm(trouble('tracks'));
  }

  #stirred(): void {
    this.#watch?.suspect();
    this.#wake();
  }

  /** Nobody may be there to end it later. */
  #left(): void {
    this.#attempt.abort();
    this.#close(true);
    this.#alarm(trouble('page'));
  }

  #show(figures: SendingFigures): void {
    const wanted = wantedBitrate(sane(this.#options.settings()), this.#source.quality());
    this.#source.tell({ network: this.#pressure.look(figures, wanted, this.#tally.liveFor) });
    this.#options.tell({ stats: Object.freeze({ ...figures, ...this.#tally.figures() }) });
  }

  #end(last: Pick<Partial<PublisherState>, 'state' | 'error'>): void {
    if (this.#isOver) return;
    this.#release(last.error ?? noSource());
    void this.#endings.settleAll(LAST_TRIALS, this.#policy.request[1]);
    this.#options.over({ error: null, ...last });
  }

  /** @param error what a start comes to that was not live yet */
  #release(error: OnAirError): void {
    this.#isOver = true;
    this.#first?.reject(error);
    this.#first = null;
    this.#attempt.abort();
    this.#close();
    for (const undo of this.#undo.splice(0)) undo();
    this.#alarm(null);
  }
}
