import type { Output } from 'mediabunny';

interface Chunks {
  finalizedChunks?: unknown[];
}

/**
 * Lets go of what the muxer of a fragmented MP4 keeps of each sample that it has written, for an index of fragments at the
 * end: some 25 MB of an hour, in a take that may last for a day. Of ours that index is cut off again (`finishMp4`). It is
 * none of mediabunny's public parts: a test tells when it is called otherwise.
 */
export function forgetFragments(output: Output): void {
  const { _muxer: muxer } = output as unknown as { _muxer?: Chunks & { trackDatas?: Chunks[] } };
  for (const { finalizedChunks } of [muxer ?? {}, ...(muxer?.trackDatas ?? [])]) finalizedChunks?.splice(0);
}
