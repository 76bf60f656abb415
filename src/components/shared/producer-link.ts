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
  /** What had that id. */
  #found: HTMLElement | null = null;
  #waiting: MutationObserver | null = null;
  /** Where it is told of producers that are inserted. */
  #document: Document | null = null;
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
    this.#document = this.#host.ownerDocument;
    attachContextRoot(this.#document);
    this.#document.addEventListener('context-provider', this.#hear, true);
    this.#connected = true;
    this.#nesting = null;
    this.#resolve();
  }

  hostDisconnected(): void {
    this.#connected = false;
    this.#document!.removeEventListener('context-provider', this.#hear, true);
    this.#waiting?.disconnect();
    this.#leave();
  }

  hostUpdate(): void {
    const { producer, htmlFor } = this.#host;
    if (!this.#connected) return;
    // Frameworks put another element in the place of one, under the same id.
    const other = !producer && htmlFor && this.#byId() !== this.#found;
    if (other || producer !== this.#explicit || htmlFor !== this.#for) this.#resolve();
  }

  #resolve(): void {
    this.#waiting?.disconnect();
    this.#explicit = this.#host.producer;
    this.#for = this.#host.htmlFor;
    if (this.#explicit) {
      this.#leave();
      this.#settle(this.#explicit);
    } else if (this.#for) {
      this.#leave();
      this.#settle((this.#found = this.#byId()));
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
    if (!producer && !this.#explicit) this.#wait();
    this.#take(producer);
  }

  /** A producer was inserted, or defined. What it takes the place of goes within the same task. */
  #hear = (): void => {
    if (this.#producer) this.#host.requestUpdate();
    else if (this.#explicit || this.#for) this.#resolve();
  };

  #byId(): HTMLElement | null {
    const root = this.#host.getRootNode();
    return 'getElementById' in root ? (root as Document).getElementById(this.#host.htmlFor!) : null;
  }

  /** Until something else has the id. The document is not observed once there is a producer. */
  #wait(): void {
    this.#waiting = new MutationObserver(() => {
      if (this.#byId() !== this.#found) this.#resolve();
    });
    this.#waiting.observe(this.#host.getRootNode(), { subtree: true, childList: true, attributeFilter: ['id'] });
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
