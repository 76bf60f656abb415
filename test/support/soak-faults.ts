import { until, type LiveStage } from './live-stage.js';
import { seconds } from './stage.js';
import type { Tab } from './browser.js';

/** What may befall a broadcast in the middle of it. */
export interface SoakFault {
  readonly name: string;
  /**
   * Happens, and resolves with the moment (of `performance.now()`) from which on media can flow again. What it has switched on
   * may last: it is taken back before the next one.
   */
  happen(stage: LiveStage, tab: Tab): Promise<number>;
}

/** Ends the session without a word, so that it has to be published anew. */
const kill = (stage: LiveStage) => stage.sessions[0]!.kill();

async function away(stage: LiveStage, length: number): Promise<number> {
  await stage.media.stop();
  await seconds(length);
  await stage.media.restart();
  return performance.now();
}

async function silent(stage: LiveStage, length: number): Promise<number> {
  stage.media.faults.silence();
  await seconds(length);
  stage.media.faults.silence(false);
  return performance.now();
}

export const soakFaults: readonly SoakFault[] = [
  { name: 'the server is killed, and back after 3 s', happen: (stage) => away(stage, 3) },
  {
    name: 'the session is gone',
    async happen(stage) {
      await kill(stage);
      return performance.now();
    },
  },
  { name: '3 s of silence', happen: (stage) => silent(stage, 3) },
  {
    name: 'the session is gone, and PATCH is refused',
    async happen(stage) {
      stage.media.faults.noPatch();
      await kill(stage);
      return performance.now();
    },
  },
  {
    name: 'the session is gone, and so is the token: the next one is right',
    async happen(stage, tab) {
      const token = String(Math.random());
      await tab.call('tokens', [token]);
      stage.media.token = token;
      await kill(stage);
      return performance.now();
    },
  },
  {
    name: 'the session is gone, and 503 asks for 3 s',
    async happen(stage) {
      stage.media.faults.refuse({ method: 'POST', status: 503, retryAfter: 3 });
      await kill(stage);
      const { at } = await until(() => stage.asked.find(({ status }) => status === 503));
      return at + 3000;
    },
  },
  {
    name: 'the page is offline for 4 s, and the session gone',
    async happen(stage, tab) {
      // Firefox cannot be told to be offline here: its server is away, and it is told that it is online again.
      if (stage.browser.name === 'firefox') {
        const back = await away(stage, 4);
        await tab.page.evaluate(() => dispatchEvent(new Event('online')));
        return back;
      }
      await tab.page.setOfflineMode(true);
      await kill(stage);
      await seconds(4);
      await tab.page.setOfflineMode(false);
      return performance.now();
    },
  },
  {
    name: 'the session is gone, and the endpoint has moved (307)',
    async happen(stage) {
      stage.media.faults.redirect({ status: 307 });
      await kill(stage);
      return performance.now();
    },
  },
  { name: '10 s of silence', happen: (stage) => silent(stage, 10) },
];

/** Takes back what a fault has left switched on. */
export function takeBack(stage: LiveStage): void {
  stage.media.faults.clear();
  stage.media.token = null;
  stage.asked.length = 0;
}
