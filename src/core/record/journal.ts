import type { OnAirErrorCode } from '../errors.js';

/**
 * The journal of a recording: a small append-only file, one JSON object a line, beside the media. It says what was
 * about to happen, so that whoever finds the files later can finish the job. Each line is flushed before the step it
 * announces is taken, and every step may be taken twice. After the end it stays as the recording's record.
 *
 *     open -> recording <-> paused -> finishing -> renaming -> saved
 *                                  '-> discarding (then the files go)
 *     after a crash: repairing -> renaming -> recovered | damaged
 */
export type JournalStep =
  | 'open'
  | 'recording'
  | 'paused'
  | 'finishing'
  | 'renaming'
  | 'saved'
  | 'discarding'
  | 'repairing'
  | 'recovered'
  | 'damaged';

/**
 * Lines that announce no step: who reads what the take was about to do passes them over, older readers too. `anew`: the file
 * was emptied, as there were no media in it; what comes in their place is said once it is there.
 */
export type JournalNote = 'quality' | 'overlap' | 'anew';

export type RecordEngine = 'webcodecs' | 'mediarecorder';
export type RecordFormat = 'webm' | 'mp4';

/** One line. Fields are written when they become known; a later line wins over an earlier one. */
export interface JournalEntry<S extends JournalStep | JournalNote = JournalStep> {
  step: S;
  /** Milliseconds since the epoch when the line was written. */
  at: number;
  /** Version of this format; on the first line. */
  v?: 1;
  id?: string;
  name?: string;
  collection?: string;
  engine?: RecordEngine;
  format?: RecordFormat;
  mimeType?: string;
  /** Bytes at the beginning of the file that its engine wrote before it had media. */
  head?: number;
  /** Seconds of media. */
  duration?: number;
  /** Bytes of the finished file. */
  size?: number;
  /** Name the media file is about to get, on `renaming`. */
  to?: string;
  /** Why a take ended early or could not be repaired. */
  reason?: OnAirErrorCode;
  /** On `quality`: what is recorded at from `duration` on, as a share of the full quality, and the signal that led to it. */
  level?: number;
  cause?: string;
  /** On `overlap`: the byte where a recording begins, and for how many seconds the one in front of it still went on. */
  from?: number;
  seconds?: number;
}

/** What all lines say together: the last value of each field, the first `at` as `createdAt`, and the last step. */
export interface JournalSummary extends Omit<
  JournalEntry,
  'v' | 'at' | 'step' | 'level' | 'cause' | 'from' | 'seconds'
> {
  step: JournalStep;
  createdAt: number;
  /** Seconds, by the byte where a recording begins, for which the one in front of it still went on. */
  overlaps?: ReadonlyMap<number, number>;
}

/**
 * Whether no media of a take were ever written. Its engine has not even begun, or there is nothing but the head that it wrote
 * before it had any; or it has not said its format, which it does once something is in the file. An engine that had none is
 * followed by MediaRecorder in a file that is emptied. What is empty otherwise has lost something, and that is told.
 */
export function neverBegun(journal: JournalSummary | null, size: number): boolean {
  if (journal?.step === 'open') return size === 0;
  if (!journal || !BEFORE.includes(journal.step)) return false;
  const { engine, format, head = 0 } = journal;
  if (size > 0) return size <= head;
  return format === undefined || (head > 0 && engine === 'mediarecorder');
}

/** Steps that a take may take before anything is in its file. */
const BEFORE: readonly JournalStep[] = ['recording', 'paused', 'finishing'];

/** `<id>.recording` while it is written, `<id>.remux` while it is copied, `<id>.webm` or `.mp4` when it is done. */
export const fileNames = {
  journal: (id: string) => `${id}.journal`,
  recording: (id: string) => `${id}.recording`,
  remux: (id: string) => `${id}.remux`,
  saved: (id: string, format: RecordFormat) => `${id}.${format}`,
} as const;

const OURS =
  /^([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})\.(journal|recording|remux|webm|mp4)$/;

/** The id and the part that a file name tells; null for a file that is not provably ours. */
export function parseFileName(name: string): { id: string; part: string } | null {
  const match = OURS.exec(name);
  return match ? { id: match[1]!, part: match[2]! } : null;
}

/** The Web Lock that says that somebody works on a recording: its writer, or whoever repairs it. */
export const lockName = (id: string): string => `onair-elements/${id}`;

/** The BroadcastChannel on which every change of a recording is told, to this page and to other tabs. */
export const CHANGES = 'onair-elements/recordings';

export function encodeEntry(entry: JournalEntry<JournalStep | JournalNote>): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(entry)}\n`);
}

/** Reads a journal; torn or foreign lines are passed over. Null when no line can be read. */
export function readJournal(text: string): JournalSummary | null {
  let summary: JournalSummary | null = null as JournalSummary | null;
  const overlaps = new Map<number, number>();
  for (const line of text.split('\n')) {
    const entry = parseLine(line);
    if (entry?.step === 'overlap' && isOverlap(entry)) overlaps.set(entry.from, entry.seconds);
    if (entry?.step === 'anew' && summary) {
      const { format: _format, mimeType: _mimeType, head: _head, ...begun } = summary;
      summary = begun;
    }
    if (!entry || !isStep(entry)) continue;
    const { at, v: _version, ...fields } = entry;
    summary = { ...(summary ?? {}), ...fields, createdAt: summary?.createdAt ?? at };
  }
  return summary && overlaps.size > 0 ? { ...summary, overlaps } : summary;
}

const STEPS: readonly string[] = [
  'open',
  'recording',
  'paused',
  'finishing',
  'renaming',
  'saved',
  'discarding',
  'repairing',
  'recovered',
  'damaged',
] satisfies JournalStep[];

type Line = Partial<JournalEntry<JournalStep | JournalNote>>;

/** Milliseconds on either side of 1970, beyond which a date is invalid. */
const LAST_DATE = 8.64e15;

const isStep = (line: Line): line is JournalEntry =>
  STEPS.includes(line.step as JournalStep) && Number.isFinite(line.at) && Math.abs(line.at!) <= LAST_DATE;

const isOverlap = (line: Line): line is Line & { from: number; seconds: number } =>
  Number.isFinite(line.from) && Number.isFinite(line.seconds) && line.seconds! >= 0;

function parseLine(line: string): Line | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as Line;
  } catch {
    return null;
  }
}
