import { OnAirError, type OnAirErrorCode } from '../errors.js';
import { fault } from '../faults.js';

const CODES: Readonly<Record<string, OnAirErrorCode>> = {
  QuotaExceededError: 'disk-full',
  NoModificationAllowedError: 'recording-live',
  NotFoundError: 'recording-missing',
  SecurityError: 'storage-unavailable',
};

/** What storage threw, as an OnAirError: by its name where that tells, else `disk-failed`. An OnAirError passes through. */
export function diskError(thrown: unknown): OnAirError {
  if (thrown instanceof OnAirError) return thrown;
  const name = (thrown as { name?: string } | null)?.name ?? '';
  return fault(CODES[name] ?? 'disk-failed', {}, { cause: thrown });
}

export const recordingLive = (cause?: unknown): OnAirError => fault('recording-live', {}, { cause });

/** A rename must not bury another file. */
export const nameTaken = (name: string): OnAirError => diskError(new Error(`There is already a file named ${name}.`));
