import { StreamPool, type PoolSettings } from './stream-pool.js';

let shared: StreamPool | null = null;

/** The pool that all producers of a page take their streams from; made when it is first asked for. */
export const streamPool = (): StreamPool => (shared ??= new StreamPool());

/**
 * How long, and how many, streams without a lease are kept open, for all of the page.
 * @throws OnAirError `invalid-value`
 */
export const configurePool = (settings: Partial<PoolSettings>): void => streamPool().configure(settings);
