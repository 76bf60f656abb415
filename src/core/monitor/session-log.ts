import { CircularBuffer } from '../buffer/index.js';
import type { Metrics } from '../metrics/index.js';
import { share } from './told.js';

export interface LoggedError {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly operation: string;
  /** The code of an OnAirError, else the error's name. */
  readonly code: string;
  readonly message: string;
}

export interface SessionFigures {
  readonly operations: Readonly<
    Record<string, { readonly succeeded: number; readonly failed: number; readonly rate: number | null }>
  >;
  /** Share of all operations that succeeded, 0 to 1; null before the first. */
  readonly successRate: number | null;
  readonly errors: {
    readonly count: number;
    readonly byCode: Readonly<Record<string, number>>;
    /** The last ones, the oldest first. */
    readonly recent: readonly LoggedError[];
  };
}

/** Names of one kind that are told apart; what comes after them is counted as `other`, so that nothing grows without end. */
const MOST_NAMES = 16;
const ERRORS_KEPT = 50;

/** What names of latencies begin with. */
export const LATENCY = 'latency:';

/** What somebody does, and how it ends: latencies by type, operations, errors. All of it in constant memory. */
export class SessionLog {
  readonly metrics: Metrics;
  readonly #names = new Map<string, Set<string>>();
  readonly #recent = new CircularBuffer<LoggedError>(ERRORS_KEPT);
  readonly #date: () => number;

  constructor(metrics: Metrics, date: () => number) {
    this.metrics = metrics;
    this.#date = date;
  }

  /** @param seconds how long something of this type took, from a person's or a machine's wish until it was done */
  latency(type: string, seconds: number): void {
    this.metrics.histogram(LATENCY + this.#known(LATENCY, type)).record(seconds);
  }

  succeeded(operation: string): void {
    this.#count('succeeded:', operation);
  }

  failed(operation: string, error: unknown): void {
    const { name, message, code } = (error instanceof Error ? error : new Error(String(error))) as Error & {
      code?: unknown;
    };
    const told = typeof code === 'string' ? code : name;
    this.#count('failed:', operation);
    this.#count('error:', told);
    this.#recent.push({ at: this.#date(), operation, code: told, message });
  }

  /** Of a registry's counters, since whenever they count. */
  figures(counters: Readonly<Record<string, number>>): SessionFigures {
    const operations: Record<string, { succeeded: number; failed: number; rate: number | null }> = {};
    const all = { succeeded: 0, failed: 0 };
    for (const outcome of ['succeeded', 'failed'] as const)
      for (const [operation, count] of Object.entries(byName(counters, `${outcome}:`))) {
        (operations[operation] ??= { succeeded: 0, failed: 0, rate: null })[outcome] += count;
        all[outcome] += count;
      }
    for (const one of Object.values(operations)) one.rate = share(one.succeeded, one.succeeded + one.failed);
    return {
      operations,
      successRate: share(all.succeeded, all.succeeded + all.failed),
      errors: {
        count: all.failed,
        byCode: byName(counters, 'error:'),
        recent: [...this.#recent],
      },
    };
  }

  /** Forgets the errors that are kept; what counts is the reader's to begin anew. */
  clear(): void {
    this.#recent.clear();
  }

  #count(kind: string, name: string): void {
    this.metrics.counter(kind + this.#known(kind, name)).add();
  }

  #known(kind: string, name: string): string {
    let names = this.#names.get(kind);
    if (!names) this.#names.set(kind, (names = new Set()));
    if (names.size < MOST_NAMES) names.add(name);
    return names.has(name) ? name : 'other';
  }
}

/** What is counted, or timed, under names of a kind, by the rest of the name. */
export function byName<T>(all: Readonly<Record<string, T>>, kind: string): Record<string, T> {
  const ofKind = Object.entries(all).filter(([name]) => name.startsWith(kind));
  return Object.fromEntries(ofKind.map(([name, value]) => [name.slice(kind.length), value]));
}
