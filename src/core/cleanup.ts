/** What was acquired, and how all of it is let go of: the last first, each once, whatever the reason. */
export class Cleanup {
  readonly #over = new AbortController();
  readonly #steps: (() => void)[] = [];

  /** Aborts before anything is let go of: what is waited for is given up, and listeners hear nothing more. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** @param step lets go of what was acquired just now; at once, where all the rest has been let go of meanwhile */
  defer(step: () => void): void {
    if (this.signal.aborted) step();
    else this.#steps.push(step);
  }

  /** May be called twice, also by one of the steps. Where one fails the others are taken all the same. */
  close(): void {
    this.#over.abort();
    const step = this.#steps.pop();
    if (!step) return;
    try {
      step();
    } finally {
      this.close();
    }
  }
}

/** Takes all of these steps, the last first, also where one of them fails. */
export function undo(steps: Iterable<() => void>): void {
  const all = new Cleanup();
  for (const step of steps) all.defer(step);
  all.close();
}
