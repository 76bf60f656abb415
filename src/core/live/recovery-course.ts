import { retold } from '../messages.js';
import { liveFault } from './live-faults.js';
import type { LivePlatform } from './platform.js';
import type { Interruption, RecoveryPolicy, Situation, Step } from './recovery.js';
import { isNear } from './sane.js';
import type { PublisherState } from './stream-publisher.js';
import type { Tally } from './tally.js';
import type { Trouble } from './trouble.js';

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
    const told = offline ? liveFault('unreachable.offline') : fault.told;
    const { code } = told;
    const { wasLive, attempts, restarts, elapsed } = this.#tally;
    const how = `${interruption} ${status} ${code}`;
    const alike = (this.#alike = how === this.#how ? this.#alike + 1 : 1);
    this.#how = how;
    const visible = !this.#platform.document?.hidden;
    const step = this.#policy.nextStep(
      { ...known, interruption, code, status, retryAfter, offline, wasLive, attempts, alike, elapsed, visible },
      this.#policy,
      () => this.#platform.random(),
    );
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
}
