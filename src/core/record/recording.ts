import type { OnAirErrorCode } from '../errors.js';
import type { RecordEngine } from './journal.js';

/**
 * `recording`: being written, in this tab or another. `finishing`: its take has ended, and whoever wrote or recovers it
 * is making a whole file of it, which takes time where it is a copy. `saved`: finished normally. `interrupted`: nobody is
 * at it and it was never finished. `recovered`: finished after an interruption. `damaged`: kept, but no media could be read.
 */
export type RecordingState = 'recording' | 'finishing' | 'saved' | 'interrupted' | 'recovered' | 'damaged';

/** One take on disk. A frozen snapshot; the store lists a new one after each change. */
export interface Recording {
  /** Names it among all of this origin. */
  readonly id: string;
  /** As it was given, or date and time. */
  readonly name: string;
  /** What it belongs to; empty for the default collection. */
  readonly collection: string;
  /** Whether it is whole, and if not why: `recording`, `finishing`, `saved`, `interrupted`, `recovered` or `damaged`. */
  readonly state: RecordingState;
  /** Of the file, with its codecs where they are known. */
  readonly mimeType: string;
  /** Bytes. */
  readonly size: number;
  /** Seconds of media; 0 while it is not known (interrupted). */
  readonly duration: number;
  /** When its take was started. */
  readonly createdAt: Date;
  /** What encoded it; null where its journal does not tell. */
  readonly engine: RecordEngine | null;
  /** Why it ended early, or could not be repaired. */
  readonly reason: OnAirErrorCode | null;
  /** The media, read from disk on demand. @throws OnAirError `recording-missing`, `recording-live` */
  file(): Promise<File>;
  /** Hands the file to the browser's downloads under a safe name. */
  download(): Promise<void>;
  /** Removes media and journal. @throws OnAirError `recording-live` */
  remove(): Promise<void>;
}
