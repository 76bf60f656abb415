import { randomUUID } from 'node:crypto';
import type { Tab } from '../../support/browser.js';
import type { LiveStage } from '../../support/live-stage.js';
import type { Rule, Trial } from './rules.js';

/** Tells, in the order of the calls, what a page does with its connections; and what it throws that nobody catches. */
const SPY = `{
  globalThis.calls = [];
  globalThis.uncaught = [];
  addEventListener('unhandledrejection', ({ reason }) => uncaught.push(String(reason)));
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration, ...more) {
      super(configuration, ...more);
      calls.push(['constructor', configuration]);
    }
  };
  for (const name of ['setConfiguration', 'setLocalDescription']) {
    const real = RTCPeerConnection.prototype[name];
    RTCPeerConnection.prototype[name] = function (...given) {
      calls.push([name, given[0]]);
      return real.apply(this, given);
    };
  }
}`;

type Client = { client: { start(options: object): Promise<void>; stop(): Promise<void> } };

/** Tries the rules on the client of a page, one after the other. */
export class Tries {
  /** What was played for the last rule, in its page: the next one may look at it, too. */
  #open: { scene: Rule['scene']; trial: Trial; played: Promise<unknown> } | null = null;

  constructor(
    readonly stage: LiveStage,
    readonly page: string,
  ) {}

  /** @throws where it is not held */
  async try(rule: Rule): Promise<void> {
    const { trial, played } = await this.#playing(rule);
    await played;
    await rule.check(trial);
    const uncaught = await trial.tab.page.evaluate(() => (globalThis as { uncaught?: string[] }).uncaught ?? []);
    if (uncaught.length > 0) throw new Error(`Nobody caught: ${uncaught.join('; ')}`);
  }

  async #playing({ scene }: Rule) {
    if (scene && this.#open?.scene === scene) return this.#open;
    if (this.#open) await this.stage.clear();
    this.#open = null;
    const tab = await this.stage.browser.tab(this.page, { prelude: SPY });
    await tab.page.bringToFront();
    const trial = trialOf(this.stage, tab);
    // That it failed is told by each rule that looks at it.
    const played = Promise.resolve(scene?.(trial));
    played.catch(() => {});
    return (this.#open = { scene, trial, played });
  }
}

function trialOf(stage: LiveStage, tab: Tab): Trial {
  const room = randomUUID();
  const url = stage.endpoint(room);
  const start = (options: object) =>
    tab.page.evaluate(
      (options) =>
        (globalThis as unknown as Client).client.start(options).then(
          () => 'done',
          (error: Error & { code?: string }) => error.code ?? String(error),
        ),
      { url, ...options },
    );
  return {
    stage,
    room,
    tab,
    start: (options = {}) => start(options),
    begin: async (options = {}) =>
      tab.page.evaluate(
        (options) => {
          const { client } = globalThis as unknown as Client;
          client.start(options).catch(() => {});
        },
        { url, ...options },
      ),
    stop: () =>
      tab.page.evaluate(() =>
        (globalThis as unknown as Client).client.stop().then(
          () => 'done',
          (error: unknown) => String(error),
        ),
      ),
  };
}
