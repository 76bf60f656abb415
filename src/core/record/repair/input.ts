import { CustomSource, Input, MP4, WEBM } from 'mediabunny';
import type { DiskFile } from '../disk.js';

/** A recording as mediabunny reads it, through large reads and a cache of 8 MiB. Dispose of it after use. */
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
