import { OnAirError } from '../../errors.js';
import type { DiskFile } from '../disk.js';
import { mimeTypeOf } from './input.js';
import { repairMp4 } from './mp4.js';
import { unreadable, type RepairReport } from './report.js';
import { repairWebm } from './webm.js';

/**
 * Finishes a cut-off recording in place: WebM and fragmented MP4, by mediabunny or by MediaRecorder. Everything that
 * was completely on disk is kept; what is torn at the end is cut; duration and index are filled in where the file has
 * room for them (else `needsRemux`). Works through one buffer whatever the size of the file, may be repeated, also
 * after it was itself cut off, and leaves a finished file as it is. Flushing and closing are left to the caller.
 * @throws OnAirError `recording-damaged` when no media can be read; what the disk throws
 */
export async function repair(file: DiskFile): Promise<RepairReport> {
  try {
    const format = await formatOf(file);
    const finished = await (format === 'webm' ? repairWebm(file) : repairMp4(file));
    return { format, ...finished, size: file.size, mimeType: await mimeTypeOf(file, format) };
  } catch (thrown) {
    throw thrown instanceof OnAirError ? thrown : unreadable(thrown);
  }
}

async function formatOf(file: DiskFile): Promise<'webm' | 'mp4'> {
  const head = new Uint8Array(8);
  await file.read(head, 0);
  const view = new DataView(head.buffer);
  if (view.getUint32(0) === 0x1a45dfa3) return 'webm';
  if (view.getUint32(4) === 0x66747970) return 'mp4';
  throw unreadable();
}
