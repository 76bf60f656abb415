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

/** Tries one rule on the client of a page. @throws where it is not held */
export async function tryRule(rule: Rule, stage: LiveStage, page: string): Promise<void> {
  const tab = await stage.browser.tab(page, { prelude: SPY });
  await tab.page.bringToFront();
  try {
    await rule.check(trialOf(stage, tab));
    const uncaught = await tab.page.evaluate(() => (globalThis as unknown as { uncaught?: string[] }).uncaught ?? []);
    if (uncaught.length > 0) throw new Error(`Nobody caught: ${uncaught.join('; ')}`);
  } finally {
    await stage.clear();
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
