import { OnAirError } from '../errors.js';
import { openChanges } from './liveness.js';
import { readRecording } from './read-recording.js';

/**
 * Calls `gone` when a recording is removed, or already was, whichever tab does so. Answers the function that ends the
 * watch.
 */
export function watchRemoval(id: string, gone: () => void): () => void {
  const channel = openChanges();
  const over = new AbortController();
  const look = () =>
    readRecording(id).catch((thrown: unknown) => {
      const missing = thrown instanceof OnAirError && thrown.code === 'recording-missing';
      if (missing && !over.signal.aborted) gone();
    });
  channel?.addEventListener('message', ({ data }) => {
    if ((data as { id?: unknown } | null)?.id === id) void look();
  });
  void look();
  return () => {
    over.abort();
    channel?.close();
  };
}
