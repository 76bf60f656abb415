import { expect } from '@open-wc/testing';
import '../../dist/define/perf-meter.js';
import type { OnAirError } from '../../dist/core/errors.js';
import { lose, nextFault, REMEMBERS, SENTENCE, whenGone } from './gone-support.js';
import { insert, PATIENCE, place } from './stream-recorder-support.js';
import { waitUntil } from './wait.js';

const meter = () => place.querySelector('perf-meter')!;
const inside = (selector: string) => meter().shadowRoot!.querySelector<HTMLElement>(selector)!;

whenGone(() => {
  it('a meter says that it cannot tell its figures as text, and does once it can', async () => {
    await insert('<perf-meter></perf-meter>');
    await waitUntil(() => meter().snapshot() !== null, 'a look', PATIENCE);
    lose('export.js');
    const refused = await meter()
      .toOpenMetrics()
      .then(
        () => null,
        (error: unknown) => error as OnAirError,
      );
    expect([refused?.name, refused?.code, refused?.message]).to.deep.equal(['OnAirError', 'worker-failed', SENTENCE]);
    lose(null);
    if (!REMEMBERS) expect(await meter().toOpenMetrics()).to.match(/# EOF\n$/);
  });

  it('a meter says that its charts are missing, and goes on without them', async () => {
    await insert('<perf-meter view="full" interval="0.1"></perf-meter>');
    await waitUntil(() => inside('[part~="charts-button"]'), 'the full view', PATIENCE);
    lose('charts.js');
    const faults: Event[] = [];
    place.addEventListener('oa-error', (event) => faults.push(event));
    const heard = nextFault();
    inside('[part~="charts-button"]').click();
    const { code, fatal, source } = await heard;
    expect([code, fatal, source === meter()]).to.deep.equal(['worker-failed', false, true]);
    await meter().updateComplete;
    expect(inside('[part="error"]').textContent!.trim()).to.equal(SENTENCE);
    const { at } = meter().snapshot()!;
    inside('[part~="charts-button"]').click();
    await waitUntil(() => meter().snapshot()!.at > at + 500, 'more looks', PATIENCE);
    expect(faults.length, 'told once').to.equal(1);
    lose(null);
    if (REMEMBERS) return;
    inside('[part~="charts-button"]').click();
    await waitUntil(() => inside('[part="charts"]').hidden === false, 'charts', PATIENCE);
    expect([meter().error, inside('[part="error"]')]).to.deep.equal([null, null]);
  });
});
