import { liveFault } from './live-faults.js';
import type { LivePlatform } from './platform.js';
import type { PublisherSettings } from './settings.js';
import { WhipFault } from './whip-fault.js';

type Giver = Pick<PublisherSettings, 'token' | 'getToken'>;

/** Names of what requests of a page are rejected with that have no answer. */
const UNANSWERED = /^(Type|Network|Timeout)Error$/;

/** The bearer token of a broadcast: asked for once, and again when it is refused. It is told to nobody but the server. */
export class TokenKeeper {
  readonly #giver: () => Giver;
  readonly #platform: Pick<LivePlatform, 'offline'>;
  #got: string | null = null;
  #asking: Promise<void> | null = null;

  /** @param giver asked each time: a page may set another token */
  constructor(giver: () => Giver, platform: Pick<LivePlatform, 'offline'>) {
    this.#giver = giver;
    this.#platform = platform;
  }

  get token(): string | null {
    const { token, getToken } = this.#giver();
    return (getToken ? this.#got : token) || null;
  }

  /** Has one for the first request. @throws WhipFault */
  async prepare(): Promise<void> {
    if (this.#got === null) await this.#ask();
  }

  /** Asks for another one; says whether there is. @throws WhipFault */
  async renew(refused: string | null): Promise<boolean> {
    // Somebody else may have been refused, and got another one meanwhile.
    if (this.token === refused) await this.#ask();
    return this.token !== refused;
  }

  #ask(): Promise<void> {
    const { getToken } = this.#giver();
    if (!getToken) return Promise.resolve();
    this.#asking ??= Promise.resolve()
      .then(getToken)
      .then(
        (token) => void (this.#got = token),
        (cause: unknown) => {
          // Who gives tokens may be as far away as the server, and has said nothing then.
          const unanswered = this.#platform.offline || UNANSWERED.test((cause as Partial<Error> | null)?.name ?? '');
          throw new WhipFault(liveFault(unanswered ? 'unreachable' : 'unauthorized.failed', { cause }));
        },
      )
      .finally(() => (this.#asking = null));
    return this.#asking;
  }
}
