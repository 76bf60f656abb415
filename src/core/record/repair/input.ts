import { CustomSource, Input, MP4, WEBM } from 'mediabunny';
import type { DiskFile } from '../disk.js';

/**
 * Bytes that are kept of what was read. Picture and sound are read side by side, each cluster by both: with less than the
 * 10 MB of a cluster at 25 Mbit/s the file was read twice.
 */
const CACHE = 32 * 2 ** 20;

/** A recording as mediabunny reads it. Dispose of it after use. */
export function openInput(file: DiskFile): Input {
  const source = new CustomSource({
    getSize: () => file.size,
    read: async (start, end) => {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length;) {
        const read = await file.read(bytes.subarray(at), start + at);
        if (read <= 0) throw new RangeError('The file ended early');
        at += read;
      }
      return bytes;
    },
    prefetchProfile: 'fileSystem',
    maxCacheSize: CACHE,
    handleUnhandledError: () => {},
  });
  return new Input({ source, formats: [WEBM, MP4] });
}

/** The MIME type with codecs, or without them where the tracks do not tell. */
export async function mimeTypeOf(file: DiskFile, format: 'webm' | 'mp4'): Promise<string> {
  const input = openInput(file);
  try {
    return await input.getMimeType();
  } catch {
    return `video/${format}`;
  } finally {
    input.dispose();
  }
}
