/** A publisher on a made-up page, anew for each test of a file, and what has to hold after it. */
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach } from 'node:test';
import { StreamPublisher, type PublisherPhase, type PublisherSettings } from '../../../src/core/live/index.js';
import { fakePage, FakeStream, FakeTrack } from './fakes.js';

export const ENDPOINT = 'https://media.example/whip/room';

export let page: ReturnType<typeof fakePage>;
export let publisher: StreamPublisher;
export let stream: FakeStream;
/** Each that it came to. */
export let states: PublisherPhase[];
const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));

/** Another one, with these settings. */
export function setUp(settings: Partial<PublisherSettings> = {}): void {
  page = fakePage();
  stream = new FakeStream([new FakeTrack('audio'), new FakeTrack('video')]);
  publisher = new StreamPublisher({ url: ENDPOINT, ...settings }, { platform: page.platform });
  publisher.source = stream as unknown as MediaStream;
  states = [];
  publisher.store.subscribe(
    ({ state }) => state,
    (state) => states.push(state),
  );
}

// What is loaded with the first start takes time of its own.
before(() => Promise.all([new StreamPublisher().prepare(), import('../../../src/core/live/no-answer.js')]));
beforeEach(() => setUp());
afterEach(async () => {
  const over = publisher.stop();
  await page.clock.pass(30);
  await over;
  assert.deepEqual(unhandled.splice(0), []);
  assert.equal(page.clock.waiting, 0, 'no timer is left');
});

export const now = () => publisher.store.get();
export const last = () => page.connections.at(-1)!;

/** Live, and it is known how often the other side reports after so many seconds. */
export async function live(seconds = 2): Promise<void> {
  const started = publisher.start();
  await page.clock.pass(0.2);
  await started;
  await page.clock.pass(seconds);
  assert.equal(publisher.state, 'live');
}
