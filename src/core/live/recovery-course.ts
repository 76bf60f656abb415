import { retold } from '../messages.js';
import { liveFault } from './live-faults.js';
import type { LivePlatform } from './platform.js';
import { nextStep, type Interruption, type RecoveryPolicy, type Situation, type Step } from './recovery.js';
import { isNear } from './sane.js';
import type { PublisherState } from './stream-publisher.js';
import type { Tally } from './tally.js';
import type { Trouble } from './trouble.js';

/**
 * How often in a row it may be live only briefly before somebody else is thought to take its place. A server that loses its
 * sessions looks the same, and is come back to at once for as often.
 */
const REPLACED = 20;

/** The way from one trouble to the next step, with what is remembered of those before. */
export class RecoveryCourse {
  readonly #platform: LivePlatform;
  readonly #endpoint: string;
  readonly #policy: RecoveryPolicy;
  readonly #tally: Tally;
  /** How the last attempt ended, and how many in a row like that. */
  #how = '';
  #alike = 0;
  #reason: Interruption | null = null;

  constructor(platform: LivePlatform, endpoint: string, policy: RecoveryPolicy, tally: Tally) {
    this.#platform = platform;
    this.#endpoint = endpoint;
    this.#policy = policy;
    this.#tally = tally;
  }

  /** It is live: what was before does not count any more. */
  reset(): void {
    this.#how = '';
    this.#reason = null;
  }

  /** What to do about a trouble, and what to tell of it. */
  next(
    { interruption, fault }: Trouble,
    known: Pick<Situation, 'restartable' | 'owed'>,
  ): { step: Step; news: Partial<PublisherState> } {
    const { status, retryAfter } = fault;
    const offline = fault.told.code === 'unreachable' && this.#platform.offline === true && !isNear(this.#endpoint);
    // That was no trial of the server.
    if (offline) this.#tally.attempts--;
    const { wasLive, attempts, restarts, elapsed, brief } = this.#tally;
    const replaced = interruption === 'restart' && status === 404 && brief > REPLACED;
    const told = replaced ? liveFault('in-use.replaced') : offline ? liveFault('unreachable.offline') : fault.told;
    const { code } = told;
    const how = `${interruption} ${status} ${code}`;
    const alike = (this.#alike = how === this.#how ? this.#alike + 1 : 1);
    this.#how = how;
    const visible = !this.#platform.document?.hidden;
    const trial = { attempts, alike, elapsed, visible };
    const step = this.#step({ ...known, ...trial, interruption, code, status, retryAfter, offline, wasLive });
    if (step.do === 'fail') return { step, news: { state: 'failed', error: retold(told, true) } };
    // That ICE was begun anew in vain says nothing of why.
    if (this.#reason === null || (interruption !== 'restart' && interruption !== 'trickle'))
      this.#reason = interruption;
    return {
      step,
      news: {
        state: wasLive ? 'recovering' : 'connecting',
        reason: this.#reason,
        attempt: attempts + restarts + 1,
        error: retold(told, false),
      },
    };
  }

  /** What the policy of a page cannot decide, the built-in one does: a broadcast has to go on, and not in circles. */
  #step(given: Situation): Step {
    const random = () => this.#platform.random();
    try {
      const step = this.#policy.nextStep(given, this.#policy, random);
      if (step.do !== 'restart' || given.restartable) return step;
    } catch (thrown) {
      // As `reportError` does, which is not everywhere.
      setTimeout(() => {
        throw thrown;
      });
    }
    return nextStep(given, this.#policy, random);
  }
}
