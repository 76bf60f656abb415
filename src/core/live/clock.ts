/** Time and chance, as everything here takes them; tests put others in their place. */
export interface LiveClock {
  /** Milliseconds that never step back. */
  now(): number;
  /** Milliseconds since 1970. */
  date(): number;
  /** 0 to 1. */
  random(): number;
  setTimeout(run: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** Milliseconds beyond which timers are due at once: 24.8 days. */
const LONGEST = 2 ** 31 - 1;

/** Of the page. */
export const liveClock: LiveClock = {
  now: () => performance.now(),
  date: () => Date.now(),
  random: () => Math.random(),
  setTimeout: (run, milliseconds) => setTimeout(run, Math.min(milliseconds, LONGEST)),
  clearTimeout: (timer) => clearTimeout(timer as number),
};

/** Resolves after so many seconds, or with the signal. */
export async function pause(seconds: number, clock: LiveClock, signal?: AbortSignal): Promise<void> {
  if (seconds > 0) await within(new Promise<never>(() => {}), seconds, { clock, signal }).catch(() => {});
}

/**
 * What a promise comes to, as long as that takes no longer than so many seconds.
 * @throws what `late` makes, after that; the signal's reason when it is aborted
 */
export function within<T>(
  promise: Promise<T>,
  seconds: number,
  {
    clock,
    late = () => new Error(),
    signal,
  }: { clock: LiveClock; late?: () => Error; signal?: AbortSignal | undefined },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const abort = () => {
      end();
      reject(signal!.reason as Error);
    };
    const timer = clock.setTimeout(() => {
      end();
      reject(late());
    }, seconds * 1000);
    promise.finally(end).then(resolve, reject);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort);
  });
}
