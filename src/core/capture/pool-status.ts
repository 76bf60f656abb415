import type { CaptureConfig } from './config.js';

/** One stream of the pool, as it is told. Times are milliseconds of the pool's clock. */
export interface PooledStream {
  readonly id: number;
  readonly config: CaptureConfig;
  /** What its devices call themselves; empty while it is pending. */
  readonly label: string;
  /** `pending`: the person or the system is asked. `live`: has leases. `parked`: kept open without one. */
  readonly state: 'pending' | 'live' | 'parked';
  readonly leases: number;
  /** When it was asked for. */
  readonly since: number;
  /** When it was parked, and when it will be stopped; null unless parked. */
  readonly parkedAt: number | null;
  readonly expiresAt: number | null;
}

export interface PoolStatus {
  readonly streams: readonly PooledStream[];
  /** How many captures were opened, and how many leases were served without opening one. What was refused or given up is neither. */
  readonly created: number;
  readonly reused: number;
  /** How often a stream was parked; of those, how many gave way to others, and how many grew too old. */
  readonly parked: number;
  readonly evicted: number;
  readonly expired: number;
  /** Share of all leases that were served without opening a device, 0 to 1; null before the first. */
  readonly reuseRate: number | null;
}

export const NOTHING: PoolStatus = Object.freeze({
  streams: Object.freeze([]),
  created: 0,
  reused: 0,
  parked: 0,
  evicted: 0,
  expired: 0,
  reuseRate: null,
});

export const isSame = (one: PooledStream, other: PooledStream): boolean =>
  (Object.keys(one) as (keyof PooledStream)[]).every((key) => Object.is(one[key], other[key]));
