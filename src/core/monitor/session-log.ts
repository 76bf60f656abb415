import { CircularBuffer } from '../buffer/index.js';
import type { Metrics } from '../metrics/index.js';
import { share, sum } from './told.js';

/** A fault that was logged. */
export interface LoggedError {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What failed: `capture`, `record`, `publish`, or a name that a page gave. */
  readonly operation: string;
  /** The code of an OnAirError, else the error's name. */
  readonly code: string;
  /** Its sentence. */
  readonly message: string;
}

/** What was begun, and how it ended. */
export interface SessionFigures {
  /** By name: `capture`, `record`, `publish`, or one that a page gave. `rate` is the share that succeeded. */
  readonly operations: Readonly<
    Record<string, { readonly succeeded: number; readonly failed: number; readonly rate: number | null }>
  >;
  /** Share of all operations that succeeded, 0 to 1; null before the first. */
  readonly successRate: number | null;
  /** What they failed of. */
  readonly errors: {
    /** How many there were. */
    readonly count: number;
    /** How many of each code. */
    readonly byCode: Readonly<Record<string, number>>;
    /** The last ones that were logged, the oldest first: of what stages count there is no more than the code. */
    readonly recent: readonly LoggedError[];
  };
}

/** Names of one kind that are told apart; what comes after them is counted as `other`, so that nothing grows without end. */
const MOST_NAMES = 16;
const LONGEST_NAME = 32;
const ERRORS_KEPT = 50;

/** What names of latencies begin with. */
export const LATENCY = 'latency:';

/**
 * What somebody does, and how it ends: latencies by type, operations, errors. All of it in constant memory. It is added to
 * what stages count under the same names (`countOutcome`): `capture`, `record` and `publish`.
 */
export interface SessionLog {
  /** @param seconds how long something of this type took, from a person's or a machine's wish until it was done */
  latency(type: string, seconds: number): void;
  succeeded(operation: string): void;
  failed(operation: string, error: unknown): void;
  /** Of a registry's counters, since whenever they count. */
  figures(counters: Readonly<Record<string, number>>): SessionFigures;
  /** Forgets the errors that are kept; what counts is the reader's to begin anew. */
  clear(): void;
}

export function makeSessionLog(metrics: Metrics, date: () => number): SessionLog {
  const names: Record<string, Set<string>> = {};
  const recent = new CircularBuffer<LoggedError>(ERRORS_KEPT);

  function known(kind: string, full: string): string {
    const name = full.slice(0, LONGEST_NAME);
    const ofKind = (names[kind] ??= new Set());
    if (ofKind.size < MOST_NAMES) ofKind.add(name);
    return kind + (ofKind.has(name) ? name : 'other');
  }

  const count = (kind: string, name: string) => metrics.counter(known(kind, name)).add();

  return {
    latency: (type, seconds) => metrics.histogram(known(LATENCY, type)).record(seconds),

    succeeded: (operation) => count('succeeded:', operation),

    failed(operation, error) {
      const { name = 'Error', message = String(error), code } = Object(error) as Partial<Error> & { code?: unknown };
      const told = typeof code === 'string' ? code : name;
      count('failed:', operation);
      count('error:', told);
      recent.push({ at: date(), operation, code: told, message });
    },

    figures(counters) {
      const outcome = (succeeded = 0, failed = 0) => ({
        succeeded,
        failed,
        rate: share(succeeded, succeeded + failed),
      });
      const [done, undone] = [byName(counters, 'succeeded:'), byName(counters, 'failed:')];
      const all = outcome(sum(Object.values(done)), sum(Object.values(undone)));
      const operations: Record<string, ReturnType<typeof outcome>> = {};
      for (const name in { ...done, ...undone }) operations[name] = outcome(done[name], undone[name]);
      return {
        operations,
        successRate: all.rate,
        errors: { count: all.failed, byCode: byName(counters, 'error:'), recent: [...recent] },
      };
    },

    clear: () => void recent.clear(),
  };
}

/** What is counted, or timed, under names of a kind, by the rest of the name. */
export function byName<T>(all: Readonly<Record<string, T>>, kind: string): Record<string, T> {
  const found: Record<string, T> = {};
  for (const name in all) if (name.startsWith(kind)) found[name.slice(kind.length)] = all[name]!;
  return found;
}
