import { fault } from '../faults.js';
import { readJournalOf } from './journal-file.js';
import { type JournalStep, type JournalSummary, neverBegun, parseFileName } from './journal.js';
import type { Recording, RecordingState } from './recording.js';
import { isFinished, mediaName, type Remains } from './remains.js';
import { datedName, safeFileName } from './safe-name.js';

/** Where a recording is read and removed, once somebody asks for it. */
export interface RecordingActions {
  file(id: string): Promise<File>;
  remove(id: string): Promise<void>;
}

export interface Described {
  collection: string;
  /** Null when there is nothing to show: an empty take, or what a removal left behind. */
  recording: Recording | null;
}

/** Reads what a recording is from its journal and files. */
export async function describe(remains: Remains, live: boolean, actions: RecordingActions): Promise<Described> {
  const { id, disk } = remains;
  const journal = await readJournalOf(disk, id);
  const collection = journal?.collection ?? '';
  const media = mediaName(remains);
  if (media === null && !live) return { collection, recording: null };

  const state = stateOf(journal, media, live);
  const done = state === 'saved' || state === 'recovered';
  const file = media === null || (done && journal?.size !== undefined) ? null : await readFile(remains, journal, media);
  const size = file?.size ?? journal?.size ?? 0;
  const empty = journal?.step === 'discarding' || neverBegun(journal, size);
  if (empty && !live) return { collection, recording: null };

  const createdAt = new Date(journal?.createdAt ?? file?.lastModified ?? 0);
  const recording: Recording = Object.freeze({
    id,
    name: journal?.name?.trim() || datedName(createdAt),
    collection,
    state,
    mimeType: typeOf(journal, media),
    size,
    duration: done ? (journal?.duration ?? 0) : 0,
    createdAt,
    engine: journal?.engine ?? null,
    // The journal of a file that could be read after all still holds the line that says it could not.
    reason: state !== 'damaged' && journal?.reason === 'recording-damaged' ? null : (journal?.reason ?? null),
    file: () => actions.file(id),
    download: async () => downloadFile(await actions.file(id)),
    remove: () => actions.remove(id),
  });
  return { collection, recording };
}

/** The media: named for the person, typed, dated by the end of the take. @throws OnAirError `recording-missing` */
export async function mediaFile(remains: Remains): Promise<File> {
  const media = mediaName(remains);
  if (media === null) throw fault('recording-missing');
  return readFile(remains, await readJournalOf(remains.disk, remains.id), media);
}

const TOLD = ['id', 'name', 'collection', 'state', 'mimeType', 'size', 'duration', 'engine', 'reason'] as const;

/** Whether two snapshots tell the same. */
export const isSame = (a: Recording, b: Recording): boolean =>
  TOLD.every((key) => a[key] === b[key]) && a.createdAt.getTime() === b.createdAt.getTime();

/** Steps behind which nothing more is recorded. */
const ENDS: readonly JournalStep[] = ['finishing', 'renaming', 'saved', 'repairing', 'recovered', 'damaged'];

function stateOf(journal: JournalSummary | null, media: string | null, live: boolean): RecordingState {
  const step = journal?.step;
  if ((step === 'saved' || step === 'recovered') && media !== null && isFinished(media)) return step;
  if (step === 'damaged' && !live) return 'damaged';
  if (!live) return 'interrupted';
  // Whoever makes a whole file of it, or repairs it, holds the lock too.
  return step && ENDS.includes(step) ? 'finishing' : 'recording';
}

async function readFile({ disk }: Remains, journal: JournalSummary | null, media: string): Promise<File> {
  const { name = '', createdAt, duration = 0 } = journal ?? {};
  const type = typeOf(journal, media);
  const modified = createdAt === undefined ? {} : { lastModified: Math.round(createdAt + duration * 1000) };
  const stored = await disk.file(media, { name: media, type, ...modified });
  const extension = /^\w+\/(webm|mp4)/.exec(type)?.[1] ?? 'bin';
  const safe = safeFileName(name, extension, new Date(createdAt ?? stored.lastModified));
  return new File([stored], safe, { type, lastModified: stored.lastModified });
}

function typeOf(journal: JournalSummary | null, media: string | null): string {
  const part = media === null ? undefined : parseFileName(media)?.part;
  const format = part === 'webm' || part === 'mp4' ? part : journal?.format;
  return journal?.mimeType ?? (format ? `video/${format}` : '');
}

/** Nothing tells when the browser has opened the address that it is to download from; until then it must be there. */
const DOWNLOAD_GRACE = 60_000;

function downloadFile(file: File): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), DOWNLOAD_GRACE);
}
