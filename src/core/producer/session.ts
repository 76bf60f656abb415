import type { AudioMix } from '../audio/index.js';

/** Tracks in use, and how to let go of them. */
export interface Session {
  readonly stream: MediaStream;
  /** What the stream lives on: devices, or the tracks of a given stream. */
  readonly sources: readonly MediaStreamTrack[];
  /** Present while captured sounds are mixed. */
  readonly mix: AudioMix | null;
  /** Whether the stream is the page's own. */
  readonly given: boolean;
  /** Calls when the devices were taken back because the page goes away; a given stream never is. */
  onrevoke(revoked: () => void): void;
  /** Says whether anything is needed for now. */
  hold(held: boolean): void;
  /** Devices are let go; tracks of the page are left as they were. */
  release(): void;
}

/** A session of a stream that the page owns: used as it is, neither cloned nor stopped. */
export function givenSession(stream: MediaStream): Session {
  return {
    stream,
    get sources() {
      return stream.getTracks();
    },
    mix: null,
    given: true,
    onrevoke() {},
    hold() {},
    release() {},
  };
}

/** Tells when a source ends by itself, or when a given stream gets another one; returns the function that ends it. */
export function watchTracks(
  { stream, sources, given }: Session,
  tell: { ended: (track: MediaStreamTrack) => void; added: (track: MediaStreamTrack) => void },
): () => void {
  const over = new AbortController();
  const { signal } = over;
  const watch = (track: MediaStreamTrack) => track.addEventListener('ended', () => tell.ended(track), { signal });
  sources.forEach(watch);
  if (given) {
    const added = ({ track }: MediaStreamTrackEvent) => {
      watch(track);
      tell.added(track);
    };
    stream.addEventListener('addtrack', added, { signal });
  }
  return () => over.abort();
}
