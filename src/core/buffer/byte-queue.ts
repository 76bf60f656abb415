export interface ByteQueueOptions<T> {
  /** Most items it holds. Default: no limit. */
  items?: number;
  /** Most bytes it holds. Default: no limit. */
  bytes?: number;
  /** Bytes of an item. Default: its `byteLength`. */
  sizeOf?: (item: T) => number;
  /** What makes way when it is full: the `newest` is refused (for what must not have gaps), or the `oldest` go. Default newest. */
  drop?: 'newest' | 'oldest';
  /** Told each item that made way for another, so that what it holds can be closed. */
  onevict?: (item: T) => void;
}

/** First in, first out, bounded in items and in bytes. */
export class ByteQueue<T> implements Iterable<T> {
  #items: (T | undefined)[] = [];
  #head = 0;
  #bytes = 0;
  #limits: { items: number; bytes: number };
  #sizeOf: (item: T) => number;
  #drop: 'newest' | 'oldest';
  #onevict: ((item: T) => void) | undefined;

  constructor(options: ByteQueueOptions<T> = {}) {
    this.#limits = { items: options.items ?? Infinity, bytes: options.bytes ?? Infinity };
    this.#sizeOf = options.sizeOf ?? ((item) => (item as { byteLength: number }).byteLength);
    this.#drop = options.drop ?? 'newest';
    this.#onevict = options.onevict;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds an item; false when it was refused, and then it still belongs to the caller: the queue is full and drops the
   * newest, or the item alone is over the limit.
   */
  push(item: T): boolean {
    const size = this.#sizeOf(item);
    if (size > this.#limits.bytes || this.#limits.items < 1) return false;
    while (this.length + 1 > this.#limits.items || this.#bytes + size > this.#limits.bytes) {
      if (this.#drop === 'newest') return false;
      this.#onevict?.(this.shift() as T);
    }
    this.#items.push(item);
    this.#bytes += size;
    return true;
  }

  /** The oldest item, left in place. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Takes the oldest item out. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head] as T;
    this.#items[this.#head++] = undefined;
    this.#bytes -= this.#sizeOf(item);
    // Moving the rest down only when half is spent keeps a shift at constant cost on average.
    if (this.#head * 2 >= this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Empties it; answers what it held, oldest first. */
  clear(): T[] {
    const items = [...this];
    this.#items = [];
    this.#head = this.#bytes = 0;
    return items;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let i = this.#head; i < this.#items.length; i++) yield this.#items[i] as T;
  }
}
