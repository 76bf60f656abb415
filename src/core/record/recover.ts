import { OnAirError } from '../errors.js';
import { fault } from '../faults.js';
import type { Disk } from './disk.js';
import type { Locks } from './idb-locks.js';
import { JournalFile, readJournalOf } from './journal-file.js';
import { fileNames, type JournalEntry, type JournalSummary, neverBegun } from './journal.js';
import { originLocks, whileFree } from './liveness.js';
import { askRoom } from './quota-watch.js';
import { remux, repair, type RepairReport } from './repair/index.js';
import { removeRemains } from './remains.js';
import { datedName } from './safe-name.js';

export interface RecoverOptions {
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Null for none, as when the caller has the lock: then only the exclusive handle of the file keeps others off. */
  locks?: Pick<Locks, 'request'> | null;
  /** What a recording that was finished here is called: the writer of a take says `saved` of its own. Default `recovered`. */
  end?: 'saved' | 'recovered';
  /** Bytes that may still be written; null when it cannot be told. */
  room?: () => Promise<number | null>;
  /** Told the share that is copied, 0 to 1, a few times a second; never for what is finished in place. */
  onProgress?: (share: number) => void;
}

/** Left free beside a copy: the journal, and what the file system needs for itself. */
const SPARE_BYTES = 1024 * 1024;

/**
 * Finishes a recording whose writer is gone. Each step is journalled before it is taken and may be taken again, so
 * that this can be cut off anywhere and run once more. The media on disk are never deleted before what replaces them
 * is in place under its final name.
 *
 * The last step of the answer tells the outcome: `saved` (it was finished already), `recovered`, `damaged` (nothing
 * could be read; the file is kept) or `discarding` (nothing was ever recorded, or the take was being discarded: what
 * remained is removed. An empty take is no recording).
 *
 * @throws OnAirError `recording-live`, `recording-missing`, `disk-full`, `disk-failed`, `storage-unavailable`
 */
export function recoverRecording(disk: Disk, id: string, options: RecoverOptions = {}): Promise<JournalSummary> {
  const { locks = originLocks(), ...given } = options;
  const known = { now: Date.now, room: roomLeft, end: 'recovered', ...given } as const;
  return whileFree(locks, id, () => new Recovery(disk, id, known).run());
}

class Recovery {
  constructor(
    private readonly disk: Disk,
    private readonly id: string,
    private readonly options: RecoverOptions & Required<Pick<RecoverOptions, 'now' | 'room' | 'end'>>,
  ) {}

  async run(): Promise<JournalSummary> {
    const names = await this.#names();
    if (names.size === 0) throw fault('recording-missing');
    const known = await readJournalOf(this.disk, this.id);
    const { recording, remux: copy, webm, mp4 } = this.#files;
    const has = (name: string) => names.has(name);

    if (known?.step === 'discarding') return this.#removeAll(known);
    if ((known?.step === 'saved' || known?.step === 'recovered') && [webm, mp4].some(has)) {
      await this.#drop(copy, recording);
      return known;
    }
    const source = [recording, webm, mp4, copy].find(has);
    if (!source) return this.#discard(known);
    if (neverBegun(known, (await this.#stored(source)).size)) return this.#discard(known);
    return this.#withJournal(known, source, async (journal) => {
      // A copy is announced by `renaming` only when it is whole.
      const to = known?.step === 'renaming' ? known.to : undefined;
      if (to && has(copy)) await this.#replace(copy, to);
      // It has its name already, and no room may be left for another one.
      else if (!to || !has(to) || (await this.#stored(to)).size !== known?.size)
        return this.#finish(journal, source, known);
      await this.#drop(recording);
      return this.#finish(journal, to, known);
    });
  }

  /** Repairs `source` where it lies, and brings what comes of it under its final name. */
  async #finish(journal: JournalFile, source: string, known: JournalSummary | null): Promise<Outcome> {
    const { recording, remux: copy } = this.#files;
    await journal.append({ step: 'repairing', at: this.options.now() });
    const report = await this.#repair(source);
    // Room for a copy is for the copy. Where none is made it goes before a name is announced: then it would count as one.
    const copies = source === recording && report?.needsRemux;
    if (source !== copy && !copies) await this.#drop(copy);
    if (!report) return { step: 'damaged', reason: 'recording-damaged' };
    // It has its last name.
    if (source !== copy && source !== recording) return outcome(report);
    if (!copies) return this.#rename(journal, source, report);

    const copied = await this.#remux(recording, report, known?.overlaps);
    if ('missed' in copied) {
      // Players would show the first part alone, or its head: it waits for room.
      if (report.parts.at(-1)!.from > 0 && copied.missed.reason === 'disk-full') throw fault('disk-full');
      return { ...(await this.#rename(journal, recording, report)), ...copied.missed };
    }
    const result = await this.#rename(journal, copy, copied);
    await this.#drop(recording);
    return result;
  }

  async #rename(journal: JournalFile, from: string, report: RepairReport): Promise<Outcome> {
    const to = fileNames.saved(this.id, report.format);
    await journal.append({ ...outcome(report), step: 'renaming', to, at: this.options.now() });
    await this.#replace(from, to);
    return outcome(report);
  }

  /** What stands under the final name beside its source is a copy that was cut off, or can be made again. */
  async #replace(from: string, to: string): Promise<void> {
    await this.#drop(to);
    await this.disk.rename(from, to);
  }

  /** Null when no media can be read. Whatever a broken file makes a parser throw, the file is kept. */
  async #repair(name: string): Promise<RepairReport | null> {
    const file = await this.disk.open(name);
    try {
      if (file.size === 0) return null;
      const report = await repair(file);
      await file.flush();
      return report;
    } catch (error) {
      if (error instanceof OnAirError && error.code !== 'recording-damaged') throw error;
      return null;
    } finally {
      await file.close();
    }
  }

  /** A seekable copy, or why there is none: without it the recording plays, but tells no duration at once. */
  async #remux(
    name: string,
    { size }: RepairReport,
    overlaps: JournalSummary['overlaps'],
  ): Promise<RepairReport | { missed: Pick<JournalEntry, 'reason'> }> {
    const room = await this.options.room();
    const source = await this.disk.open(name);
    try {
      const target = await this.disk.open(this.#files.remux);
      try {
        // What was set aside is not among what is left.
        if (room !== null && room + target.size < size + SPARE_BYTES) throw fault('disk-full');
        const report = await remux(source, target, { overlaps, onProgress: this.options.onProgress });
        await target.flush();
        return report;
      } finally {
        await target.close();
      }
    } catch (error) {
      const code = error instanceof OnAirError ? error.code : 'recording-damaged';
      if (code !== 'disk-full' && code !== 'recording-damaged') throw error;
      await this.#drop(this.#files.remux);
      return { missed: code === 'disk-full' ? { reason: code } : {} };
    } finally {
      await source.close();
    }
  }

  /** Opens the journal, or begins one where it is lost, and writes how the work ended. */
  async #withJournal(
    known: JournalSummary | null,
    source: string,
    work: (journal: JournalFile) => Promise<Outcome>,
  ): Promise<JournalSummary> {
    // When the writer was last at work comes nearest to the beginning of a take without a journal.
    const createdAt = known?.createdAt ?? (await this.#stored(source)).lastModified;
    const journal = await JournalFile.open(this.disk, this.id);
    try {
      if (!known) await journal.append({ ...this.#lost(createdAt), step: 'repairing', at: createdAt });
      const end = await work(journal);
      if (end.step === 'recovered') end.step = this.options.end;
      await journal.append({ ...end, at: this.options.now() });
      return { ...(known ?? { ...this.#lost(createdAt), createdAt }), ...end };
    } finally {
      await journal.close();
    }
  }

  #lost(createdAt: number): Pick<JournalEntry, 'v' | 'id' | 'name' | 'collection'> {
    return { v: 1, id: this.id, name: datedName(new Date(createdAt)), collection: '' };
  }

  async #discard(known: JournalSummary | null): Promise<JournalSummary> {
    const journal = await JournalFile.open(this.disk, this.id);
    try {
      await journal.append({ step: 'discarding', at: this.options.now() });
    } finally {
      await journal.close();
    }
    return this.#removeAll(known);
  }

  async #removeAll(known: JournalSummary | null): Promise<JournalSummary> {
    await removeRemains({ id: this.id, disk: this.disk, names: await this.#names() });
    return { createdAt: this.options.now(), ...known, id: this.id, step: 'discarding' };
  }

  async #drop(...names: string[]): Promise<void> {
    for (const name of names) await this.disk.remove(name);
  }

  get #files() {
    const id = this.id;
    return {
      journal: fileNames.journal(id),
      recording: fileNames.recording(id),
      remux: fileNames.remux(id),
      webm: fileNames.saved(id, 'webm'),
      mp4: fileNames.saved(id, 'mp4'),
    };
  }

  async #names(): Promise<Set<string>> {
    const ours = new Set(Object.values(this.#files));
    return new Set((await this.disk.names()).filter((name) => ours.has(name)));
  }

  #stored(name: string): Promise<File> {
    return this.disk.file(name, { name, type: '' });
  }
}

type Outcome = Pick<JournalEntry, 'step' | 'reason' | 'format' | 'mimeType' | 'duration' | 'size'>;

const outcome = ({ format, mimeType, duration, size, seekable, needsRemux }: RepairReport): Outcome => ({
  step: 'recovered',
  format,
  mimeType,
  duration,
  size,
  // Only a disk without room for it keeps an index out of a file that has a place for one.
  ...(seekable || needsRemux ? {} : { reason: 'disk-full' }),
});

const roomLeft = async (): Promise<number | null> => (await askRoom())?.left ?? null;
