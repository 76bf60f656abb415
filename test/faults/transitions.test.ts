import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { type BrowserName, lacks, type Tab } from '../support/browser.js';
import { type Listed, type RecorderStatus, Stage, seconds } from '../support/stage.js';
import { assertKept, roll, survivors, told } from '../support/survival.js';

/** A take of one kind, in a browser that is killed once it stands still at a step. */
class Killing {
  stage!: Stage;

  constructor(
    readonly browser: BrowserName,
    readonly attributes: Record<string, string> = {},
  ) {
    before(async () => (this.stage = await Stage.open(browser)));
    afterEach(() => this.stage.clear());
    after(() => this.stage?.close());
  }

  /** @param hold Code for the workers of this tab; see `TestServer.holdAt`. */
  open(hold = ''): Promise<Tab> {
    this.stage.server.workerPrelude = hold;
    return this.stage.tab({ source: 'clock', recorders: [{ 'recording-name': 'take', ...this.attributes }] });
  }

  holdAt(step: string): string {
    return this.stage.server.holdAt(step);
  }

  /** Holds at a step only when another has been there: a take is `recording` from its start. */
  holdAfter(earlier: string, step: string): string {
    return `{
      const { write } = FileSystemSyncAccessHandle.prototype;
      FileSystemSyncAccessHandle.prototype.write = function (bytes, options) {
        if (bytes.byteLength < 4096 && new TextDecoder().decode(bytes).includes('"step":"${earlier}"')) {
          FileSystemSyncAccessHandle.prototype.write = write;
          (() => ${this.holdAt(step)})();
        }
        return write.call(this, bytes, options);
      };
    }`;
  }

  /** Kills once the step is in the journal; answers when it was asked for. */
  async killWhenHeld(provoke: () => unknown): Promise<number> {
    const { server, browser } = this.stage;
    const held = server.held();
    const asked = Date.now();
    await provoke();
    await held;
    await browser.kill();
    server.workerPrelude = '';
    await browser.start();
    return asked;
  }

  /** Not a recording is listed, and not a file is left. */
  async assertNothing(): Promise<void> {
    const library = await this.stage.tab({ library: 'auto' });
    assert.deepEqual(await library.call<Listed[]>('settled'), []);
    assert.deepEqual(await library.call('raw'), []);
    assert.deepEqual(library.faults, []);
  }

  /** The take is there, and lacks no more of what was before this moment than was promised. */
  async assertThere(
    moment: number,
    [promise]: RecorderStatus[],
    step: string,
    test: { diagnostic(text: string): void },
  ): Promise<void> {
    const library = await this.stage.tab({ library: 'auto' });
    const [take, ...others] = await survivors(this.stage, library, moment);
    assert.ok(take && others.length === 0);
    test.diagnostic(told(take, `killed at ${step}`));
    assertKept(take, promise!.guarantee!.lossOnCrash);
    assert.deepEqual(library.faults, []);
  }

  /** @param act What the page does to bring the take to the step */
  losesAtMostASecond(step: string, act: string): void {
    it(`loses at most a second of a take that is ${step}`, async (test) => {
      const tab = await this.open(this.holdAt(step));
      const promises = await roll(tab, 1);
      await seconds(1);
      const asked = await this.killWhenHeld(() => tab.call(act));
      await this.assertThere(asked, promises, step, test);
    });
  }
}

for (const format of ['webm', 'mp4']) {
  describe(`a browser that is killed at a step of the take (chromium, ${format})`, { skip: lacks('chromium') }, () => {
    const kills = new Killing('chromium', { format });
    kills.losesAtMostASecond('paused', 'pausing');
    kills.losesAtMostASecond('finishing', 'stopping');
    kills.losesAtMostASecond('renaming', 'stopping');

    it('loses at most a second of what was before a pause when it goes on', async (test) => {
      const tab = await kills.open(kills.holdAfter('paused', 'recording'));
      const promises = await roll(tab, 1);
      await seconds(1);
      const paused = Date.now();
      await tab.call('pause');
      await kills.killWhenHeld(() => void tab.call('resume').catch(() => undefined));
      await kills.assertThere(paused, promises, 'going on', test);
    });

    it('leaves nothing of a take that was being discarded', async () => {
      const tab = await kills.open(kills.holdAt('discarding'));
      await roll(tab, 1);
      await kills.killWhenHeld(() => tab.call('discarding'));
      await kills.assertNothing();
    });
  });
}

describe('a browser that is killed before and after a take (chromium)', { skip: lacks('chromium') }, () => {
  const kills = new Killing('chromium', { format: 'webm' });

  for (const [step, when] of [
    ['open', 'only opened'],
    ['recording', 'about to write its first byte'],
  ] as const) {
    it(`leaves nothing of a take that was ${when}`, async () => {
      const tab = await kills.open(kills.holdAt(step));
      await tab.call('live');
      await kills.killWhenHeld(() => tab.call('starting'));
      await kills.assertNothing();
    });
  }

  for (const step of ['repairing', 'renaming']) {
    it(`recovers what was killed again while its recovery was ${step}`, async (test) => {
      const tab = await kills.open();
      const promises = await roll(tab, 1);
      await seconds(1);
      const killed = await kills.stage.browser.kill();
      await kills.stage.browser.start();

      kills.stage.server.workerPrelude = kills.holdAt(step);
      const first = await kills.stage.tab({ library: 'auto' });
      await kills.killWhenHeld(() => first.call('ready'));
      await kills.assertThere(killed, promises, `${step}, the second time`, test);
    });
  }
});

// The end of such a take is a copy: killed before it, and when it is whole.
describe(
  'a browser that is killed at the end of a take by MediaRecorder (chromium)',
  { skip: lacks('chromium') },
  () => {
    const kills = new Killing('chromium', { engine: 'mediarecorder', format: 'webm' });
    kills.losesAtMostASecond('repairing', 'stopping');
    kills.losesAtMostASecond('renaming', 'stopping');
  },
);

describe('a browser that is killed at a step of the take (firefox)', { skip: lacks('firefox') }, () => {
  const kills = new Killing('firefox');
  kills.losesAtMostASecond('paused', 'pausing');
  kills.losesAtMostASecond('finishing', 'stopping');
  kills.losesAtMostASecond('repairing', 'stopping');
  kills.losesAtMostASecond('renaming', 'stopping');
});
