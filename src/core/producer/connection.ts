import type { OnAirError } from '../errors.js';
import type { ProducerState } from './media-producer.js';

/** How a source of media stands, in the words of whoever drives sensors of many kinds. */
export interface ConnectionStatus {
  /** Whether there are tracks: live or paused. */
  readonly connected: boolean;
  /** Since when; null while there are none. */
  readonly since: Date | null;
  /** What went wrong last. Unlike `error` it stays when that is over. */
  readonly lastError: OnAirError | null;
}

export const APART: ConnectionStatus = Object.freeze({ connected: false, since: null, lastError: null });

/** What a change of state makes of the status. */
export function connection({ since, lastError }: ConnectionStatus, { stream, error }: ProducerState): ConnectionStatus {
  return Object.freeze({
    connected: !!stream,
    since: stream && (since ?? new Date()),
    lastError: error ?? lastError,
  });
}
