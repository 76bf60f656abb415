import { OnAirError } from '../../errors.js';
import type { DiskFile } from '../disk.js';
import { mimeTypeOf } from './input.js';
import { repairMp4 } from './mp4.js';
import { Part } from './part.js';
import { unreadable, type RepairReport } from './report.js';
import { repairWebm } from './webm.js';

/**
 * Finishes a cut-off recording in place: WebM and fragmented MP4, by mediabunny or by MediaRecorder. Everything that
 * was completely on disk is kept; what is torn at the end is cut; duration and index are filled in where the file has
 * room for them (else `needsRemux`). Works through one buffer whatever the size of the file, may be repeated, also
 * after it was itself cut off, and leaves a finished file as it is. Of several recordings, one behind the other, each is
 * read, and only a copy can join them. Flushing and closing are left to the caller.
 * @throws OnAirError `recording-damaged` when no media can be read; what the disk throws
 */
export async function repair(file: DiskFile): Promise<RepairReport> {
  try {
    const format = await formatOf(file);
    const finish = format === 'webm' ? repairWebm : repairMp4;
    const first = await finish(new Part(file, 0));
    const parts = [{ from: 0, duration: first.duration }];
    let { duration, dropped, next } = first;
    while (next !== null) {
      const from: number = parts.at(-1)!.from + next;
      const part = await finish(new Part(file, from)).catch(unlessUnreadable);
      if (part) {
        parts.push({ from, duration: part.duration });
        duration += part.duration;
        dropped = part.dropped;
      } else {
        // Cut off before its first picture.
        dropped = file.size - from;
        await file.truncate(from);
      }
      next = part?.next ?? null;
    }
    const { seekable, needsRemux } = parts.length > 1 ? { seekable: false, needsRemux: true } : first;
    const mimeType = await mimeTypeOf(new Part(file, 0, first.next ?? undefined), format);
    return { format, duration, dropped, seekable, needsRemux, parts, size: file.size, mimeType };
  } catch (thrown) {
    throw thrown instanceof OnAirError ? thrown : unreadable(thrown);
  }
}

function unlessUnreadable(thrown: unknown): null {
  if (thrown instanceof OnAirError && thrown.code !== 'recording-damaged') throw thrown;
  return null;
}

async function formatOf(file: DiskFile): Promise<'webm' | 'mp4'> {
  const head = new Uint8Array(8);
  await file.read(head, 0);
  const view = new DataView(head.buffer);
  if (view.getUint32(0) === 0x1a45dfa3) return 'webm';
  if (view.getUint32(4) === 0x66747970) return 'mp4';
  throw unreadable();
}
