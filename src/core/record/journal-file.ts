import { OnAirError } from '../errors.js';
import type { Disk, DiskFile } from './disk.js';
import {
  encodeEntry,
  fileNames,
  type JournalEntry,
  type JournalNote,
  type JournalStep,
  type JournalSummary,
  parseFileName,
  readJournal,
} from './journal.js';

const NEW_LINE = 0x0a;

/** Bytes of blank lines that are there before a take goes on, for the lines that end it. */
const RESERVE = 2048;
/** The file grows by so many bytes at a time: less than a block saves nothing. */
const GROWTH = 4096;

/** What ends a take, or a recovery: these lines are written into blank ones, and so on a full disk, too. */
const ENDS: ReadonlySet<JournalStep | JournalNote> = new Set([
  'finishing',
  'renaming',
  'saved',
  'discarding',
  'repairing',
  'recovered',
  'damaged',
]);

/**
 * A journal that is being written to. Whoever opens it must hold the recording's lock.
 *
 * It is longer than its text: blank lines at its end are room that the disk has given already. A full disk ends a take,
 * and must not keep out the lines that say how it ended.
 */
export class JournalFile {
  #file: DiskFile;
  #end: number;
  #last: Promise<void> = Promise.resolve();

  private constructor(file: DiskFile, end: number) {
    this.#file = file;
    this.#end = end;
  }

  /**
   * Opens the journal of a recording, and creates it where there is none. What stands in it stays.
   * @throws OnAirError as `Disk.open` does
   */
  static async open(disk: Disk, id: string): Promise<JournalFile> {
    const file = await disk.open(fileNames.journal(id));
    try {
      const journal = new JournalFile(file, await endOfText(file));
      await journal.#endLine();
      return journal;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * Writes one line, dated now where it has no date. It is on the storage device when this resolves, so the step it
   * announces may be taken.
   * @throws OnAirError `disk-full`, `disk-failed`; the journal is then as it was
   */
  append(entry: Omit<JournalEntry<JournalStep | JournalNote>, 'at'> & { at?: number }): Promise<void> {
    const bytes = encodeEntry({ at: Date.now(), ...entry });
    const line = this.#last.then(() => this.#write(bytes, ENDS.has(entry.step) ? 0 : RESERVE));
    this.#last = line.catch(() => {});
    return line;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }

  /** @param reserve Blank bytes that must be left behind it. */
  async #write(bytes: Uint8Array, reserve: number): Promise<void> {
    const { size } = this.#file;
    const lacking = this.#end + bytes.length + reserve - size;
    if (lacking > 0) {
      const blank = new Uint8Array(Math.ceil(lacking / GROWTH) * GROWTH).fill(NEW_LINE);
      await this.#file.write(blank, size);
    }
    await this.#file.write(bytes, this.#end);
    this.#end += bytes.length;
    await this.#file.flush();
  }

  /** A crash in the middle of a line leaves a torn one; the next must not be glued to it. */
  async #endLine(): Promise<void> {
    if (this.#end === 0) return;
    if (this.#end === this.#file.size) await this.#write(new Uint8Array([NEW_LINE]), 0);
    else this.#end++;
  }
}

/** Where the blank lines at the end begin. */
async function endOfText(file: DiskFile): Promise<number> {
  const buffer = new Uint8Array(GROWTH);
  for (let end = file.size; end > 0;) {
    const start = Math.max(0, end - GROWTH);
    const part = buffer.subarray(0, end - start);
    const length = await file.read(part, start);
    const last = part.subarray(0, length).findLastIndex((byte) => byte !== NEW_LINE);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
}

/**
 * Reads the journal of a recording, also while another holder writes it. Null when there is none, or none of its
 * lines can be read; fields that make no sense are left out.
 * @throws OnAirError `disk-failed`, `storage-unavailable`
 */
export async function readJournalOf(disk: Disk, id: string): Promise<JournalSummary | null> {
  try {
    const name = fileNames.journal(id);
    const summary = readJournal(await (await disk.file(name, { name, type: 'text/plain' })).text());
    return summary && sensible(summary, id);
  } catch (error) {
    if (error instanceof OnAirError && error.code === 'recording-missing') return null;
    throw error;
  }
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isCount = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0;

/** A journal may have been torn or overwritten: what is acted upon or shown is looked at first. */
function sensible(summary: JournalSummary, id: string): JournalSummary {
  const checks: Partial<Record<keyof JournalSummary, (value: unknown) => boolean>> = {
    name: isText,
    collection: isText,
    mimeType: isText,
    reason: isText,
    engine: (value) => value === 'webcodecs' || value === 'mediarecorder',
    format: (value) => value === 'webm' || value === 'mp4',
    head: isCount,
    duration: isCount,
    size: isCount,
    overlaps: (value) => value instanceof Map,
    to: (value) => isText(value) && parseFileName(value as string)?.id === id,
  };
  const known = Object.entries(summary).filter(([key, value]) => checks[key as keyof JournalSummary]?.(value) ?? true);
  return { ...(Object.fromEntries(known) as unknown as JournalSummary), id };
}
