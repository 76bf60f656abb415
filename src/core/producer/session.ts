import type { CaptureConfig, DeviceName } from '../capture/index.js';
import type { OnAirError } from '../errors.js';
import { earlyFault } from '../messages.js';
import type { ProducerState } from './media-producer.js';

/** What a session tells of, from when it is followed until it is released. */
export interface SessionListener {
  /** The stream has other tracks. Settles when whoever reads them has taken them over. */
  changed(): Promise<unknown>;
  /** What else is to be told of it. */
  set(news: Partial<Pick<ProducerState, 'error' | 'devices' | 'active'>>): void;
  /** It is over by itself. */
  end(state: 'idle' | 'ended' | 'failed', error?: OnAirError): void;
}

/** Tracks in use, and how to let go of them. */
export interface Session {
  readonly stream: MediaStream;
  /** Whether the stream is the page's own. */
  readonly given: boolean;
  /** What is missing or worked around. */
  readonly error: OnAirError | null;
  /** Begins to tell; of what ended before, too. */
  follow(tell: SessionListener): void;
  /** Answers how to have the same with the next start. @throws OnAirError what kept the other device from being opened; the one in use goes on */
  switchDevice?(kind: 'video' | 'audio', device: DeviceName): Promise<(config: CaptureConfig) => CaptureConfig>;
  /** Whoever reads the sound has heard nothing at all. */
  silent?(): void;
  /** Says whether nothing is needed for now. */
  hold(held: boolean): void;
  /** Devices are let go; tracks of the page are left as they were. */
  release(): void;
}

/** A session of a stream that the page owns: used as it is, neither cloned nor stopped. */
export function givenSession(stream: MediaStream): Session {
  const over = new AbortController();
  const { signal } = over;
  return {
    stream,
    given: true,
    error: null,
    follow(tell) {
      const watch = (track: MediaStreamTrack) =>
        track.addEventListener('ended', () => lose(track, stream.getTracks(), tell), { signal });
      stream.getTracks().forEach(watch);
      stream.addEventListener(
        'addtrack',
        ({ track }) => {
          watch(track);
          void tell.changed();
        },
        { signal },
      );
    },
    hold() {},
    release: () => over.abort(),
  };
}

/** A source ended by itself. Without the picture, or without anything, it is over; without one sound it goes on. */
export function lose({ kind }: { kind: string }, sources: readonly MediaStreamTrack[], tell: SessionListener): void {
  const live = sources.filter(({ readyState }) => readyState === 'live');
  if (live.length === 0 || (kind === 'video' && !live.some((source) => source.kind === 'video'))) tell.end('ended');
  else if (kind === 'audio')
    tell.set({ error: earlyFault('microphone-silent', 'microphone-silent.gone', { fatal: false }) });
}
