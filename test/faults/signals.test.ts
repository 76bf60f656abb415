import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve, strictCsp } from '../../demo/server/server.mjs';
import type { MonitorSnapshot } from '../../src/core/monitor/index.js';
import { lacksBrowser, TestBrowser, type BrowserName, type Tab } from '../support/browser.js';

const folder = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
/** Bytes. */
const HELD = 32e6;

/** A page with a meter, in a browser of its own. */
class Signals {
  private constructor(
    readonly tab: Tab,
    readonly close: () => Promise<void>,
  ) {}

  static async open(name: BrowserName, isolated: boolean): Promise<Signals> {
    const server = await serve({
      csp: strictCsp,
      isolated,
      mounts: { '/pages/': folder('test/pages'), '/dist/': folder('dist') },
      routes: { '/favicon.ico': (_: unknown, response: ServerResponse) => response.writeHead(204).end() },
    });
    // Chromium measures a page when it next collects garbage, which may take 20 s; with this it collects it.
    const eager = ['--enable-blink-features=ForceEagerMeasureMemory'];
    const browser = await TestBrowser.launch(name, isolated && name === 'chromium' ? { args: eager } : {});
    const close = async () => {
      await browser.close();
      await server.close();
    };
    const tab = await browser.tab(`${server.url}/pages/signals.html`);
    const signals = new Signals(tab, close);
    await signals.shows(({ window }) => window > 0);
    return signals;
  }

  /** Waits until the meter has seen this; answers what it has seen. */
  async shows(seen: (snapshot: MonitorSnapshot) => boolean): Promise<MonitorSnapshot> {
    const snapshot = 'document.querySelector("perf-meter").snapshot?.()';
    await this.tab.page.waitForFunction(`((told) => told && (${String(seen)})(told))(${snapshot})`);
    return this.tab.page.evaluate(snapshot) as Promise<MonitorSnapshot>;
  }

  /** What a line beside the charts says. */
  async line(name: string): Promise<string> {
    const found = await this.tab.page.waitForFunction(
      (name) => {
        const root = document.querySelector('perf-meter')!.shadowRoot!;
        const charts = root.querySelector<HTMLElement>('[part~="charts-button"]')!;
        if (charts.ariaExpanded === 'false') charts.click();
        const names = [...root.querySelectorAll('dt')];
        return names.find(({ textContent }) => textContent.trim() === name)?.nextElementSibling?.textContent.trim();
      },
      {},
      name,
    );
    return (await found.jsonValue())!;
  }
}

for (const name of ['chromium', 'firefox'] as const)
  describe(`what a page tells of itself (${name})`, { skip: lacksBrowser(name) }, () => {
    let page: Signals;
    const open = (isolated: boolean) => {
      before(async () => (page = await Signals.open(name, isolated)));
      after(() => page?.close());
    };

    describe('one that is isolated', () => {
      open(true);

      it('tells of the memory of all of it, its workers too, where its browser measures that', async (test) => {
        assert.equal(await page.tab.page.evaluate('crossOriginIsolated'), true);
        await page.tab.call('hold', HELD);
        const asked = Date.now();
        // Read by the page, which knows nothing of this file.
        const measured = ({ memory: { agent } }: MonitorSnapshot) =>
          agent === 'unsupported' || (agent !== null && agent.bytes > 32e6);
        const { agent, heap, unseen } = (await page.shows(measured)).memory;
        if (name === 'firefox') {
          assert.deepEqual([agent, heap, unseen.includes('workers')], ['unsupported', 'unsupported', true]);
          assert.equal(await page.line('Memory of page, workers and frames'), 'Not measured in this browser');
          return;
        }
        assert.ok(agent && agent !== 'unsupported' && typeof heap === 'number');
        const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
        test.diagnostic(`all of it ${megabytes(agent.bytes)} MB, of that the page's own thread ${megabytes(heap)} MB`);
        assert.ok(heap < HELD, 'no figure of its own thread has it');
        assert.ok(agent.at >= asked && agent.at <= Date.now(), 'and when');
        assert.deepEqual(unseen, ['blobs', 'codecs', 'gpu']);
        assert.match(await page.line('Memory of page, workers and frames'), /^\d+ MB, \S.* \d\d?:\d\d/);
        assert.equal(await page.line('Memory that no figure shows'), 'Blobs, codecs, and graphics');
        assert.deepEqual(page.tab.faults, []);
      });
    });

    describe('one that is not', () => {
      open(false);

      it('says that nobody measures all of its memory', async () => {
        const { agent, unseen } = (await page.shows(() => true)).memory;
        assert.deepEqual([agent, unseen.includes('workers')], ['unsupported', true]);
      });

      it('tells how long the slowest answer to a person takes, and when the most of it was there', async (test) => {
        await page.tab.page.click('button');
        const { inp, lcp } = (
          await page.shows(({ page: { vitals } }) => typeof vitals.inp === 'number' && typeof vitals.lcp === 'number')
        ).page.vitals as { inp: number; lcp: number };
        test.diagnostic(`INP ${inp.toFixed(3)} s, LCP ${lcp.toFixed(3)} s`);
        // It keeps its page busy for 0.2 s; what comes before and after is the machine's.
        assert.ok(inp >= 0.2 && inp < 2, `${inp} s`);
        assert.ok(lcp > 0 && lcp < 30, `${lcp} s`);
        assert.match(await page.line('Answer to input (INP)'), /^\d[\d,]* ms$/);
        assert.match(await page.line('Largest content shown (LCP)'), /^\d[\d,]* ms$/);
      });

      it('tells by how much moves what it shows, where its browser does', async () => {
        // What moves within half a second of an input is what that person wants.
        await page.tab.page.waitForFunction('performance.now() > (globalThis.from ??= performance.now()) + 600');
        await page.tab.call('shift');
        const { cls } = (
          await page.shows(
            ({
              page: {
                vitals: { cls },
              },
            }) => cls === 'unsupported' || cls! > 0.01,
          )
        ).page.vitals;
        assert.equal(cls === 'unsupported', name === 'firefox');
        assert.deepEqual(page.tab.faults, []);
      });
    });
  });
