import { OnAirError } from '../errors.js';
import { loadWorker } from '../load-worker.js';
import { fault } from '../faults.js';
import { earlyFault } from '../messages.js';
import { Store } from '../store.js';
import type { Disk } from './disk.js';
import type { Locks } from './idb-locks.js';
import { readJournalOf } from './journal-file.js';
import type { JournalSummary } from './journal.js';
import { announceChange, liveIds, openChanges, originLocks, whenFree, whileFree } from './liveness.js';
import { allDisks } from './open-disk.js';
import type { FromWorker, ToWorker } from './protocol.js';
import type { Recording } from './recording.js';
import { diskOf, findRemains, type Remains, removeRemains } from './remains.js';
import { describe, isSame, mediaFile, type RecordingActions } from './snapshot.js';
import { readStorageState, tellMemoryOnly, type StorageState } from './storage-state.js';

export { announceChange };

export interface RecordingStoreOptions {
  /** Only recordings of this collection; `''` is the default one, null all of them. Default null. */
  collection?: string | null;
  /** Where recordings may lie. Default: every disk of this origin. */
  disks?: () => Promise<readonly Disk[]>;
  /** Null for none: then nothing tells which recordings are live. */
  locks?: Locks | null;
  /** On which changes are heard; null for none. It is closed with the store. */
  channel?: BroadcastChannel | null;
}

export interface RecordingStoreState {
  /** Newest first. The same array, and the same objects in it, until something has changed. */
  readonly recordings: readonly Recording[];
  /** Null until it is read, and where the browser does not tell. */
  readonly storage: StorageState | null;
  /** Whether the disks have been read once. */
  readonly loaded: boolean;
  /** Id of the recording that this store is recovering. */
  readonly recovering: string | null;
  /** Share of it that is copied, 0 to 1, where that takes a copy that takes time; else null. */
  readonly copied: number | null;
}

/** How one recovery ended; exactly one of the two is there. */
export type Recovery =
  { id: string; recording: Recording; error: null } | { id: string; recording: null; error: OnAirError };

/**
 * Every recording on this origin (or of one collection), kept up to date: with other stores, with recorders, with other
 * tabs, and with takes whose writer dies. Reads nothing until `refresh()` is called. Recordings of other collections are
 * neither listed nor touched.
 */
export class RecordingStore {
  readonly store = new Store<RecordingStoreState>({
    recordings: NONE,
    storage: null,
    loaded: false,
    recovering: null,
    copied: null,
  });
  readonly #collection: string | null;
  readonly #disks: () => Promise<readonly Disk[]>;
  readonly #locks: Locks | null;
  readonly #channel: BroadcastChannel | null;
  readonly #gone = new AbortController();
  readonly #watched = new Set<string>();
  /** Finished recordings do not change: they are read once, as long as the same files are there. */
  readonly #finished = new Map<string, { names: string; recording: Recording; collection: string }>();
  #running: Promise<readonly Recording[]> | null = null;
  #next: Promise<readonly Recording[]> | null = null;
  #recoveries: Promise<unknown> = Promise.resolve();

  constructor(options: RecordingStoreOptions = {}) {
    this.#collection = options.collection ?? null;
    this.#disks = options.disks ?? allDisks;
    this.#locks = options.locks === undefined ? originLocks() : options.locks;
    this.#channel = options.channel === undefined ? openChanges() : options.channel;
    if (this.#channel) this.#channel.onmessage = (event) => this.#heard(event.data);
  }

  /**
   * Reads the disks again. Never overlaps itself: what is asked for meanwhile is answered by one more reading.
   * @throws OnAirError `storage-unavailable`, `disk-failed`
   */
  refresh(): Promise<readonly Recording[]> {
    if (this.#next) return this.#next;
    if (this.#running) {
      const again = () => {
        this.#next = null;
        return this.refresh();
      };
      return (this.#next = this.#running.then(again, again));
    }
    const running = this.#read().finally(() => {
      if (this.#running === running) this.#running = null;
    });
    return (this.#running = running);
  }

  /** @throws OnAirError `recording-missing` when this store lists no recording of that id */
  async get(id: string): Promise<Recording> {
    const find = (list: readonly Recording[]) => list.find((recording) => recording.id === id);
    const found = find(this.store.get().recordings) ?? find(await this.refresh());
    if (!found) throw fault('recording-missing');
    return found;
  }

  /**
   * Finishes an interrupted recording, in a worker. Its state is `recovered`, or `damaged` when no media could be read.
   * One at a time: others wait for their turn.
   * @throws OnAirError `recording-live` when somebody else works on it; `recording-missing` when this store has none of
   *   that id, or it turns out that nothing was ever recorded; `disk-full`, `disk-failed`, `storage-unavailable`, `worker-blocked`,
   *   `worker-failed`; `aborted` when this store was destroyed meanwhile, whatever becomes of the recording
   */
  recover(id: string): Promise<Recording> {
    const result = this.#recoveries.then(() => this.#recover(id));
    this.#recoveries = result.catch(() => {});
    return result;
  }

  /** Recovers every interrupted recording, one after the other; live ones are not touched. Never rejects for one of them. */
  async recoverAll(told: (recovery: Recovery) => void = () => {}): Promise<readonly Recovery[]> {
    const results: Recovery[] = [];
    for (const { id, state } of await this.refresh()) {
      if (state !== 'interrupted' || this.#gone.signal.aborted) continue;
      const result = await this.recover(id).then(
        (recording): Recovery => ({ id, recording, error: null }),
        (error: unknown): Recovery => ({
          id,
          recording: null,
          error: error instanceof OnAirError ? error : fault('disk-failed', {}, { cause: error }),
        }),
      );
      results.push(result);
      told(result);
    }
    return results;
  }

  /** Removes media and journal. @throws OnAirError `recording-live`, `recording-missing`, `disk-failed` */
  async remove(id: string): Promise<void> {
    await this.#assertMine(id);
    await this.#actions.remove(id);
    await this.refresh();
  }

  /** Stops listening. A recovery that runs is finished by its worker; those that wait for their turn are not begun. */
  destroy(): void {
    this.#gone.abort();
    this.#channel?.close();
  }

  async #read(): Promise<readonly Recording[]> {
    const before = await liveIds(this.#locks);
    const remains = await findRemains(await this.#disks());
    // A take may end or begin while the disks are read: it is live if it was so at either end.
    const live = new Set([...before, ...(await liveIds(this.#locks))]);
    const described = await Promise.all([...remains.values()].map((one) => this.#describe(one, live.has(one.id))));
    for (const id of this.#finished.keys()) if (!remains.has(id)) this.#finished.delete(id);
    if (this.#gone.signal.aborted) return this.store.get().recordings;

    const listed = described.filter((recording) => recording !== null);
    listed.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? -1 : 1));
    const { recordings } = this.store.get();
    const unchanged =
      listed.length === recordings.length && listed.every((recording, i) => recording === recordings[i]);
    const storage = await this.#storage();
    this.store.set({ recordings: unchanged ? recordings : Object.freeze(listed), storage, loaded: true });
    for (const { id, state } of listed) if (state === 'recording' || live.has(id)) this.#watch(id);
    return this.store.get().recordings;
  }

  async #describe(remains: Remains, live: boolean): Promise<Recording | null> {
    const { id } = remains;
    const names = [...remains.names].sort().join();
    const known = this.#finished.get(id);
    if (known?.names === names) return this.#mine(known.collection) ? known.recording : null;
    const shown = this.store.get().recordings.find((one) => one.id === id);
    // A file may be renamed between listing and reading; whoever does so tells of it afterwards.
    const described = await describe(remains, live, this.#actions).catch(() => null);
    if (!described) return shown ?? null;
    const { collection, recording: now } = described;
    const recording = shown && now && isSame(shown, now) ? shown : now;
    if (recording && (recording.state === 'saved' || recording.state === 'recovered')) {
      this.#finished.set(id, { names, recording, collection });
    }
    if (!this.#mine(collection)) return null;
    if (!recording) {
      await this.#sweep(remains);
      return null;
    }
    return recording;
  }

  async #storage(): Promise<StorageState | null> {
    const { storage: before } = this.store.get();
    const now = await readStorageState();
    const keys = ['used', 'quota', 'persisted', 'memoryOnly'] as const;
    return before && now && keys.every((key) => before[key] === now[key]) ? before : now;
  }

  #mine(collection: string): boolean {
    return this.#collection === null || this.#collection === collection;
  }

  /** What is of another collection is not there for this store. @throws OnAirError `recording-missing` */
  async #assertMine(id: string): Promise<void> {
    if (this.#collection === null) return;
    const disk = await diskOf(await this.#disks(), id);
    if (!disk || !this.#mine((await readJournalOf(disk, id))?.collection ?? '')) throw fault('recording-missing');
  }

  /** Removes what is left of an empty take or of a removal, unless somebody works on it after all. */
  async #sweep({ id, disk }: Remains): Promise<void> {
    const removeIfEmpty = async () => {
      const remains = (await findRemains([disk])).get(id);
      if (remains && !(await describe(remains, false, this.#actions)).recording) await removeRemains(remains);
    };
    await whileFree(this.#locks, id, removeIfEmpty).catch(() => {}); // It is tried again with the next reading.
  }

  #watch(id: string): void {
    if (!this.#locks || this.#watched.has(id)) return;
    this.#watched.add(id);
    whenFree(this.#locks, id, this.#gone.signal)
      .then(() => {
        this.#watched.delete(id);
        return this.refresh();
      })
      .catch(() => {}); // Destroyed, or the disks cannot be read: whoever asks next is told.
  }

  #heard(data: unknown): void {
    const id = (data as { id?: unknown } | null)?.id;
    if (typeof id === 'string') this.#finished.delete(id);
    this.refresh().catch(() => {}); // Told to whoever asks next.
  }

  async #recover(id: string): Promise<Recording> {
    this.#assertThere();
    await this.#assertMine(id);
    this.store.set({ recovering: id });
    try {
      const { step } = await recoverInWorker(id, (copied) => this.store.set({ copied }));
      announceChange(id);
      await this.refresh();
      this.#assertThere();
      if (step === 'discarding') throw fault('recording-missing');
      return await this.get(id);
    } catch (thrown) {
      // Whoever works on it may die as well: listed as live, its lock is watched.
      if (thrown instanceof OnAirError && thrown.code === 'recording-live') await this.refresh().catch(() => {});
      throw thrown;
    } finally {
      this.store.set({ recovering: null, copied: null });
    }
  }

  /** @throws OnAirError `aborted` */
  #assertThere(): void {
    if (this.#gone.signal.aborted) throw earlyFault('aborted', 'aborted.stop');
  }

  get #actions(): RecordingActions {
    return actionsOn(this.#disks, this.#locks);
  }
}

/** One recording, as it is now. @throws OnAirError `recording-missing`, `storage-unavailable`, `disk-failed` */
export async function readRecording(id: string): Promise<Recording> {
  const locks = originLocks();
  const live = (await liveIds(locks)).has(id);
  const remains = (await findRemains(await allDisks())).get(id);
  const recording = remains && (await describe(remains, live, actionsOn(allDisks, locks))).recording;
  if (!recording) throw fault('recording-missing');
  return recording;
}

const NONE: readonly Recording[] = Object.freeze([]);

function actionsOn(disks: () => Promise<readonly Disk[]>, locks: Locks | null): RecordingActions {
  const find = async (id: string): Promise<Remains> => {
    const remains = (await findRemains(await disks())).get(id);
    if (!remains) throw fault('recording-missing');
    return remains;
  };
  return {
    async file(id) {
      const live = (await liveIds(locks)).has(id);
      const remains = await find(id);
      const { recording } = await describe(remains, live, this);
      // Whoever has just finished it may still hold the lock.
      if (live && recording?.state !== 'saved' && recording?.state !== 'recovered') throw fault('recording-live');
      return mediaFile(remains);
    },
    async remove(id) {
      await whileFree(locks, id, async () => removeRemains(await find(id)));
      announceChange(id);
    },
  };
}

/** The worker's code does the work; in the page itself only where no worker can be had. */
async function recoverInWorker(id: string, copied: (share: number) => void): Promise<JournalSummary> {
  const worker = await loadWorker('record', { allowPage: true });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = (data) => {
        const said = data as FromWorker;
        if (said.type === 'recovered') {
          tellMemoryOnly(said.memoryOnly);
          resolve(said.summary);
        }
        if (said.type === 'copied') copied(said.share);
        if (said.type === 'failed') reject(fault(said.code, {}, { cause: said.detail }));
      };
      worker.onerror = reject;
      const job: ToWorker = { type: 'recover', id };
      worker.post(job);
    });
  } finally {
    worker.terminate();
  }
}
