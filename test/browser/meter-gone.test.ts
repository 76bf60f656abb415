import { expect, nextFrame } from '@open-wc/testing';
import '../../dist/define/perf-meter.js';
import type { OaPerfMeter } from '../../dist/components/perf-meter/perf-meter.js';
import { lose, nextFault, REMEMBERS, SENTENCE, whenGone } from './gone-support.js';
import { insert, PATIENCE, place } from './stream-recorder-support.js';
import { waitUntil } from './wait.js';

const FILE = new URL('../../dist/components/perf-meter/meter.js', import.meta.url);

const meter = () => place.querySelector<OaPerfMeter>('perf-meter')!;
const fault = () => meter().shadowRoot!.querySelector('[part="error"]');

/** As long as it takes to be told three times that a file is missing. */
async function timeToTell(): Promise<void> {
  for (let time = 0; time < 3; time++) {
    await fetch(FILE).catch(() => {});
    meter().requestUpdate();
    await meter().updateComplete;
    await nextFrame();
  }
}

async function showAgain(): Promise<void> {
  meter().style.display = 'none';
  await nextFrame();
  await nextFrame();
  meter().style.display = '';
  await nextFrame();
}

whenGone(() => {
  it('a meter that is to export says so once, asks no more by itself, and works when it is shown again', async () => {
    lose('meter.js');
    const faults: Event[] = [];
    await insert('<perf-meter export-url="/collect"></perf-meter>');
    place.addEventListener('oa-error', (event) => faults.push(event));
    const heard = nextFault();
    const { code, fatal, source } = await heard;
    expect([code, fatal, source === meter()]).to.deep.equal(['worker-failed', false, true]);
    await meter().updateComplete;
    expect(fault()!.textContent!.trim()).to.equal(SENTENCE);
    await timeToTell();
    // Who comes to see it asks for it once more.
    await showAgain();
    await timeToTell();
    expect(faults.length).to.equal(1);
    expect(meter().error!.code).to.equal('worker-failed');
    lose(null);
    if (REMEMBERS) return;
    await showAgain();
    await waitUntil(() => meter().snapshot() !== null, 'a look', PATIENCE);
    expect(meter().error).to.equal(null);
  });
});
