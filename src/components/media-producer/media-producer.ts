import { ContextProvider } from '@lit/context';
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query } from '../shared/decorators.js';
import { MediaProducer, type ProducerPhase, type ProducerState } from '../../core/producer/index.js';
import type { CaptureConfig, DeviceList } from '../../core/capture/index.js';
import type { OnAirError } from '../../core/errors.js';
import type { ProducerMetricsSnapshot } from '../../core/monitor/index.js';
import type { MessageKey } from '../../core/messages.js';
import { producerContext } from '../context.js';
import { DeviceChangeEvent, QualityChangeEvent, StateChangeEvent } from '../events.js';
import { OnAirElement } from '../shared/element.js';
import { icon, type IconName } from '../shared/icons.js';
import { nearestLang } from '../shared/lang.js';
import { CORE_PRODUCER, type ProducerElement } from '../shared/producer-link.js';
import { base, tokens } from '../shared/styles.js';
import type * as DeviceView from './device-view.js';
import { mirrored } from './mirror.js';
import { nextOffer, startOffer } from './offer.js';
import { captureConfig } from './settings.js';
import { styles } from './styles.js';

const PHASES: readonly ProducerPhase[] = ['idle', 'requesting', 'live', 'paused', 'ended', 'failed'];

/**
 * Captures camera, screen, microphone and system sound, and feeds the elements inside it.
 *
 * Nothing is captured before a person presses start, unless `autostart` is set. Settings take effect with the next
 * start. An element that is moved in the document keeps its session; one that is removed releases its devices a moment
 * later. Until the element is defined, a page can keep its place free:
 * `media-producer:not(:defined) { display: block; aspect-ratio: 16 / 9; }`
 *
 * What asks for devices is loaded with the first start; for a screen or system sound ahead, because some browsers want
 * the request in the very task of the click. Who uses the core without the element calls `MediaProducer.prepare()`.
 *
 * Invoker commands: `--start`, `--stop`, `--pause`, `--resume`.
 *
 * @element media-producer
 *
 * @attr {'camera'|'screen'|'none'} video - What to show. Default `camera`.
 * @attr {string} audio - `microphone`, `system`, both with a space between, or `none`. Default `microphone`. Both are
 *   mixed to one track.
 * @attr {number} width - Pixels to ask for. Default: what the machine can hold, which is 1280, on a strong one 1920, on a
 *   phone 960; a screen keeps its own size up to 1920.
 * @attr {number} height - Pixels to ask for. Default: 720, on a strong machine 1080, on a phone 540; a screen keeps its own
 *   size up to 1080.
 * @attr {number} frame-rate - Frames per second to ask for. Default 30, on a strong machine 60.
 * @attr {'user'|'environment'} facing-mode - Which camera of a phone.
 * @attr {string} video-device - Camera, by device id or by label. Default: the one that was chosen last.
 * @attr {string} audio-device - Microphone, by device id or by label. Default: the one that was chosen last.
 * @attr {boolean} device-fallback - Another camera or microphone takes the place of one that is unplugged or falls silent,
 *   until that is back. Without it a lost camera ends the capture, and a lost microphone is silence.
 * @attr {'on'|'off'} echo-cancellation - Of the microphone. Default: as the browser does.
 * @attr {'on'|'off'} noise-suppression - Of the microphone. Default: as the browser does.
 * @attr {'on'|'off'} auto-gain-control - Of the microphone. Default: as the browser does.
 * @attr {number} channel-count - Of the microphone, to ask for. Default: as the browser does.
 * @attr {number} sample-rate - Of the microphone, in Hz, to ask for. Default 48000.
 * @attr {number} latency - Of the microphone, in seconds, to ask for. Default: as the browser does.
 * @attr {number} keep-warm - Seconds for which the devices stay open after a stop, so that the next start asks nobody and
 *   shows its picture at once. Default 0: the light goes off with the stop. Never for a screen.
 * @attr {'adaptive'|'fixed'} quality - `adaptive` lets takes follow what encoder, disk and machine can hold. Default
 *   `adaptive`. Counts from the next take.
 * @attr {boolean} autostart - Starts as soon as it is in the document. A screen cannot be shared this way: it needs a click.
 * @attr {boolean} no-controls - Shows no buttons.
 * @attr {boolean} no-preview - Shows no picture: one row with the state and the buttons.
 *
 * @fires {StateChangeEvent} oa-statechange - `state` changed; carries `state` and `previous`. Does not bubble.
 * @fires {DeviceChangeEvent} oa-devicechange - `devices` changed, which it carries, or another one is in use. Does not
 *   bubble.
 * @fires {QualityChangeEvent} oa-qualitychange - A take of this producer moved to another quality; carries `level`,
 *   `previous` (shares of the full quality) and `cause` (the signal; `ease` for a step up, `end` when the take is over).
 *   Does not bubble.
 * @fires {FaultEvent} oa-error - Something failed (`fatal`), or is missing; carries `code`, `message`, `cause`. Bubbles.
 *
 * @slot - Elements that use this producer: recorder, publisher, meters.
 * @slot controls - Replaces the buttons.
 * @slot devices - Replaces the menus of devices, which are there while it captures and there is a choice.
 * @slot empty - Replaces the words that are shown while nothing is captured.
 *
 * @csspart frame - Box around picture, words and buttons.
 * @csspart preview - The `video`. A camera that faces the person, or does not say on a machine with a mouse, is
 *   mirrored by `scale`; screens never are.
 * @csspart empty - What is shown while nothing is captured.
 * @csspart error - The sentence of a fault.
 * @csspart status - The state in a word.
 * @csspart controls - Row of buttons.
 * @csspart button - Each button.
 * @csspart start-button - Starts, gives up, stops, tries again.
 * @csspart pause-button - Pauses, resumes.
 * @csspart instead-button - Starts with what could be had, sound or picture alone.
 * @csspart devices - The choice of devices, a `details`.
 * @csspart devices-button - Opens it.
 * @csspart devices-panel - Holds the menus.
 * @csspart device-select - Each menu.
 * @csspart video-select - The menu of cameras.
 * @csspart audio-select - The menu of microphones.
 *
 * @cssprop [--oa-color-text] - Text.
 * @cssprop [--oa-color-muted] - Text of less weight.
 * @cssprop [--oa-color-surface] - Background.
 * @cssprop [--oa-color-raised] - Background of the empty stage and of buttons.
 * @cssprop [--oa-color-line] - Borders.
 * @cssprop [--oa-color-accent] - The one button to press, focus rings.
 * @cssprop [--oa-color-on-accent] - Text on it.
 * @cssprop [--oa-color-live] - Live.
 * @cssprop [--oa-color-warn] - Trouble that is worked around.
 * @cssprop [--oa-color-bad] - Trouble that ended something.
 * @cssprop [--oa-radius=12px] - Corners.
 * @cssprop [--oa-gap=12px] - Space between the frame and the children.
 * @cssprop [--oa-control-size=44px] - Height of buttons.
 * @cssprop [--oa-font=system-ui] - Font family.
 *
 * @cssstate idle - Nothing is captured.
 * @cssstate requesting - The person or the system is asked.
 * @cssstate live - Captures.
 * @cssstate paused - Holds its devices and captures nothing.
 * @cssstate ended - The source went away by itself.
 * @cssstate failed - Could not start; see `error`.
 */
export class OaMediaProducer extends OnAirElement<StateChangeEvent<ProducerPhase>> implements ProducerElement {
  static override styles = [tokens, base, styles];
  static override commands = ['start', 'stop', 'pause', 'resume'];

  /** What to show: `camera`, `screen` or `none`. */
  @property() video = 'camera';
  /** What to hear: `microphone`, `system`, both, or `none`. */
  @property() audio = 'microphone';
  /** Pixels to ask for. */
  @property({ type: Number }) width: number | null = null;
  /** Pixels to ask for. */
  @property({ type: Number }) height: number | null = null;
  /** Frames per second to ask for. */
  @property({ type: Number }) frameRate: number | null = null;
  /** Which camera of a phone: `user` or `environment`. */
  @property() facingMode: string | null = null;
  /** Camera, by device id or by label, or out of `devices`. */
  @property() videoDevice: string | MediaDeviceInfo | null = null;
  /** Microphone, by device id or by label, or out of `devices`. */
  @property() audioDevice: string | MediaDeviceInfo | null = null;
  /** Whether another device takes the place of one that is gone. */
  @property({ type: Boolean }) deviceFallback = false;
  /** Of the microphone: `on` or `off`. */
  @property() echoCancellation: string | boolean | null = null;
  /** Of the microphone: `on` or `off`. */
  @property() noiseSuppression: string | boolean | null = null;
  /** Of the microphone: `on` or `off`. */
  @property() autoGainControl: string | boolean | null = null;
  /** Of the microphone, to ask for. */
  @property({ type: Number }) channelCount: number | null = null;
  /** Of the microphone, Hz, to ask for. */
  @property({ type: Number }) sampleRate: number | null = null;
  /** Of the microphone, seconds, to ask for. */
  @property({ type: Number }) latency: number | null = null;
  /** Seconds for which the devices stay open after a stop. */
  @property({ type: Number }) keepWarm: number | null = null;
  /** Whether takes follow what the machine can hold: `adaptive` or `fixed`. */
  @property() quality = 'adaptive';
  /** Starts as soon as it is in the document. */
  @property({ type: Boolean }) autostart = false;
  /** Shows no buttons. */
  @property({ type: Boolean }) noControls = false;
  /** Shows no picture. */
  @property({ type: Boolean }) noPreview = false;

  /** @internal */
  readonly [CORE_PRODUCER] = new MediaProducer();
  @query('video') private readonly preview!: HTMLVideoElement | null;
  @query('[part~="start-button"]') private readonly startButton!: HTMLElement | null;
  @query('.stage') private readonly stage!: HTMLElement | null;
  #view: typeof DeviceView | null = null;
  #given: MediaStream | null = null;
  #autostarted = false;

  constructor() {
    super();
    new ContextProvider(this, { context: producerContext, initialValue: this[CORE_PRODUCER] });
    this[CORE_PRODUCER].store.subscribe(this.#follow);
    this.setStates(PHASES, 'idle');
  }

  /** A stream to use instead of devices. It stays the page's: its tracks are paused with this element, never stopped. */
  @property({ attribute: false })
  get srcObject(): MediaStream | null {
    return this.#given;
  }
  set srcObject(stream: MediaStream | null) {
    this.#given = typeof stream?.getTracks === 'function' ? stream : null; // Anything else counts as none.
    this[CORE_PRODUCER].use(this.#given);
  }

  /** `idle`, `requesting`, `live`, `paused`, `ended` or `failed`. */
  get state(): ProducerPhase {
    return this[CORE_PRODUCER].state;
  }

  /** What is captured, while live or paused. */
  get stream(): MediaStream | null {
    return this[CORE_PRODUCER].stream;
  }

  /** Why it failed; while live, what is missing (`fatal` false). */
  get error(): OnAirError | null {
    return this[CORE_PRODUCER].error;
  }

  /** Cameras and microphones, with labels once one is allowed. Empty before the first capture; followed while there is one. */
  get devices(): DeviceList {
    return this[CORE_PRODUCER].store.get().devices;
  }

  /** Id of the camera in use; null for none. */
  get activeVideoDevice(): string | null {
    return this[CORE_PRODUCER].store.get().active.video;
  }

  /** Id of the microphone in use; null for none. */
  get activeAudioDevice(): string | null {
    return this[CORE_PRODUCER].store.get().active.audio;
  }

  /**
   * Figures of what is captured and of what sinks do with it: frames, drops, processing time, bytes, a score from 0 to
   * 100. Null before the first capture, with which what counts is loaded. Frame rates are told from one reading to the
   * next: read it once a second.
   */
  get metrics(): ProducerMetricsSnapshot | null {
    return this[CORE_PRODUCER].monitor?.snapshot() ?? null;
  }

  /**
   * Captures what the attributes ask for, or uses `srcObject`. Joins a request that is pending, resumes when paused.
   * @throws OnAirError `denied`, `dismissed`, `policy`, `insecure`, `none`, `busy`, `overconstrained`, `system`,
   *   `unsupported`, `invalid-state` (a screen without a gesture), `no-source` (a stream that is over); `aborted` when
   *   `stop()` came first. A rejection that nobody handles stays quiet: `error` and `oa-error` tell of it too.
   */
  start(): Promise<void> {
    this.takeUp();
    const core = this[CORE_PRODUCER];
    core.keepWarm = Number(this.keepWarm) || 0;
    core.deviceFallback = this.deviceFallback;
    if (!this.#given) return core.start(captureConfig(this));
    core.use(this.#given);
    core.resume();
    // The stream may be over.
    const used = core.error?.fatal ? Promise.reject(core.error) : Promise.resolve();
    used.catch(() => {});
    return used;
  }

  /** Releases the devices, or gives the request up. May be called at any time. */
  stop(): void {
    this[CORE_PRODUCER].stop();
  }

  /** Captures nothing until `resume()`; the devices stay open, so that going on needs no new permission. */
  pause(): void {
    this[CORE_PRODUCER].pause();
  }

  /** Goes on after `pause()`. */
  resume(): void {
    this[CORE_PRODUCER].resume();
  }

  /**
   * Another camera or microphone, by id, by label, or out of `devices`, without a gap: what shows or records this producer
   * goes on, in the same stream and the same file. The choice is remembered.
   * @throws OnAirError `overconstrained` when there is no such device, or why it could not be opened: then the one in use
   *   goes on; `invalid-state` when none of its kind is. A rejection that nobody handles stays quiet.
   */
  switchDevice(kind: 'video' | 'audio', device: string | MediaDeviceInfo): Promise<void> {
    return this[CORE_PRODUCER].switchDevice(kind, device);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.hasUpdated) return;
    if (this.#given && this.state === 'idle') this[CORE_PRODUCER].use(this.#given);
    // Browsers pause a video that leaves the document.
    this.preview?.play().catch(() => {});
    this.requestUpdate();
  }

  protected override release(): void {
    this.#autostarted = false;
    this.stop();
  }

  protected override nextFocus(): () => HTMLElement | null {
    return () => this.startButton;
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    this[CORE_PRODUCER].quality = this.quality;
    const settings = this.#settings;
    // Some browsers let a screen be asked for in the very task of the click, and at no later time.
    if (settings?.video === 'screen' || settings?.audio.includes('system')) void this[CORE_PRODUCER].prepare();
    if (!this.autostart) this.#autostarted = false;
    else if (this.isConnected && !this.#autostarted) {
      this.#autostarted = true;
      void this.start();
    }
  }

  protected override render(): TemplateResult {
    const { state, error } = this;
    return html`
      <div class="frame" part="frame">
        ${this.noPreview ? this.#renderBar() : this.#renderStage()}
        ${error && state !== 'failed' ? html`<div class="below">${this.renderFault(error)}</div>` : nothing}
      </div>
      <slot class="children"></slot>
      ${this.renderAnnouncer()}
    `;
  }

  #renderBar(): TemplateResult {
    return html`<div class="bar ${this.#on ? 'on' : ''}">
      ${this.#renderStatus()} ${this.#renderDevices()} ${this.#renderControls()}
      ${this.state === 'failed' ? this.renderFault(this.error) : nothing}
    </div>`;
  }

  #renderStage(): TemplateResult {
    const picture = this.stream?.getVideoTracks()[0];
    const mirror = picture && mirrored(picture, this[CORE_PRODUCER].config?.video ?? null);
    return html`<div class="stage ${this.state} ${this.#on ? 'on' : ''}">
      <video
        class=${mirror ? 'mirrored' : ''}
        part="preview"
        tabindex="-1"
        aria-label=${this.say('producer.preview')}
        autoplay
        playsinline
        .muted=${true}
        .srcObject=${picture ? this.stream : null}
        ?hidden=${!picture}
        @resize=${this.#fit}
      ></video>
      ${this.#renderWords(!!picture)} ${this.#on ? this.#renderStatus() : nothing} ${this.#renderDevices()}
      ${this.#renderControls()}
    </div>`;
  }

  #renderWords(picture: boolean): TemplateResult | typeof nothing {
    const start = startOffer(this.#settings);
    const words = (sign: IconName, sentence: MessageKey) =>
      html`${icon(sign)}
        <p>${this.say(sentence)}</p>`;
    switch (this.state) {
      case 'failed':
        return html`<div class="words">${this.renderFault(this.error)}</div>`;
      case 'requesting':
        return html`<div class="words">${words(start.icon, 'producer.requesting')}</div>`;
      case 'paused':
        return html`<div class="words">${words('pause', 'producer.paused')}</div>`;
      case 'live':
        return picture ? nothing : html`<div class="words">${words('microphone', 'producer.sound')}</div>`;
      default: {
        const idle = start.icon === 'screen' ? 'producer.empty.screen' : 'producer.empty';
        return html`<div class="words" part="empty">
          <slot name="empty">${words(start.icon, this.state === 'ended' ? 'producer.ended' : idle)}</slot>
        </div>`;
      }
    }
  }

  #renderStatus(): TemplateResult {
    const { state } = this;
    return html`<span class="status" part="status"><i class="mark ${state}"></i>${this.say(`state.${state}`)}</span>`;
  }

  #renderDevices(): TemplateResult | typeof nothing {
    if (!this.#on || this.noControls) return nothing;
    return html`<slot name="devices">${this.#view?.renderDevices(this[CORE_PRODUCER], nearestLang(this))}</slot>`;
  }

  /** What there is to choose comes with the first choice. Where it cannot be loaded, the capture goes on without. */
  #loadView(): void {
    import('./device-view.js').then(
      async (view) => {
        if (this.#view) return;
        this.#view = view;
        await this.wear([view.deviceStyles]);
        this.requestUpdate();
      },
      () => {},
    );
  }

  /** The first button stays the same node through all states, so that it keeps the focus. */
  #renderControls(): TemplateResult | typeof nothing {
    if (this.noControls) return nothing;
    const { icon: sign, name, act } = nextOffer(this.state, this.#settings);
    const paused = this.state === 'paused';
    return html`<div class="controls" part="controls">
      <slot name="controls">
        ${this.#renderButton('start-button', sign, name, () => void this[act]())}
        ${
          this.#on
            ? this.#renderButton(
                'pause-button',
                paused ? 'play' : 'pause',
                paused ? 'producer.resume' : 'producer.pause',
                () => (this.state === 'paused' ? this.resume() : this.pause()),
              )
            : nothing
        }
        ${this.#view?.renderInstead(this[CORE_PRODUCER], nearestLang(this))}
      </slot>
    </div>`;
  }

  #renderButton(part: string, sign: IconName, name: MessageKey, act: () => void): TemplateResult {
    const primary = part === 'start-button' && !this.#on && this.state !== 'requesting';
    return html`<button type="button" class="button ${primary ? 'primary' : ''}" part="button ${part}" @click=${act}>
      ${icon(sign)}<span class="label">${this.say(name)}</span
      ><span class="tip" aria-hidden="true">${this.say(name)}</span>
    </button>`;
  }

  get #on(): boolean {
    return this.state === 'live' || this.state === 'paused';
  }

  /** What a start would capture; null for a given stream. */
  get #settings(): CaptureConfig | null {
    return this.#given ? null : captureConfig(this);
  }

  /** The stage takes the picture's own shape: a phone held upright gives an upright picture. */
  #fit = (): void => {
    const { videoWidth, videoHeight } = this.preview ?? {};
    if (videoWidth && videoHeight) this.stage?.style.setProperty('--_ratio', String(videoWidth / videoHeight));
  };

  #follow = (now: ProducerState, before: ProducerState): void => {
    this.setStates(PHASES, now.state);
    this.requestUpdate();
    const news = now.error && now.error !== before.error ? now.error : null;
    if (news) this.announce(this.explain(news));
    else if (now.state !== before.state) this.announce(this.say(`state.${now.state}`));
    if (now.state !== before.state) this.dispatchEvent(new StateChangeEvent(now.state, before.state));
    if (now.devices !== before.devices || now.active !== before.active)
      this.dispatchEvent(new DeviceChangeEvent(now.devices));
    if (!this.#view && (now.instead ?? now.devices[1])) this.#loadView();
    if (news) this.emitFault(news);
    const { move } = now;
    if (move && move !== before.move) {
      this.dispatchEvent(new QualityChangeEvent(move.quality.level, move.previous, move.cause));
    }
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'media-producer': OaMediaProducer;
  }
}
