import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { OnAirError } from '../../core/errors.js';
import { earlyFault } from '../../core/messages.js';
import type { Cause, MonitorReport, MonitorSnapshot, MonitorState, Thresholds } from '../../core/monitor/index.js';
import type { MediaProducer } from '../../core/producer/index.js';
import { HealthChangeEvent } from '../events.js';
import { property } from '../shared/decorators.js';
import { OnAirElement } from '../shared/element.js';
import { nearestLang } from '../shared/lang.js';
import { CORE_PRODUCER, ProducerLink, type ProducerElement } from '../shared/producer-link.js';
import { base, tokens } from '../shared/styles.js';
import type * as MeterModule from './meter.js';

const STATES = ['idle', 'ok', 'warn', 'bad'] as const satisfies readonly MonitorState[];
/** Looks for which it has to be no worse before that is said: a figure that is about its limit would speak each second. */
const STEADY = 3;

/**
 * Shows how a producer does, and where the trouble is: camera, preview, encoder, disk, network, page or memory. Figures are
 * of the last five seconds; what this browser cannot tell is said so, and never shown as 0. The full view has charts of the
 * last minutes, which are loaded by who opens them.
 *
 * It finds its producer by the `producer` property, by `for`, or by being inside it; without one it tells of the page. It
 * looks once a second while it can be seen; where it cannot, or not so often, only before it sends figures. Sound it knows by
 * an `<audio-level>` of the same producer, and not without one.
 *
 * @element perf-meter
 *
 * @attr {'compact'|'full'} view - `compact` is one line, `full` a table of all stages. Default `compact`.
 * @attr {number} interval - Seconds between two looks, 0.05 to 3600. Default 1.
 * @attr {boolean} trace - Shows what is timed in the performance panel of the browser.
 * @attr {string} export-url - Where OpenMetrics text is pushed to, each 15 s and when the page goes. It holds no token. All
 *   samples have the label `session`, a random name of this meter.
 * @attr {string} for - Id of the producer.
 *
 * @fires {HealthChangeEvent} oa-statechange - `state` or its `cause` is another. Does not bubble.
 * @fires {FaultEvent} oa-error - It could not be loaded (`worker-failed`), the address is refused (`invalid-value`), or
 *   nobody there takes figures (`unreachable`, `request-failed`): told once, until it is over or another fault.
 *
 * @csspart line - The state in one line.
 * @csspart state - The state in a word.
 * @csspart summary - What it is of, in a sentence.
 * @csspart blame - The script that blocked the page.
 * @csspart table - The table of the full view.
 * @csspart row - One stage.
 * @csspart figure - Its figures.
 * @csspart finding - What was found, in a sentence.
 * @csspart trend - The line of its last minute.
 * @csspart cost - What the scripts of the meter take.
 * @csspart charts - The charts, once they are opened.
 * @csspart chart - One of them, with its text.
 * @csspart details - Beside them: how long each stage takes, and what sound, machine and page tell.
 * @csspart button - Each button.
 * @csspart charts-button - Opens and closes the charts.
 * @csspart reset-button - Counts from zero.
 * @csspart error - A fault.
 *
 * @cssprop [--oa-color-text] - Text.
 * @cssprop [--oa-color-muted] - Text of less weight.
 * @cssprop [--oa-color-surface] - Background.
 * @cssprop [--oa-color-raised] - Background of buttons.
 * @cssprop [--oa-color-line] - Borders.
 * @cssprop [--oa-color-accent] - Focus rings.
 * @cssprop [--oa-color-live] - What is well.
 * @cssprop [--oa-color-warn] - Warnings.
 * @cssprop [--oa-color-bad] - Trouble.
 * @cssprop [--oa-radius=12px] - Corners.
 * @cssprop [--oa-control-size=44px] - Height of buttons.
 * @cssprop [--oa-font=system-ui] - Font family.
 *
 * @cssstate idle - Nothing is captured, recorded or sent.
 * @cssstate ok - All is well.
 * @cssstate warn - Something is not as it should be.
 * @cssstate bad - What people get is hurt.
 */
export class OaPerfMeter extends OnAirElement<HealthChangeEvent> {
  static override styles = [tokens, base];

  /** `compact` or `full`; anything else counts as `compact`. */
  @property() view: string = 'compact';
  /** Seconds between two looks, 0.05 to 3600; null for one. */
  @property({ type: Number }) interval: number | null = null;
  /** Shows what is timed in the performance panel of the browser. */
  @property({ type: Boolean }) trace = false;
  /** Where figures are pushed to. */
  @property() exportUrl: string | null = null;
  /** What a figure has to pass to be a warning, and bad; what is left out is as in `THRESHOLDS`. */
  @property({ attribute: false }) thresholds: Partial<Thresholds> = {};
  /** Id of the producer; wins over nesting. */
  @property({ attribute: 'for' }) htmlFor = '';
  /** The producer, as an element or a core `MediaProducer`; wins over all else. */
  @property({ attribute: false }) producer: ProducerElement | MediaProducer | HTMLElement | null = null;

  readonly #link = new ProducerLink(this, () => {});
  #loading: Promise<void> | null = null;
  #meter: MeterModule.Meter | null = null;
  #error: OnAirError | null = null;
  #observer: IntersectionObserver | null = null;
  #seen = false;
  #told: { state: MonitorState; cause: Cause | null } = { state: 'idle', cause: null };
  /** What was announced last, and for how many looks it has been something else that is no worse. */
  #said = this.#told;
  #steady = 0;

  constructor() {
    super();
    this.setStates(STATES, this.state);
  }

  /** `idle`, `ok`, `warn` or `bad`. */
  get state(): MonitorState {
    return this.#told.state;
  }

  /** Where the trouble is: `encoder`, `disk`, `network`, `page`, `capture`, `preview`, `memory` …; null while there is none. */
  get cause(): Cause | null {
    return this.#told.cause;
  }

  /** Why it shows nothing, or sends nothing; null when that is over. */
  get error(): OnAirError | null {
    return this.#error;
  }

  /** The last figures; null before it has looked: when it is seen for the first time, or has figures to send. */
  snapshot(): MonitorSnapshot | null {
    return this.#meter?.monitor.snapshot() ?? null;
  }

  /** All since the reset: time in each state, incidents, latencies, operations; null before the first look. */
  report(): MonitorReport | null {
    return this.#meter?.monitor.report() ?? null;
  }

  /** All that was counted, and the last figures, as OpenMetrics text. @throws OnAirError `worker-failed` */
  async toOpenMetrics(): Promise<string> {
    await this.#load();
    if (!this.#meter) throw this.#error!;
    return this.#meter.toOpenMetrics();
  }

  /** Counts from zero. What is exported sees no step back. */
  reset(): void {
    this.#meter?.monitor.reset();
    if (this.#meter) this.announce(this.#meter.toldReset(nearestLang(this)));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer = new IntersectionObserver((entries) => {
      this.#seen = entries[entries.length - 1]?.isIntersecting ?? false;
      if (this.#seen) void this.#load();
      this.#run();
    });
    this.#observer.observe(this);
    this.#run();
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
    this.#observer = null;
    this.#seen = false;
    this.#run();
  }

  protected override nextFocus(focused: Element): () => HTMLElement | null {
    return () => (focused.isConnected ? null : this.renderRoot.querySelector<HTMLElement>('button'));
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    // What was refused is another address by now.
    if (changed.has('exportUrl')) this.#error = null;
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    // Once: what cannot be loaded would be asked for without end.
    if (changed.has('exportUrl') && this.exportUrl) void this.#load();
    // A look changes no property.
    if (changed.size > 0) this.#run();
  }

  protected override render(): TemplateResult {
    const full = this.view === 'full';
    const shown = this.#meter?.monitor.store.get().snapshot ? this.#meter : null;
    return html`
      ${shown ? shown.render(full, nearestLang(this), () => this.reset()) : nothing} ${this.renderFault(this.#error)}
      ${this.renderAnnouncer()}
    `;
  }

  /** What it took to show figures is part of what it costs. */
  protected override update(changed: PropertyValues): void {
    const began = performance.now();
    super.update(changed);
    this.#meter?.draw(this.renderRoot);
    this.#meter?.monitor.spent((performance.now() - began) / 1000);
  }

  /** As it is seen, and as it is set. */
  #run(): void {
    const meter = this.#meter;
    if (!meter) return;
    meter.monitor.interval = this.interval !== null && this.interval > 0 ? this.interval : 1;
    meter.monitor.trace = this.trace;
    meter.thresholds = this.thresholds;
    meter.run(this.isConnected && this.#seen);
    void meter.export(this.isConnected ? (this.exportUrl ?? '') : '');
  }

  #load(): Promise<void> {
    this.#loading ??= import('./meter.js').then(
      async (module) => {
        await this.wear([module.meterStyles]);
        this.#error = null;
        this.#meter = new module.Meter({
          producer: () => this.#link.producer,
          preview: () => this.#preview,
          looked: (snapshot) => this.#look(snapshot),
          changed: () => this.requestUpdate(),
          failed: (error) => this.#fail(error),
          mended: (error) => this.#mend(error),
        });
        this.#run();
        if (this.isConnected) this.#meter.monitor.look();
      },
      (cause: unknown) => {
        this.#loading = null;
        // What is to send asks for it, and what is seen does: it is told by the first that finds it missing.
        if (!this.#error) this.#fail(earlyFault('worker-failed', 'worker-failed.load', { cause, fatal: false }));
      },
    );
    return this.#loading;
  }

  #fail(error: OnAirError): void {
    this.#error = error;
    this.announce(this.explain(error));
    this.emitFault(error);
  }

  #mend(error: OnAirError): void {
    if (this.#error !== error) return;
    this.#error = null;
    this.requestUpdate();
  }

  #look({ diagnosis }: MonitorSnapshot): void {
    const { state, cause } = diagnosis;
    const before = this.#told;
    this.#told = { state, cause };
    // What is sent is looked at in a page that is hidden, too.
    const seen = this.#seen && !document.hidden;
    if (seen && this.#meter?.renews(this.view === 'full', nearestLang(this))) this.requestUpdate();
    // Who comes back hears what is then.
    if (!document.hidden) this.#speak();
    if (state === before.state && cause === before.cause) return;
    this.setStates(STATES, state);
    this.dispatchEvent(new HealthChangeEvent(state, before.state, cause));
  }

  /** Announces what is worse at once, and what is better, or of another cause, once it lasts. */
  #speak(): void {
    const [now, said] = [this.#told, this.#said];
    const same = now.state === said.state && now.cause === said.cause;
    const worse = STATES.indexOf(now.state) > STATES.indexOf(said.state);
    this.#steady = same ? 0 : this.#steady + 1;
    if (same || !this.#meter || (!worse && this.#steady < STEADY)) return;
    this.#said = now;
    this.#steady = 0;
    this.announce(this.#meter.toldState(nearestLang(this)));
  }

  /** The video of the producer's element, which shows what is captured. */
  get #preview(): HTMLVideoElement | null {
    const root = this.getRootNode() as Document | ShadowRoot;
    const { producer, htmlFor } = this;
    const named = htmlFor ? root.getElementById?.(htmlFor) : this.closest('media-producer');
    const element = producer instanceof HTMLElement ? producer : named;
    const ours = element && CORE_PRODUCER in element && element[CORE_PRODUCER] === this.#link.producer;
    return ours ? (element.shadowRoot?.querySelector<HTMLVideoElement>('video:not([hidden])') ?? null) : null;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'perf-meter': OaPerfMeter;
  }
}
