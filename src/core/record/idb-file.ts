import type { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import type { DiskFile } from './disk.js';
import { diskError } from './disk-error.js';
import { answer } from './idb-answer.js';

/** Object stores: rows by id with an index by name, and blocks by `[file id, index]`. */
export const FILES = 'files';
export const BLOCKS = 'blocks';

export interface FileRow {
  id: number;
  name: string;
  size: number;
}

/** Bytes of a block. A full block is stored as a Blob, which the browser keeps as a file and hands out unread. */
export const BLOCK_BYTES = 256 * 1024;

type Block = Uint8Array<ArrayBuffer>;

/** The part of one block that a stretch of the file covers. */
export interface Span {
  index: number;
  /** First byte within the block, and the byte after the last. */
  from: number;
  to: number;
  /** Where the part begins within the stretch. */
  offset: number;
}

/** Cuts a stretch of a file at block borders. */
export function spansOf(at: number, length: number): Span[] {
  const spans: Span[] = [];
  for (let offset = 0; offset < length;) {
    const index = Math.floor((at + offset) / BLOCK_BYTES);
    const from = at + offset - index * BLOCK_BYTES;
    const to = Math.min(BLOCK_BYTES, from + length - offset);
    spans.push({ index, from, to, offset });
    offset += to - from;
  }
  return spans;
}

export const blockRange = (id: number, first = 0): IDBKeyRange => IDBKeyRange.bound([id, first], [id, Infinity]);

/**
 * A random-access file of fixed-size blocks. Changes are made in memory, in the order they were asked for, and
 * committed together: one transaction runs at a time and the next takes all that has gathered, so that many small
 * writes do not each rewrite the last block. Each write resolves when its bytes are committed.
 */
export class IdbFile implements DiskFile {
  #database: IDBDatabase;
  #row: FileRow;
  #release: () => void;
  /** As it will be when everything that was asked for is committed. */
  #size: number;
  /** Changed blocks, and the last one, which the next write most likely continues. */
  #blocks = new Map<number, Block>();
  #changed = new Set<number>();
  /** Stored blocks from this index on are to be deleted. */
  #cutFrom = Infinity;
  #order: Promise<unknown> = Promise.resolve();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  /** Why the last commit that failed did. */
  #setback: OnAirError | null = null;
  #closed: Promise<void> | null = null;

  constructor(database: IDBDatabase, row: FileRow, release: () => void) {
    this.#database = database;
    this.#row = row;
    this.#size = row.size;
    this.#release = release;
  }

  get size(): number {
    return this.#size;
  }

  read(into: Uint8Array, at: number): Promise<number> {
    return this.#inOrder(async () => {
      const count = Math.max(0, Math.min(into.byteLength, this.#size - at));
      for (const { index, from, to, offset } of spansOf(at, count)) {
        into.set((await this.#load(index)).subarray(from, to), offset);
      }
      return count;
    });
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    const spans = spansOf(at, bytes.byteLength);
    const copy = bytes.slice();
    await this.#change(async () => {
      const blocks: Block[] = [];
      for (const { index, from, to } of spans) {
        blocks.push(to - from === BLOCK_BYTES ? new Uint8Array(BLOCK_BYTES) : await this.#load(index));
      }
      return () => {
        spans.forEach(({ index, from, to, offset }, i) => {
          blocks[i]!.set(copy.subarray(offset, offset + to - from), from);
          this.#blocks.set(index, blocks[i]!);
          this.#changed.add(index);
        });
        this.#size = Math.max(this.#size, at + copy.byteLength);
      };
    });
  }

  async truncate(size: number): Promise<void> {
    await this.#change(async () => {
      const last = Math.floor(size / BLOCK_BYTES);
      const used = size - last * BLOCK_BYTES;
      const block = size < this.#size && used > 0 ? await this.#load(last) : null;
      return () => {
        if (size < this.#size) {
          const first = block ? last + 1 : last;
          for (const index of this.#blocks.keys()) {
            if (index < first) continue;
            this.#blocks.delete(index);
            this.#changed.delete(index);
          }
          this.#cutFrom = Math.min(this.#cutFrom, first);
          if (block) {
            // What comes after the end must read as zeros when the file grows again.
            block.fill(0, used);
            this.#blocks.set(last, block);
            this.#changed.add(last);
          }
        }
        this.#size = size;
      };
    });
  }

  async flush(): Promise<void> {
    await this.#inOrder(async () => {
      await (this.#next ?? this.#running);
      const transaction = this.#database.transaction(FILES, 'readwrite', { durability: 'strict' });
      transaction.objectStore(FILES).put(this.#row);
      await done(transaction);
    });
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#order
      .then(() => this.#next ?? this.#running)
      .catch(() => undefined) // told to whoever wrote
      .then(() => this.#release()));
  }

  /** Parts that make up the whole file, unread: what File takes. */
  static async parts(blocks: IDBObjectStore, { id, size }: FileRow): Promise<Blob[]> {
    const parts: Blob[] = [];
    let length = 0;
    const add = (part: Blob) => {
      parts.push(part);
      length += part.size;
    };
    const last = Math.ceil(size / BLOCK_BYTES);
    for (let first = 0; first < last; first += BATCH) {
      const range = IDBKeyRange.bound([id, first], [id, Math.min(first + BATCH, last) - 1]);
      const [keys, values] = await Promise.all([
        answer<[id: number, index: number][]>(blocks.getAllKeys(range)),
        answer<(Blob | Block)[]>(blocks.getAll(range)),
      ]);
      values.forEach((value, i) => {
        const start = keys[i]![1] * BLOCK_BYTES;
        if (start > length) add(new Blob([new Uint8Array(start - length)]));
        add(value instanceof Blob ? value : new Blob([value]));
      });
    }
    if (length < size) add(new Blob([new Uint8Array(size - length)]));
    return parts;
  }

  /** Prepares a change (which may read), then makes it at one stroke; resolves when it is committed. */
  async #change(prepare: () => Promise<() => void>): Promise<void> {
    const { committed } = await this.#inOrder(async () => {
      let setback: OnAirError | null;
      let apply: () => void;
      do {
        setback = this.#setback;
        apply = await prepare();
      } while (setback !== this.#setback); // it may have read what was never committed
      apply();
      return { committed: this.#commit() };
    });
    await committed;
  }

  #inOrder<T>(action: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(fault('invalid-state'));
    const result = this.#order.then(action).catch((thrown: unknown) => {
      throw diskError(thrown);
    });
    this.#order = result.catch(() => undefined);
    return result;
  }

  /** One block to read or change, zeros where nothing was written. */
  async #load(index: number): Promise<Block> {
    const kept = this.#blocks.get(index);
    if (kept) return kept;
    const block = new Uint8Array(BLOCK_BYTES);
    if (index * BLOCK_BYTES >= Math.min(this.#row.size, this.#cutFrom * BLOCK_BYTES)) return block;
    const blocks = this.#database.transaction(BLOCKS).objectStore(BLOCKS);
    const stored = await answer<Blob | Block | undefined>(blocks.get([this.#row.id, index]));
    if (stored) block.set(stored instanceof Blob ? new Uint8Array(await stored.arrayBuffer()) : stored);
    return block;
  }

  /** Commits what has gathered when its turn comes. A failed commit fails the one that waits, which builds on it. */
  #commit(): Promise<void> {
    const setback = this.#setback;
    return (this.#next ??= this.#running.then(() => {
      if (this.#setback && this.#setback !== setback) throw this.#setback;
      this.#next = null;
      const stored = this.#store();
      this.#running = stored.catch(() => undefined);
      return stored;
    }));
  }

  async #store(): Promise<void> {
    const row = { ...this.#row, size: this.#size };
    let transaction: IDBTransaction | null = null;
    try {
      const changed = [...this.#changed].map((index) => {
        const bytes = this.#blocks.get(index)!.subarray(0, row.size - index * BLOCK_BYTES);
        return { index, value: bytes.byteLength < BLOCK_BYTES ? bytes.slice() : new Blob([bytes]) };
      });
      // A Blob's file is brought to the device with the transaction that stores it, or by nothing later on.
      const durability = changed.some(({ value }) => value instanceof Blob) ? 'strict' : 'relaxed';
      transaction = this.#database.transaction([FILES, BLOCKS], 'readwrite', { durability });
      const blocks = transaction.objectStore(BLOCKS);
      if (this.#cutFrom < Infinity) blocks.delete(blockRange(row.id, this.#cutFrom));
      for (const { index, value } of changed) blocks.put(value, [row.id, index]);
      transaction.objectStore(FILES).put(row);
      this.#changed.clear();
      this.#cutFrom = Infinity;
      await done(transaction);
    } catch (thrown) {
      abandon(transaction);
      const error = diskError(thrown);
      this.#goBack(error);
      throw error;
    }
    this.#row = row;
    const last = Math.floor(this.#size / BLOCK_BYTES);
    for (const index of this.#blocks.keys()) {
      if (index !== last && !this.#changed.has(index)) this.#blocks.delete(index);
    }
  }

  /** The file is again what was last committed. */
  #goBack(error: OnAirError): void {
    this.#blocks.clear();
    this.#changed.clear();
    this.#cutFrom = Infinity;
    this.#size = this.#row.size;
    this.#next = null;
    this.#setback = error;
  }
}

/** Blocks asked for at a time. */
const BATCH = 256;

/** Resolves when the transaction is committed. */
export function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('The database gave the change up.'));
    transaction.commit();
  });
}

/** What was refused before it was complete must not be committed in part. */
function abandon(transaction: IDBTransaction | null): void {
  try {
    transaction?.abort();
  } catch {
    // It has ended already.
  }
}
