import { OnAirError } from '../errors.js';
import type { Disk, DiskFile } from './disk.js';
import {
  encodeEntry,
  fileNames,
  type JournalEntry,
  type JournalSummary,
  parseFileName,
  readJournal,
} from './journal.js';

const NEW_LINE = 0x0a;

/** A journal that is being written to. Whoever opens it must hold the recording's lock. */
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
      const journal = new JournalFile(file, file.size);
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
  append(entry: Omit<JournalEntry, 'at'> & { at?: number }): Promise<void> {
    const bytes = encodeEntry({ at: Date.now(), ...entry });
    const line = this.#last.then(() => this.#write(bytes));
    this.#last = line.catch(() => {});
    return line;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#file.write(bytes, this.#end);
    this.#end += bytes.length;
    await this.#file.flush();
  }

  /** A crash in the middle of a line leaves a torn one; the next must not be glued to it. */
  async #endLine(): Promise<void> {
    if (this.#end === 0) return;
    const last = new Uint8Array(1);
    await this.#file.read(last, this.#end - 1);
    if (last[0] !== NEW_LINE) await this.#write(new Uint8Array([NEW_LINE]));
  }
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
    duration: isCount,
    size: isCount,
    to: (value) => isText(value) && parseFileName(value as string)?.id === id,
  };
  const known = Object.entries(summary).filter(([key, value]) => checks[key as keyof JournalSummary]?.(value) ?? true);
  return { ...(Object.fromEntries(known) as unknown as JournalSummary), id };
}
