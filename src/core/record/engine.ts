import type { OnAirErrorCode } from '../errors.js';
import type { RecordFormat } from './journal.js';

/** What turns a source into bytes of a take. Two of them: CodecEngine and ChunkEngine. */
export interface Engine {
  /** Seconds of media so far. */
  readonly duration: number;
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
  /** Lets everything go without finishing. */
  abort(): Promise<void>;
}

export interface EngineStart {
  format: RecordFormat;
  mimeType: string;
  compromises: OnAirErrorCode[];
}

/** What an engine tells the take that it works for. */
export interface EngineHost {
  /** Media time or bytes have grown. */
  media(): void;
  /** The source has ended by itself. */
  ended(): void;
  /** It cannot go on; what is in the file is kept. */
  fail(thrown: unknown): void;
  notice(code: OnAirErrorCode): void;
  noticeOver(code: OnAirErrorCode): void;
}
