import { ContextRoot, createContext } from '@lit/context';
import type { MediaProducer } from '../core/producer/index.js';

/** The producer that an element is nested in. Registered by symbol, so that two copies of the package meet. */
export const producerContext = createContext<MediaProducer>(Symbol.for('onair/producer@1'));

const ROOT = Symbol.for('onair/context-root@1');

/**
 * Makes the order of definition irrelevant: a request that nobody answers waits at the document for its provider. One
 * for all elements of a document, and copies of the package; attached by the first element that is connected.
 */
export function attachContextRoot(document: Document): void {
  const root = document.documentElement as HTMLElement & { [ROOT]?: ContextRoot };
  if (root[ROOT]) return;
  root[ROOT] = new ContextRoot();
  root[ROOT].attach(root);
}
