import type { OnAirErrorCode } from '../errors.js';
import type { Disk } from './disk.js';
import type { JournalFile } from './journal-file.js';
import { readJournalOf } from './journal-file.js';
import { fileNames, type JournalSummary, type RecordFormat } from './journal.js';

export interface FinalizedTake {
  format: RecordFormat;
  /** Seconds. */
  duration: number;
  /** Bytes. */
  size: number;
  reason?: OnAirErrorCode;
}

/**
 * Gives a take whose file is whole (index and duration written, flushed, closed) its final name. Each step is announced
 * in the journal first. A take that is not whole is finished as after a crash: see `recoverRecording`.
 */
export async function finishTake(
  disk: Disk,
  id: string,
  journal: JournalFile,
  take: FinalizedTake,
): Promise<JournalSummary> {
  const to = fileNames.saved(id, take.format);
  await journal.append({ step: 'renaming', to, ...take });
  await disk.rename(fileNames.recording(id), to);
  await journal.append({ step: 'saved', ...take });
  return (await readJournalOf(disk, id))!;
}
