import { expect } from '@open-wc/testing';
import type { OaPerfMeter } from '../../dist/components/perf-meter/perf-meter.js';
import type { MonitorSnapshot } from '../../dist/core/monitor/index.js';
import { waitUntil } from './wait.js';

/** What is taken away, the figure that it was for, under which name that is exported, and the row of it. */
const APIS: readonly (readonly [
  api: string,
  figure: (told: MonitorSnapshot) => unknown,
  metric: string,
  row?: 'Camera' | 'Preview' | 'Memory',
])[] = [
  ['memory', ({ memory }) => memory.heap, 'memory_bytes{kind="heap"}', 'Memory'],
  ['memory', ({ memory }) => memory.used, 'memory_growth_bytes_per_hour'],
  ['memory', ({ memory }) => memory.used, 'trouble{cause="memory"}'],
  ['measureUserAgentSpecificMemory', ({ memory }) => memory.agent, 'memory_bytes{kind="agent"}'],
  ['stats', ({ capture }) => capture.frameRate, 'fps{stage="capture"}', 'Camera'],
  ['getVideoPlaybackQuality', ({ preview }) => preview.frameRate, 'fps{stage="preview"}', 'Preview'],
  ['getVideoPlaybackQuality', ({ preview }) => preview.lost, 'lost_ratio{stage="preview"}'],
  ['PressureObserver', ({ machine }) => machine.cpu, 'cpu_pressure'],
  ['PressureObserver', ({ machine }) => machine.cpu, 'trouble{cause="cpu"}'],
  ['getBattery', ({ machine }) => machine.battery, 'battery_ratio'],
  ['storage', ({ machine }) => machine.storage, 'storage_bytes'],
  ['estimate', ({ machine }) => machine.storage, 'storage_bytes'],
  ['long-animation-frame', ({ page }) => page.worst, 'page_long_frames'],
  ['PerformanceObserver', ({ page }) => page.worst, 'page_long_frames'],
  ['PerformanceObserver', ({ machine }) => machine.gc, 'gc_'],
  ['PerformanceObserver', ({ page }) => page.vitals.lcp, 'lcp_seconds'],
  ['event', ({ page }) => page.vitals.inp, 'inp_seconds'],
  ['interactionId', ({ page }) => page.vitals.inp, 'inp_seconds'],
  ['largest-contentful-paint', ({ page }) => page.vitals.lcp, 'lcp_seconds'],
  ['layout-shift', ({ page }) => page.vitals.cls, 'cls'],
];

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

  for (const [api, figure, metric, stage] of APIS)
    it(`${api} is told not to support ${metric}, and shows no 0 for it`, async () => {
      const meter = await meters.get(api)!;
      // Some are asked for, and answer a moment later.
      await waitUntil(() => figure(meter.snapshot()!) !== null, 'an answer');
      expect(figure(meter.snapshot()!)).to.equal('unsupported');
      expect(await meter.toOpenMetrics()).not.to.contain(`\nstream_manager_${metric}`);
      expect(meter.shadowRoot!.textContent).not.to.match(/\b(NaN|undefined|null)\b/);
      const rows = () =>
        [...meter.shadowRoot!.querySelectorAll('tr')].map((row) => row.textContent.replace(/\s+/g, ' ').trim());
      // What is told is drawn with a frame of its own.
      if (stage) await waitUntil(() => rows().includes(`${stage} Not measured in this browser`), `a row of ${stage}`);
    });
});
