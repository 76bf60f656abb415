import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { OnAirError } from '../../core/errors.js';
import { explain, message, type MessageKey, type MessageValues } from '../../core/messages.js';
import { attachContextRoot } from '../context.js';
import { FaultEvent } from '../events.js';
import { icon } from './icons.js';
import { LangController } from './lang.js';
import { setStates } from './states.js';

/** What every element of this package shares: language, states, one announcer, and faults shown in place. */
export class OnAirElement extends LitElement {
  protected readonly internals: ElementInternals;
  readonly #lang = new LangController(this);
  #announcement: Text | undefined;

  constructor() {
    super();
    this.internals = this.attachInternals();
  }

  override connectedCallback(): void {
    attachContextRoot();
    super.connectedCallback();
  }

  /** Focus must not fall out of the page with what an update removes. */
  protected override update(changed: PropertyValues): void {
    const focused = this.shadowRoot?.activeElement;
    const next = focused && this.nextFocus(focused);
    super.update(changed);
    if (next && !focused.isConnected) next()?.focus();
  }

  /** Answers, before an update, how to find what gets the focus should `focused` be gone after it. */
  protected nextFocus(_focused: Element): () => HTMLElement | null {
    return () => null;
  }

  /** A sentence in the nearest language. */
  protected say(key: MessageKey, values?: MessageValues): string {
    return message(key, this.#lang.value, values);
  }

  /** The sentence of a fault in the nearest language. */
  protected explain(error: OnAirError): string {
    return explain(error, this.#lang.value);
  }

  /** Sets which of `all` hold, for `:state(...)`. */
  protected setStates(all: readonly string[], ...holding: string[]): void {
    setStates(this.internals, all, holding);
  }

  protected emitFault(error: OnAirError): void {
    this.dispatchEvent(new FaultEvent(error, this));
  }

  /** Tells a change of state to screen readers, politely. Never for values that move by themselves. */
  protected announce(sentence: string): void {
    // Another node each time: the same sentence again would change nothing, and not be heard.
    this.#announcement = new Text(sentence);
    this.requestUpdate();
  }

  /** Belongs into the template once, and always: a live region that comes with its text is not heard. */
  protected renderAnnouncer(): TemplateResult {
    return html`<p class="unseen" role="status">${this.#announcement}</p>`;
  }

  /** A fault in words and a mark. It has no role of its own: the announcer tells it. */
  protected renderFault(error: OnAirError | null): TemplateResult | typeof nothing {
    if (!error) return nothing;
    return html`<p class=${error.fatal ? 'notice fatal' : 'notice'} part="error">
      ${icon('warning')}<span>${this.explain(error)}</span>
    </p>`;
  }
}
