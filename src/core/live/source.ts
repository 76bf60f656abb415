import { countOutcome } from '../metrics/index.js';
import type { MediaProducer } from '../producer/index.js';
import { LADDER, type QualityLevel } from '../quality/index.js';
import type { Sending } from './watch.js';

export interface SourceEvents {
  /** Other tracks. Those that were replaced may be kept until the promise settles. */
  changed(): Promise<unknown>;
  /** Another quality is asked for. */
  moved(): void;
  /** Nothing more comes. */
  ended(): void;
}

/** What is published, be it a producer's or a stream of the page. */
export interface Source {
  /** Those that are live. */
  tracks(): readonly MediaStreamTrack[];
  quality(): QualityLevel;
  /** Returns the function that ends it. */
  follow(events: SourceEvents): () => void;
  /** Sees what nobody has told of. A producer tells of all. */
  look?(): void;
  /** Tells a producer how its tracks get through; each second while they do, as another broadcast of it may have ended. */
  tell?(connection: RTCPeerConnection | null, network?: number | null): void;
  /** Stamps in its registry how long packets waited to be sent. */
  stamp?(sending: Sending): void;
  /** Counts there that it is live, after so many seconds, or why it is not, or not any more. */
  count?(error: { readonly code: string } | null, seconds?: number): void;
}

const isLive = ({ readyState }: MediaStreamTrack): boolean => readyState === 'live';

export const sourceOf = (source: MediaProducer | MediaStream): Source =>
  'store' in source ? ofProducer(source) : ofStream(source);

function ofProducer(producer: MediaProducer): Source {
  const { store } = producer;
  let told: RTCPeerConnection | null = null;
  return {
    tracks: () => store.get().tracks.filter(isLive),
    quality: () => store.get().move?.quality ?? LADDER[0]!,
    follow: ({ changed, moved, ended }) =>
      store.subscribe((now, before) => {
        if (!now.stream) return ended();
        if (now.tracks !== before.tracks) producer.waitUntil(changed());
        if (now.move !== before.move) moved();
      }),
    tell(connection, network = null) {
      // Of several broadcasts a producer knows the one that was there first.
      if ((store.get().connection ?? told) === told) store.set({ connection: (told = connection), network });
    },
    stamp({ wait, queue }) {
      producer.metrics?.record('network:send', wait);
      producer.metrics?.sample('queue:network', queue);
    },
    count: (...outcome) => countOutcome(producer.metrics, 'publish', ...outcome),
  };
}

const ofStream = (stream: MediaStream): Source => {
  const tracks = () => stream.getTracks().filter(isLive);
  let look = () => {};
  return {
    tracks,
    quality: () => LADDER[0]!,
    follow({ changed, ended }) {
      const over = new AbortController();
      const { signal } = over;
      let known: readonly MediaStreamTrack[] = [];
      const learn = (now: typeof known) => {
        known = now;
        for (const track of now) track.addEventListener('ended', look, { signal });
      };
      look = () => {
        const now = tracks();
        if (now.length === 0) return ended();
        if (now.length === known.length && now.every((track, index) => track === known[index])) return;
        learn(now);
        void changed();
      };
      learn(tracks());
      for (const type of ['addtrack', 'removetrack']) stream.addEventListener(type, look, { signal });
      return () => over.abort();
    },
    // No event tells of tracks that the page itself adds, removes or stops.
    look: () => look(),
  };
};
