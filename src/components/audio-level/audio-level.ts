import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { ChannelLayout, LevelMeterPhase, Levels } from '../../core/audio/index.js';
import type { OnAirError } from '../../core/errors.js';
import { earlyFault, message } from '../../core/messages.js';
import { StateChangeEvent } from '../events.js';
import { property } from '../shared/decorators.js';
import { nearestLang } from '../shared/lang.js';
import { base, tokens } from '../shared/styles.js';
import type { Desk } from './desk.js';
import { SourcedElement } from './sourced.js';
import type { Sound } from './sources.js';
import { styles } from './styles.js';
import { words } from './words.js';

const PHASES = ['idle', 'starting', 'running', 'muted', 'suspended', 'stale', 'ended', 'failed'];
const STATES = [...PHASES, 'clipped', 'silent', 'paused'];

/**
 * Shows how loud a sound is: peak, RMS, or loudness by EBU R 128 with true peak, measured in the audio thread.
 *
 * It meters the producer that it is nested in, the producer or media element that `for` names, `srcObject`, or the node
 * of `connectNode()`, and is never heard. One that is moved goes on; one that is removed lets go of everything. What it
 * shows is drawn at most once a frame, and not while nobody can see it; what it counts is counted all the same.
 *
 * Clipping, silence and changes of state are told to screen readers, politely; values never are, and can be read as text.
 * Media from another origin can be metered only where that origin allows it (`crossorigin` on the media element): else
 * it says so, and leaves the media alone.
 *
 * Invoker commands: `--pause`, `--resume`, `--reset`.
 *
 * @element audio-level
 *
 * @attr {'peak'|'rms'|'loudness'} mode - What the bars show. Default `peak`, which costs least. Loudness goes on being
 *   measured when another mode is chosen.
 * @attr {'ebu9'|'ebu18'|'dbfs'} scale - Of loudness: -18 to +9 LU, -36 to +18 LU, or -60 to 0. Default `ebu9`. Peak and RMS
 *   are shown from -60 to 0 dBFS; `activeScale` tells.
 * @attr {'lufs'|'lu'} unit - Of loudness: absolute, or relative to the target. Default `lufs`.
 * @attr {number} target - Where the mark is: LUFS, which is 0 LU, or with another mode dBFS. Default -23 for loudness, else
 *   no mark.
 * @attr {'horizontal'|'vertical'} orientation - Which way the bars go. Default `horizontal`.
 * @attr {'mono'|'stereo'|'3.0'|'quad'|'5.0'|'5.1'} layout - What the channels are for, where their number does not tell.
 * @attr {string} label - What is metered, as it is said to screen readers. Default "Audio level".
 * @attr {string} for - Id of a producer or of a media element.
 *
 * @fires {StateChangeEvent} oa-statechange - `state` changed; carries `state` and `previous`. Does not bubble.
 * @fires {ClipEvent} oa-clip - Samples reached full scale; carries `time` (s of sound), `count` and `samples`. Bubbles.
 * @fires {SilenceEvent} oa-silence - Only zeros came for 3 s, without a reason; carries `time` (s of sound) and `count`. Bubbles.
 * @fires {FaultEvent} oa-error - It cannot measure, or not all; carries `code`, `message`, `cause`. Bubbles.
 *
 * @slot controls - Replaces the buttons.
 *
 * @csspart frame - Box around everything.
 * @csspart hint - What is missing.
 * @csspart meter - Bars and scale.
 * @csspart bar - Each bar.
 * @csspart target - Mark of the target.
 * @csspart scale - Figures of the scale.
 * @csspart name - Name of a bar.
 * @csspart value - Value of a bar.
 * @csspart figures - Values without a bar.
 * @csspart flags - Clipped, silent, muted and the like.
 * @csspart controls - Row of buttons.
 * @csspart button - Each button.
 * @csspart pause-button - Pauses and resumes integrated loudness and range.
 * @csspart reset-button - Begins them, maxima and counts anew.
 * @csspart resume-button - Lets in the sound that is held back.
 * @csspart error - The sentence of a fault.
 *
 * @cssprop [--oa-level-color=var(--oa-color-live)] - Bars, where the level is as it should be.
 * @cssprop [--oa-level-high=var(--oa-color-warn)] - Bars, where it is high; they are also hatched there.
 * @cssprop [--oa-level-over=var(--oa-color-bad)] - Bars, where it is too high; hatched more closely.
 * @cssprop [--oa-level-track] - Bars, where nothing is.
 * @cssprop [--oa-level-thickness=0.875rem] - Of a bar.
 * @cssprop [--oa-level-length=12rem] - Of vertical bars.
 * @cssprop [--oa-color-text] - Text, and marks.
 * @cssprop [--oa-color-muted] - Text of less weight.
 * @cssprop [--oa-color-surface] - Background.
 * @cssprop [--oa-color-raised] - Background of buttons.
 * @cssprop [--oa-color-line] - Borders.
 * @cssprop [--oa-color-accent] - Focus rings, and the button that lets the sound in.
 * @cssprop [--oa-color-on-accent] - Text on it.
 * @cssprop [--oa-color-live] - What is well.
 * @cssprop [--oa-color-warn] - Trouble that is worked around.
 * @cssprop [--oa-color-bad] - Clipping, and trouble that ended something.
 * @cssprop [--oa-radius=12px] - Corners.
 * @cssprop [--oa-control-size=44px] - Height of buttons.
 * @cssprop [--oa-font=system-ui] - Font family.
 *
 * @cssstate idle - There is nothing to meter.
 * @cssstate starting - What measures is being loaded.
 * @cssstate running - Levels come.
 * @cssstate muted - Every track is muted by the system, or disabled by the page.
 * @cssstate suspended - The sound is held back, by the browser or the page.
 * @cssstate stale - No levels came for a second.
 * @cssstate ended - The source is over; the last levels stay.
 * @cssstate failed - See `error`.
 * @cssstate clipped - Samples have clipped since the last reset.
 * @cssstate silent - Nothing but zeros comes.
 * @cssstate paused - Integrated loudness and range stand still.
 */
export class OaAudioLevel extends SourcedElement {
  static override styles = [tokens, base, styles];
  static override commands = ['pause', 'resume', 'reset'];

  /** `peak`, `rms` or `loudness`; anything else counts as `peak`. */
  @property() mode = 'peak';
  /** `ebu9`, `ebu18` or `dbfs`. */
  @property() scale = 'ebu9';
  /** `lufs` or `lu`. */
  @property() unit = 'lufs';
  /** LUFS or dBFS; null, or what is no number, for the default. */
  @property({ type: Number }) target: number | null = null;
  /** `horizontal` or `vertical`. */
  @property() orientation = 'horizontal';
  /** What the channels are for; null for what their number tells. */
  @property() layout: ChannelLayout | (string & {}) | null = null;
  /** What is metered; empty for "Audio level". */
  @property() label = '';

  #desk: Desk | null = null;
  #loading: Promise<void> | null = null;
  /** Why it could not be loaded, and the sound that it was wanted for. */
  #missing: OnAirError | null = null;
  #missed: Sound | null = null;
  #paused = false;
  #told: LevelMeterPhase = 'idle';

  constructor() {
    super();
    this.setStates(STATES, 'idle');
  }

  /** `idle`, `starting`, `running`, `muted`, `suspended`, `stale`, `ended` or `failed`. */
  get state(): LevelMeterPhase {
    if (this.#desk) return this.#desk.state;
    if (this.#missing) return 'failed';
    return this.#loading ? 'starting' : 'idle';
  }

  /** What was measured, as a frozen snapshot that is renewed 20 times a second; null before the first. */
  get levels(): Levels | null {
    return this.#desk?.levels ?? null;
  }

  /** Why it failed; while it runs, why it measures less than it was asked to (`fatal` false). */
  get error(): OnAirError | null {
    return this.#missing ?? this.#desk?.error ?? null;
  }

  /** Whether integrated loudness and range stand still. */
  get paused(): boolean {
    return this.#paused;
  }

  /** The scale in use: `dbfs` unless loudness is shown. */
  get activeScale(): 'ebu9' | 'ebu18' | 'dbfs' {
    if (this.mode !== 'loudness') return 'dbfs';
    return this.scale === 'ebu18' || this.scale === 'dbfs' ? this.scale : 'ebu9';
  }

  /** `target` as a number, whatever an attribute or a page says; null for none. @internal */
  get aim(): number | null {
    const aim = parseFloat(String(this.target));
    return Number.isFinite(aim) ? aim : null;
  }

  /** Begins integrated loudness, range, maxima and counts anew; what has failed is tried again. */
  reset(): void {
    this.#missed = null;
    this.#desk?.reset();
    this.follow();
  }

  /** Integrated loudness and range stand still until `resume()`. */
  pause(): void {
    this.#pause(true);
  }

  /** Lets integrated loudness and range go on. */
  resume(): void {
    this.#pause(false);
  }

  override connectedCallback(): void {
    this.#missed = null;
    super.connectedCallback();
  }

  protected override release(): void {
    this.#close();
  }

  /** What had the focus and is gone stood in the frame. */
  protected override nextFocus(): () => HTMLElement | null {
    return () => this.renderRoot.querySelector<HTMLElement>('.frame');
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('mode') || changed.has('layout')) this.follow();
  }

  protected override updated(): void {
    this.#desk?.updated(this.renderRoot);
  }

  protected override render(): TemplateResult {
    const { lack } = this.sources;
    const lang = nearestLang(this);
    const say = (key: keyof typeof words) => message(key, lang, {}, words);
    return html`
      <div class="frame" part="frame" role="group" aria-label=${this.label || say('level.label')} tabindex="-1">
        ${this.#desk?.render(lang) ?? nothing}
        ${lack && this.state === 'idle' ? html`<p class="hint" part="hint">${say(lack)}</p>` : nothing}
        ${this.renderFault(this.error)}
      </div>
      ${this.renderAnnouncer()}
    `;
  }

  protected override async getUpdateComplete(): Promise<boolean> {
    await this.#loading;
    return super.getUpdateComplete();
  }

  protected override follow(): void {
    // One that is not in the document meters nothing; one on its way to another place keeps what it has.
    if (!this.isConnected) return;
    const { wanted } = this.sources;
    if (this.#desk) this.#desk.use(wanted, this.mode === 'loudness', this.layout, this.#paused);
    // One that did not come for this sound is not asked for again with whatever else is another.
    else if (wanted && wanted.sound !== this.#missed) this.#load();
    this.#show();
  }

  /** What measures and draws comes with the first sound. */
  #load(): void {
    this.#missing = null;
    this.#loading ??= import('./desk.js')
      .then(
        async ({ Desk, deskStyles }) => {
          await this.wear(deskStyles);
          if (!this.isConnected) return;
          this.#desk = new Desk(this, {
            changed: () => this.#show(),
            announce: (sentence) => this.announce(sentence),
            failed: (error) => this.#tell(error),
          });
        },
        (cause: unknown) => {
          this.#missed = this.sources.wanted?.sound ?? null;
          return (this.#missing = earlyFault('worker-failed', 'worker-failed.load', { cause }));
        },
      )
      .then((missing) => {
        this.#loading = null;
        if (missing) this.#tell(missing);
        else this.follow();
        this.#show();
      });
  }

  #show(): void {
    const { state } = this;
    const before = this.#told;
    this.setStates(STATES, state, ...(this.#desk?.flags ?? []), this.#paused ? 'paused' : '');
    this.requestUpdate();
    if (state === before) return;
    this.#told = state;
    this.dispatchEvent(new StateChangeEvent(state, before));
  }

  #tell(error: OnAirError): void {
    this.#show();
    this.announce(this.explain(error));
    this.emitFault(error);
  }

  #pause(paused: boolean): void {
    this.#paused = paused;
    this.follow();
    this.#show();
  }

  #close(): void {
    const desk = this.#desk;
    this.#desk = null;
    desk?.close();
    this.#show();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'audio-level': OaAudioLevel;
  }
}
