/**
 * State that is read as frozen snapshots and watched by subscription; no framework, no proxies.
 *
 * A listener runs synchronously after the change can be read, in the order of subscription. Setting values that are
 * identical (`Object.is`) notifies nobody. What a listener throws is reported as the page's own, as that of an event's is:
 * it keeps neither the others from being told, nor who has set the state from going on.
 */
export class Store<S extends object> {
  #state: Readonly<S>;
  #listeners = new Set<(state: Readonly<S>, previous: Readonly<S>) => void>();

  constructor(initial: S) {
    this.#state = Object.freeze({ ...initial });
  }

  get(): Readonly<S> {
    return this.#state;
  }

  set(patch: Partial<S>): void {
    const previous = this.#state;
    const keys = Object.keys(patch) as (keyof S)[];
    if (keys.every((key) => Object.is(previous[key], patch[key]))) return;
    this.#state = Object.freeze({ ...previous, ...patch });
    for (const listener of [...this.#listeners]) {
      try {
        listener(this.#state, previous);
      } catch (thrown) {
        // As `reportError` does, which is not everywhere.
        setTimeout(() => {
          throw thrown;
        });
      }
    }
  }

  /** Calls `listener` after each change; returns the function that ends it. */
  subscribe(listener: (state: Readonly<S>, previous: Readonly<S>) => void): () => void;
  /** Calls `listener` after each change of what `selector` returns. */
  subscribe<T>(selector: (state: Readonly<S>) => T, listener: (value: T, previous: T) => void): () => void;
  subscribe<T>(
    first: ((state: Readonly<S>, previous: Readonly<S>) => void) | ((state: Readonly<S>) => T),
    second?: (value: T, previous: T) => void,
  ): () => void {
    const listener = second
      ? (state: Readonly<S>, previous: Readonly<S>) => {
          const value = (first as (state: Readonly<S>) => T)(state);
          const before = (first as (state: Readonly<S>) => T)(previous);
          if (!Object.is(value, before)) second(value, before);
        }
      : first;
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
