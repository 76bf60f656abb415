import { expect, nextFrame, oneEvent } from '@open-wc/testing';
import '../../dist/define/media-producer.js';
import '../../dist/define/perf-meter.js';
import '../../dist/define/stream-recorder.js';
import type { FaultEvent, HealthChangeEvent } from '../../dist/components/events.js';
import type { OaPerfMeter } from '../../dist/components/perf-meter/perf-meter.js';
import { CORE_PRODUCER } from '../../dist/components/shared/producer-link.js';
import { configureMessages } from '../../dist/core/messages.js';
import { Belongings, Remains } from './leaks-support.js';
import { insert, live, PATIENCE, picture, place, producer, tidy } from './stream-recorder-support.js';
import { waitUntil } from './wait.js';

const TAKE =
  '<media-producer no-preview><stream-recorder></stream-recorder><perf-meter interval="0.25"></perf-meter></media-producer>';

const meter = () => place.querySelector<OaPerfMeter>('perf-meter')!;
const textOf = (node: Element | null | undefined) => (node?.textContent ?? '').replace(/\s+/g, ' ').trim();
const part = (name: string) => meter().shadowRoot!.querySelector<HTMLElement>(`[part~="${name}"]`);
const parts = (name: string) => [...meter().shadowRoot!.querySelectorAll<HTMLElement>(`[part~="${name}"]`)];

/** Until something is shown. */
async function shown(): Promise<OaPerfMeter> {
  await waitUntil(() => part('line'), 'a line', PATIENCE);
  return meter();
}

async function reached(state: string): Promise<void> {
  await waitUntil(() => meter().state === state, `state ${state}`, PATIENCE);
  await meter().updateComplete;
}

function block(seconds: number): void {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end);
}

/** Twenty meters, of which some can be seen. */
async function mountAndRemove(remains: Remains): Promise<void> {
  const tags = '<perf-meter interval="0.05" trace></perf-meter>'.repeat(20);
  place.innerHTML = `<media-producer no-preview>${tags}</media-producer>`;
  const meters = [...place.querySelectorAll('perf-meter')];
  while (!meters.slice(0, 5).every((element) => element.snapshot())) await nextFrame();
  remains.watch(...meters);
  place.textContent = '';
  await nextFrame();
}

describe('perf-meter', () => {
  afterEach(tidy);

  it('says in one line that nothing goes on, and is accessible', async () => {
    await insert('<media-producer></media-producer><perf-meter></perf-meter>');
    const element = await shown();
    await reached('idle');
    expect(textOf(part('line'))).to.equal('Off Nothing is captured or recorded.');
    expect([element.cause, element.matches(':state(idle)')]).to.deep.equal([null, true]);
    await expect(element).to.be.accessible();
  });

  it('tells of a take how it goes, by an event once it can be read', async () => {
    const recorder = await live(TAKE);
    const told: string[] = [];
    let bubbled = 0;
    await shown();
    place.addEventListener('oa-statechange', () => bubbled++);
    meter().addEventListener('oa-statechange', (event) => {
      const { state, previous, cause } = event as HealthChangeEvent;
      told.push([previous, state, cause, meter().state === state && meter().matches(`:state(${state})`)].join());
    });
    await recorder.start();
    await waitUntil(() => told.length > 0 && meter().snapshot()!.disk.bitrate !== null, 'a change', PATIENCE);
    for (const change of told) expect(change).to.match(/^\w+,\w+,\w*,true$/);
    expect(bubbled).to.equal(0);
    expect(meter().state, 'a take runs').not.to.equal('idle');
    await meter().updateComplete;
    if (meter().state === 'ok') expect(textOf(part('summary'))).to.match(/nothing is lost\.$/i);
    else expect(textOf(part('summary'))).to.match(/^[A-Z].{8,}$/);
  });

  it('says that the page is blocked, and that it is no longer', async () => {
    await insert('<perf-meter interval="0.25"></perf-meter>');
    await shown();
    await waitUntil(() => meter().snapshot()!.window > 0.5, 'a window', PATIENCE);
    setTimeout(() => block(1.5));
    await reached('bad');
    expect(meter().cause).to.equal('page');
    expect(textOf(part('state'))).to.equal('Trouble');
    expect(textOf(part('summary'))).to.match(/^Page blocked \d+\s?% of the time$/);
    expect(textOf(meter().shadowRoot!.querySelector('[role=status]'))).to.equal('Trouble');
    await reached('idle');
  });

  it('shows every stage in the order of a frame, with what this browser cannot tell said so', async () => {
    await live(TAKE.replace('<perf-meter', '<perf-meter view="full"'));
    const element = await shown();
    const rows = () => parts('row');
    expect(rows().map((row) => textOf(row.querySelector('th')))).to.deep.equal([
      'Camera',
      'Preview',
      'Encoder',
      'Disk',
      'Network',
      'Page',
      'Memory',
    ]);
    const memory = () => textOf(rows()[6]!.querySelector('td'));
    if ('memory' in performance) expect(memory()).to.match(/\d MB/);
    else expect(memory()).to.equal('Not measured in this browser');
    await waitUntil(() => parts('trend').length > 0, 'a line of the last minute', PATIENCE);
    expect(parts('trend')[0]!.ariaLabel ?? parts('trend')[0]!.getAttribute('aria-label')).to.match(/^between .* and /);
    expect(textOf(part('cost'))).to.match(/^This meter takes .+ of each second\.$/);
    await expect(element).to.be.accessible();
  });

  it('goes by the thresholds that it is given', async () => {
    await insert('<perf-meter interval="0.1"></perf-meter>');
    await shown();
    await reached('idle');
    meter().thresholds = { 'page:blocked': { warn: -1, bad: 2 } };
    await reached('warn');
    expect(meter().cause).to.equal('page');
    meter().thresholds = {};
    await reached('idle');
  });

  it('counts from zero when asked to', async () => {
    await insert('<perf-meter view="full" interval="0.25"></perf-meter>');
    await shown();
    await waitUntil(() => meter().snapshot()!.uptime > 1, 'a second', PATIENCE);
    part('reset-button')!.click();
    await waitUntil(() => meter().snapshot()!.uptime < 1, 'zero', PATIENCE);
    expect(textOf(meter().shadowRoot!.querySelector('[role=status]'))).to.equal('Counted from zero.');
  });

  it('looks at nothing while it cannot be seen, or is removed, and goes on when it can', async () => {
    const waiting = new Set<unknown>();
    const { setTimeout, clearTimeout } = globalThis;
    const looks = 12_345;
    globalThis.setTimeout = ((run: () => void, delay?: number) => {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        run();
      }, delay);
      if (delay === looks) waiting.add(timer);
      return timer;
    }) as typeof globalThis.setTimeout;
    globalThis.clearTimeout = (timer) => {
      waiting.delete(timer);
      clearTimeout(timer);
    };
    try {
      await insert(`<perf-meter interval="${looks / 1000}"></perf-meter>`);
      const element = await shown();
      await waitUntil(() => waiting.size === 1, 'it runs', PATIENCE);
      element.style.display = 'none';
      await waitUntil(() => waiting.size === 0, 'not displayed', PATIENCE);
      element.style.display = '';
      await waitUntil(() => waiting.size === 1, 'displayed', PATIENCE);
      element.style.marginBlockStart = '300vh';
      await waitUntil(() => waiting.size === 0, 'out of sight', PATIENCE);
      element.style.marginBlockStart = '';
      await waitUntil(() => waiting.size === 1, 'in sight', PATIENCE);
      element.remove();
      expect(waiting.size, 'removed').to.equal(0);
      place.append(element);
      await waitUntil(() => waiting.size === 1, 'back', PATIENCE);
    } finally {
      Object.assign(globalThis, { setTimeout, clearTimeout });
    }
  });

  it('pushes figures to an address when the page goes, and refuses one with a token in it', async () => {
    const posted: { url: string; init: RequestInit }[] = [];
    const { fetch } = globalThis;
    globalThis.fetch = async (url, init = {}) => {
      posted.push({ url: url instanceof Request ? url.url : `${url}`, init });
      return new Response(null, { status: 204 });
    };
    try {
      await insert('<perf-meter export-url="/collect"></perf-meter>');
      await shown();
      await waitUntil(
        () => {
          window.dispatchEvent(new Event('pagehide'));
          return posted.length > 0;
        },
        'a push',
        PATIENCE,
      );
      expect(posted[0]!.url).to.equal(new URL('/collect', location.href).href);
      expect(posted[0]!.init.keepalive).to.equal(true);
      const text = new TextDecoder().decode(posted[0]!.init.body as Uint8Array);
      expect(text).to.match(/stream_manager_state\{session="\w+",state="\w+"\} 1\n/);
      expect(text.endsWith('# EOF\n')).to.equal(true);
      setTimeout(() => (meter().exportUrl = '/collect?token=1'));
      const { code, source } = (await oneEvent(meter(), 'oa-error')) as FaultEvent;
      expect([code, source === meter()]).to.deep.equal(['invalid-value', true]);
      await meter().updateComplete;
      expect(textOf(part('error'))).to.contain('token');
    } finally {
      globalThis.fetch = fetch;
    }
  });

  it('gives its figures as OpenMetrics text, whether it is seen or not', async () => {
    await insert('<perf-meter style="display: none"></perf-meter>');
    expect(meter().snapshot()).to.equal(null);
    expect((await meter().toOpenMetrics()).endsWith('# EOF\n')).to.equal(true);
  });

  it('leaves nothing behind: 200 meters, shown and removed', async () => {
    await insert('<perf-meter></perf-meter>');
    await shown();
    // Which knows no end, and is for all of them.
    await waitUntil(() => Symbol.for('onair/web-vitals@1') in globalThis, 'web vitals', PATIENCE);
    place.textContent = '';
    const had = new Belongings();
    const remains = new Remains();
    try {
      for (let round = 0; round < 10; round++) await mountAndRemove(remains);
      expect([...had.timers], 'timers').to.deep.equal([]);
      expect(had.observers.size, 'observers').to.equal(0);
    } finally {
      had.restore();
    }
    await remains.collect(4);
    expect(remains.watched).to.equal(200);
    expect(remains.left['perf-meter'] ?? 0).to.be.at.most(4);
  }).timeout(120_000);

  it('finds its producer by for, and speaks the nearest language', async () => {
    configureMessages('de', { 'perf.state.idle': 'Aus', 'perf.state.warn': 'Warnung', 'perf.state.bad': 'Not' });
    await insert('<div lang="de"><media-producer id="p"></media-producer><perf-meter for="p"></perf-meter></div>');
    await shown();
    expect(textOf(part('state'))).to.match(/^(Aus|Warnung|Not)$/);
    producer().srcObject = picture();
    await waitUntil(() => producer().metrics !== null, 'what counts', PATIENCE);
    producer()[CORE_PRODUCER].metrics!.counter('frames:captured').add(7);
    await waitUntil(() => meter().snapshot()!.totals['frames:captured'] === 7, 'what it has counted', PATIENCE);
  });
});
