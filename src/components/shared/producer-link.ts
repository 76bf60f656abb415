import { ContextEvent } from '@lit/context';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { MediaProducer } from '../../core/producer/index.js';
import { attachContextRoot, producerContext } from '../context.js';

/** Where an element keeps its core producer. By symbol, so that two copies of the package meet. */
export const CORE_PRODUCER = Symbol.for('onair/core-producer@1');

/** `<media-producer>`, or whatever else carries a producer. */
export interface ProducerElement extends HTMLElement {
  readonly [CORE_PRODUCER]: MediaProducer;
}

export interface ProducerLinkHost extends ReactiveControllerHost, HTMLElement {
  /** Wins over all else. */
  producer?: ProducerElement | MediaProducer | HTMLElement | null | undefined;
  /** Id of a producer element in the same root; wins over nesting. */
  htmlFor?: string | undefined;
}

/**
 * Finds the producer that an element belongs to: its `producer` property, its `for`, the producer it is nested in.
 * Whichever is defined or inserted first, and again after a move. While the element is out of the document the last
 * one stays.
 */
export class ProducerLink implements ReactiveController {
  readonly #host: ProducerLinkHost;
  readonly #changed: (producer: MediaProducer | null, previous: MediaProducer | null) => void;
  #producer: MediaProducer | null = null;
  #connected = false;
  #explicit: ProducerLinkHost['producer'];
  #for: string | undefined;
  #stopWaiting: () => void = () => {};
  #nesting: MediaProducer | null = null;
  #leaveProvider: (() => void) | undefined;

  /** @param changed Called after `producer` is another. */
  constructor(
    host: ProducerLinkHost,
    changed: (producer: MediaProducer | null, previous: MediaProducer | null) => void,
  ) {
    this.#host = host;
    this.#changed = changed;
    host.addController(this);
  }

  get producer(): MediaProducer | null {
    return this.#producer;
  }

  hostConnected(): void {
    attachContextRoot();
    this.#connected = true;
    this.#nesting = null;
    this.#resolve();
  }

  hostDisconnected(): void {
    this.#connected = false;
    this.#stopWaiting();
    this.#leave();
  }

  hostUpdate(): void {
    const { producer, htmlFor } = this.#host;
    if (this.#connected && (producer !== this.#explicit || htmlFor !== this.#for)) this.#resolve();
  }

  #resolve(): void {
    this.#stopWaiting();
    this.#explicit = this.#host.producer;
    this.#for = this.#host.htmlFor;
    if (this.#explicit) {
      this.#leave();
      this.#settle(this.#explicit);
    } else if (this.#for) {
      this.#leave();
      this.#settle(this.#byId());
    } else {
      this.#host.dispatchEvent(new ContextEvent(producerContext, this.#host, this.#provided, true));
      this.#take(this.#nesting);
    }
  }

  /** One function for the life of the link: the context root tells requests apart by it. */
  #provided = (producer: MediaProducer, leave?: () => void): void => {
    if (!this.#connected || this.#explicit || this.#for) {
      leave?.();
      return;
    }
    // Another provider took over; the earlier one must not keep us.
    if (leave !== this.#leaveProvider) this.#leaveProvider?.();
    this.#leaveProvider = leave;
    this.#nesting = producer;
    this.#take(producer);
  };

  #leave(): void {
    this.#leaveProvider?.();
    this.#leaveProvider = undefined;
    this.#nesting = null;
  }

  #settle(found: NonNullable<ProducerLinkHost['producer']> | null): void {
    const producer = found && coreOf(found);
    if (!producer) this.#wait(found);
    this.#take(producer);
  }

  #byId(): HTMLElement | null {
    const root = this.#host.getRootNode();
    return root instanceof Document || root instanceof ShadowRoot ? root.getElementById(this.#for!) : null;
  }

  /** Until the element is inserted, or defined. Nothing is observed once there is a producer. */
  #wait(found: NonNullable<ProducerLinkHost['producer']> | null): void {
    const over = new AbortController();
    this.#stopWaiting = () => over.abort();
    const again = () => {
      if (!over.signal.aborted) this.#resolve();
    };
    if (!this.#explicit) {
      const observer = new MutationObserver(() => {
        if (this.#byId() !== found) again();
      });
      observer.observe(this.#host.getRootNode(), { subtree: true, childList: true, attributeFilter: ['id'] });
      over.signal.addEventListener('abort', () => observer.disconnect());
    }
    if (found instanceof HTMLElement && found.matches(':not(:defined)')) {
      customElements.whenDefined(found.localName).then(again, () => {});
    }
  }

  #take(producer: MediaProducer | null): void {
    if (producer === this.#producer) return;
    const previous = this.#producer;
    this.#producer = producer;
    this.#changed(producer, previous);
    this.#host.requestUpdate();
  }
}

function coreOf(found: NonNullable<ProducerLinkHost['producer']>): MediaProducer | null {
  if (typeof found !== 'object') return null;
  if (CORE_PRODUCER in found) return found[CORE_PRODUCER];
  // An instance of another copy of the package is none of ours, and works all the same.
  return found instanceof HTMLElement || !('store' in found) ? null : found;
}
