import { expect } from '@open-wc/testing';
import type { OaPerfMeter } from '../../dist/components/perf-meter/perf-meter.js';
import type { MonitorSnapshot } from '../../dist/core/monitor/index.js';
import { waitUntil } from './wait.js';

/** What is taken away, the figure that it was for, under which name that is exported, and its row or line. */
const APIS: readonly (readonly [
  api: string,
  figure: (told: MonitorSnapshot) => unknown,
  metric: string,
  row?: string,
])[] = [
  ['memory', ({ memory }) => memory.heap, 'memory_bytes{kind="heap"}', 'Memory'],
  ['memory', ({ memory }) => memory.used, 'memory_growth_bytes_per_hour'],
  ['memory', ({ memory }) => memory.used, 'trouble{cause="memory"}'],
  [
    'measureUserAgentSpecificMemory',
    ({ memory }) => memory.agent,
    'memory_bytes{kind="agent"}',
    'Memory of page, workers and frames',
  ],
  ['stats', ({ capture }) => capture.frameRate, 'fps{stage="capture"}', 'Camera'],
  ['getVideoPlaybackQuality', ({ preview }) => preview.frameRate, 'fps{stage="preview"}', 'Preview'],
  ['getVideoPlaybackQuality', ({ preview }) => preview.lost, 'lost_ratio{stage="preview"}'],
  ['PressureObserver', ({ machine }) => machine.cpu, 'cpu_pressure', 'Processor'],
  ['PressureObserver', ({ machine }) => machine.cpu, 'trouble{cause="cpu"}'],
  ['getBattery', ({ machine }) => machine.battery, 'battery_ratio', 'Battery'],
  ['storage', ({ machine }) => machine.storage, 'storage_bytes', 'Storage left'],
  ['estimate', ({ machine }) => machine.storage, 'storage_bytes'],
  ['long-animation-frame', ({ page }) => page.worst, 'page_long_frames'],
  ['PerformanceObserver', ({ page }) => page.worst, 'page_long_frames'],
  ['PerformanceObserver', ({ machine }) => machine.gc, 'gc_', 'Collecting garbage'],
  ['PerformanceObserver', ({ page }) => page.vitals.lcp, 'lcp_seconds'],
  ['event', ({ page }) => page.vitals.inp, 'inp_seconds', 'Answer to input (INP)'],
  ['interactionId', ({ page }) => page.vitals.inp, 'inp_seconds'],
  ['largest-contentful-paint', ({ page }) => page.vitals.lcp, 'lcp_seconds', 'Largest content shown (LCP)'],
  ['layout-shift', ({ page }) => page.vitals.cls, 'cls', 'Layout shift (CLS)'],
];

const textOf = (node: Element | null | undefined) => (node?.textContent ?? '').replace(/\s+/g, ' ').trim();

/** A meter on a page of its own, in this browser without that. Where all others are, too: out of sight it would draw nothing. */
async function meterWithout(api: string, place: HTMLElement): Promise<OaPerfMeter> {
  const frame = document.createElement('iframe');
  frame.src = `${new URL('perf-meter-lacking.html', import.meta.url).href}#${api}`;
  frame.width = '600';
  frame.height = '700';
  frame.style.position = 'fixed';
  frame.style.inset = '0';
  place.append(frame);
  const meter = () => frame.contentDocument?.querySelector<OaPerfMeter>('perf-meter');
  await waitUntil(() => (meter()?.snapshot?.()?.window ?? 0) > 0.3, 'some looks');
  return meter()!;
}

describe('a browser that lacks', () => {
  const place = document.createElement('div');
  /** By what is taken away, all at once: most of the time they load, and wait for their looks. */
  const meters = new Map<string, Promise<OaPerfMeter>>();

  before(() => {
    document.body.append(place);
    for (const [api] of APIS) {
      if (meters.has(api)) continue;
      const meter = meterWithout(api, place);
      // Its own tests fail.
      meter.catch(() => {});
      meters.set(api, meter);
    }
  });
  after(() => place.remove());

  for (const [api, figure, metric, row] of APIS)
    it(`${api} is told not to support ${metric}, and shows no 0 for it`, async () => {
      const meter = await meters.get(api)!;
      // Some are asked for, and answer a moment later.
      await waitUntil(() => figure(meter.snapshot()!) !== null, 'an answer');
      expect(figure(meter.snapshot()!)).to.equal('unsupported');
      expect(await meter.toOpenMetrics()).not.to.contain(`\nstream_manager_${metric}`);
      expect(meter.shadowRoot!.textContent).not.to.match(/\b(NaN|undefined|null)\b/);
      if (!row) return;
      const root = meter.shadowRoot!;
      const names = () => [...root.querySelectorAll('tbody th, dt')];
      const told = () => textOf(names().find((name) => textOf(name) === row)?.nextElementSibling);
      // What has no row has a line beside the charts.
      const charts = names().some((name) => textOf(name) === row)
        ? null
        : root.querySelector<HTMLElement>('[part~="charts-button"]');
      charts?.click();
      // What is told is drawn with a frame of its own.
      await waitUntil(() => told() === 'Not measured in this browser', `a row of ${row}`);
      charts?.click();
    });
});
