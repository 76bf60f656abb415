import { expect, nextFrame, oneEvent } from '@open-wc/testing';
import { executeServerCommand } from '@web/test-runner-commands';
import { Chart, Legend } from 'chart.js';
import { render } from 'lit';
import '../../dist/define/perf-meter.js';
import { details } from '../../dist/components/perf-meter/details.js';
import type { OaPerfMeter } from '../../dist/components/perf-meter/perf-meter.js';
import { viewOf } from '../../dist/components/perf-meter/view.js';
import type { Levels } from '../../dist/core/audio/index.js';
import { Metrics } from '../../dist/core/metrics/index.js';
import { monitorPlatform, PerformanceMonitor } from '../../dist/core/monitor/index.js';
import { Belongings, Remains } from './leaks-support.js';
import { insert, PATIENCE, place, tidy } from './stream-recorder-support.js';
import { waitUntil } from './wait.js';

const METER = '<perf-meter view="full" interval="0.1"></perf-meter>';

const meter = () => place.querySelector<OaPerfMeter>('perf-meter')!;
const inside = <T extends Element>(selector: string, element: OaPerfMeter = meter()) => [
  ...element.shadowRoot!.querySelectorAll<T & HTMLElement>(selector),
];
const canvases = (element?: OaPerfMeter) => inside<HTMLCanvasElement>('canvas.chart', element);
const button = (element?: OaPerfMeter) => inside<HTMLButtonElement>('[part~="charts-button"]', element)[0]!;
const drawn = (element?: OaPerfMeter) => canvases(element).filter((canvas) => Chart.getChart(canvas)).length;
const textOf = (node: Element | undefined) => (node?.textContent ?? '').replace(/\s+/g, ' ').trim();

/** A meter that shows its charts. */
async function opened(markup = METER): Promise<OaPerfMeter> {
  await insert(markup);
  await waitUntil(() => button(), 'the full view', PATIENCE);
  button().click();
  // That of the memory comes with the second look, that of the page with the third.
  await waitUntil(() => chartOf('Encoder') && drawn() === canvases().length, 'charts', PATIENCE);
  return meter();
}

/** Whether a pixel of this colour is in the picture: red, green, blue. */
function shows(canvas: HTMLCanvasElement, ...color: [number, number, number]): boolean {
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4)
    if (data[at + 3]! > 200 && color.every((value, index) => Math.abs(data[at + index]! - value) < 12)) return true;
  return false;
}

/** What of a sound's levels is told here. */
const LEVELS = {
  channels: [{ held: -12.345 }],
  loudness: { momentary: -23.01, integrated: -23 },
  truePeak: -12,
  noiseFloor: -60,
  silentFor: 0,
  clips: 0,
} as unknown as Levels;

const chartOf = (title: string) => inside('figure').find((figure) => textOf(figure).startsWith(title))!;

describe('the charts of a perf-meter', () => {
  afterEach(tidy);

  // First, while nothing has loaded them.
  it('are loaded by who opens them, with the keyboard or otherwise, and not before', async () => {
    const loaded = () => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/charts.js'));
    await insert(METER);
    await waitUntil(() => meter().snapshot() && meter().snapshot()!.window > 0.5, 'some looks', PATIENCE);
    expect([loaded(), canvases().length, button().getAttribute('aria-expanded')]).to.deep.equal([false, 0, 'false']);
    button().focus();
    button().click();
    await waitUntil(() => drawn() > 0, 'charts', PATIENCE);
    expect([loaded(), button().getAttribute('aria-expanded')]).to.deep.equal([true, 'true']);
    expect(meter().shadowRoot!.activeElement === button(), 'the focus stays').to.equal(true);
    button().click();
    await waitUntil(() => canvases().length === 0, 'no charts', PATIENCE);
    expect(button().getAttribute('aria-expanded')).to.equal('false');
  });

  it('say as text what they show, and are accessible', async () => {
    const element = await opened();
    const figure = chartOf('Encoder busy, page blocked');
    expect(textOf(figure)).to.match(/^Encoder busy, page blocked Page: \d+\s?% to \d+\s?%, median \d+\s?%$/);
    const canvas = figure.querySelector('canvas')!;
    expect(canvas.getAttribute('role')).to.equal('img');
    expect(element.shadowRoot!.getElementById(canvas.getAttribute('aria-labelledby')!)!.localName).to.equal(
      'figcaption',
    );
    const memory = Boolean(chartOf('Memory'));
    expect(memory, 'what is not supported is not drawn').to.equal('memory' in performance);
    await expect(element).to.be.accessible();
  });

  it('have beside them what has no line: each stage of a frame, sound, machine and page', async () => {
    await insert('');
    const metrics = new Metrics();
    let time = 0;
    const monitor = new PerformanceMonitor({
      metrics: () => metrics,
      levels: () => LEVELS,
      platform: { ...monitorPlatform, now: () => time * 1000 },
    });
    const shown = () => {
      time += 2;
      monitor.look();
      render(details(viewOf(monitor, 'en')), place);
      const figures = [...place.querySelectorAll('dd')].map(textOf);
      return new Map([...place.querySelectorAll('dt')].map((name, index) => [textOf(name), figures[index]!]));
    };
    expect(shown().get('Encoding')).to.equal('Not measured now');
    metrics.counter('record:seconds').add(2);
    for (let frame = 1; frame <= 100; frame++) metrics.record('frame:encode', frame / 1000);
    for (const took of [0, 0, 0.003]) metrics.record('pipeline:process', took);
    const told = shown();
    expect(told.get('Encoding')).to.match(
      /^half within (49|50|51)\S* ms, 95 % within 9[3-7]\S* ms, 99 % within (98|99|100)\S* ms, longest 100 ms$/,
    );
    expect(told.get('Fitting')).to.match(/^half within less than 1 ms, .* longest 3 ms$/);
    // Frames are counted by nobody, as of MediaRecorder, and writes are timed all the same.
    expect([told.get('From the camera'), told.get('Writing')]).to.deep.equal([
      'Not measured of this take',
      'Not measured now',
    ]);
    expect(told.get('Sound')).to.equal('peak -12.3 dBFS, -23 LUFS');
    expect(told.get('Memory that no figure shows')).to.match(/codecs,? and graphics$/);
    expect([...told.keys()]).to.include.members([
      'In all',
      'Processor',
      'Collecting garbage',
      'Battery',
      'Storage left',
    ]);
    for (const list of place.querySelectorAll('dl'))
      expect(place.querySelector(`#${list.getAttribute('aria-labelledby')}`)!.textContent, 'its name').not.to.equal('');
    expect(textOf(place)).not.to.match(/\b(NaN|undefined|null|Infinity)\b/);
    await expect(place).to.be.accessible();
  });

  it('fit into 240 px, with text at 200 % too', async () => {
    const element = await opened();
    try {
      for (const size of ['100%', '200%']) {
        document.documentElement.style.fontSize = size;
        element.style.inlineSize = '240px';
        // What is drawn follows its place a moment later.
        const { right } = element.getBoundingClientRect();
        const wide = () =>
          inside('figcaption, .plot, dt, dd, .details strong').filter((inner) => {
            const box = inner.getBoundingClientRect();
            return box.right > right + 0.5 || inner.scrollWidth > Math.ceil(box.width);
          });
        await waitUntil(() => wide().length === 0, `all of it at ${size}`, PATIENCE);
      }
    } finally {
      document.documentElement.style.fontSize = '';
    }
  });

  it('are drawn in the colours of the page, also when they change, and without motion', async () => {
    const element = await opened();
    element.style.setProperty('--oa-color-accent', 'rgb(255, 0, 200)');
    await waitUntil(() => shows(chartOf('Encoder').querySelector('canvas')!, 255, 0, 200), 'the colour', PATIENCE);
    element.style.setProperty('--oa-color-accent', 'rgb(0, 200, 0)');
    await waitUntil(() => shows(chartOf('Encoder').querySelector('canvas')!, 0, 200, 0), 'another colour', PATIENCE);
    for (const canvas of canvases()) expect(Chart.getChart(canvas)!.options.animation).to.equal(false);
  });

  it('have no part of the plugins that the page registers with the same Chart.js', async () => {
    Chart.register(Legend);
    try {
      await opened();
      expect((Chart.getChart(canvases()[0]!) as unknown as { legend?: unknown }).legend).to.equal(undefined);
    } finally {
      Chart.unregister(Legend);
    }
  });

  it('tell a loss of less than one in a hundred as what it is', async () => {
    await insert('');
    const metrics = new Metrics();
    let time = 0;
    const platform = { ...monitorPlatform, now: () => time * 1000 };
    const monitor = new PerformanceMonitor({ metrics: () => metrics, platform });
    for (const late of [0, 1, 200]) {
      metrics.counter('frames:seconds').add(2);
      metrics.counter('frames:captured').add(1000);
      metrics.counter('frames:dropped:late').add(late);
      time += 6;
      monitor.look();
    }
    const { Charts } = await import('../../dist/components/perf-meter/charts.js');
    render(new Charts().render(viewOf(monitor, 'en')), place);
    const lost = [...place.querySelectorAll('figure')].find((figure) => textOf(figure).startsWith('Frames lost'));
    expect(textOf(lost)).to.match(/^Frames lost 0\.1% to 20%, median 20%$/);
  });

  it('draw what the monitor keeps, ten times a second at most', async () => {
    const element = await opened(METER.replace('0.1', '0.02'));
    const chart = Chart.getChart(canvases()[0]!)!;
    const times: number[] = [];
    const { update } = chart;
    chart.update = (mode) => {
      // Others are of a place that has another size.
      if (mode === 'none') times.push(performance.now());
      update.call(chart, mode);
    };
    await waitUntil(() => times.length > 20, 'twenty updates', PATIENCE);
    expect(times[20]! - times[0]!, 'milliseconds').to.be.at.least(20 * 100 - 50);
    const points = chart.data.datasets[0]!.data as unknown as { x: number; y: number | null }[];
    expect(points.length).to.be.at.most(600);
    expect(points[points.length - 1]!.x, 'now').to.equal(0);
    expect(element.snapshot()!.page.blocked === null).to.equal(false);
  });

  it('are let go when they are closed, not displayed, out of sight, hidden with the page, or removed', async () => {
    const element = await opened();
    const charts = () => canvases(element).map((canvas) => Chart.getChart(canvas));
    const gone = (why: string) => waitUntil(() => drawn(element) === 0, why, PATIENCE);
    const back = (why: string) => waitUntil(() => drawn(element) > 0, why, PATIENCE);
    let last = charts()[0]!;
    for (const [what, change, undo] of [
      ['not displayed', () => (element.style.display = 'none'), () => (element.style.display = '')],
      ['out of sight', () => (element.style.marginBlockStart = '300vh'), () => (element.style.marginBlockStart = '')],
      ['hidden', () => setHidden(true), () => setHidden(false)],
      ['removed', () => element.remove(), () => place.append(element)],
      ['compact', () => (element.view = 'compact'), () => (element.view = 'full')],
    ] as const) {
      change();
      await gone(what);
      expect(last.ctx, what).to.equal(null);
      undo();
      await back(`${what} no longer`);
      last = charts()[0]!;
    }
    button().click();
    await waitUntil(() => canvases().length === 0, 'closed', PATIENCE);
    expect(last.ctx, 'closed').to.equal(null);
  });

  it('go on from zero when the meter counts from zero', async () => {
    await opened();
    inside('[part~="reset-button"]')[0]!.click();
    await waitUntil(() => textOf(inside('[part="charts"]')[0]) === 'Nothing was measured yet.', 'nothing', PATIENCE);
    await waitUntil(() => drawn() > 0, 'charts', PATIENCE);
  });

  it('work on a page whose policy allows nothing but its own files', async () => {
    await insert('');
    const frame = Object.assign(document.createElement('iframe'), {
      src: new URL('perf-meter-csp.html', import.meta.url).href,
      width: 800,
      height: 900,
    });
    place.append(frame);
    await oneEvent(frame, 'load');
    const page = frame.contentWindow as unknown as Window & typeof globalThis;
    const violations: string[] = [];
    page.document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
    page.console.error = page.console.warn = (...args: unknown[]) => violations.push(args.join(' '));
    await page.customElements.whenDefined('perf-meter');
    const element = page.document.querySelector<OaPerfMeter>('perf-meter')!;
    await waitUntil(() => button(element), 'the full view', PATIENCE);
    button(element).click();
    const wide = () => canvases(element).filter(({ width }) => width > 300).length;
    await waitUntil(() => wide() > 0, 'charts that fill their place', PATIENCE);
    await waitUntil(() => canvases(element).some((canvas) => shows(canvas, 11, 92, 196)), 'lines', PATIENCE);
    expect(violations).to.deep.equal([]);
  });

  if (navigator.userAgent.includes('Chrome/'))
    it('are told from their ground where a person has forced colours', async () => {
      await executeServerCommand('forced-colors', 'active');
      try {
        const element = await opened();
        const [canvas] = canvases();
        const { color } = getComputedStyle(inside('.key')[0]!);
        expect(color).to.equal(getComputedStyle(canvas!).color);
        expect(Chart.getChart(canvas!)!.data.datasets[0]!.borderColor).to.equal(color);
        await expect(element).to.be.accessible();
      } finally {
        await executeServerCommand('forced-colors', 'none');
      }
    });

  it('leave nothing behind: 50 meters with charts, shown and removed', async () => {
    await opened();
    place.textContent = '';
    const had = new Belongings();
    const remains = new Remains();
    try {
      for (let round = 0; round < 10; round++) await showAndRemove(remains);
      expect([...had.timers], 'timers').to.deep.equal([]);
      expect(had.observers.size, 'observers').to.equal(0);
    } finally {
      had.restore();
    }
    await remains.collect(1);
    expect(remains.watched).to.equal(50);
    expect(remains.left['perf-meter'] ?? 0).to.be.at.most(1);
  }).timeout(120_000);
});

async function showAndRemove(remains: Remains): Promise<void> {
  place.innerHTML = METER.repeat(5);
  const meters = [...place.querySelectorAll<OaPerfMeter>('perf-meter')];
  while (!meters.some((element) => element.shadowRoot!.querySelector('button'))) await nextFrame();
  const seen = meters.filter((element) => element.shadowRoot!.querySelector('button'));
  for (const element of seen) button(element).click();
  while (!seen.some((element) => drawn(element) > 0)) await nextFrame();
  remains.watch(...meters);
  place.textContent = '';
  await nextFrame();
}

function setHidden(hidden: boolean): void {
  if (hidden) Object.defineProperty(document, 'hidden', { configurable: true, value: true });
  else delete (document as { hidden?: boolean }).hidden;
  document.dispatchEvent(new Event('visibilitychange'));
}
