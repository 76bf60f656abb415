import type { OnAirErrorCode } from '../errors.js';
import type { Metrics } from '../metrics/index.js';
import type { QualityMove } from './adapt.js';
import type { RecordFormat } from './journal.js';
import type { MovieIndex } from './repair/index.js';

/** Bytes that may wait for the disk; more would fill the memory. */
export const MOST_PENDING = 32 * 2 ** 20;

/** What turns a source into bytes of a take. Two of them: CodecEngine and ChunkEngine. */
export interface Engine {
  /** Seconds of media so far. */
  readonly duration: number;
  /** Bytes that wait for the disk. */
  readonly pending: number;
  /** `framesDropped` is null where it is not measured. */
  readonly counts: { frames: number; framesDropped: number | null; silence: number };
  /** @throws OnAirError when this engine cannot serve the request; nothing is in the file then */
  start(): Promise<EngineStart>;
  pause(): void;
  resume(): void;
  /**
   * Brings everything that was taken to the file, and lets the source go. Answers whether the file is whole; if not, it
   * can be finished as after a crash. @throws OnAirError `no-media` when there is nothing to keep
   */
  stop(): Promise<boolean>;
  /** For the end of an MP4 that `stop()` called whole; null of another file. */
  readonly index: MovieIndex | null;
  /** Lets everything go without finishing. */
  abort(): Promise<void>;
}

export interface EngineStart {
  format: RecordFormat;
  mimeType: string;
  /** Bytes that it has written, or is about to, before it has media. */
  head: number;
  compromises: OnAirErrorCode[];
}

/** What an engine tells the take that it works for. */
export interface EngineHost {
  readonly metrics: Metrics;
  /** Media time or bytes have grown. */
  media(): void;
  /** The source has ended by itself. */
  ended(): void;
  /** No picture has come for a while from a source that may give one to whoever begins to read. */
  unseen(): void;
  /** Another source has taken the place of the one before, which is no longer read. */
  replaced(kind: 'video' | 'audio'): void;
  /** What is recorded from now on has another quality. */
  moved(move: QualityMove): void;
  /**
   * A recording begins at this byte, and the one in front of it went on for so many seconds meanwhile: to be known to
   * whoever joins them. Resolves when it is on the storage device, or could not be written.
   */
  overlapped(from: number, seconds: number): Promise<void>;
  /**
   * The file is about to be so large, and `joined`: to hold several recordings, to be made one in the end.
   * @throws OnAirError `disk-full` where it could not be finished then
   */
  grows(size: number, joined: boolean): Promise<void>;
  /** It cannot go on; what is in the file is kept. */
  fail(thrown: unknown): void;
  notice(code: OnAirErrorCode): void;
  noticeOver(code: OnAirErrorCode): void;
}
