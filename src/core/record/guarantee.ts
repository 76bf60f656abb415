import type { RecordEngine, RecordFormat } from './journal.js';

/** What holds now, on this engine, format and storage. Each figure is one that a test or a bench of this package checks. */
export interface Guarantee {
  readonly engine: RecordEngine;
  readonly format: RecordFormat;
  /** Seconds of media, at most, that are lost when tab or browser are killed. */
  readonly lossOnCrash: number;
  /** Whether frames are kept while the page is blocked. */
  readonly blockedPage: 'kept' | 'lost';
  /** Whether frames are kept while the page is hidden. */
  readonly hiddenPage: 'kept' | 'reduced';
  /** `flat`: memory does not grow with the take. `bounded`: it grows, up to a stated limit. */
  readonly memory: 'flat' | 'bounded';
  /** `persistent`: kept until removed. `best-effort`: the browser may evict it under pressure. `memory`: gone with the window. */
  readonly storage: 'persistent' | 'best-effort' | 'memory';
  /** What is not promised, in words for a person, worst first; empty when all is well. */
  readonly caveats: readonly string[];
}
