import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { after, before, it, type TestContext } from 'node:test';
import { privateBytes, processTree } from '../../bench/support/processes.mjs';
import type { BrowserName, Tab } from '../support/browser.js';
import { LiveStage, until, type PublisherStatus } from '../support/live-stage.js';
import { availability, MediaWatch, type Span } from '../support/media-watch.js';
import { median } from '../support/media.js';
import { inEachBrowser, seconds, type LogEntry } from '../support/stage.js';
import { soakFaults, takeBack } from '../support/soak-faults.js';

/** How long it lasts, and seconds between two faults; the promises are for the ones that stand here. */
const MINUTES = Number(process.env['ONAIR_SOAK_MINUTES'] ?? 30);
const EVERY = Number(process.env['ONAIR_SOAK_EVERY'] ?? 60);

/** Seconds after a fault within which media come back; they count from then on. */
const BACK = 5;
const AVAILABLE = 0.999;
const ANSWERED = 0.95;
/** Bytes that the processes of a browser may come to hold more: theirs come and go by a few MB within a minute. */
const BROWSER = 20_000_000;

/**
 * What is kept: bytes of the server's heap, which is that of this process, and of the browser's processes, and what the page
 * holds open. The heap of the page, and what listens in all of it, tells Chromium only. Firefox can be neither asked for them
 * nor made to collect: there it is what its processes have written and share with nobody.
 */
interface Held {
  server: number;
  browser: number;
  open: { connections: number; sockets: number; listeners: number };
  page: { heap: number; listeners: number; connections: number } | null;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function heldBy(stage: LiveStage, tab: Tab): Promise<Held> {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const server = heapUsed + arrayBuffers;
  const open = await tab.call<Held['open']>('held');
  const processes = process.platform === 'linux' ? processTree(tab.page.browser().process()!.pid!) : [];
  const browser = processes.reduce((sum, { pid }) => sum + privateBytes(pid), 0);
  if (stage.browser.name !== 'chromium') return { server, browser, open, page: null };
  const devtools = await tab.page.createCDPSession();
  await devtools.send('Performance.enable');
  await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.getMetrics');
  await devtools.detach();
  const of = (name: string) => metrics.find((metric) => metric.name === name)!.value;
  const page = { heap: of('JSHeapUsedSize'), listeners: of('JSEventListeners'), connections: of('RTCPeerConnections') };
  return { server, browser, open, page };
}

/** What was held more in the last third than in the second: in the first one, what is needed once comes to be there. */
function growth(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  return median(samples.slice(-third)) - median(samples.slice(third, 2 * third));
}

// One browser after the other: pictures that come late because the other one is busy would count.
const what = `a broadcast of ${MINUTES} minutes with a fault each ${EVERY} s`;
inEachBrowser(what, soak, 1);

function soak(name: BrowserName): void {
  let stage: LiveStage;
  const watch = new MediaWatch();
  before(async () => (stage = await LiveStage.open(name, { openPeer: watch.openPeer })));
  after(() => stage?.close());

  async function opened(): Promise<Tab> {
    const tab = await stage.browser.tab(stage.pages.page('soak.html'));
    await tab.page.bringToFront();
    await tab.call('open', { attributes: { src: stage.endpoint() } });
    await tab.call('converse', `${stage.media.url.replace('http', 'ws')}/socket`);
    assert.equal(await tab.call('start'), 'done');
    await tab.call('settled');
    return tab;
  }

  const options = { timeout: (MINUTES + 5) * 60_000 };
  it('is there whenever it can be, and keeps nothing of what is over', options, async (test) => {
    const tab = await opened();
    const held: Held[] = [];
    const faults: (Span & { name: string })[] = [];
    const began = performance.now();
    const count = Math.floor((MINUTES * 60) / EVERY);
    for (let index = 0; index < count; index++) {
      const fault = soakFaults[index % soakFaults.length]!;
      const from = watch.last;
      const possible = await fault.happen(stage, tab);
      faults.push({ name: fault.name, from, to: possible + BACK * 1000 });
      await tab.call('reached', 'live');
      await seconds(Math.max(0, (began - performance.now()) / 1000 + (index + 1) * EVERY));
      assert.equal(stage.sessions.length, 1, `${fault.name}: one session, and no orphan`);
      takeBack(stage);
      held.push(await heldBy(stage, tab));
    }
    const whole = { from: began, to: performance.now() };
    watch.look(whole.to);
    const share = availability(whole, watch.gaps, faults);
    test.diagnostic(`media were there for ${(share * 100).toFixed(3)} % of the time that counts`);
    tellGaps(test, faults);
    tellHeld(test, held);
    await endsWell(test, tab, count);
    assert.ok(share >= AVAILABLE, `${share}`);
    growsNot(held);
  });

  /** Milliseconds without media, by kind of fault; and those that none of them explains. */
  function tellGaps(test: TestContext, faults: readonly (Span & { name: string })[]): void {
    const during = ({ from, to }: Span) => watch.gaps.filter((gap) => gap.to > from && gap.from < to);
    for (const { name } of soakFaults) {
      const kind = faults.filter((fault) => fault.name === name);
      const lost = kind.map((fault) => during(fault).reduce((sum, { from, to }) => sum + to - from, 0));
      if (kind.length > 0) test.diagnostic(`${name}: no picture for ${lost.map(Math.round).join(', ')} ms`);
    }
    for (const gap of watch.gaps) {
      const last = faults.findLast(({ from }) => from < gap.to);
      if (!last || gap.to <= last.to) continue;
      const seconds = ((gap.from - last.from) / 1000).toFixed(1);
      test.diagnostic(`no picture for ${Math.round(gap.to - gap.from)} ms, ${seconds} s after ${last.name}`);
    }
  }

  async function endsWell(test: TestContext, tab: Tab, count: number): Promise<void> {
    const { state, stats } = await tab.call<PublisherStatus>('status');
    assert.equal(state, 'live');
    test.diagnostic(`${count} faults, ${stats!.recoveries} recoveries by ${stats!.attempts} attempts`);
    const { asked, answered, wrong, faults } = await tab.call<Record<string, number> & { faults: object }>('counts');
    test.diagnostic(`${answered} of ${asked} requests were answered; faults: ${JSON.stringify(faults)}`);
    assert.equal(wrong, 0);
    assert.ok(answered! / asked! >= ANSWERED, `${answered} of ${asked}`);
    await tab.call('stop');
    await until(() => stage.sessions.length === 0, 5, 'no session');
    assert.deepEqual(await tab.call('tracks'), ['live', 'live']);
    const log = await tab.call<LogEntry[]>('log');
    assert.deepEqual(
      log.filter(({ type }) => type === 'unhandledrejection'),
      [],
    );
  }

  function tellHeld(test: TestContext, held: readonly Held[]): void {
    const list = (of: (one: Held) => string) => held.map(of).join(', ');
    test.diagnostic(`server: ${list(({ server }) => (server / 1e6).toFixed(2))} MB`);
    test.diagnostic(`browser: ${list(({ browser }) => (browser / 1e6).toFixed(0))} MB`);
    const open = list(({ open }) => `${open.connections}/${open.sockets}/${open.listeners}`);
    test.diagnostic(`open connections, sockets and listeners: ${open}`);
    const pages = held.flatMap(({ page }) => (page ? [page] : []));
    const told = pages.map((one) => `${(one.heap / 1e6).toFixed(2)} MB ${one.listeners}/${one.connections}`);
    if (pages.length > 0) test.diagnostic(`page, with listeners and connections: ${told.join(', ')}`);
  }

  function growsNot(held: readonly Held[]): void {
    const pages = held.flatMap(({ page }) => (page ? [page] : []));
    if (pages.length > 0) {
      assert.ok(growth(pages.map(({ heap }) => heap)) < 500_000);
      assert.ok(growth(pages.map(({ listeners }) => listeners)) <= 0);
      assert.ok(growth(pages.map(({ connections }) => connections)) <= 0);
    }
    for (const what of ['connections', 'sockets', 'listeners'] as const)
      assert.ok(growth(held.map(({ open }) => open[what])) <= 0, what);
    const browser = growth(held.map((one) => one.browser));
    assert.ok(browser < BROWSER, `${browser} bytes more in the browser`);
    const server = growth(held.map((one) => one.server));
    assert.ok(server < 2_000_000, `${server} bytes more`);
  }
}
