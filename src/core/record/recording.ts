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
  readonly id: string;
  readonly name: string;
  readonly collection: string;
  readonly state: RecordingState;
  readonly mimeType: string;
  /** Bytes. */
  readonly size: number;
  /** Seconds of media; 0 while it is not known (interrupted). */
  readonly duration: number;
  readonly createdAt: Date;
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
