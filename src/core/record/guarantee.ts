import type { OnAirErrorCode } from '../errors.js';
import { MAX_LATENCY } from './settings.js';
import type { RecordEngine, RecordFormat } from './journal.js';
import type { StorageState } from './storage-state.js';

export type Caveat =
  'caveat.memory' | 'caveat.page' | 'caveat.frames' | 'caveat.blocked' | 'caveat.copy' | 'caveat.opus' | 'caveat.evict';

/**
 * What holds now, on this engine, format and storage. Tests and benches of this package hold it to that in browsers, but
 * for what is worked out: `lossOnPowerCut` (no power was cut), and what `maxLatency` and `keyInterval` add. `bounded` was
 * measured over 500 MB in Chromium, and over some 14 MB in Firefox.
 */
export interface Guarantee {
  /** What encodes. */
  readonly engine: RecordEngine;
  /** The container that is written. */
  readonly format: RecordFormat;
  /** Seconds of media, at most, that are lost when tab or browser are killed. See `crashWhileBlocked`. */
  readonly lossOnCrash: number;
  /**
   * Seconds of media, at most, that are lost when the machine loses power: what a crash costs, and what was written and
   * not flushed yet, by the interval between flushes now in force.
   */
  readonly lossOnPowerCut: number;
  /**
   * What a crash costs while the page is blocked. `same`: `lossOnCrash`. `more`: also what was recorded since, because
   * it reaches the disk through the page.
   */
  readonly crashWhileBlocked: 'same' | 'more';
  /** Whether frames are kept while the page is blocked. */
  readonly blockedPage: 'kept' | 'lost';
  /** Whether frames are kept while the page is hidden. */
  readonly hiddenPage: 'kept' | 'lost';
  /** `flat`: memory does not grow with the take. `bounded`: it grows, up to a stated limit (docs/recording.md). */
  readonly memory: 'flat' | 'bounded';
  /** `persistent`: kept until removed. `best-effort`: the browser may evict it under pressure. `memory`: gone with the window. */
  readonly storage: 'persistent' | 'best-effort' | 'memory';
  /** What is not promised, worst first, as keys of sentences (`explainCaveat()`); empty when all is well. */
  readonly caveats: readonly Caveat[];
}

/** What a promise depends on. */
export interface Circumstances {
  engine: RecordEngine;
  format: RecordFormat;
  storage: StorageState | null;
  compromises: readonly OnAirErrorCode[];
  /** Seconds within which what is written is on the device (`TakeWriter.latency`); at first those between flushes. */
  latency: number;
  /** Whether frames reach the worker without the page. */
  offPage: boolean;
  /** Whether the writer is a worker. */
  inWorker: boolean;
  /** Seconds that pictures may wait for the encoder, and between key frames, where the page has set them. */
  maxLatency?: number | null | undefined;
  keyInterval?: number | null | undefined;
}

/**
 * Most media lost when the process is killed, in seconds. Measured by `test/faults/kill.test.ts` at seeded random
 * moments (worst of 20 in Chromium 156: see docs/benchmarks.md) and promised with room above it. In IndexedDB, and with a
 * writer in the page, it is the same: what is written there is committed at once.
 */
const LOSS: Record<RecordEngine, number> = { webcodecs: 1, mediarecorder: 1 };

/** Seconds between the key frames of an MP4 by which that was measured. */
const MP4_KEYS = 0.5;

/**
 * Pictures in the encoder are lost, and so is what an MP4 has after its last key frame. By keys 1 s apart 1.95 s were lost:
 * each second between them counts twice.
 */
function lossOnCrash({ engine, format, maxLatency, keyInterval }: Circumstances): number {
  if (engine !== 'webcodecs') return LOSS[engine];
  const waiting = Math.max(0, (maxLatency ?? 0) - MAX_LATENCY);
  const open = format === 'mp4' ? Math.max(0, (keyInterval ?? 0) - MP4_KEYS) : 0;
  return LOSS[engine] + waiting + 2 * open;
}

/** What holds now, from what is in use; the caveats are message keys of sentences, worst first. */
export function guaranteeFor(now: Circumstances): Guarantee {
  const { engine, format, storage } = now;
  const codecs = engine === 'webcodecs';
  const throughPage = codecs && !now.offPage;
  const loss = lossOnCrash(now);
  const caveats: Caveat[] = [];
  const kept = storage?.memoryOnly ? 'memory' : storage?.persisted ? 'persistent' : 'best-effort';
  if (kept === 'memory') caveats.push('caveat.memory');
  if (!now.inWorker) caveats.push('caveat.page');
  if (throughPage) caveats.push('caveat.frames');
  if (!codecs) caveats.push('caveat.blocked', 'caveat.copy');
  if (now.compromises.includes('format-unavailable')) caveats.push('caveat.opus');
  if (kept === 'best-effort') caveats.push('caveat.evict');
  return Object.freeze({
    engine,
    format,
    lossOnCrash: loss,
    lossOnPowerCut: loss + now.latency,
    crashWhileBlocked: codecs && now.offPage && now.inWorker ? 'same' : 'more',
    blockedPage: throughPage || (codecs && !now.inWorker) ? 'lost' : 'kept',
    hiddenPage: throughPage ? 'lost' : 'kept',
    memory: codecs ? 'flat' : 'bounded',
    storage: kept,
    caveats: Object.freeze(caveats),
  });
}
