import type { MessageValues } from '../../core/messages.js';
import type { PooledStream, PoolStatus } from '../../core/capture/index.js';
import type { Formats } from '../shared/format.js';
import type { Word } from './words.js';

/** What the templates are made of. */
export interface PoolView {
  readonly status: PoolStatus;
  /** Milliseconds of the pool's clock. */
  readonly now: number;
  readonly say: (word: Word, values?: MessageValues) => string;
  readonly formats: Formats;
  /** Lets go of what is kept: one stream, or all. */
  readonly release: (stream?: PooledStream) => void;
}

export type StreamState = PooledStream['state'];

/** In the order of how much they matter. */
export const STREAM_STATES: readonly StreamState[] = ['live', 'pending', 'parked'];

export const countOf = ({ streams }: PoolStatus, state: StreamState): number =>
  streams.filter((stream) => stream.state === state).length;

/** `camera and microphone` */
export function nameOf({ config }: PooledStream, { say, formats }: Pick<PoolView, 'say' | 'formats'>): string {
  const { video, audio } = config;
  return formats.list([...(video === 'none' ? [] : [video]), ...audio].map((kind) => say(`pool.${kind}`)));
}
