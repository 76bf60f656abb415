import {
  adoptStyles,
  html,
  LitElement,
  nothing,
  type CSSResult,
  type CSSResultOrNative,
  type PropertyValues,
  type TemplateResult,
} from 'lit';
import type { OnAirError } from '../../core/errors.js';
import { explain, message, type MessageKey, type MessageValues } from '../../core/messages.js';
import { attachContextRoot } from '../context.js';
import { FaultEvent, type StateChangeEvent } from '../events.js';
import { icon } from './icons.js';
import { LangController } from './lang.js';
import { setStates } from './states.js';

/** How an element is listened to: what its own change of state carries is known of each, and not of any `HTMLElement`. */
interface Listening<Self, Change extends StateChangeEvent, Options> {
  (type: 'oa-statechange', listener: (this: Self, event: Change) => unknown, options?: boolean | Options): void;
  <K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (this: Self, event: HTMLElementEventMap[K]) => unknown,
    options?: boolean | Options,
  ): void;
  (type: string, listener: EventListenerOrEventListenerObject, options?: boolean | Options): void;
}

/** What every element of this package shares: language, states, one announcer, and faults shown in place. */
export class OnAirElement<Change extends StateChangeEvent = StateChangeEvent> extends LitElement {
  /** Methods that invoker commands may call: `--start` calls `start()`. @internal */
  static commands: readonly string[] = [];

  declare addEventListener: Listening<this, Change, AddEventListenerOptions>;
  declare removeEventListener: Listening<this, Change, EventListenerOptions>;

  protected readonly internals: ElementInternals;
  readonly #lang = new LangController(this);
  #announcement: Text | undefined;
  #styles = this.#class.elementStyles;

  constructor() {
    super();
    this.internals = this.attachInternals();
    this.addEventListener('command', (event) => {
      const { command } = event as CommandEvent;
      const method = this.#class.commands.find((name) => command === `--${name}`);
      if (method) this.obey(method);
    });
  }

  override connectedCallback(): void {
    attachContextRoot(this.ownerDocument);
    super.connectedCallback();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (!this.release) return;
    // Frameworks that move an element take it out and put it back within one task.
    setTimeout(() => {
      if (!this.isConnected) this.release!();
    });
  }

  adoptedCallback(): void {
    if (this.shadowRoot) this.#dress(this.shadowRoot);
  }

  protected override createRenderRoot(): ShadowRoot {
    const root = this.attachShadow(this.#class.shadowRootOptions);
    this.#dress(root);
    return root;
  }

  /** Adds the styles of what came later than the element. */
  protected async wear(styles: readonly CSSResultOrNative[]): Promise<void> {
    // The shadow root is there with the first update.
    if (!this.hasUpdated) await super.getUpdateComplete();
    this.#styles = [...new Set([...this.#styles, ...styles])];
    this.#dress(this.renderRoot as ShadowRoot);
  }

  /** A sheet is of the window that made it, and no other takes it: where the element was moved to one it has its own. */
  #dress(root: ShadowRoot): void {
    const view = this.ownerDocument.defaultView;
    if (view === window) adoptStyles(root, this.#styles);
    else if (view)
      root.adoptedStyleSheets = this.#styles.map((style) => {
        const sheet = new view.CSSStyleSheet();
        sheet.replaceSync((style as CSSResult).cssText);
        return sheet;
      });
  }

  get #class(): typeof OnAirElement {
    return this.constructor as typeof OnAirElement;
  }

  /** Takes up what was set in the same task, or before the element was defined. */
  protected takeUp(): void {
    if (this.isConnected && this.isUpdatePending) this.performUpdate();
  }

  /** Does what a button of the page asks for. */
  protected obey(method: string): void {
    void (this as unknown as Record<string, () => unknown>)[method]!();
  }

  /** Lets go of everything: it was taken out of the document, and not put back. May be called again. */
  protected release?(): void;

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
