import { OnAirError } from '../../errors.js';

/** What a repair found and made of a file. */
export interface RepairReport {
  format: 'webm' | 'mp4';
  /** Seconds of media. */
  duration: number;
  /** Bytes of the finished file. */
  size: number;
  /** Bytes cut from the end because they were no complete block. */
  dropped: number;
  /** MIME type, with codecs where they can be read. */
  mimeType: string;
  /** Whether the file holds an index, so that players seek without reading all of it. */
  seekable: boolean;
  /** Whether only a copy (see `remux`) can give it a duration and an index: its writer left no room for them. */
  needsRemux: boolean;
  /**
   * The recordings in it that hold media: the bytes where each begins and ends, and its seconds. More than one where
   * MediaRecorder was paused, or turned to another camera. Players show what stands at the beginning alone.
   */
  parts: readonly { from: number; to: number; duration: number }[];
}

/** What finishing a container in place comes to. */
export interface Finished extends Pick<RepairReport, 'dropped' | 'seekable' | 'needsRemux'> {
  /** Seconds of media; null for a head without any, behind which another recording begins. */
  duration: number | null;
  /** Where another recording begins behind this one; null where it is the last. */
  next: number | null;
}

/** The one fault that content can cause. */
export const unreadable = (cause?: unknown): OnAirError =>
  new OnAirError('recording-damaged', 'This recording holds no picture or sound that can be read. The file is kept.', {
    cause,
  });
