import { html, type TemplateResult } from 'lit';
import { streamPool, type PooledStream, type PoolStatus } from '../../core/capture/index.js';
import { message } from '../../core/messages.js';
import { PoolChangeEvent } from '../events.js';
import { property } from '../shared/decorators.js';
import { OnAirElement } from '../shared/element.js';
import { formatsFor } from '../shared/format.js';
import { nearestLang } from '../shared/lang.js';
import { SecondHand } from '../shared/second-hand.js';
import { base, tokens } from '../shared/styles.js';
import { line } from './line.js';
import { styles } from './styles.js';
import { table } from './table.js';
import { countOf, nameOf, STREAM_STATES, type PoolView } from './view.js';
import { words } from './words.js';

const STATES = ['empty', ...STREAM_STATES];

/**
 * Shows the pool that the producers of a page take their streams from: which devices are open, for whom, since when and
 * for how much longer, and how often none had to be opened.
 *
 * What is kept for the next start can be released here; what is in use is left to those who use it. The pool is
 * configured by `configurePool()` and by `keep-warm` of producers. The element changes with the pool; only ages and times
 * left are renewed each second, while there are any and the page can be seen.
 *
 * @element stream-pool-status
 *
 * @attr {'compact'|'full'} view - `compact` is one line, `full` a table with a row for each stream. Default `compact`.
 *
 * @fires {PoolChangeEvent} oa-poolchange - A stream came, went or changed hands; carries `status`. Does not bubble.
 *
 * @slot empty - Replaces the words of the full view while no device is open.
 *
 * @csspart line - The compact view.
 * @csspart table - The table of the full view.
 * @csspart caption - Its caption.
 * @csspart stream - One stream: a row.
 * @csspart name - What it captures.
 * @csspart label - What its devices call themselves.
 * @csspart state - Its state in a word.
 * @csspart why - Why it is open.
 * @csspart age - How long ago it was asked for.
 * @csspart expiry - How long it is kept.
 * @csspart counters - What the pool has done so far.
 * @csspart empty - What is shown while no device is open.
 * @csspart button - Each button.
 * @csspart release-button - Releases one stream.
 * @csspart release-all-button - Releases all that are kept.
 *
 * @cssprop [--oa-color-text] - Text.
 * @cssprop [--oa-color-muted] - Text of less weight.
 * @cssprop [--oa-color-surface] - Background.
 * @cssprop [--oa-color-raised] - Background of buttons.
 * @cssprop [--oa-color-line] - Borders.
 * @cssprop [--oa-color-accent] - Focus rings.
 * @cssprop [--oa-color-live] - What is in use.
 * @cssprop [--oa-radius=12px] - Corners.
 * @cssprop [--oa-control-size=44px] - Height of buttons.
 * @cssprop [--oa-font=system-ui] - Font family.
 *
 * @cssstate empty - No device is open.
 * @cssstate pending - A stream is asked for.
 * @cssstate live - A stream is in use.
 * @cssstate parked - A stream is kept for the next start.
 */
export class OaStreamPoolStatus extends OnAirElement {
  static override styles = [tokens, base, styles];

  /** `compact` or `full`; anything else counts as `compact`. */
  @property() view: string = 'compact';

  #unsubscribe: () => void = () => {};

  constructor() {
    super();
    new SecondHand(this, () => this.#isFull && this.status.streams.length > 0);
  }

  /** What the pool holds and has done; the same object until something has changed. */
  get status(): PoolStatus {
    return streamPool().store.get();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = streamPool().store.subscribe(this.#follow);
    this.#show();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
  }

  /** The button of the next row that has one, or of one before; that for all; else the whole, which is always there. */
  protected override nextFocus(focused: Element): () => HTMLElement | null {
    const buttons = this.#buttons();
    const at = buttons.findIndex((button) => button === focused);
    const near = [...buttons.slice(at + 1), ...buttons.slice(0, Math.max(at, 0)).reverse()];
    return () =>
      near.find(({ isConnected }) => isConnected) ??
      this.#buttons()[0] ??
      this.renderRoot.querySelector<HTMLElement>('.pool');
  }

  protected override render(): TemplateResult {
    const view = this.#view();
    return html`
      <section class="pool" aria-label=${view.say('pool.label')} tabindex="-1">
        ${this.#isFull ? table(view) : line(view)}
      </section>
      ${this.renderAnnouncer()}
    `;
  }

  get #isFull(): boolean {
    return this.view === 'full';
  }

  #buttons(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('button')];
  }

  #view(): PoolView {
    const lang = nearestLang(this);
    return {
      status: this.status,
      now: streamPool().now(),
      say: (word, values) => message(word, lang, values, words),
      formats: formatsFor(lang),
      release: this.#release,
    };
  }

  #release = (stream?: PooledStream): void => {
    streamPool().clear(stream?.id);
    const view = this.#view();
    this.announce(stream ? view.say('pool.told.released', { name: nameOf(stream, view) }) : view.say('pool.told.all'));
  };

  #follow = (status: PoolStatus): void => {
    this.#show();
    this.dispatchEvent(new PoolChangeEvent(status));
  };

  #show(): void {
    const { status } = this;
    this.setStates(
      STATES,
      status.streams.length === 0 ? 'empty' : '',
      ...STREAM_STATES.filter((state) => countOf(status, state) > 0),
    );
    this.requestUpdate();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'stream-pool-status': OaStreamPoolStatus;
  }
}
