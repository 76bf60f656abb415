/** The last `capacity` items, oldest first. */
export class CircularBuffer<T> implements Iterable<T> {
  readonly capacity: number;
  #items: (T | undefined)[] = [];
  /** Index of the oldest item. */
  #head = 0;
  #length = 0;

  /** @throws RangeError when the capacity is not a whole number above 0 */
  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`No capacity: ${capacity}`);
    this.capacity = capacity;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds an item; answers the oldest one if it had to make room, so that what it holds can be closed. */
  push(item: T): T | undefined {
    const evicted = this.#length === this.capacity ? this.shift() : undefined;
    this.#items[(this.#head + this.#length++) % this.capacity] = item;
    return evicted;
  }

  /** Takes the oldest item out. */
  shift(): T | undefined {
    if (!this.#length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.capacity;
    this.#length--;
    return item;
  }

  /** Counted from the oldest; negative from the newest. */
  at(index: number): T | undefined {
    const from = index < 0 ? this.#length + index : index;
    if (from < 0 || from >= this.#length) return undefined;
    return this.#items[(this.#head + from) % this.capacity];
  }

  /** Empties it; answers what it held, oldest first. */
  clear(): T[] {
    const items = [...this];
    this.#items = [];
    this.#head = this.#length = 0;
    return items;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let i = 0; i < this.#length; i++) yield this.at(i) as T;
  }
}
