import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type BrowserName, type Tab } from '../support/browser.js';
import { STILLBORN } from '../support/encoders.js';
import { inEachBrowser, type PageSetup, Stage, seconds } from '../support/stage.js';
import {
  assertKept,
  BOTH_FORMATS,
  roll,
  type Rolling,
  type Span,
  survivors,
  type Survivor,
  told,
} from '../support/survival.js';

type Recorder = Record<string, string>;

/** Takes in a tab of their own that stand still at a step when their browser is killed. */
interface Scene {
  /** What they are then: the test is named by it. */
  when: string;
  /** The step, and the one that has to come before it where it comes more than once. */
  step: string;
  after?: string;
  /** What makes the worker stand still there, where it is no step. */
  hold?(server: Stage['server']): string;
  /** One of the browser's choice where nothing is said. */
  recorders?: readonly Recorder[];
  /** Of its source, with a sound where nothing is said. */
  options?: PageSetup['options'];
  /** Brings the takes there; called when they run, and have for a second, unless they are `idle`. */
  act(tab: Tab, count: number): Promise<unknown>;
  idle?: true;
  /** True where nothing may be left of them. */
  nothing?: true;
}

/** Calls a function of the page for each recorder. */
const each = (act: string) => (tab: Tab, count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => tab.call(act, index)));

const both = BOTH_FORMATS;
const byMediaRecorder = [{ 'recording-name': 'copied', engine: 'mediarecorder', format: 'webm' }];

const paused: Scene = { when: 'paused', step: 'paused', act: each('pausing') };
const finishing: Scene = { when: 'finishing', step: 'finishing', act: each('stopping') };
const renaming: Scene = { when: 'renaming', step: 'renaming', act: each('stopping') };
const copying: Scene = { when: 'about to be copied', step: 'repairing', act: each('stopping') };
const copied: Scene = { when: 'copied', step: 'renaming', act: each('stopping') };
/** It has its last name, and no line in the journal says so. */
const renamed: Scene = { when: 'renamed', step: 'renamed', act: each('stopping'), hold: holdRenamed };
const opened: Scene = {
  when: 'only opened',
  step: 'open',
  act: (tab) => tab.call('starting'),
  idle: true,
  nothing: true,
};
const unwritten: Scene = { ...opened, when: 'about to write its first byte', step: 'recording' };
const headed: Scene = {
  ...opened,
  when: 'about to write its first media',
  step: 'recording',
  after: 'recording',
  recorders: both,
  act: each('starting'),
};
const emptied: Scene = {
  ...opened,
  when: 'handed over to MediaRecorder, with nothing in its file',
  step: 'anew',
  options: { sound: false },
  hold: (server) => STILLBORN + server.holdAt('anew'),
};
const awaiting: Scene = {
  ...opened,
  when: 'about to write its first chunk',
  recorders: byMediaRecorder,
  hold: holdChunk,
};
const discarded: Scene = { when: 'being discarded', step: 'discarding', act: each('discarding'), nothing: true };
const goingOn: Scene = {
  when: 'going on after a pause',
  step: 'recording',
  after: 'paused',
  async act(tab) {
    await tab.call('pause');
    void tab.call('resume').catch(() => undefined);
  },
};

/**
 * One kill for several scenes: a start of a browser costs more than all that is looked at. At most five takes: each that
 * stands still holds a connection to the server, and a browser opens six.
 * @param again the step of the recovery at which the browser is killed a second time
 */
function killsAll(browser: BrowserName, scenes: readonly Scene[], again?: 'repairing' | 'renaming'): void {
  describe(scenes.map(({ when }) => when).join(', '), () => {
    let stage: Stage;
    /** By scene: from when and until when its takes are to be there, and what each of them has promised. */
    const shot = new Map<Scene, Rolling & Span>();
    let found: Survivor[] = [];
    let left: string[] = [];

    const recordersOf = (scene: Scene): Recorder[] =>
      (scene.recorders ?? [{}]).map((recorder, index) => ({ ...recorder, 'recording-name': nameOf(scene, index) }));
    const nameOf = ({ when }: Scene, index: number) => `${when} ${index}`;

    async function play(scene: Scene): Promise<void> {
      const { server } = stage;
      const recorders = recordersOf(scene);
      if (scene.hold) server.workerPrelude = scene.hold(server);
      else server.workerPrelude = scene.after ? holdAfter(server, scene.after, scene.step) : server.holdAt(scene.step);
      const tab = await stage.tab({ source: 'clock', recorders, ...(scene.options && { options: scene.options }) });
      let rolling: Rolling = { from: NaN, promises: [] };
      if (scene.idle) await tab.call('live');
      else {
        rolling = await roll(tab, recorders.length);
        await seconds(1);
      }
      const held = Promise.all(recorders.map(() => server.held()));
      shot.set(scene, { ...rolling, until: Date.now() });
      await scene.act(tab, recorders.length);
      await held;
    }

    before(async () => {
      stage = await Stage.open(browser);
      const { server } = stage;
      for (const scene of scenes) await play(scene);
      await stage.browser.kill();
      server.workerPrelude = '';
      await stage.browser.start();
      if (again) {
        server.workerPrelude = server.holdAt(again);
        const first = await stage.tab({ library: 'auto' });
        await first.call('ready');
        await server.held();
        await stage.browser.kill();
        server.workerPrelude = '';
        await stage.browser.start();
      }
      const library = await stage.tab({ library: 'auto' });
      found = await survivors(stage, library, ({ name }) => spanOf(name));
      left = (await library.call<{ name: string }[]>('raw')).map(({ name }) => name);
      assert.deepEqual(library.faults, []);
    });
    after(() => stage?.close());

    const spanOf = (name: string): Span =>
      [...shot].find(([scene]) => recordersOf(scene).some((one) => one['recording-name'] === name))![1];

    for (const scene of scenes.filter(({ nothing }) => !nothing)) {
      it(`loses at most a second of a take that is ${scene.when}`, (test) => {
        for (const [index, promised] of shot.get(scene)!.promises.entries()) {
          const take = found.find(({ name }) => name === nameOf(scene, index));
          assert.ok(take, `${nameOf(scene, index)} is listed`);
          test.diagnostic(told(take, `killed when ${scene.when}${again ? ` and again when ${again}` : ''}`));
          assertKept(take, promised.lossOnCrash);
        }
      });
    }

    const gone = scenes.filter(({ nothing }) => nothing).map(({ when }) => when);
    it(`leaves nothing else${gone.length > 0 ? `, and nothing of a take that is ${gone.join(' or ')}` : ''}`, () => {
      const kept = scenes.filter(({ nothing }) => !nothing).flatMap((scene) => recordersOf(scene));
      assert.deepEqual(found.map(({ name }) => name).sort(), kept.map((one) => one['recording-name']).sort());
      // A journal and a file for each.
      assert.equal(left.length, 2 * kept.length, left.join(', '));
    });
  });
}

/** Holds at a step only when another has been there: a take is `recording` from its start. */
function holdAfter(server: Stage['server'], earlier: string, step: string): string {
  return `{
    const { write } = FileSystemSyncAccessHandle.prototype;
    FileSystemSyncAccessHandle.prototype.write = function (bytes, options) {
      if (bytes.byteLength < 4096 && new TextDecoder().decode(bytes).includes('"step":"${earlier}"')) {
        FileSystemSyncAccessHandle.prototype.write = write;
        (() => ${server.holdAt(step)})();
      }
      return write.call(this, bytes, options);
    };
  }`;
}

/** Holds at the first bytes of a WebM. */
function holdChunk({ origin }: Stage['server']): string {
  return `{
    const { write } = FileSystemSyncAccessHandle.prototype;
    FileSystemSyncAccessHandle.prototype.write = function (bytes, options) {
      if (bytes[0] === 0x1a && bytes[1] === 0x45) {
        const request = new XMLHttpRequest();
        request.open('GET', '${origin}/hold?step=chunk&' + Math.random(), false);
        request.send();
      }
      return write.call(this, bytes, options);
    };
  }`;
}

/** Holds when a file has got another name. */
function holdRenamed({ origin }: Stage['server']): string {
  return `{
    const { move } = FileSystemFileHandle.prototype;
    FileSystemFileHandle.prototype.move = async function (...to) {
      await move.apply(this, to);
      const request = new XMLHttpRequest();
      request.open('GET', '${origin}/hold?step=renamed&' + Math.random(), false);
      request.send();
    };
  }`;
}

inEachBrowser('a browser that is killed at a step of a take', (name) => {
  if (name === 'firefox') {
    killsAll('firefox', [paused, finishing, copying, copied, awaiting]);
    killsAll('firefox', [renamed, goingOn, discarded, opened, unwritten]);
    return;
  }
  killsAll('chromium', [{ ...paused, recorders: both }, { ...finishing, recorders: both }, opened], 'repairing');
  killsAll('chromium', [{ ...renaming, recorders: both }, { ...goingOn, recorders: both }, unwritten], 'renaming');
  // The end of a take by MediaRecorder is a copy.
  killsAll('chromium', [
    { ...discarded, recorders: both },
    { ...copying, recorders: byMediaRecorder },
    { ...copied, recorders: byMediaRecorder },
    awaiting,
  ]);
  killsAll('chromium', [{ ...renamed, recorders: both }, headed, emptied]);
});
