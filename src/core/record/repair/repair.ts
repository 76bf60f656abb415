import { OnAirError } from '../../errors.js';
import type { DiskFile } from '../disk.js';
import { mimeTypeOf } from './input.js';
import { repairMp4 } from './mp4.js';
import { Part } from './part.js';
import { unreadable, type Finished, type RepairReport } from './report.js';
import { repairWebm } from './webm.js';

/**
 * Finishes a cut-off recording in place: WebM and fragmented MP4, by mediabunny or by MediaRecorder. Everything that
 * was completely on disk is kept; what is torn at the end is cut; duration and index are filled in where the file has
 * room for them (else `needsRemux`). Works through one buffer whatever the size of the file, may be repeated, also
 * after it was itself cut off, and leaves a finished file as it is. Of several recordings, one behind the other, each is
 * read, and only a copy can join them; those that were ended before their first picture or sound are passed over.
 * Flushing and closing are left to the caller.
 * @throws OnAirError `recording-damaged` when no media can be read; what the disk throws
 */
export async function repair(file: DiskFile): Promise<RepairReport> {
  try {
    const format = await formatOf(file);
    const finish = format === 'webm' ? repairWebm : repairMp4;
    const parts: RepairReport['parts'][number][] = [];
    let last: Finished | null = null;
    for (let from: number | null = 0; from !== null;) {
      const part: Finished | null = await finish(new Part(file, from), from > 0).catch(unlessUnreadable);
      const next: number | null = part?.next ? from + part.next : null;
      if (part && part.duration !== null) {
        parts.push({ from, to: next ?? file.size, duration: part.duration });
        last = part;
      }
      from = next;
    }
    const [first] = parts;
    if (!first || !last) throw unreadable();
    const { to } = parts.at(-1)!;
    if (to < file.size) {
      // Heads alone, which have kept the last part from being finished.
      const dropped = file.size - to;
      await file.truncate(to);
      return { ...(await repair(file)), dropped };
    }
    const alone = parts.length === 1 && first.from === 0;
    const { seekable, needsRemux } = alone ? last : { seekable: false, needsRemux: true };
    const duration = parts.reduce((sum, part) => sum + part.duration, 0);
    const mimeType = await mimeTypeOf(new Part(file, first.from, first.to), format);
    return { format, duration, dropped: last.dropped, seekable, needsRemux, parts, size: file.size, mimeType };
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
