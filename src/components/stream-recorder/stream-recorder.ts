import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from '../shared/decorators.js';
import { OnAirError } from '../../core/errors.js';
import { earlyFault, retold, type MessageKey } from '../../core/messages.js';
import type { MediaProducer } from '../../core/producer/index.js';
import {
  StreamRecorder,
  type Guarantee,
  type Recording,
  type RecordEngine,
  type RecorderPhase,
  type RecorderState,
  type RecordFormat,
} from '../../core/record/index.js';
import { RecordedEvent, StateChangeEvent, TakeProgressEvent } from '../events.js';
import { nearestLang } from '../shared/lang.js';
import { ProducerLink, type ProducerElement } from '../shared/producer-link.js';
import { base, tokens } from '../shared/styles.js';
import { renderRecordButton } from './deck.js';
import { RecordingField } from './field.js';
import { recorderSettings } from './settings.js';
import { styles } from './styles.js';
import type * as TakeView from './take-view.js';
import { isRunning, type View } from './view.js';

const PHASES: readonly RecorderPhase[] = ['idle', 'starting', 'recording', 'paused', 'finishing', 'failed'];

/**
 * Records its producer to this device while it runs, so that a crash costs a second and not the take. A form field,
 * too: its value is the recorded file.
 *
 * It finds its producer by the `producer` property, by `for`, or by being inside it. Settings take effect with the next
 * take. An element that is moved in the document keeps its take; one that is removed finishes and keeps it. When the
 * producer pauses the take pauses with it; when it stops, or is given another stream, the take is finished.
 *
 * Invoker commands: `--start`, `--stop`, `--pause`, `--resume`.
 *
 * @element stream-recorder
 *
 * @attr {string} recording-name - Name of the recording. Default: date and time.
 * @attr {string} collection - Recordings of other collections are neither listed nor touched by a library. Default: none.
 * @attr {'auto'|'webm'|'mp4'} format - Container. Default `auto`: what this machine encodes in real time.
 * @attr {'auto'|'webcodecs'|'mediarecorder'} engine - What encodes. Default `auto`. `activeEngine` tells which one does.
 * @attr {number} video-bitrate - Bits per second. Default: what fits the picture.
 * @attr {number} audio-bitrate - Bits per second.
 * @attr {number} max-duration - Seconds of media after which the take ends by itself.
 * @attr {number} flush-bytes - Bytes after which what was written is flushed to the device. Default 4194304.
 * @attr {number} flush-interval - Seconds after which it is. Default 1.
 * @attr {number} max-latency - Seconds that pictures may wait for the encoder; when it is further behind, pictures are
 *   given up. Default 0.4. This and the next four count with the engine `webcodecs`.
 * @attr {number} drop-threshold - Seconds of pictures that may be lost in any two seconds before the quality goes down.
 *   Default 0.1, on phones 0.04.
 * @attr {'realtime'|'quality'} latency-mode - `quality` lets the encoder look ahead. Default `realtime`.
 * @attr {'no-preference'|'prefer-hardware'|'prefer-software'} hardware-acceleration - A hint to the browser. Default
 *   `no-preference`.
 * @attr {number} key-interval - Seconds between key frames. Default 2, in MP4 0.5, where more makes a crash cost more.
 * @attr {boolean} autostart - Records as soon as its producer is live.
 * @attr {string} for - Id of the producer.
 * @attr {string} name - Name of the form field.
 * @attr {boolean} required - The form cannot be sent without a recording.
 * @attr {boolean} disabled - No take can be started, and the form leaves the field out. A take that runs can be ended.
 * @attr {string} form - Id of the form.
 *
 * @fires {StateChangeEvent} oa-statechange - `state` changed; carries `state` and `previous`. Does not bubble.
 * @fires {TakeProgressEvent} oa-progress - Once a second while a take is written; carries `duration` (s), `size` (bytes)
 *   and `remaining` (s until the storage is full, or null). Does not bubble.
 * @fires {RecordedEvent} oa-recorded - A take is saved and is the field's value; carries `recording`. Bubbles.
 * @fires {FaultEvent} oa-error - Something failed (`fatal`), or is worked around; carries `code`, `message`, `cause`. Bubbles.
 *
 * @slot controls - Replaces the buttons.
 *
 * @csspart frame - Box around everything.
 * @csspart controls - Row of buttons.
 * @csspart button - Each button.
 * @csspart record-button - Starts and stops.
 * @csspart pause-button - Pauses, resumes.
 * @csspart discard-button - Asks whether to discard.
 * @csspart download-button - Downloads what was saved.
 * @csspart confirm - The question whether to discard, with its two buttons.
 * @csspart status - The state in a word.
 * @csspart hint - What is missing, or what to do next.
 * @csspart name - Name of the recording that was saved.
 * @csspart time - Media time.
 * @csspart size - Bytes on disk.
 * @csspart left - How long storage still takes.
 * @csspart dropped - How many pictures were lost.
 * @csspart progress - How much is saved, where that takes time.
 * @csspart guarantee - What is promised, and what is not.
 * @csspart error - The sentence of a fault.
 *
 * @cssprop [--oa-color-text] - Text.
 * @cssprop [--oa-color-muted] - Text of less weight.
 * @cssprop [--oa-color-surface] - Background.
 * @cssprop [--oa-color-raised] - Background of buttons.
 * @cssprop [--oa-color-line] - Borders.
 * @cssprop [--oa-color-accent] - Focus rings.
 * @cssprop [--oa-color-record] - The tally red: recording, and nothing else.
 * @cssprop [--oa-color-warn] - Trouble that is worked around.
 * @cssprop [--oa-color-bad] - Trouble that ended something.
 * @cssprop [--oa-radius=12px] - Corners.
 * @cssprop [--oa-control-size=44px] - Height of buttons; the record button is larger.
 * @cssprop [--oa-font=system-ui] - Font family.
 *
 * @cssstate idle - No take.
 * @cssstate starting - A take is being set up.
 * @cssstate recording - Records.
 * @cssstate paused - The take waits.
 * @cssstate finishing - The take is being saved.
 * @cssstate failed - The take could not start, or could not be saved; see `error`.
 */
export class OaStreamRecorder extends RecordingField {
  // The browser takes the person to the record button when a form misses a recording.
  static override shadowRootOptions: ShadowRootInit = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = [tokens, base, styles];
  static override commands = ['start', 'stop', 'pause', 'resume'];

  /** Name of the recording; empty for date and time. */
  @property() recordingName = '';
  /** What it belongs to; empty for the default collection. */
  @property() collection = '';
  /** Container: `auto`, `webm` or `mp4`. */
  @property() format = 'auto';
  /** What encodes: `auto`, `webcodecs` or `mediarecorder`. */
  @property() engine = 'auto';
  /** Bits per second; null for what fits the picture. */
  @property({ type: Number }) videoBitrate: number | null = null;
  /** Bits per second. */
  @property({ type: Number }) audioBitrate: number | null = null;
  /** Seconds of media after which the take ends by itself. */
  @property({ type: Number }) maxDuration: number | null = null;
  /** Bytes after which what was written is flushed. */
  @property({ type: Number }) flushBytes: number | null = null;
  /** Seconds after which it is. */
  @property({ type: Number }) flushInterval: number | null = null;
  /** Seconds that pictures may wait for the encoder. */
  @property({ type: Number }) maxLatency: number | null = null;
  /** Seconds of pictures that may be lost in any two seconds before the quality goes down. */
  @property({ type: Number }) dropThreshold: number | null = null;
  /** `realtime` or `quality`. */
  @property() latencyMode: string | null = null;
  /** `no-preference`, `prefer-hardware` or `prefer-software`. */
  @property() hardwareAcceleration: string | null = null;
  /** Seconds between key frames. */
  @property({ type: Number }) keyInterval: number | null = null;
  /** Records as soon as its producer is live. */
  @property({ type: Boolean }) autostart = false;
  /** Id of the producer; wins over nesting. */
  @property({ attribute: 'for' }) htmlFor = '';
  /** The producer, as an element or a core `MediaProducer`; wins over all else. */
  @property({ attribute: false }) producer: ProducerElement | MediaProducer | HTMLElement | null = null;

  @query('.frame') private readonly frame!: HTMLElement | null;
  @query('.record') private readonly recordButton!: HTMLButtonElement | null;
  @query('.discard') private readonly discardButton!: HTMLButtonElement | null;
  @query('.keep') private readonly keepButton!: HTMLButtonElement | null;
  @state() private confirming = false;

  readonly #core = new StreamRecorder();
  readonly #link = new ProducerLink(this, (producer) => {
    this.#due = producer?.state === 'live';
    this.#watch();
  });
  #unwatch: () => void = () => {};
  /** Whether the producer went live and nothing was recorded since. */
  #due = false;
  #filled: Promise<void> = Promise.resolve();
  #view: typeof TakeView | null = null;
  #viewing: Promise<void> | null = null;
  /** Faults that were told: one that is shown again is no news. */
  readonly #told = new WeakSet<OnAirError>();
  /** What failed beside the take, and after all that did in it: it is not shown, or what was saved is gone. */
  #beside: OnAirError | null = null;

  constructor() {
    super();
    this.#core.store.subscribe(this.#follow);
    this.setStates(PHASES, 'idle');
  }

  /** `idle`, `starting`, `recording`, `paused`, `finishing` or `failed`. */
  get state(): RecorderPhase {
    return this.#core.state;
  }

  /** Seconds of media in the take; of `recording` while idle. */
  get duration(): number {
    return this.#shown?.duration ?? 0;
  }

  /** Bytes on disk, of the same. */
  get size(): number {
    return this.#shown?.size ?? 0;
  }

  /** What encodes; null before the first take. */
  get activeEngine(): RecordEngine | null {
    return this.#take.activeEngine;
  }

  /** The container that is written; null before the first take. */
  get activeFormat(): RecordFormat | null {
    return this.#take.activeFormat;
  }

  /** What holds now, on this engine, format and storage; null before the first take. */
  get guarantee(): Guarantee | null {
    return this.#take.guarantee;
  }

  /** Why it failed; otherwise what is, or was, worked around (`fatal` false). */
  get error(): OnAirError | null {
    return this.#beside ?? this.#take.error;
  }

  /**
   * Starts a take; joins a start that is pending, does nothing while a take runs.
   * @throws OnAirError `no-source`, `no-media`, `no-encoder`, `format-unavailable`, `storage-unavailable`, `disk-full`,
   *   `worker-failed`; `aborted` when it ended before it began. A rejection that nobody handles stays quiet: `error` and
   *   `oa-error` tell of it too.
   */
  start(): Promise<void> {
    this.takeUp();
    return this.#start();
  }

  /** Writes nothing until `resume()`; the take, its file and its time wait. */
  pause(): void {
    this.#core.pause();
  }

  /** Goes on with the take, in the same file. */
  resume(): void {
    this.#core.resume();
  }

  /**
   * Finishes the take and answers its recording, which then is the value of the field. A take that is starting is
   * waited for.
   * @throws OnAirError `invalid-state` when there is no take; `no-media` when nothing had arrived; what kept the file from
   *   being finished (it stays on disk, interrupted). A rejection that nobody handles stays quiet.
   */
  stop(): Promise<Recording> {
    const stopped = this.#core.stop().then(async (recording) => {
      await this.#filled;
      return recording;
    });
    stopped.catch(() => {});
    return stopped;
  }

  /** Ends the take and removes it for good, also while it is starting or being finished. What was saved before stays. */
  discard(): Promise<void> {
    return this.#core.discard();
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
    this.#core.destroy();
  }

  protected override obey(method: string): void {
    if (method !== 'start' || !this.inactive) super.obey(method);
  }

  protected override get anchor(): HTMLElement | null {
    return this.#replaced ? this.frame : this.recordButton;
  }

  protected override nextFocus(): () => HTMLElement | null {
    return () => this.recordButton;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    if (!isRunning(this.state)) this.confirming = false;
    if (this.#free && !this.recording) this.#beside = null;
    if (this.recording) this.#loadView();
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    const live = this.isConnected && this.#link.producer?.state === 'live';
    if (this.autostart && this.#due && live && this.#free && !this.inactive) void this.#start();
  }

  protected override render(): TemplateResult {
    const { recording, inactive } = this;
    const { guarantee } = this.#take;
    const obstacle = this.#obstacle;
    // What was missing is there by now.
    const settled = this.error?.code === 'no-source' && !obstacle;
    const state = settled && this.state === 'failed' ? 'idle' : this.state;
    const error = settled ? null : this.error;
    const saved = state === 'idle' ? recording : null;
    const next = state === 'idle' && !saved ? 'recorder.ready' : null;
    const hint = obstacle && obstacle !== error?.code ? obstacle : next;
    const shown: View = { state, obstacle, hint, inactive, saved, take: this.#take, limit: this.#limit };
    const promise = guarantee && (isRunning(state) || guarantee.storage === 'memory') ? guarantee : null;
    const view = this.#view;
    const ofTake = <T>(render: (view: typeof TakeView, voice: TakeView.Voice) => T) =>
      view ? render(view, view.voice(nearestLang(this))) : nothing;
    return html`
      <div
        class="frame ${state}"
        part="frame"
        role="group"
        aria-label=${this.#label}
        tabindex=${this.#replaced ? -1 : nothing}
      >
        <div class="deck">
          <div class="controls" part="controls">
            <slot name="controls" @slotchange=${() => this.requestUpdate()}
              >${renderRecordButton(shown, this.#actions, (key) => this.say(key))}
              ${ofTake((view, voice) => view.renderTakeButtons(shown, this.#actions, voice))}</slot
            >
          </div>
          <div class="readout">
            ${ofTake((view, voice) => view.renderReadout(shown, voice))}
            ${hint ? html`<p id="hint" class="hint" part="hint">${this.say(hint)}</p>` : nothing}
          </div>
        </div>
        ${this.confirming ? ofTake((view, voice) => view.renderConfirm(this.#actions, voice)) : nothing}
        ${this.renderFault(error)} ${promise ? ofTake((view, voice) => view.renderPromise(promise, voice)) : nothing}
      </div>
      ${this.renderAnnouncer()}
    `;
  }

  /** What is shown of a take comes with the first one, and belongs to this element's update. */
  #loadView(): void {
    this.#viewing ??= import('./take-view.js').then(
      async (view) => {
        await this.wear([view.takeStyles]);
        new view.RemovalWatch(this);
        this.#view = view;
        this.requestUpdate();
      },
      (cause: unknown) => {
        // The take goes on unseen, unless it needs the same server and tells itself. The next start tries again.
        if (!this.error) this.#report(earlyFault('worker-failed', 'worker-failed.load', { cause }));
      },
    );
  }

  #report(thrown: unknown): void {
    const error = (this.#beside = retold(OnAirError.from(thrown, 'recording-missing'), false));
    this.announce(this.explain(error));
    this.emitFault(error);
  }

  protected override async getUpdateComplete(): Promise<boolean> {
    await this.#viewing;
    return super.getUpdateComplete();
  }

  /** What the figures are of. */
  get #shown(): Recording | RecorderState | null {
    return this.state === 'idle' ? this.recording : this.#take;
  }

  get #take(): RecorderState {
    return this.#core.store.get();
  }

  /** Seconds after which the take ends by itself. */
  get #limit(): number | null {
    const limit = Number(this.#core.settings.maxDuration);
    return limit > 0 && limit < Infinity ? limit : null;
  }

  /** Whether the page has buttons of its own, in the place of ours. */
  get #replaced(): boolean {
    return [...this.children].some(({ slot }) => slot === 'controls');
  }

  /** Whether no take is under way. */
  get #free(): boolean {
    return this.state === 'idle' || this.state === 'failed';
  }

  /** What stands in the way of a take. */
  get #obstacle(): MessageKey | null {
    const { producer } = this.#link;
    if (!this.#free) return null;
    if (!producer) return 'recorder.missing';
    return producer.stream ? null : 'no-source';
  }

  get #label(): string {
    const words = [...this.labels].map((label) => label.textContent?.trim() ?? '').join(' ');
    return words || this.say('recorder.label');
  }

  #start(): Promise<void> {
    this.#due = false;
    if (this.#free) {
      this.#core.settings = recorderSettings(this);
      this.#core.source = this.#link.producer;
      if (!this.#view) this.#viewing = null;
      this.#beside = null;
      this.#loadView();
    }
    return this.#core.start();
  }

  /** Follows the producer, as long as this element is in the document. */
  #watch(): void {
    this.#unwatch();
    const { producer } = this.#link;
    if (!producer || !this.isConnected) return;
    this.#unwatch = producer.store.subscribe((now, before) => {
      if (now.stream && now.stream !== before.stream) this.#due = true;
      this.requestUpdate();
    });
  }

  #follow = (now: RecorderState, before: RecorderState): void => {
    const changed = now.state !== before.state;
    const news = this.#told.has(now.error!) ? null : now.error;
    const recorded = now.recording !== before.recording ? now.recording : null;
    this.setStates(PHASES, now.state);
    this.requestUpdate();
    if (recorded) this.#filled = this.#keep(recorded);
    const told = news ? this.explain(news) : '';
    if (news) {
      this.#beside = null;
      this.#told.add(news);
      this.announce(told);
    }
    // What has the words may come after the change that they tell.
    if (changed)
      void this.#viewing?.then(() => {
        const all = this.#view?.tell(now, before, told, nearestLang(this));
        if (all) this.announce(all);
      });
    if (changed) this.dispatchEvent(new StateChangeEvent(now.state, before.state));
    else if (isRunning(now.state) && (now.duration !== before.duration || now.size !== before.size))
      this.dispatchEvent(new TakeProgressEvent(now.duration, now.size, now.secondsLeft));
    if (news) this.emitFault(news);
  };

  async #keep(recording: Recording): Promise<void> {
    try {
      await this.fill(recording);
    } catch (thrown) {
      this.#report(thrown);
    }
    this.dispatchEvent(new RecordedEvent(recording));
  }

  async #download(): Promise<void> {
    this.#beside = null;
    try {
      await this.recording?.download();
    } catch (thrown) {
      this.#report(thrown);
    }
  }

  #press(): void {
    const obstacle = this.#obstacle;
    if (obstacle) this.announce(this.say(obstacle));
    else if (this.#free) void this.start();
    else if (this.state !== 'finishing') void this.stop();
  }

  /** Asks, or no longer asks, whether to discard; the focus goes along. */
  async #confirm(confirming: boolean): Promise<void> {
    this.confirming = confirming;
    await this.updateComplete;
    (confirming ? this.keepButton : this.discardButton)?.focus();
  }

  readonly #actions = {
    press: () => this.#press(),
    pause: () => this.pause(),
    resume: () => this.resume(),
    download: () => void this.#download(),
    ask: () => void this.#confirm(true),
    keep: () => void this.#confirm(false),
    discard: () => {
      this.recordButton?.focus();
      void this.discard();
    },
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'stream-recorder': OaStreamRecorder;
  }
}
