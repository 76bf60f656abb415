import { expect, nextFrame, oneEvent } from '@open-wc/testing';
import '../../dist/define/media-producer.js';
import '../../dist/define/stream-pool-status.js';
import '../../dist/define/stream-recorder.js';
import { streamPool } from '../../dist/core/capture/index.js';
import { Belongings, Remains } from './leaks-support.js';
import { wipe } from './recordings-support.js';

/** A small picture: what is measured is what is left, not what is shown. */
const MARKUP = `<div>${`<media-producer width="160" height="120" frame-rate="10">
  <stream-recorder></stream-recorder>
  <stream-pool-status view="full"></stream-pool-status>
</media-producer>`.repeat(20)}</div>`;

let had: Belongings;
let remains: Remains;
beforeEach(() => {
  had = new Belongings();
  remains = new Remains();
});
afterEach(() => had.restore());

/** Mounts twenty, starts them, stops every other one, and removes them. */
async function batch(place: HTMLElement, round: number): Promise<void> {
  place.innerHTML = MARKUP;
  const producers = [...place.querySelectorAll('media-producer')];
  for (const producer of producers) if (round % 2) producer.audio = 'none';
  await Promise.all(producers.map((producer) => producer.start()));
  expect(producers.every(({ state }) => state === 'live')).to.equal(true);
  await nextFrame();
  for (const [index, producer] of producers.entries()) {
    if (index % 4 === 0) producer.pause();
    if (index % 2 === 0) producer.stop();
  }
  remains.watch(...place.querySelectorAll('media-producer, stream-recorder, stream-pool-status'));
  place.textContent = '';
}

/** Runs and saves a short take in a worker of its own. */
async function take(place: HTMLElement): Promise<void> {
  place.innerHTML = `<media-producer width="160" height="120" audio="none"><stream-recorder></stream-recorder></media-producer>`;
  const producer = place.querySelector('media-producer')!;
  const recorder = place.querySelector('stream-recorder')!;
  await producer.start();
  await recorder.start();
  await oneEvent(recorder, 'oa-progress');
  await recorder.stop();
  // Firefox holds what is removed in the middle of a transition until the page animates something again.
  await new Promise((resolve) => setTimeout(resolve, 300));
  remains.watch(producer, recorder);
  place.textContent = '';
}

/** @param share of the elements that have to be collected, 0 to 1 */
async function expectNothingLeft(share: number): Promise<void> {
  // What waits by timers would be among what is waited for.
  const deadline = performance.now() + 10_000;
  while (had.liveTracks.length + had.timers.size + had.workers.size > 0 && performance.now() < deadline)
    await nextFrame();
  expect(had.tracks).to.be.greaterThan(0);
  expect(had.liveTracks).to.deep.equal([]);
  expect([...had.timers], 'timers').to.deep.equal([]);
  expect([...had.observers], 'observers').to.deep.equal([]);
  expect([...had.workers], 'workers').to.deep.equal([]);
  expect(streamPool().store.get().streams).to.deep.equal([]);
  // What it holds is its own fault.
  had.restore();
  const most = Math.floor(remains.watched * (1 - share));
  await remains.collect(most);
  const { left } = remains;
  const count = Object.values(left).reduce((sum, one) => sum + one, 0);
  expect(count, `left of ${remains.watched}: ${JSON.stringify(left)}`).to.be.at.most(most);
}

describe('elements that are removed', () => {
  it('leave nothing behind: 200 producers, mounted, started, stopped', async () => {
    const place = document.createElement('div');
    document.body.append(place);
    for (let round = 0; round < 10; round++) await batch(place, round);
    place.remove();
    expect(remains.watched).to.equal(600);
    await expectNothingLeft(0.98);
  }).timeout(240_000);

  it('leave nothing behind of takes but the recordings', async () => {
    const place = document.createElement('div');
    document.body.append(place);
    for (let round = 0; round < 5; round++) await take(place);
    place.remove();
    expect(had.workersMade, 'each take has a worker of its own').to.be.at.least(5);
    await expectNothingLeft(0.8);
    await wipe();
  }).timeout(240_000);
});
