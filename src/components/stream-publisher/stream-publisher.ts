import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { OnAirError } from '../../core/errors.js';
import {
  StreamPublisher,
  type PublisherPhase,
  type PublisherSettings,
  type PublisherState,
  type PublisherStats,
} from '../../core/live/index.js';
import { message } from '../../core/messages.js';
import type { MediaProducer } from '../../core/producer/index.js';
import { StateChangeEvent } from '../events.js';
import { property } from '../shared/decorators.js';
import { OnAirElement } from '../shared/element.js';
import { nearestLang } from '../shared/lang.js';
import { ProducerLink, type ProducerElement } from '../shared/producer-link.js';
import { base, tokens } from '../shared/styles.js';
import { styles } from './styles.js';
import type * as Broadcast from './broadcast.js';
import { isOn, renderButton, renderStatus, type View } from './view.js';
import { words, type Word } from './words.js';

const PHASES: readonly PublisherPhase[] = ['idle', 'connecting', 'live', 'recovering', 'ended', 'failed'];

/**
 * Publishes its producer live, to a WHIP endpoint (RFC 9725), and comes back by itself when the network, the server or the
 * page fails for a while.
 *
 * It finds its producer by the `producer` property, by `for`, or by being inside it. Other devices take the place of those
 * in use without an interruption; a recording of the same producer is not touched by anything that happens here. An element
 * that is moved in the document stays live; one that is removed ends the broadcast, and so does a producer that stops.
 *
 * Invoker commands: `--start`, `--stop`.
 *
 * @element stream-publisher
 *
 * @attr {string} src - Address of the WHIP endpoint.
 * @attr {number} max-bitrate - Bits per second of the picture at most. Default: what the browser takes. Counts at once.
 * @attr {number} max-frame-rate - Frames a second at most. Counts at once.
 * @attr {'h264'|'vp8'|'vp9'|'av1'} codec - What is offered first. Default: the order of the browser.
 * @attr {boolean} simulcast - Sends the picture in three sizes, for servers that choose one for each viewer.
 * @attr {string} content-hint - What picture and sound are: `motion`, `detail` or `text`, `speech` or `music`; one of each.
 * @attr {boolean} no-fec - Sound is sent without what repairs lost packets.
 * @attr {boolean} dtx - Nothing is sent while there is silence.
 * @attr {boolean} autostart - Goes live as soon as its producer is live.
 * @attr {string} for - Id of the producer.
 * @attr {string} token - Bearer token, for trying out: whoever reads the page reads it. Use `getToken`.
 *
 * @fires {StateChangeEvent} oa-statechange - `state` changed; carries `state` and `previous`. Does not bubble.
 * @fires {FaultEvent} oa-error - It failed (`fatal`), was interrupted and is coming back, or the server does not let it do
 *   all that it should; carries `code`, `message`, `cause`. Bubbles.
 *
 * @slot controls - Replaces the button.
 *
 * @csspart frame - Box around everything.
 * @csspart controls - Place of the button.
 * @csspart button - The button.
 * @csspart live-button - The same: starts and stops.
 * @csspart status - The state in a word.
 * @csspart attempt - Which attempt is being made.
 * @csspart hint - What is missing, or what to do next.
 * @csspart figures - All figures.
 * @csspart time - How long it is live, without interruptions.
 * @csspart bitrate - Bits per second that are sent.
 * @csspart picture - Size and frame rate that are sent.
 * @csspart lost - Share of the packets that were lost.
 * @csspart trip - Time to the server and back.
 * @csspart recoveries - How often it came back, and how fast.
 * @csspart error - The sentence of a fault.
 *
 * @cssprop [--oa-color-text] - Text.
 * @cssprop [--oa-color-muted] - Text of less weight.
 * @cssprop [--oa-color-surface] - Background.
 * @cssprop [--oa-color-raised] - Background of buttons.
 * @cssprop [--oa-color-line] - Borders.
 * @cssprop [--oa-color-accent] - Focus rings, and the button that goes live.
 * @cssprop [--oa-color-on-accent] - Text on it.
 * @cssprop [--oa-color-live] - It is live.
 * @cssprop [--oa-color-warn] - It is coming back.
 * @cssprop [--oa-color-bad] - It failed.
 * @cssprop [--oa-radius=12px] - Corners.
 * @cssprop [--oa-control-size=44px] - Height of the button.
 * @cssprop [--oa-font=system-ui] - Font family.
 *
 * @cssstate idle - Nothing is published.
 * @cssstate connecting - It is starting.
 * @cssstate live - It is live.
 * @cssstate recovering - It was interrupted, and comes back.
 * @cssstate ended - There is nothing to publish any more.
 * @cssstate failed - It could not start, or not come back; see `error`.
 */
export class OaStreamPublisher extends OnAirElement<StateChangeEvent<PublisherPhase>> {
  static override styles = [tokens, base, styles];
  static override commands = ['start', 'stop'];

  /** Address of the WHIP endpoint. */
  @property() src = '';
  /** Bits per second of the picture at most. */
  @property({ type: Number }) maxBitrate: number | null = null;
  /** Frames a second at most. */
  @property({ type: Number }) maxFrameRate: number | null = null;
  /** What is offered first. */
  @property() codec = '';
  /** Sends the picture in three sizes. */
  @property({ type: Boolean }) simulcast = false;
  /** What picture and sound are. */
  @property() contentHint = '';
  /** Sends sound without what repairs lost packets. */
  @property({ type: Boolean }) noFec = false;
  /** Sends nothing while there is silence. */
  @property({ type: Boolean }) dtx = false;
  /** Goes live as soon as its producer is live. */
  @property({ type: Boolean }) autostart = false;
  /** Id of the producer; wins over nesting. */
  @property({ attribute: 'for' }) htmlFor = '';
  /** The producer, as an element or a core `MediaProducer`; wins over all else. */
  @property({ attribute: false }) producer: ProducerElement | MediaProducer | HTMLElement | null = null;
  /** Bearer token; never reflected. */
  @property() token: string | null = null;
  /** Answers a bearer token; asked at the start, and again when the server refuses what it gave. Wins over `token`. */
  @property({ attribute: false }) getToken: PublisherSettings['getToken'] = null;
  /** STUN and TURN servers beside those that the server names. */
  @property({ attribute: false }) iceServers: readonly RTCIceServer[] = [];
  /** Replaces some of `RECOVERY`: how soon and how often it comes back, and `nextStep`, the function that decides. From the next start on. */
  @property({ attribute: false }) recovery: PublisherSettings['recovery'] = {};

  readonly #core = new StreamPublisher();
  readonly #link = new ProducerLink(this, (producer) => {
    this.#due = producer?.state === 'live';
    this.#watch();
  });
  #unwatch: () => void = () => {};
  /** Whether the producer went live and nothing was published since. */
  #due = false;
  #broadcast: typeof Broadcast | null = null;
  #loading: Promise<unknown> | null = null;

  constructor() {
    super();
    this.#core.store.subscribe(this.#follow);
    this.setStates(PHASES, 'idle');
  }

  /** `idle`, `connecting`, `live`, `recovering`, `ended` or `failed`. */
  get state(): PublisherPhase {
    return this.#core.state;
  }

  /** What is sent and how it gets through, how long it is live, and how often it came back; null before the first second. */
  get stats(): PublisherStats | null {
    return this.#core.stats;
  }

  /** What interrupted it, while it comes back: `silence`, `disconnected`, `failed`, `request` …; else null. */
  get reason(): PublisherState['reason'] {
    return this.#core.store.get().reason;
  }

  /** The attempt that is being made or waited for, from 1; 0 while there is none. */
  get attempt(): number {
    return this.#core.store.get().attempt;
  }

  /** Why it failed; otherwise what keeps it from being live, or is amiss at the server all the same (`fatal` false). */
  get error(): OnAirError | null {
    return this.#core.error;
  }

  /**
   * Goes live; joins a start that is pending, does nothing while it is live or coming back. Settles when it is live.
   * @throws OnAirError A code of `LiveErrorCode`; `no-source`, `unsupported`, `worker-failed`; `aborted` when it was stopped
   *   before it was live. A rejection that nobody handles stays quiet: `error` and `oa-error` tell of it too.
   */
  start(): Promise<void> {
    this.takeUp();
    this.#due = false;
    this.#load();
    if (!isOn(this.state)) this.#core.source = this.#link.producer;
    return this.#core.start();
  }

  /** Ends the broadcast, here and at the server. Settles when the server knows, or cannot be told. */
  stop(): Promise<void> {
    return this.#core.stop();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watch();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unwatch();
  }

  protected override release(): void {
    if (isOn(this.state)) void this.stop();
  }

  protected override willUpdate(): void {
    const { src: url, maxBitrate, maxFrameRate, codec, simulcast, contentHint, noFec, dtx, token } = this;
    const { getToken, iceServers, recovery } = this;
    const sound = { fec: !noFec, dtx };
    const picture = { maxBitrate, maxFrameRate, codec, simulcast };
    this.#core.settings = { url, ...picture, ...sound, contentHint, token, getToken, iceServers, recovery };
  }

  protected override updated(changed: PropertyValues<this>): void {
    // A start should not have to wait for it.
    if (changed.has('src') && this.src) this.#load();
    if (changed.has('maxBitrate') || changed.has('maxFrameRate')) this.#core.limit();
    const ready = this.isConnected && this.#link.producer?.state === 'live' && this.src;
    if (this.autostart && this.#due && ready && !isOn(this.state)) void this.start();
  }

  protected override render(): TemplateResult {
    const publisher = this.#core.store.get();
    const { state, stats } = publisher;
    const voice = this.#voice;
    const obstacle = this.#obstacle;
    const view: View = {
      publisher,
      obstacle,
      say: (word, values) => message(word, nearestLang(this), values, words),
      press: this.#press,
    };
    // What was missing is there by now, or is said below.
    const error = publisher.error?.code === 'no-source' ? null : publisher.error;
    const hint = obstacle ?? (state === 'idle' ? 'publisher.ready' : null);
    return html`
      <div class="frame ${state}" part="frame" role="group" aria-label=${view.say('publisher.label')}>
        <div class="deck">
          <div class="controls" part="controls"><slot name="controls">${renderButton(view)}</slot></div>
          <div class="readout">
            ${renderStatus(view, voice ? this.#broadcast!.renderAttempt(publisher.attempt, voice) : nothing)}
            ${stats && voice && isOn(state) ? this.#broadcast!.renderFigures(stats, voice) : nothing}
            ${hint ? html`<p id="hint" class="hint" part="hint">${view.say(hint)}</p>` : nothing}
          </div>
        </div>
        ${this.renderFault(error)}
      </div>
      ${this.renderAnnouncer()}
    `;
  }

  /** What publishes, and what speaks of it. Where it cannot be loaded, the start says so. */
  #load(): void {
    void this.#core.prepare();
    this.#loading ??= import('./broadcast.js').then(
      async (broadcast) => {
        await this.wear([broadcast.broadcastStyles]);
        this.#broadcast = broadcast;
        this.requestUpdate();
      },
      () => (this.#loading = null),
    );
  }

  get #voice(): Broadcast.Voice | null {
    return this.#broadcast?.voice(nearestLang(this)) ?? null;
  }

  /** What stands in the way of a start. */
  get #obstacle(): Word | null {
    const { producer } = this.#link;
    if (isOn(this.state)) return null;
    if (!producer) return 'publisher.missing';
    if (!this.src) return 'publisher.address';
    return producer.stream ? null : 'publisher.source';
  }

  /** Follows the producer, as long as this element is in the document. */
  #watch(): void {
    this.#unwatch();
    const { producer } = this.#link;
    if (!producer || !this.isConnected) return;
    this.#unwatch = producer.store.subscribe((now, before) => {
      if (now.state === before.state && now.stream === before.stream) return;
      if (now.state === 'live' && before.state !== 'paused') this.#due = true;
      this.requestUpdate();
    });
  }

  #follow = (now: PublisherState, before: PublisherState): void => {
    const news = now.error && now.error !== before.error ? now.error : null;
    this.setStates(PHASES, now.state);
    this.requestUpdate();
    if (now.state !== before.state) {
      const voice = this.#voice;
      const told = voice && this.#broadcast!.tell(now.state, before.state, voice);
      if (told) this.announce(told);
      this.dispatchEvent(new StateChangeEvent(now.state, before.state));
    }
    if (news?.fatal) this.announce(this.explain(news));
    // Of one interruption the first fault is told, and those of another kind.
    if (news && (news.fatal || news.code !== before.error?.code)) this.emitFault(news);
  };

  #press = (): void => {
    const obstacle = this.#obstacle;
    if (obstacle) this.announce(message(obstacle, nearestLang(this), {}, words));
    else if (isOn(this.state)) void this.stop();
    else void this.start();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'stream-publisher': OaStreamPublisher;
  }
}
