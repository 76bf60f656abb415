import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Share of the machine's cores above which a measurement of time says more of the neighbours than of us. */
const DISTURBED = 0.02;
const MOST_ATTEMPTS = 3;

/** Seconds of CPU that the hypervisor gave to other guests so far; 0 where nothing tells (proc(5), `steal`). */
function stolen(): number {
  try {
    return Number(/^cpu +(?:\d+ +){7}(\d+)/.exec(readFileSync('/proc/stat', 'latin1'))?.[1] ?? 0) / 100;
  } catch {
    return 0;
  }
}

/**
 * Judges what needs the whole machine. After a judgement that fails another attempt is made only when the hypervisor took
 * cores away during this one, which has nothing to do with what is tested; each one is named.
 */
export async function undisturbed<T>(
  test: { diagnostic(message: string): void },
  attempt: () => Promise<T>,
  judge: (outcome: T) => void,
): Promise<void> {
  for (let left = MOST_ATTEMPTS; ; left--) {
    const [since, before] = [performance.now(), stolen()];
    const outcome = await attempt();
    const share = (stolen() - before) / ((performance.now() - since) / 1000) / cpus().length;
    try {
      return judge(outcome);
    } catch (error) {
      if (share <= DISTURBED || left === 1) throw error;
      test.diagnostic(
        `again, ${(share * 100).toFixed(1)} % of the machine was taken away: ${(error as Error).message}`,
      );
    }
  }
}
