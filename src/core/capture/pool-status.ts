import type { CaptureConfig } from './config.js';

/** One stream of the pool, as it is told. Times are milliseconds of the pool's clock. */
export interface PooledStream {
  /** Names it among those of the pool. */
  readonly id: number;
  /** What was asked for. */
  readonly config: CaptureConfig;
  /** What its devices call themselves; empty while it is pending. */
  readonly label: string;
  /** `pending`: the person or the system is asked. `live`: has leases. `parked`: kept open without one. */
  readonly state: 'pending' | 'live' | 'parked';
  /** How many hold it. */
  readonly leases: number;
  /** When it was asked for. */
  readonly since: number;
  /** When it was parked; null unless it is. */
  readonly parkedAt: number | null;
  /** When it will be stopped; null unless it is parked. */
  readonly expiresAt: number | null;
}

/** What the pool holds and has done. */
export interface PoolStatus {
  /** Those that are open, or asked for. */
  readonly streams: readonly PooledStream[];
  /** How many captures were opened. What was refused or given up is not among them, nor among those that were reused. */
  readonly created: number;
  /** How many leases were served without opening one. */
  readonly reused: number;
  /** How often a stream was parked. */
  readonly parked: number;
  /** How many of those gave way to others. */
  readonly evicted: number;
  /** How many of those grew too old. */
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
