import type { Recording } from './recording.js';

/**
 * One recording, as it is now. What it takes to read the disks is loaded by the first call.
 * @throws OnAirError `recording-missing`, `storage-unavailable`, `disk-failed`
 */
export const readRecording = async (id: string): Promise<Recording> =>
  (await import('./recording-store.js')).readRecording(id);
