import { liveFault } from './live-faults.js';
import type { PublisherSettings } from './settings.js';
import { WhipFault } from './whip-fault.js';

type Giver = Pick<PublisherSettings, 'token' | 'getToken'>;

/** The bearer token of a broadcast: asked for once, and again when it is refused. It is told to nobody but the server. */
export class TokenKeeper {
  readonly #giver: () => Giver;
  #got: string | null = null;
  #asking: Promise<void> | null = null;

  /** @param giver asked each time: a page may set another token */
  constructor(giver: () => Giver) {
    this.#giver = giver;
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
          throw new WhipFault(liveFault('unauthorized.failed', { cause }), 401);
        },
      )
      .finally(() => (this.#asking = null));
    return this.#asking;
  }
}
